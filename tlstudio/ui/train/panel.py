"""The Train panel: choose a recipe, start, watch, and compare what came of it."""

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QVBoxLayout, QWidget

from tlstudio.domain.findings import TrainingBlockedError
from tlstudio.domain.jobs import Command
from tlstudio.domain.recipe import Recipe
from tlstudio.domain.run_state import RunState
from tlstudio.errors import TLStudioError
from tlstudio.ui.job_watch import Started
from tlstudio.ui.recipe.choice import abilities_of
from tlstudio.ui.runs_words import ended_words
from tlstudio.ui.theme import SPACE_3, SPACE_4, SPACE_5
from tlstudio.ui.train.blocked_start import Again, BlockedStart
from tlstudio.ui.train.curves_view import CurvesView
from tlstudio.ui.train.event_files import EventFiles
from tlstudio.ui.train.expectation import Expectation
from tlstudio.ui.train.header import TrainHeader
from tlstudio.ui.train.journals import Journals
from tlstudio.ui.train.load_line import LoadLine
from tlstudio.ui.train.override_row import OverrideRow
from tlstudio.ui.train.queue_side import NUM_SEEDS, QueueSide
from tlstudio.ui.train.recipe_side import RecipeSide
from tlstudio.ui.train.run_actions import RunActions
from tlstudio.ui.train.run_menu import fill_menu
from tlstudio.ui.train.run_notice import RunNotice
from tlstudio.ui.train.run_table import RunTable
from tlstudio.ui.train.status_words import rail_line
from tlstudio.ui.train.trial_side import TrialSide
from tlstudio.ui.train.viewmodel import TrainModel
from tlstudio.ui.widgets.notice import Notice
from tlstudio.ui.widgets.seen import is_seen
from tlstudio.ui.words import say, tr
from tlstudio.ui.workspace import Workspace

if TYPE_CHECKING:
    from tlstudio.project.project import Project


