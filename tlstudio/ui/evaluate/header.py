"""The header of the Evaluate panel: which run, on which split."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from tlstudio.domain.splits import Split
from tlstudio.ui.evaluate.texts import cautions, split_title
from tlstudio.ui.evaluate.viewmodel import EvaluateModel
from tlstudio.ui.run_choice import HeaderChoice, RunChoice
from tlstudio.ui.widgets.header import PanelHeader
from tlstudio.ui.words import tr

_NOTE_PX = 220
_ORDER = (Split.VAL, Split.TEST, Split.TRAIN)


class EvaluateHeader(PanelHeader):
    """Two choices, what qualifies the numbers, and the way on."""

    run_chosen = Signal(int)
    split_chosen = Signal(object)
    use_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Evaluate"), parent)
        self.runs = RunChoice()
        self.splits = HeaderChoice(tr("Split to judge on"), stays_whole=True)
        self.add_left(self.runs)
        self.add_left(self.splits)
        self.use_button = self.add_button(tr("Use this model"), "primary", self.use_asked.emit)
        self.runs.run_chosen.connect(self.run_chosen)
        self.splits.activated.connect(lambda row: self.split_chosen.emit(Split(self.splits.itemData(row))))

    def show_model(self, model: EvaluateModel) -> None:
        """Show what is chosen and what there is to choose from."""
        self.runs.show_runs(model.runs, current=model.run.number if model.run else None, best=model.best_number)
        splits = [split for split in _ORDER if model.num_by_split.get(split) or split is model.split]
        rows = [(split_title(split, model.num_by_split.get(split), is_open=split is model.split), split.value) for split in splits]
        self.splits.offer(rows, current=model.split.value)
        self.splits.setVisible(model.run is not None)
        self.use_button.setVisible(model.run is not None)
        self.set_subject(cautions(model.report) if model.report else "")
        # What qualifies the numbers is read before the names of the choices.
        self.subject.setMinimumWidth(min(_NOTE_PX, self.subject.sizeHint().width() + 2))
