"""The live model: asks the warm worker how good a new head is whenever a label has changed, and says when there is something to show."""

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import msgspec
from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

from tlstudio.domain.dataset import Dataset
from tlstudio.domain.manifest import Manifest
from tlstudio.domain.recipe import Balance
from tlstudio.domain.runs import Run
from tlstudio.domain.serving import FeaturesMissing, HeadJudged
from tlstudio.errors import TLStudioError
from tlstudio.operations import preferences
from tlstudio.ui.data.live_words import MOST_NEW, LiveState, missing_words
from tlstudio.ui.words import number, say, tr
from tlstudio.ui.workspace import Workspace

if TYPE_CHECKING:
    from tlstudio.jobs.warm import WarmWorker
    from tlstudio.operations.live_model import LiveSource
    from tlstudio.project.project import Project

_AFTER_MS = 10
"""Gathers the signals of one edit; a burst of edits is gathered by there being one request at a time."""
_SETTLE_MS = 2000
"""After this long without a change the penalty is chosen anew, so that the figures are those a run would come to."""
_RETRY_MS = 2000
_COMPUTE_S = 2.0
_LANE = "live model"


Labels = tuple[Manifest, Balance]


@dataclass(frozen=True, kw_only=True)
class _Asked:
    """What came of a request; without a reply where it was not put: the worker is not free, or nothing has changed."""

    source: "LiveSource"
    labels: Labels
    reply: HeadJudged | FeaturesMissing | None


@dataclass(frozen=True, kw_only=True)
class _Wish:
    """What a request is made of, gathered on the UI thread."""

    project: "Project"
    dataset: Dataset
    warm: "WarmWorker"
    run: Run
    balance: Balance
    before: "LiveSource | None"
    answered: Labels | None
    chooses: bool
    compute_s: float

    def put(self, _report: object, _stop: object) -> _Asked:
        """Takes as long as the worker does. Raises `TLStudioError`."""
        from tlstudio.operations import live_model

        source = live_model.find_source(self.project, self.run, before=self.before)
        request = live_model.ask_for(source, self.dataset, balance=self.balance)
        labels = request.manifest, request.balance
        if labels == self.answered and not self.chooses:
            return _Asked(source=source, labels=labels, reply=None)
        reply = self.warm.judge_head(msgspec.structs.replace(request, chooses=self.chooses, compute_s=self.compute_s))
        return _Asked(source=source, labels=labels, reply=reply)


