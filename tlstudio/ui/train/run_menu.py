"""What can be done with a run, by right-click in the table."""

from collections.abc import Callable
from functools import partial

from PySide6.QtWidgets import QMenu, QWidget

from tlstudio.domain.jobs import Command
from tlstudio.domain.run_state import Status
from tlstudio.domain.runs import Run
from tlstudio.ui.train.queue_side import QueueSide
from tlstudio.ui.train.run_actions import RunActions
from tlstudio.ui.train.run_board import RunBoard
from tlstudio.ui.words import tr


def fill_menu(
    menu: QMenu, run: Run, board: RunBoard, actions: RunActions, queue: QueueSide, *, use: Callable[[Run], object], over: QWidget
) -> None:
    """Only what fits to how the run stands. `use` takes its settings for the next training."""
    status = board.status(run)
    if status is Status.QUEUED and board.is_held:
        menu.addAction(tr("Start the queue"), queue.start)
    if status is Status.QUEUED and board.queue[:1] != (run.number,):
        menu.addAction(tr("Next in the queue"), partial(queue.put_first, run))
    if status is Status.RUNNING:
        menu.addAction(tr("Pause"), partial(actions.send, run, Command.PAUSE))
    if status is Status.PAUSED:
        menu.addAction(tr("Continue"), partial(actions.send, run, Command.RUN))
    if board.can_continue(run):
        menu.addAction(tr("Continue"), partial(actions.resume, run))
    if status in (Status.RUNNING, Status.PAUSED):
        menu.addAction(tr("Stop and keep best"), partial(actions.send, run, Command.STOP))
    if board.is_usable(run):
        menu.addAction(tr("Keep as weights for other projects"), partial(actions.keep_as_weights, run))
    menu.addAction(tr("Use these settings"), partial(use, run))
    menu.addAction(tr("Show folder"), partial(actions.show_folder, run))
    menu.addSeparator()
    menu.addAction(tr("Remove…") if status.is_over else tr("Discard…"), partial(actions.ask_and_discard, run, over=over))
