"""The five figures side by side."""

from PySide6.QtWidgets import QHBoxLayout, QWidget

from tlstudio.ui.theme import SPACE_3
from tlstudio.ui.widgets.figure import FigureCard
from tlstudio.ui.words import tr
from tlstudio.ui.zoo.cockpit.viewmodel import CockpitModel


class CockpitFigures(QWidget):
    """Cards that stand still while their figures change."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE_3)
        self.epoch = FigureCard(tr("Time per epoch"), is_small=True)
        self.memory = FigureCard(tr("Memory"), is_small=True)
        self.trainable = FigureCard(tr("Trainable"), is_small=True)
        self.cache = FigureCard(tr("Cache on disk"), is_small=True)
        self.whole = FigureCard(tr("Whole run"), is_small=True)
        for card in (self.epoch, self.memory, self.trainable, self.cache, self.whole):
            row.addWidget(card, 5 if card is self.whole else 4)

    def show_model(self, model: CockpitModel) -> None:
        """Show the model's figures."""
        figures = model.figures
        for card, text in (
            (self.epoch, figures.epoch),
            (self.memory, figures.memory),
            (self.trainable, figures.trainable),
            (self.cache, figures.cache),
            (self.whole, figures.whole),
        ):
            card.set_figure(text.value, text.sub, is_bad=text.is_bad)
