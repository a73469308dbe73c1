"""Sweeps in the Train panel: planned on the recipe card, ordered into the queue, and looked at in place of the table of runs."""

import math
import time
from collections.abc import Callable, Collection, Sequence
from functools import partial
from typing import TYPE_CHECKING

import msgspec
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from tlstudio.domain.estimates import work_s
from tlstudio.domain.recipe import Recipe
from tlstudio.domain.trials import Leads, Trial, TrialPlan
from tlstudio.errors import TLStudioError
from tlstudio.log import logger
from tlstudio.ui.theme import SPACE_2
from tlstudio.ui.train.blocked_start import Failed
from tlstudio.ui.train.run_board import RunBoard
from tlstudio.ui.train.run_rows import RunRow
from tlstudio.ui.train.trial_lines import SweepLines, sweep_lines
from tlstudio.ui.train.trial_plan import TrialPlanner
from tlstudio.ui.train.trials_table import TrialsTable
from tlstudio.ui.widgets.buttons import button
from tlstudio.ui.widgets.card import Card
from tlstudio.ui.widgets.segmented import Segmented
from tlstudio.ui.widgets.text import ElidedText
from tlstudio.ui.words import duration, tr, tr_n
from tlstudio.ui.workspace import Workspace

if TYPE_CHECKING:
    from tlstudio.project.project import Project

log = logger(__name__)

_LANE = "runs"
_AGAIN_S = 30.0
"""So long answers that could not be read are left alone: while a run goes on, the table is shown anew every second."""
_SWITCH_PX = 200
_RUNS, _SWEEP = "runs", "sweep"


