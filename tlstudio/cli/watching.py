"""Watching a job from the terminal: the same fold as in the window, as one line; Ctrl+C asks the job to end well."""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from tlstudio.cli.epoch_lines import EpochLines
from tlstudio.cli.terminal import EXIT_DONE, EXIT_FAILED, EXIT_STOPPED, Terminal
from tlstudio.domain import pace
from tlstudio.domain.jobs import Command
from tlstudio.domain.run_state import RunState, Status
from tlstudio.jobs import control
from tlstudio.jobs.outcome import words
from tlstudio.jobs.process import JobProcess
from tlstudio.jobs.watcher import Watcher, kill_if_silent
from tlstudio.messages import Message

POLL_S = 0.05

EXIT_BY_STATUS = {
    Status.FINISHED: EXIT_DONE,
    Status.STOPPED: EXIT_STOPPED,
    Status.CANCELLED: EXIT_STOPPED,
    Status.FAILED: EXIT_FAILED,
    Status.INTERRUPTED: EXIT_FAILED,
}


def watch(folder: Path, terminal: Terminal, *, process: JobProcess | None = None, keeps_best: bool = True) -> RunState:
    """Show a job until it is over; returns how it ended. If this command dies the job goes on.

    The first Ctrl+C stops it, the best kept; the second cancels it. Where there is nothing to keep the first one cancels.
    """
    watcher = Watcher(folder, process=process)
    epochs = EpochLines()
    num_warnings = 0
    waits_for: Message | None = None
    with _interrupts() as pressed:
        num_obeyed = 0
        while True:
            state = watcher.poll()
            for warning in state.warnings[num_warnings:]:
                terminal.say(warning)
            num_warnings = len(state.warnings)
            if state.waits_for is not None and state.waits_for != waits_for:
                terminal.say(state.waits_for)
            waits_for = state.waits_for
            if not terminal.is_live:
                for line in epochs.new(state):
                    terminal.say(line)
            _show(state, terminal)
            if state.status.is_over:
                return state
            if len(pressed) > num_obeyed:
                num_obeyed = len(pressed)
                _ask_to_end(folder, terminal, cancel=num_obeyed > 1 or not keeps_best)
            kill_if_silent(watcher, state)
            time.sleep(POLL_S)


def seconds_left(state: RunState) -> float | None:
    """Time left of the present phase; None where it cannot be said."""
    if state.phase == "rank" and state.looked is not None:
        return state.looked.seconds_left
    return pace.seconds_left(state)


def failure_lines(state: RunState) -> list[str]:
    """How a job that did not get to its end says so."""
    if state.failure is not None:
        return [state.failure.title.text(), state.failure.hint.text()]
    return [words(state).text() + "."]


def _show(state: RunState, terminal: Terminal) -> None:
    text = words(state).text()
    if state.phase == "finetune" and state.validations and state.status is Status.RUNNING:
        text += f"  validation {100 * state.validations[-1].accuracy:.1f} %"
    if not state.status.is_over:
        rate, left = pace.images_per_second(state), seconds_left(state)
        terminal.progress(text, stage=_stage(state), share=state.fraction, rate=rate, seconds_left=left)


def _stage(state: RunState) -> tuple[object, ...]:
    """What stays the same while a job only counts on."""
    return state.status, state.attempt, state.acknowledged, state.phase, state.looked.name if state.looked is not None else ""


def _ask_to_end(folder: Path, terminal: Terminal, *, cancel: bool) -> None:
    control.send(folder, Command.CANCEL if cancel else Command.STOP)
    if cancel:
        terminal.say("Cancelling; nothing is kept.")
    else:
        terminal.say("Stopping; the best so far is kept. Press Ctrl+C again to cancel and keep nothing.")


@contextmanager
def _interrupts() -> Iterator[list[float]]:
    """Collects the times of Ctrl+C instead of letting one break a half-written line."""
    pressed: list[float] = []

    def on_interrupt(_number: int, _frame: FrameType | None) -> None:
        pressed.append(time.monotonic())

    before = signal.signal(signal.SIGINT, on_interrupt)
    try:
        yield pressed
    finally:
        signal.signal(signal.SIGINT, before)
