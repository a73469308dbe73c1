"""The settings page: each setting is one plain sentence, and holds as soon as it is changed."""

from pathlib import Path

import msgspec
from PySide6.QtCore import QSignalBlocker
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QApplication, QComboBox, QFileDialog, QVBoxLayout, QWidget

from tlstudio import __version__, paths
from tlstudio.errors import TLStudioError
from tlstudio.messages import message
from tlstudio.operations import preferences
from tlstudio.operations.devices import DeviceInfo
from tlstudio.ui.settings.cards_row import CardsRow
from tlstudio.ui.settings.row import SettingRow
from tlstudio.ui.settings.speed_row import SpeedRow
from tlstudio.ui.settings.viewmodel import device_choices, off_and_on, schemes
from tlstudio.ui.theme import SPACE_2, SPACE_4, SPACE_5, Theme
from tlstudio.ui.widgets.buttons import button
from tlstudio.ui.widgets.card import Card
from tlstudio.ui.widgets.header import PanelHeader
from tlstudio.ui.widgets.notice import Notice
from tlstudio.ui.widgets.segmented import Segmented
from tlstudio.ui.widgets.text import ElidedText, Text, rule
from tlstudio.ui.words import size, tr
from tlstudio.ui.workspace import Workspace

_WIDTH = 760