class TrialSide(QObject):
    """Knows which runs are trials; `known` says that it has learnt of some."""

    known = Signal()

    def __init__(self, workspace: Workspace, table: QWidget, *, failed: Failed, parent: QObject) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._failed = failed
        self._asked: set[int] = set()
        self._leads: Leads | None = None
        self._judged: tuple[int, frozenset[int]] | None = None
        self._again_at = math.inf
        self._board: RunBoard | None = None
        self._shown: SweepLines | None = None
        self.planner = TrialPlanner()
        self.planner.meant.connect(self._on_meant)
        self.switch = Segmented(tr("What the table lists"))
        self.switch.add(_RUNS, tr("All runs"))
        self.switch.add(_SWEEP, tr("Sweep"))
        self.switch.setMinimumWidth(_SWITCH_PX)
        self.switch.chosen.connect(lambda _id: self._show_page())
        self.words = ElidedText(role="muted")
        self.cancel = button(tr("Cancel the rest"), kind="link", on_click=self.cancel_rest)
        self.trials = TrialsTable()
        self._card = Card(margin=1, spacing=0)
        self._card.setAccessibleName(tr("Trials of the sweep"))
        self._card.body.addWidget(self.trials)
        self._pages = QStackedWidget()
        self._pages.addWidget(table)
        self._pages.addWidget(self._card)
        self._head = QWidget()
        self.place = self._build()
        workspace.changes.project_changed.connect(self.forget)

    def _build(self) -> QWidget:
        row = QHBoxLayout(self._head)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE_2)
        row.addWidget(self.switch)
        row.addWidget(self.words, 1)
        row.addWidget(self.cancel)
        place = QWidget()
        column = QVBoxLayout(place)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_2)
        column.addWidget(self._head)
        column.addWidget(self._pages, 1)
        self._head.hide()
        return place

    def forget(self) -> None:
        """Another project is open."""
        self._asked, self._judged, self._leads = set(), None, None
        self.switch.choose(_RUNS)
        self.planner.forget()

    def show_board(self, board: RunBoard, rows: Sequence[RunRow]) -> None:
        """Bring the trials up to date, and ask about runs that are new."""
        self._board = board
        self._ask({run.number for run in board.runs} - self._asked)
        self._shown = sweep_lines(board, rows, self._leads)
        self._head.setVisible(self._shown is not None)
        if self._shown is not None:
            segment = self.switch.segment(_SWEEP)
            segment.setText(tr("Sweep {number}", number=self._shown.id))
            segment.setAccessibleName(segment.text())
            self.words.set_text(self._shown.words, short=self._shown.short_words)
            if self._shown.best is not None:
                self._judge(self._shown.best, self._shown.others)
            self.cancel.setVisible(bool(self._shown.waiting))
            self.trials.show_lines(self._shown.settings, self._shown.lines, selected=board.selected)
        self._show_page()

    def order(self, plan: TrialPlan, *, override: str = "", recipe: Recipe | None = None) -> None:
        """Let the trials wait for their turn; the first starts at once where no run is under way.

        They differ from `recipe`, or from what would be trained now.
        Training and the choice of trials share the plan's seed, as in the terminal.
        """
        from tlstudio.operations import trials

        workspace = self._workspace
        project, wanted = workspace.project, recipe or workspace.choice.recipe
        if project is None or wanted is None:
            return
        self.planner.close_body()
        self.switch.choose(_SWEEP)
        first = workspace.training.words_of_held

        def on_done(ordered: "trials.Ordered") -> None:  # without `self`: with another project open this panel is gone
            queued = tr_n("1 trial was queued.", "{n} trials were queued.", len(ordered.runs))
            workspace.training.go_on(project, said=f"{queued} {first}".strip())

        base = msgspec.structs.replace(wanted, seed=plan.seed)
        failed = partial(self._failed, again=lambda reason: self.order(plan, override=reason, recipe=wanted), project=project)
        workspace.background.run(
            lambda _report, _stop: trials.order_sweep(project, base, plan, override=override),
            done=on_done,
            failed=workspace.training.unless_cut_off(project, failed),
            lane=_LANE,
        )

    def cancel_rest(self) -> None:
        """Take what still waits of the sweep out of the queue."""
        from tlstudio.operations import trials

        project, shown = self._workspace.project, self._shown
        if project is None or shown is None:
            return

        def on_done(numbers: list[int]) -> None:
            self._workspace.changes.said.emit(tr_n("1 trial no longer waits.", "{n} trials no longer wait.", len(numbers)))
            self._workspace.refresh_runs()

        self._run(lambda: trials.cancel_rest(project, shown.id), on_done)

    def _show_page(self) -> None:
        self._pages.setCurrentIndex(int(self._shown is not None and self.switch.current() == _SWEEP))

    def _ask(self, numbers: set[int]) -> None:
        project, asked = self._workspace.project, self._asked
        if project is None or not numbers:
            return
        asked |= numbers

        def on_done(found: dict[int, Trial]) -> None:
            if asked is self._asked and self._board is not None and found:
                self._board.trials.update(found)
                self.known.emit()

        self._run(lambda: _trials(project, numbers), on_done)

    def _judge(self, best: int, others: Sequence[int]) -> None:
        """Ask which trials chance alone may have put below the best one; once, unless answers could not be read."""
        project, wanted = self._workspace.project, (best, frozenset(others))
        is_judged = wanted == self._judged and time.monotonic() < self._again_at
        if project is None or not others or is_judged:
            return
        self._judged, self._again_at = wanted, math.inf

        def on_done(leads: Leads) -> None:
            if wanted is not self._judged:
                return
            if leads.unread:
                self._again_at = time.monotonic() + _AGAIN_S
            if leads != self._leads:
                self._leads = leads
                self.known.emit()

        def on_failed(error: TLStudioError) -> None:
            log.warning("trials are not compared with run %d: %s", best, error)
            if wanted is self._judged:
                self._again_at = time.monotonic() + _AGAIN_S

        work = self._workspace.background
        work.run(lambda _report, _stop: _leads(project, best, wanted[1]), done=on_done, failed=on_failed, lane=_LANE)

    def _on_meant(self, recipes: tuple[Recipe, ...]) -> None:
        """Say how long they take, all together."""
        dataset, runs, project = self._workspace.dataset, tuple(self._workspace.runs), self._workspace.project
        if project is None or dataset is None or not dataset.num_by_split or not recipes:
            self.planner.show_time("")
            return

        def work() -> float:
            from tlstudio.operations import estimates

            is_warm = self._workspace.warm is not None
            each = (estimates.estimate(recipe, dataset, runs, folder=project.folder, is_warm=is_warm) for recipe in recipes)
            return sum(work_s(item) for item in each)

        def show(seconds: float) -> None:
            words = tr("About {time} here in all, less where trials end early.", time=duration(seconds))
            self.planner.show_time(words)

        self._workspace.background.run(
            lambda _report, _stop: work(), done=show, failed=lambda _error: self.planner.show_time(""), lane="estimates"
        )

    def _run(self, work: Callable[[], object], done: Callable[..., object]) -> None:
        self._workspace.background.run(lambda _report, _stop: work(), done=done, failed=self._failed, lane=_LANE)


def _leads(project: "Project", best: int, others: Collection[int]) -> Leads:
    from tlstudio.operations import evaluating

    return evaluating.leads_of(project, best, others)


def _trials(project: "Project", numbers: set[int]) -> dict[int, Trial]:
    from tlstudio.operations import trials

    return trials.trials_of(project, numbers)
