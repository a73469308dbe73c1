"""The Models panel: find a network, see whether its weights are here, bring others in, choose what trainings start from."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from tlstudio.domain.networks import WeightsCard
from tlstudio.domain.recipe import NetworkPart
from tlstudio.ui.drops import Dropped, kind_of
from tlstudio.ui.file_dialogs import ask_file
from tlstudio.ui.theme import SPACE_3, SPACE_4, SPACE_5
from tlstudio.ui.widgets.header import PanelHeader
from tlstudio.ui.widgets.notice import Notice
from tlstudio.ui.widgets.search_field import SearchField
from tlstudio.ui.words import number, tr
from tlstudio.ui.workspace import Workspace
from tlstudio.ui.zoo.detail_card import DetailCard
from tlstudio.ui.zoo.filter_bar import FilterBar
from tlstudio.ui.zoo.importing import file_kinds
from tlstudio.ui.zoo.library_keeping import LibraryKeeping
from tlstudio.ui.zoo.looking_ahead import LookingAhead
from tlstudio.ui.zoo.outlook import Outlook
from tlstudio.ui.zoo.ranking import RankingPart
from tlstudio.ui.zoo.removing import LANE, ask_and_remove
from tlstudio.ui.zoo.right_side import RightSide
from tlstudio.ui.zoo.rows import Place, ZooRow, build_rows
from tlstudio.ui.zoo.table import ZooTable
from tlstudio.ui.zoo.viewmodel import ZooModel


class ZooPanel(QWidget):
    """Renders `ZooModel`; the catalogue and the library are read in the background."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self.workspace = workspace
        self.model = ZooModel()
        self.header = PanelHeader(tr("Models"))
        self.search = SearchField(tr("Search architectures"), hint=tr("Search architectures"), width=220)
        self.notice = Notice(goes_when_left=True)
        self.filters = FilterBar()
        self.table = ZooTable()
        self.detail = DetailCard()
        self.ahead = LookingAhead(workspace, self)
        self.right = RightSide(workspace, self.detail)
        self.ranking = RankingPart(workspace, self.model)
        self.library = LibraryKeeping(workspace, self)
        self._build()
        self._connect()
        self.on_weights_changed()
        self.library.reload()

    def take_drop(self, paths: list[Path]) -> bool:
        """Weights dropped on the window; images and their folders are for others."""
        wanted = [path for path in paths if may_be_weights(path)]
        self.notice.clear()
        self.right.bring(wanted)
        if wanted and len(wanted) < len(paths):
            self.workspace.changes.said.emit(tr("Only the weights were taken; a folder of images is dropped by itself."))
        return bool(wanted)

    # --- built once

    def _build(self) -> None:
        column = QVBoxLayout(self)
        self.setContentsMargins(SPACE_5, SPACE_4, SPACE_5, SPACE_4)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_3)
        self.header.add_widget(self.search)
        self.header.add_button(tr("Import weights…"), on_click=self.on_import_wanted)
        self.rank = self.header.add_button(tr("Rank for my data"), on_click=self.ranking.start)
        left = QVBoxLayout()
        left.setSpacing(SPACE_3 - 2)
        left.addWidget(self.filters)
        left.addWidget(self.table, 1)
        left.addWidget(self.library.line)
        row = QHBoxLayout()
        row.setSpacing(SPACE_3 + 2)
        row.addLayout(left, 1)
        row.addWidget(self.right)
        for widget in (self.header, self.notice, self.ranking):
            column.addWidget(widget)
        column.addLayout(row, 1)

    def _connect(self) -> None:
        changes = self.workspace.changes
        changes.weights_changed.connect(self.on_weights_changed)
        changes.network_chosen.connect(self.on_network_chosen)
        changes.project_changed.connect(self.notice.clear)
        self.search.searched.connect(self.on_search)
        self.filters.filter_chosen.connect(lambda id: self._ask(self.model.choose_filter, id))
        self.filters.family_chosen.connect(lambda family: self._ask(self.model.choose_family, family))
        self.filters.size_chosen.connect(lambda id: self._ask(self.model.choose_size, id))
        self.filters.condition_set.connect(lambda id, is_wanted: self._ask(self.model.set_condition, id, is_wanted=is_wanted))
        self.table.selected.connect(self.on_selected)
        self.table.used.connect(self.on_used)
        self.table.sort_wanted.connect(self.on_sort)
        self.detail.use_wanted.connect(lambda: self.on_used(self.model.selected))
        self.table.import_wanted.connect(self.on_import_wanted)
        self.table.clear_wanted.connect(self.search.clear)
        self.table.clear_wanted.connect(lambda: self._ask(self.model.clear))
        self.detail.import_wanted.connect(self.on_import_wanted)
        self.detail.remove_wanted.connect(self.on_remove_wanted)
        self.detail.plot.picked.connect(self.on_selected)
        self.ahead.found.connect(self._on_looked_ahead)
        self.detail.get_it.copied.connect(lambda command: changes.said.emit(tr("Copied: {command}", command=command)))
        self.right.ended.connect(self.on_import_ended)
        self.right.confirmed.connect(self.notice.clear)
        self.right.failed.connect(self.notice.show_error)
        self.ranking.failed.connect(self.notice.show_error)
        self.ranking.shown.connect(self._show)
        self.ranking.use_wanted.connect(self.on_used)
        self.ranking.running_changed.connect(self.rank.setDisabled)
        self.library.failed.connect(self.notice.show_error)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.workspace.networks.reload()
        self.ranking.read()
        self.ahead.look(self.model.rows)
        self.workspace.changes.hint_changed.emit(tr("Enter uses a model · weights can be dropped anywhere on the window"))

    # --- what the workspace tells

    def on_weights_changed(self) -> None:
        cards = self.workspace.networks.cards
        self.model.chosen = self.workspace.networks.chosen
        self.workspace.background.run(lambda _report, _stop: _read(cards), done=self._on_read, lane=LANE)

    def _on_read(self, rows: list[ZooRow]) -> None:
        self.model.show_rows(rows)
        num = len({row.network.name for row in rows})
        self.search.setPlaceholderText(tr("Search {n} architectures", n=number(num)))
        self._show()
        if self.isVisible():
            self.ahead.look(self.model.rows)

    def _on_looked_ahead(self, outlooks: dict[Place, Outlook]) -> None:
        self.model.show_outlooks(outlooks)
        self._show()

    def on_network_chosen(self, network: NetworkPart) -> None:
        self.model.chosen = network
        self.table.model.show_in_use(self.model.in_use)
        self._show_detail()

    # --- what a person wants

    def on_search(self, text: str) -> None:
        self._ask(self.model.search, text)

    def _ask(self, change: Callable[..., None], *what: str, **how: bool) -> None:
        change(*what, **how)
        self._show()

    def on_sort(self, by: str, falling: bool) -> None:
        self.model.sort(by, falling=falling)
        self._show()
        self.table.view.scrollToTop()

    def on_selected(self, key: str) -> None:
        self.model.select(key)
        self.table.show_selected(key)
        self._show_detail()
        self.right.show_what_waits()

    def on_used(self, key: str) -> None:
        self.model.select(key)
        row = self.model.row
        if row is not None:
            self.workspace.networks.choose(row.part)
            self.workspace.changes.said.emit(tr("Trainings start from {name} now.", name=row.title))

    def on_import_wanted(self) -> None:
        chosen = ask_file(self, tr("Import weights"), file_kinds())
        if chosen is not None:
            self.notice.clear()
            self.right.bring([chosen])

    def on_import_ended(self, card: WeightsCard | None) -> None:
        if card is not None:
            self.search.clear()
            self.model.clear(filter="ready")
            self.model.select(card.hash)
            self.workspace.networks.reload()
            self._show()

    def on_remove_wanted(self) -> None:
        row = self.model.row
        if row is not None and row.card is not None:
            ask_and_remove(self, self.workspace, row.card, failed=self.notice.show_error)

    # --- rendering

    def _show(self) -> None:
        model = self.model
        self.filters.show_model(model)
        self.table.show_rows(model.shown, selected=model.selected, in_use=model.in_use)
        self.table.show_order(*model.sort_by)
        self.table.show_emptiness(model)
        self.detail.plot.show_rows(model.shown, chosen=model.selected)
        self._show_detail()

    def _show_detail(self) -> None:
        row = self.model.row if self.model.shown else None
        self.right.setVisible(row is not None or self.right.is_busy)
        self.detail.plot.choose(self.model.selected)
        self.detail.show_row(row, in_use=row is not None and self.model.is_in_use(row))


def _read(cards: tuple[WeightsCard, ...]) -> list[ZooRow]:
    from tlstudio.zoo import catalogue

    return build_rows(catalogue.load(), cards)


def may_be_weights(path: Path) -> bool:
    """Whether a dropped thing is for this panel: a folder with a config or tensors, or a file that is neither image nor project."""
    if path.is_dir():
        return kind_of(path) is Dropped.WEIGHTS
    return path.suffix.lower() not in _OTHERS


_OTHERS = {".jpg", ".jpeg", ".png", ".tif", ".tiff", ".bmp", ".gif", ".webp", ".tlstudio", ".csv", ".dcm"}
