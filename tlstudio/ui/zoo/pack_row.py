"""One set of a weight pack: what it is called, how large it is, what its licence allows, and whether it is here already."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from tlstudio.domain.packs import PackItem, SetState
from tlstudio.ui.theme import SPACE_1, SPACE_2
from tlstudio.ui.widgets.badge import Badge
from tlstudio.ui.widgets.breaking_text import BreakingText
from tlstudio.ui.widgets.text import Text
from tlstudio.ui.words import say, size, tr
from tlstudio.ui.zoo.facts import licence_fact


class PackRow(QWidget):
    """Renders a `PackItem`."""

    def __init__(self, item: PackItem, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_1)
        top = QHBoxLayout()
        top.setSpacing(SPACE_2)
        self.name = BreakingText(item.card.name, role="strong")
        words, tone = _state_words(item.state)
        self.state = Badge(words, tone=tone)
        top.addWidget(self.name, 1)
        top.addWidget(self.state, 0, Qt.AlignmentFlag.AlignTop)
        column.addLayout(top)
        licence = licence_fact(item.card.licence)
        self.licence = Text(f"{size(item.card.size_bytes)} · {licence.text}", role="warn" if licence.role == "warn" else "muted", wrap=True)
        column.addWidget(self.licence)
        self.problem = Text(say(item.problem) if item.problem is not None else "", role="bad", wrap=True)
        self.problem.setVisible(item.problem is not None)
        column.addWidget(self.problem)


def _state_words(state: SetState) -> tuple[str, str]:
    """The word of a state and its tone."""
    if state is SetState.NEW:
        return tr("New"), "accent"
    return (tr("Already here"), "neutral") if state is SetState.HERE else (tr("Refused"), "bad")