class TrainPanel(QWidget):
    """Renders `TrainModel`; what runs do arrives as states folded from their journals."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self.workspace = workspace
        self.model = TrainModel()
        self.header = TrainHeader()
        self.notice = Notice()
        self.override = OverrideRow()
        self.blocked = BlockedStart(workspace, self.notice, self.override)
        self.actions_of_runs = RunActions(workspace, failed=self.on_failed, parent=self)
        self.queue = QueueSide(workspace, failed=self.on_failed, parent=self)
        self.recipe = RecipeSide(workspace)
        self.recipe.setParent(self)
        self.run_notice = RunNotice(on_continue=self.on_resume, on_use=self.recipe.use_settings)
        self.expectation = Expectation(workspace)
        self.recipe.card.add_foot(self.expectation)
        self.journals = Journals(workspace, parent=self)
        self.curves = CurvesView(workspace)
        self.table = RunTable()
        self.trials = TrialSide(workspace, self.table, failed=self.on_failed, parent=self)
        self.recipe.card.add_foot(self.trials.planner)
        self.load = LoadLine(workspace, panel=self)
        self.event_files = EventFiles(workspace, self.curves, runs=lambda: self.model.board.drawn, failed=self.on_failed, parent=self)
        self._build()
        self._connect()
        self.on_project_changed()

    def _build(self) -> None:
        column = QVBoxLayout(self)
        self.setContentsMargins(SPACE_5, SPACE_4, SPACE_5, SPACE_4)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_3)
        for widget in (self.header, self.notice, self.override, self.run_notice):
            column.addWidget(widget)
        row = QHBoxLayout()
        row.setSpacing(SPACE_3 + 2)
        row.addWidget(self.recipe.card)
        right = QVBoxLayout()
        right.setSpacing(SPACE_3 + 2)
        right.addWidget(self.curves, 5)
        right.addWidget(self.queue.held)
        right.addWidget(self.trials.place, 7)
        right.addWidget(self.queue.spread)
        row.addLayout(right, 1)
        column.addLayout(row, 1)

    def _connect(self) -> None:
        changes = self.workspace.changes
        changes.project_changed.connect(self.on_project_changed)
        changes.dataset_changed.connect(self.on_dataset_changed)
        changes.runs_changed.connect(self.on_runs_changed)
        changes.run_state_changed.connect(self.on_run_state)
        self.workspace.watches.ended.connect(self.on_run_ended)
        wishes = self.header.start_wanted, self.header.queue_wanted, self.header.seeds_wanted, self.trials.planner.wanted
        for wish in (*wishes, self.recipe.card.recipe_chosen, self.recipe.card.network_chosen):
            wish.connect(lambda *_what: self.blocked.forget())
        self.header.start_wanted.connect(self.recipe.when_sound(self.on_start))
        self.header.pause_wanted.connect(partial(self.on_command, Command.PAUSE))
        self.header.continue_wanted.connect(partial(self.on_command, Command.RUN))
        self.header.stop_wanted.connect(partial(self.on_command, Command.STOP))
        self.header.discard_wanted.connect(self.on_discard)
        self.header.queue_wanted.connect(self.recipe.when_sound(self.queue.enqueue))
        self.header.seeds_wanted.connect(self.recipe.when_sound(partial(self.queue.enqueue, NUM_SEEDS)))
        self.header.evaluate_wanted.connect(partial(changes.show_panel.emit, "evaluate"))
        self.header.evaluate_wanted.connect(lambda: changes.run_chosen.emit(self.model.board.selected or 0))
        self.recipe.changed.connect(self._show_header)
        self.recipe.changed.connect(lambda: self.trials.planner.show_recipe(self.model.choice.recipe, abilities_of(self.model.choice)))
        self.trials.planner.wanted.connect(self.recipe.when_sound(self.trials.order))
        self.trials.known.connect(self._show_runs)
        self.trials.trials.selected.connect(self.on_run_selected)
        self.expectation.failed.connect(self.notice.show_error)
        self.journals.read.connect(self.on_run_state)
        self.table.selected.connect(self.on_run_selected)
        self.table.overlay_wanted.connect(self.on_overlay)
        self.table.menu_wanted.connect(self.on_menu)
        for plot in self.curves.plots:
            plot.exports.failed.connect(self.on_failed)
            plot.exports.saved.connect(lambda file: changes.said.emit(tr("The plot is in {file}.", file=file)))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        # Weights may have been imported in the terminal, the device chosen in Settings.
        self.workspace.networks.reload()
        self.recipe.batch.on_shown()
        self._show_runs()
        self.load.show_board(self.model.board, anew=True)

    # --- what the workspace tells

    def on_project_changed(self) -> None:
        self.model = TrainModel(self.workspace.choice)
        self.journals.forget()
        self.blocked.clear()
        self.recipe.begin(self.model.choice)
        self.on_dataset_changed()
        for run in self.workspace.runs:
            state = self.workspace.watches.state(run.number)
            if state is not None:
                self.model.board.observe(run.number, state)
        self.on_runs_changed()

    def on_dataset_changed(self, _change: object = None) -> None:
        self.model.dataset = self.workspace.dataset
        self._show_header()

    def on_runs_changed(self) -> None:
        if {run.number for run in self.workspace.runs} - {run.number for run in self.model.board.runs}:
            self.model.is_starting = False
        training = self.workspace.training
        self.model.board.show_runs(self.workspace.runs, training.queue, is_held=training.is_held)
        self.queue.show_held()
        self._show_runs()
        self.queue.show_spread(self.model.board.selected)

    def on_run_state(self, number: int, state: RunState) -> None:
        self.model.hear(number, state)
        if is_seen(self):
            self._show_runs()
        else:
            self._show_header()  # and the line of the rail
        self.actions_of_runs.observe(number, state)

    def on_run_ended(self, number: int, state: RunState) -> None:
        run = self.workspace.run(number)
        if run is not None:
            self.workspace.changes.said.emit(ended_words(run, state))

    # --- what a person wants

    def on_start(self, override: str = "", *, recipe: Recipe | None = None) -> None:
        wanted = recipe or self.model.choice.recipe
        if wanted is None or not (self.model.controls.can_start or self.model.controls.can_queue):
            return
        self.blocked.clear()
        if self.model.controls.can_queue:
            self.queue.enqueue(override=override, recipe=wanted)
            return
        self.model.is_starting = True
        self._show_header()
        failed = partial(self.on_failed, again=partial(self.on_start, recipe=wanted), project=self.workspace.project)
        self.workspace.training.start(wanted, override=override, started=self.on_started, failed=failed)

    def on_started(self, job: Started) -> None:
        """Say what takes no part, such as images without a class."""
        if job.notes:
            first, *others = job.notes
            self.notice.show_words(say(first), " ".join(say(note) for note in others), tone="warn")

    def on_command(self, command: Command) -> None:
        run = self.model.board.active
        if run is not None:
            self.model.ask(run, command)
            self._show_header()
            self.actions_of_runs.send(run, command)

    def on_discard(self) -> None:
        run = self.model.board.active
        if run is not None:
            self.actions_of_runs.ask_and_discard(run, over=self)

    def on_resume(self, number: int, device: str | None = None) -> None:
        run = self.model.board.run(number)
        if run is not None:
            self.actions_of_runs.resume(run, device=device)

    def on_run_selected(self, number: int) -> None:
        self.model.board.select(number)
        self._show_runs()
        self.queue.show_spread(number)

    def on_overlay(self, number: int, shown: bool) -> None:
        self.model.board.overlay(number, shown)
        self._show_runs()

    def on_menu(self, number: int, menu: QMenu) -> None:
        run = self.model.board.run(number)
        if run is not None:
            fill_menu(menu, run, self.model.board, self.actions_of_runs, self.queue, use=self.recipe.use_settings, over=self)

    def on_failed(self, error: TLStudioError, *, again: Again | None = None, project: "Project | None" = None) -> None:
        if project is not None and project is not self.workspace.project:
            return  # it was refused in a project that is not open any more
        self.model.is_starting = False
        self.model.forget_asked()
        self._show_header()
        if again is not None and isinstance(error, TrainingBlockedError):
            self.blocked.show_error(error, again=again)
        else:
            self.override.hide()
            self.notice.show_error(error)

    # --- rendering

    def _show_header(self) -> None:
        self.header.show_model(self.model)
        self.expectation.ask.setEnabled(self.model.controls.can_start)
        if self.workspace.project is not None:
            self.workspace.changes.rail_changed.emit("train", *rail_line(self.model.board))

    def _show_runs(self) -> None:
        board = self.model.board
        rows = board.rows
        self.table.show_rows(rows, selected=board.selected)
        self.curves.show_board(board)
        self.trials.show_board(board, rows)
        self.load.show_board(board)
        self.run_notice.show_run(board.run(board.selected), board.state(board.selected))
        self._show_header()
        self.journals.look_at(board.needed())
