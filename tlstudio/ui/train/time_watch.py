"""How long the training that is chosen would take, kept in step with the recipe and the data; works only while somebody sees it."""

from pathlib import Path

from PySide6.QtCore import QObject, QTimer

from tlstudio.domain.dataset import Dataset
from tlstudio.domain.estimates import RunEstimate, work_s
from tlstudio.domain.memory import gigabytes
from tlstudio.domain.recipe import Recipe
from tlstudio.domain.runs import Run
from tlstudio.ui.recipe.choice import RecipeChoice
from tlstudio.ui.widgets.text import Text
from tlstudio.ui.words import duration, tr
from tlstudio.ui.workspace import Workspace

_WAIT_MS = 60


class TimeWatch(QObject):
    """Between the choice of a recipe and a line of words."""

    def __init__(self, workspace: Workspace, line: Text, parent: QObject) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._line = line
        self._choice = RecipeChoice()
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_WAIT_MS)
        self._pause.timeout.connect(self._ask)
        workspace.changes.dataset_changed.connect(self.refresh)
        workspace.changes.project_changed.connect(self.refresh)
        workspace.changes.runs_changed.connect(self.refresh)
        workspace.probing.changed.connect(self.refresh)

    def look_at(self, choice: RecipeChoice) -> None:
        """Tell of this choice from now on."""
        self._choice = choice
        self.refresh()

    def refresh(self, _change: object = None) -> None:
        """Something has changed that time depends on."""
        self._pause.start()

    def _ask(self) -> None:
        dataset, recipe, runs = self._workspace.dataset, self._choice.recipe, tuple(self._workspace.runs)
        if dataset is None or recipe is None or not dataset.num_by_split:
            self._line.setText("")
            return

        is_warm = self._workspace.warm is not None
        folder = self._workspace.project.folder if self._workspace.project is not None else None

        def show(estimate: RunEstimate | None) -> None:
            if recipe == self._choice.recipe:
                self._line.setText(words(estimate) if estimate is not None else "")

        # Where it cannot be said there is nothing to tell: pressing the button says why.
        self._workspace.background.run(
            lambda _report, _stop: _estimate(recipe, dataset, runs, folder, is_warm),
            done=show,
            failed=lambda _error: show(None),
            lane="estimates",
        )


def _estimate(recipe: Recipe, dataset: Dataset, runs: tuple[Run, ...], folder: Path | None, is_warm: bool) -> RunEstimate:
    from tlstudio.operations import estimates

    return estimates.estimate(recipe, dataset, runs, folder=folder, is_warm=is_warm)


def words(estimate: RunEstimate) -> str:
    """ "About 3 min here." As runs are timed: without loading libraries. Memory is told where it does not suffice."""
    time = duration(work_s(estimate))
    line = tr("About {time} here.", time=time) if estimate.is_known else tr("Roughly {time} here.", time=time)
    if estimate.fits:
        return line
    needed, free = (gigabytes(number) for number in (estimate.memory_bytes, estimate.available_bytes))
    return f"{line} " + tr("It needs {needed} GB of memory, {free} GB are free.", needed=needed, free=free)
