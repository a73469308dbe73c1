"""The figures of a run, each with its interval."""

from PySide6.QtWidgets import QHBoxLayout, QWidget

from tlstudio.ui.evaluate import texts
from tlstudio.ui.evaluate.viewmodel import EvaluateModel
from tlstudio.ui.theme import SPACE_3
from tlstudio.ui.widgets.figure import FigureCard
from tlstudio.ui.words import tr


class FigureRow(QWidget):
    """Four cards side by side."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE_3)
        self.accuracy = FigureCard(tr("Accuracy"))
        self.balanced = FigureCard(tr("Balanced accuracy"))
        self.macro_f1 = FigureCard(tr("Macro F1"))
        self.mistakes = FigureCard(tr("Mistakes"))
        self.accuracy.setToolTip(tr("Share of all images that were answered rightly"))
        self.balanced.setToolTip(tr("Mean recall of the classes: rare classes count as much as frequent ones"))
        self.macro_f1.setToolTip(tr("Mean F1 of the classes, which weighs missed images and false answers alike"))
        for card in (self.accuracy, self.balanced, self.macro_f1, self.mistakes):
            row.addWidget(card, 1)

    def show_report(self, model: EvaluateModel) -> None:
        """Show the model's numbers."""
        report = model.report
        if report is None:
            return
        figures = {
            self.accuracy: texts.accuracy_figure(report, model.num_mistakes),
            self.balanced: texts.share_figure(report.balanced_accuracy),
            self.macro_f1: texts.score_figure(report.macro_f1),
            self.mistakes: texts.mistakes_figure(report, model.num_mistakes),
        }
        for card, text in figures.items():
            card.set_figure(text.value, text.sub)