class SettingsPanel(QWidget):
    """Renders the preferences and keeps each change at once."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self.workspace = workspace
        self.chosen = preferences.load()
        self.header = PanelHeader(tr("Settings"))
        self.home = self.header.add_button(tr("Back to the start page"), on_click=workspace.changes.home_wanted.emit)
        self.notice = Notice()
        self.scheme = Segmented(tr("Light or dark"))
        for value, words in schemes():
            self.scheme.add(value, words)
        self.scheme.choose(self.chosen.scheme)
        self.scheme.chosen.connect(self._on_scheme)
        self.folder = button(tr("Change…"), name=tr("Change the folder for new projects"), on_click=self._choose_folder, small=True)
        self.usual = button(tr("Use the usual one"), on_click=lambda: self.set_projects_folder(""), small=True)
        self.place = ElidedText(role="muted")
        self.device = QComboBox()
        self.device.setAccessibleName(tr("Device for training"))
        self.device.setMinimumWidth(220)
        self.device.activated.connect(lambda index: self._keep(device=self.device.itemData(index)))
        self.neighbour = Segmented(tr("Good neighbour"))
        for value, words in off_and_on():
            self.neighbour.add(value, words)
        self.neighbour.choose("on" if self.chosen.good_neighbour else "off")
        self.neighbour.chosen.connect(lambda value: self._keep(good_neighbour=value == "on"))
        self.cards = CardsRow(on_chosen=lambda number: self._keep(processes=number))
        self.speed = SpeedRow(workspace)
        workspace.probing.failed.connect(self.notice.show_error)
        self.clear = button(tr("Clear"), name=tr("Clear the cache"), on_click=self._clear_cache, small=True)
        self.cache_size = Text(role="muted")
        self._lay_out()
        self._show_folder()
        self._show_devices(())

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.workspace.changes.hint_changed.emit(tr("A change holds at once · ? shows all keys"))
        from tlstudio.operations import caches, devices

        self.home.setVisible(self.workspace.project is None)
        self.speed.look()
        run = self.workspace.background.run
        run(lambda _report, stop: caches.cache_size(stop), done=self._show_cache, failed=self.notice.show_error, lane="settings")
        run(lambda _report, _stop: devices.graphics_cards(), done=self._show_devices, failed=self.notice.show_error, lane="settings")

    def set_projects_folder(self, folder: str) -> None:
        """Keep new projects there; an empty text is the usual place."""
        if folder and not preferences.is_usable_folder(Path(folder)):
            self.notice.show_error(_not_usable(folder))
            return
        self.notice.clear()
        self._keep(projects_folder=folder)
        self._show_folder()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE_5, SPACE_4, SPACE_5, SPACE_4)
        column.setSpacing(SPACE_2 + 2)
        column.addWidget(self.header)
        column.addWidget(self.notice)
        card = Card(spacing=SPACE_4)
        card.setMaximumWidth(_WIDTH)
        rows = (
            SettingRow(tr("Light or dark"), tr("How the window looks; change it where the light in your lab differs."), self.scheme),
            self._folder_row(),
            SettingRow(
                tr("Device for training"),
                tr("What a training computes on; change it to keep the graphics card free, or where the automatic choice fails."),
                self.device,
            ),
            self.cards,
            SettingRow(
                tr("Good neighbour"),
                tr(
                    "Leaves a thread, half of the memory and the graphics card to other programs and lets them go first; "
                    "turn it on where somebody works here while it trains."
                ),
                self.neighbour,
            ),
            self.speed,
            SettingRow(
                tr("Cache"),
                tr("Features and pixels kept so that trainings start faster; clearing it loses nothing but that time."),
                self.cache_size,
                self.clear,
            ),
        )
        for place, row in enumerate(rows):
            if place:
                card.body.addWidget(row.rule if isinstance(row, CardsRow) else rule())
            card.body.addWidget(row)
        column.addWidget(card)
        column.addWidget(
            Text(tr("TL Studio {version} · Apache-2.0 · logs in {folder}", version=__version__, folder=str(paths.log_dir())), role="small")
        )
        column.addStretch(1)

    def _folder_row(self) -> SettingRow:
        row = SettingRow(
            tr("Folder for new projects"),
            tr("Where a dropped folder becomes a project; projects that are there already stay where they are."),
            self.folder,
            self.usual,
        )
        row.layout().addWidget(self.place, 1, 0, 1, 2)
        return row

    def _on_scheme(self, scheme: str) -> None:
        self._keep(scheme=scheme)
        theme = QApplication.instance().findChild(Theme)
        if theme is not None:
            theme.choose(scheme)

    def _choose_folder(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, tr("Folder for new projects"), str(paths.projects_dir()))
        if folder:
            self.set_projects_folder(folder)

    def _keep(self, **changed: str | bool | int) -> None:
        """A change holds at once; writing it down goes on in the background."""
        self.chosen = msgspec.structs.replace(self.chosen, **changed)
        preferences.use(self.chosen)
        self.workspace.background.run(lambda _report, _stop: preferences.change(**changed), failed=self.notice.show_error, lane="settings")

    def _show_folder(self) -> None:
        self.place.set_text(str(paths.projects_dir()))
        self.usual.setVisible(bool(self.chosen.projects_folder))

    def _show_devices(self, cards: tuple[DeviceInfo, ...]) -> None:
        with QSignalBlocker(self.device):
            self.device.clear()
            for value, words in device_choices(cards, self.chosen.device):
                self.device.addItem(words, value)
            self.device.setCurrentIndex(self.device.findData(self.chosen.device))
        self.cards.show_cards(len(cards), self.chosen.processes)

    def _show_cache(self, num_bytes: int) -> None:
        self.cache_size.setText(size(num_bytes))
        self.clear.setEnabled(num_bytes > 0)

    def _clear_cache(self) -> None:
        from tlstudio.operations import caches

        self.clear.setEnabled(False)
        self.workspace.background.run(
            lambda _report, _stop: caches.clear_cache(), done=self._on_cleared, failed=self.notice.show_error, lane="settings"
        )

    def _on_cleared(self, freed: int) -> None:
        self.workspace.changes.said.emit(tr("{size} freed", size=size(freed)))
        self.showEvent(QShowEvent())


def _not_usable(folder: str) -> TLStudioError:
    return TLStudioError(
        message("settings.folder", "New projects cannot be kept in {folder}.", folder=folder),
        message("settings.folder.hint", "Nothing was changed. Choose a folder that is there and that you may write to."),
    )
