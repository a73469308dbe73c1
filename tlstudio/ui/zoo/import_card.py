"""What a dropped file of weights seems to be, for the person to confirm before anything is stored."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from tlstudio.domain.networks import Recognition
from tlstudio.domain.progress import Progress
from tlstudio.ui.theme import SPACE_1, SPACE_2, SPACE_3, SPACE_4
from tlstudio.ui.widgets.badge import Badge
from tlstudio.ui.widgets.breaking_text import BreakingText
from tlstudio.ui.widgets.buttons import button
from tlstudio.ui.widgets.card import Card
from tlstudio.ui.widgets.elided_combo import ElidedCombo
from tlstudio.ui.widgets.progress_strip import ProgressStrip
from tlstudio.ui.widgets.scroll_column import ScrollColumn
from tlstudio.ui.widgets.text import ElidedText, Text, rule
from tlstudio.ui.words import say, size, tr, tr_n
from tlstudio.ui.zoo.detail_card import WIDTH_PX
from tlstudio.ui.zoo.facts import Facts, facts_of_card
from tlstudio.ui.zoo.set_choice import SetChoice

if TYPE_CHECKING:
    from tlstudio.zoo.sets import WeightsSet


class ImportCard(Card):
    """Renders a `Recognition`; `confirmed` means: keep it as this architecture, under this name and licence."""

    confirmed = Signal()
    cancelled = Signal()
    architecture_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(margin=0, parent=parent)
        self.setFixedWidth(WIDTH_PX)
        self.setAccessibleName(tr("Import weights"))
        self.file = ElidedText(role="muted")
        self.state = Badge()
        self.architecture = ElidedCombo()
        self.architecture.setAccessibleName(tr("Architecture"))
        self.architecture.activated.connect(lambda row: self.architecture_chosen.emit(self.architecture.itemText(row)))
        self.name = QLineEdit()
        self.name.setAccessibleName(tr("Name"))
        self.licence = QLineEdit()
        self.licence.setAccessibleName(tr("Licence"))
        self.licence.setPlaceholderText(tr("not stated"))
        self.notes = BreakingText(role="small")
        self.facts = Facts()
        self.progress = ProgressStrip(tr("Converting"), can_stop=False)
        self.sets = SetChoice()
        self.sets.changed.connect(self._on_sets_changed)
        self.confirm = button(tr("Import"), kind="primary", on_click=self.confirmed.emit)
        self.cancel = button(tr("Cancel"), on_click=self.cancelled.emit)
        self._build()

    def show_looking(self, path: Path) -> None:
        """The file is being looked at."""
        self.file.set_text(path.name)
        self.state.show_state(tr("Looking at it…"), tone="accent")
        self.progress.finish()
        self._show_content(False)

    def show_progress(self, progress: Progress) -> None:
        """A checkpoint is being converted."""
        self.state.show_state(tr("Converting…"), tone="accent")
        self.progress.show_progress(progress)

    def show_sets(self, sets: "Sequence[WeightsSet]") -> None:
        """A folder holds several: let the person choose which to look at."""
        self.state.show_state(tr("Several sets"), tone="neutral")
        self._show_content(False)
        self.progress.finish()
        self.sets.show_sets(sets)
        self.sets.show()
        self.confirm.show()
        self._on_sets_changed()

    def _on_sets_changed(self) -> None:
        num = len(self.sets.chosen())
        self.confirm.setText(tr_n("Look at {n} set", "Look at {n} sets", num) if num else tr("Look at them"))
        self.confirm.setAccessibleName(self.confirm.text())
        self.confirm.setEnabled(num > 0)

    def show_recognition(self, found: Recognition) -> None:
        """Show what it seems to be; the first candidate is the likeliest."""
        card = found.proposal
        self.file.set_text(tr("{file} · {size}", file=_file_name(found), size=size(card.size_bytes)))
        self.state.show_state(
            tr("Already here") if found.already_here else tr("Recognised"), tone="neutral" if found.already_here else "good"
        )
        with QSignalBlocker(self.architecture):
            self.architecture.clear()
            self.architecture.addItems(list(found.candidates))
            self.architecture.setCurrentText(card.architecture)
        self.architecture.setEnabled(len(found.candidates) > 1)
        self.name.setText(card.name)
        self.licence.setText(card.licence)
        self.notes.set_text("\n".join(say(note) for note in found.notes))
        self.notes.setVisible(bool(found.notes))
        self.facts.show_facts([fact for fact in facts_of_card(card) if fact.name != tr("Licence")])
        self.confirm.setText(tr("Show it") if found.already_here else tr("Import"))
        self.confirm.setAccessibleName(self.confirm.text())
        self.progress.finish()
        self._show_content(True)

    def show_importing(self) -> None:
        """It is being copied."""
        self.state.show_state(tr("Importing…"), tone="accent")
        self.confirm.setEnabled(False)

    def _show_content(self, shown: bool) -> None:
        self.content.setVisible(shown)
        self.sets.hide()
        self.confirm.setVisible(shown)
        self.confirm.setEnabled(shown)

    def _build(self) -> None:
        scroll = ScrollColumn()
        column = scroll.column
        top = QHBoxLayout()
        top.addWidget(Text(tr("Import weights"), role="heading"), 1)
        top.addWidget(self.state)
        column.addLayout(top)
        column.addWidget(self.file)
        column.addWidget(self.progress)
        column.addWidget(self.sets)
        self.content = QWidget()
        inner = QVBoxLayout(self.content)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(SPACE_3)
        for label, control in ((tr("Architecture"), self.architecture), (tr("Name"), self.name), (tr("Licence"), self.licence)):
            inner.addLayout(_field(label, control))
        for widget in (self.notes, rule(), self.facts):
            inner.addWidget(widget)
        column.addWidget(self.content)
        column.addStretch(1)
        buttons = QHBoxLayout()
        buttons.setSpacing(SPACE_2)
        buttons.addWidget(self.cancel)
        buttons.addWidget(self.confirm, 1)
        self.body.addWidget(scroll, 1)
        foot = QVBoxLayout()
        foot.setContentsMargins(SPACE_4, 0, SPACE_4, SPACE_4)
        foot.addLayout(buttons)
        self.body.addLayout(foot)


def _field(label: str, control: QWidget) -> QVBoxLayout:
    column = QVBoxLayout()
    column.setSpacing(SPACE_1)
    column.addWidget(Text(label, role="muted"))
    column.addWidget(control)
    return column


def _file_name(found: Recognition) -> str:
    """The file, or the folder where the file has the usual name."""
    file = Path(found.origin)
    return file.parent.name if file.name in ("model.safetensors", "pytorch_model.bin") else file.name