class LiveModel(QObject):
    """One request at a time; what has changed meanwhile is asked about next, and only the newest of it."""

    changed = Signal()

    def __init__(self, workspace: Workspace, panel: QWidget) -> None:
        super().__init__(panel)
        self._panel = panel
        self._workspace = workspace
        self.state = LiveState()
        self.is_on = preferences.load().live_model
        self.is_offered = False
        """Whether a run of the chosen network is there, so that there is something to follow or to switch on."""
        self.is_possible = True
        """Whether this computer keeps a worker warm."""
        self._followed: int | None = None
        """The run whose network it is."""
        self._source: LiveSource | None = None
        self._answered: Labels | None = None
        self._compute_s = 0.0
        self._is_busy = self._again = False
        self._soon = self._timer(_AFTER_MS, self._ask)
        self._retry = self._timer(_RETRY_MS, partial(self._when_free, chooses=False))
        self._settle = self._timer(_SETTLE_MS, partial(self._when_free, chooses=True))
        changes = workspace.changes
        changes.project_changed.connect(self._forget)
        for signal in (changes.dataset_changed, changes.runs_changed, changes.network_chosen, changes.recipe_changed):
            signal.connect(self.look_soon)
        changes.worker_changed.connect(self.look_soon)

    def look_soon(self, _news: object = None) -> None:
        """Something has changed that figures may follow from."""
        self._settle.stop()
        self._soon.start()

    def switch(self, is_on: bool) -> None:
        """On or off, from now on and in every project."""
        self.is_on = is_on
        self._forget()
        workspace = self._workspace
        workspace.background.run(lambda _report, _stop: preferences.change(live_model=is_on), lane="settings")
        self.look_soon()
        self.changed.emit()

    def _timer(self, wait_ms: int, work: object) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(wait_ms)
        timer.timeout.connect(work)
        return timer

    def _forget(self) -> None:
        self.state.forget()
        self._source = self._answered = None
        self._compute_s = 0.0
        for timer in (self._soon, self._retry, self._settle):
            timer.stop()

    def _when_free(self, *, chooses: bool) -> None:
        """Ask once the worker can be had; until then nothing is made ready in vain."""
        warm = self._workspace.warm
        if warm is None or warm.is_idle:
            self._ask(chooses=chooses)
        else:
            (self._settle if chooses else self._retry).start()

    def _ask(self, *, chooses: bool = False) -> None:
        workspace = self._workspace
        project, dataset, warm, run = workspace.project, workspace.dataset, workspace.warm, self._run()
        self.is_offered, self.is_possible = run is not None, warm is not None or not workspace.is_worker_known
        if self._is_busy:
            self._again = True
            return
        followed = run.number if run is not None else None
        if followed != self._followed:
            self._forget()
            self._followed = followed
        can_ask = self.is_on and self._panel.isVisible() and not workspace.imports.is_running
        if can_ask and project is not None and dataset is not None and warm is not None and run is not None:
            self._put(project, dataset, warm, run, chooses=chooses)
        else:
            self.changed.emit()

    def _put(self, project: "Project", dataset: Dataset, warm: "WarmWorker", run: Run, *, chooses: bool) -> None:
        from tlstudio.operations import live_model

        if len(dataset.ready) > live_model.MOST_IMAGES:
            self._explain(tr("it follows up to {n} images; here are more", n=number(live_model.MOST_IMAGES)))
            return
        recipe = self._workspace.choice.recipe
        wish = _Wish(
            project=project,
            dataset=dataset,
            warm=warm,
            run=run,
            balance=recipe.class_balance if recipe is not None else "none",
            before=self._source,
            answered=self._answered,
            chooses=chooses,
            compute_s=self._compute_s,
        )
        self._is_busy = True
        self._workspace.background.run(
            wish.put, done=partial(self._on_asked, project), failed=partial(self._on_failed, project), lane=_LANE
        )

    def _run(self) -> Run | None:
        from tlstudio.operations import live_model

        network = self._workspace.networks.chosen
        return live_model.run_to_follow(self._workspace.runs, network) if network is not None else None

    def _on_asked(self, project: "Project", asked: _Asked) -> None:
        if not self._is_wanted(project):
            return
        self._source = asked.source
        if isinstance(asked.reply, HeadJudged):
            self.state.take(asked.reply, is_change=asked.labels != self._answered)
            self._answered, self._compute_s = asked.labels, 0.0
        elif isinstance(asked.reply, FeaturesMissing):
            self._explain(missing_words(asked.reply))
            self._compute_s = _COMPUTE_S if asked.reply.num_missing <= MOST_NEW else 0.0
            if self._compute_s:
                self._soon.start()
            return
        elif asked.labels == self._answered:
            self.state.explain("")
        else:
            self.state.explain(tr("waits until the helper process is free"))
            self._retry.start()
            self.changed.emit()
            return
        if self.state.judged is not None and not self.state.judged.is_settled and not self._soon.isActive():
            self._settle.start()
        self.changed.emit()

    def _on_failed(self, project: "Project", error: TLStudioError) -> None:
        if self._is_wanted(project):
            self._answered = None
            self._explain(say(error.title))

    def _is_wanted(self, project: "Project") -> bool:
        """Whether an answer still belongs to what is shown; asks again where something has changed meanwhile."""
        self._is_busy = False
        if self._again:
            self._again = False
            self._soon.start()
        return project is self._workspace.project and self.is_on

    def _explain(self, note: str) -> None:
        self.state.explain(note)
        self.changed.emit()
