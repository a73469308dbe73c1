"""The second lines of the rail while no panel has said anything better: from the data, the runs and their states."""

from PySide6.QtCore import QObject

from tlstudio.domain.dataset import Dataset
from tlstudio.domain.run_state import RunState, Status
from tlstudio.domain.runs import Run, best_run
from tlstudio.ui.panels import PANELS
from tlstudio.ui.rail import Rail
from tlstudio.ui.runs_words import runs_words
from tlstudio.ui.words import percent, say, tr, tr_n
from tlstudio.ui.workspace import Workspace

Line = tuple[str, str]


def data_line(dataset: Dataset) -> Line:
    """ "1,204 images, 3 classes"."""
    if not dataset.samples:
        return tr("No images yet"), ""
    images = tr_n("1 image", "{n} images", len(dataset.ready))
    classes = tr_n("1 class", "{n} classes", len(dataset.classes))
    can_train = sum(1 for item in dataset.classes if dataset.num_by_class[item.id]) >= 2
    return f"{images}, {classes}", "ok" if can_train else ""


def train_line(runs: list[Run], states: dict[int, RunState], *, num_held: int = 0) -> Line:
    """ "Run 7 · 62 %" while one is at work, else "3 runs"; `num_held` of them wait until a person starts the queue."""
    active = next((run for run in reversed(runs) if run.status.is_under_way), None)
    if active is not None:
        state = states.get(active.number)
        if state is None or not state.status.is_over:
            done = "" if state is None or state.fraction is None else f" · {round(100 * state.fraction)} %"
            is_paused = (active.status if state is None else state.status) is Status.PAUSED
            return tr("Run {number}", number=active.number) + done, "paused" if is_paused else "busy"
    return (runs_words(len(runs), num_held), "ok" if best_run(runs) else "") if runs else (tr("No runs yet"), "")


def evaluate_line(runs: list[Run]) -> Line:
    """The best run's figure, in the measure by which it is the best, whatever run is looked at."""
    best = best_run(runs)
    if best is None or best.summary is None:
        return tr("After the first run"), ""
    return tr("Val balanced acc. {share}", share=percent(best.summary.balanced_accuracy)), "ok"


class RailLines(QObject):
    """Keeps the rail in step; what a panel says of itself goes before, until another project is open."""

    def __init__(self, workspace: Workspace, rail: Rail) -> None:
        super().__init__(rail)
        self._workspace = workspace
        self._rail = rail
        self._spoken: set[str] = set()
        changes = workspace.changes
        changes.project_changed.connect(self._on_project_changed)
        changes.dataset_changed.connect(self._refresh)
        changes.runs_changed.connect(self._refresh)
        changes.run_state_changed.connect(self._on_run_state)
        changes.rail_changed.connect(self._on_said)

    def _on_project_changed(self) -> None:
        self._spoken.clear()
        project = self._workspace.project
        if project is not None:
            self._rail.show_project(project.name, tilde(str(project.folder)))
            for spec in PANELS.values():
                self._rail.show_line(spec.id, say(spec.sentence), "")
            self._refresh()

    def _on_said(self, panel: str, line: str, mark: str) -> None:
        self._spoken.add(panel)
        self._rail.show_line(panel, line, mark)

    def _refresh(self, *_: object) -> None:
        workspace = self._workspace
        if workspace.dataset is None:
            return
        self._show("data", data_line(workspace.dataset))
        self._show("evaluate", evaluate_line(workspace.runs))
        self._on_run_state()

    def _on_run_state(self, *_: object) -> None:
        """Comes several times a second, and says nothing of data."""
        workspace = self._workspace
        if workspace.dataset is not None and "train" not in self._spoken:
            states = {run.number: state for run in workspace.runs if (state := workspace.watches.state(run.number)) is not None}
            training = workspace.training
            num_held = len(training.queue) if training.is_held else 0
            self._show("train", train_line(workspace.runs, states, num_held=num_held))

    def _show(self, panel: str, line: Line) -> None:
        if panel not in self._spoken:
            self._rail.show_line(panel, *line)


def tilde(path: str) -> str:
    """The path with the home folder as "~"."""
    from pathlib import Path

    home = str(Path.home())
    return "~" + path[len(home) :] if path.startswith(home + "/") else path
