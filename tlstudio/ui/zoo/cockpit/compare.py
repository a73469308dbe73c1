"""Three depths of the same transfer side by side: what each takes, and one click to take it."""

from dataclasses import dataclass

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QGridLayout, QPushButton, QVBoxLayout, QWidget

from tlstudio.ui.theme import SPACE_1, SPACE_2, SPACE_5
from tlstudio.ui.widgets.buttons import button
from tlstudio.ui.widgets.card import Card
from tlstudio.ui.widgets.popup_place import show_at
from tlstudio.ui.widgets.text import Text
from tlstudio.ui.words import tr
from tlstudio.ui.zoo.cockpit.figures import Figures
from tlstudio.ui.zoo.cockpit.viewmodel import CockpitModel

_USUAL_OPEN = 2
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True)
class Depth:
    """One depth and what it takes."""

    num_frozen: int
    name: str
    figures: Figures


def depths_of(model: CockpitModel) -> tuple[Depth, ...]:
    """The head alone, a few stages, everything; all else as it is set."""
    count = model.num_stages
    some = max(0, count - _USUAL_OPEN)
    names = {
        count: tr("Head only"),
        some: tr("Head and the last {n} stages", n=count - some),
        0: tr("Everything"),
    }
    return tuple(Depth(frozen, name, _at(model, frozen).figures) for frozen, name in names.items())


def _at(model: CockpitModel, num_frozen: int) -> CockpitModel:
    other = CockpitModel()
    other.begin(model.proposal)
    other.known = model.known
    other.freeze(num_frozen)
    return other


class ComparePopover(QWidget):
    """Closes when a depth is taken, or with Esc."""

    freeze_wanted = Signal(int)

    def __init__(self, depths: tuple[Depth, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
        card = Card(tr("How deep to train"), spacing=SPACE_2)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(card)
        grid = QGridLayout()
        grid.setHorizontalSpacing(SPACE_5)
        grid.setVerticalSpacing(SPACE_1)
        card.body.addLayout(grid)
        card.body.addWidget(Text(tr("A click takes one over; all other settings stay."), role="small"))
        titles = (tr("Time per epoch"), tr("Memory"), tr("Trainable"), tr("Cache on disk"), tr("Whole run"))
        for column, title in enumerate(titles, 1):
            grid.addWidget(Text(title, role="small"), 0, column, _RIGHT)
        self.entries: list[QPushButton] = []
        for row, depth in enumerate(depths, 1):
            entry = button(depth.name, kind="link", on_click=lambda taken=depth.num_frozen: self._take(taken))
            self.entries.append(entry)
            grid.addWidget(entry, row, 0, Qt.AlignmentFlag.AlignLeft)
            figures = depth.figures
            for column, text in enumerate((figures.epoch, figures.memory, figures.trainable, figures.cache, figures.whole), 1):
                grid.addWidget(Text(text.value, role="bad" if text.is_bad else "body"), row, column, _RIGHT)

    def open_below(self, widget: QWidget) -> None:
        """Show it under its button."""
        self.adjustSize()
        show_at(self, QPoint(widget.width() - self.width(), widget.height() + SPACE_1), of=widget)
        self.entries[0].setFocus()

    def _take(self, num_frozen: int) -> None:
        self.close()
        self.freeze_wanted.emit(num_frozen)
