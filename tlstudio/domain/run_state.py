"""The state of a job as a pure fold over its events."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any

import msgspec

from tlstudio.domain import events as ev
from tlstudio.domain.pace import Pace, paced
from tlstudio.domain.plan import Plan
from tlstudio.domain.trace import Trace
from tlstudio.messages import Message


class Status(StrEnum):
    """Where a job stands. INTERRUPTED is never written: it is derived from a free lock and a missing ending."""

    QUEUED = "queued"
    """Ordered, and not started before those that are under way are over. Never written: a file beside the order says so."""
    WAITING = "waiting"
    RUNNING = "running"
    PAUSED = "paused"
    FINISHED = "finished"
    STOPPED = "stopped"
    CANCELLED = "cancelled"
    FAILED = "failed"
    INTERRUPTED = "interrupted"

    @property
    def is_over(self) -> bool:
        """Whether nothing more will come by itself."""
        return self not in (Status.QUEUED, Status.WAITING, Status.RUNNING, Status.PAUSED)

    @property
    def is_under_way(self) -> bool:
        """Whether it has been started and is not over."""
        return self in (Status.WAITING, Status.RUNNING, Status.PAUSED)


CARD_LOST = "job.card_lost"
"""The failure of a job whose graphics card went away; it may begin again, even where nothing was saved yet."""
SAME_AGAIN = ("train.diverged",)
"""Failures that another attempt would only meet again, because its recipe is fixed."""


class RunState(msgspec.Struct, frozen=True, kw_only=True):
    """Everything the window shows of a job."""

    status: Status = Status.WAITING
    attempt: int = 0
    pid: int | None = None
    plan: Plan | None = None
    phase: str = ""
    done: int = 0
    total: int | None = None
    per_second: float | None = None
    silence_limit_s: float = 120.0
    acknowledged: str = ""
    head_steps: Trace[ev.StepTrained] = msgspec.field(default_factory=Trace)
    """Solver iterations of the head, before the backbone is unfrozen."""
    steps: Trace[ev.StepTrained] = msgspec.field(default_factory=Trace)
    validations: Trace[ev.Validated] = msgspec.field(default_factory=Trace)
    looks: Trace[ev.DeviceLooked] = msgspec.field(default_factory=Trace)
    rollbacks: tuple[ev.RolledBack, ...] = ()
    soup: ev.SoupMade | None = None
    head: ev.HeadSolved | None = None
    unfreezings: tuple[ev.BackboneUnfrozen, ...] = ()
    """Where more stages began to train, in order."""
    resumptions: tuple[ev.Resumed, ...] = ()
    """Where later attempts went on from; those that were taken back by a later one are left out."""
    checkpoints: Trace[ev.CheckpointSaved] = msgspec.field(default_factory=Trace)
    warnings: tuple[Message, ...] = ()
    waits_for: Message | None = None
    """Why it is paused although nobody asked for that."""
    predictions: ev.PredictionsSaved | None = None
    folds: tuple[ev.FoldJudged, ...] = ()
    looked: ev.NetworkLooked | None = None
    ranked: tuple[ev.NetworkRanked, ...] = ()
    passed: tuple[ev.NetworkPassed, ...] = ()
    rates: tuple[ev.RateTried, ...] = ()
    found: ev.RateFound | None = None
    files: tuple[ev.FileSaved, ...] = ()
    compared: ev.Compared | None = None
    summary: ev.Summary | None = None
    ended_early: bool = False
    pruned: ev.Pruned | None = None
    num_failed: int = 0
    failure: ev.Failed | None = None
    started_at: float | None = None
    """Seconds since the epoch; for people, never for order."""
    last_at: float | None = None
    worked_s: float = 0.0
    """Working time of all attempts in seconds, without pauses, the time between attempts, and what a sleep or another clock put in."""
    pace: Pace = Pace()

    @property
    def work_s(self) -> float:
        """What a run is said to have taken until now, everywhere: its working time in seconds without that of loading libraries.

        Whether it had to load any depends on what was open before, and tells nothing of the run.
        """
        until_s = self.worked_s if self.pace.loading_since_s is None else self.pace.loading_since_s
        return until_s - self.pace.loading_s

    @property
    def best(self) -> ev.Validated | None:
        """The validation that is kept."""
        marked = [item for item in self.validations if item.is_best]
        return marked[-1] if marked else None

    @property
    def unfrozen(self) -> ev.BackboneUnfrozen | None:
        """Where the backbone began to train."""
        return self.unfreezings[0] if self.unfreezings else None

    @property
    def can_continue(self) -> bool:
        """Whether another attempt may go on: it was interrupted, or it failed and has a checkpoint to go on from."""
        if self.status is not Status.FAILED or self.failure is None:
            return self.status is Status.INTERRUPTED
        if self.failure.title.id == CARD_LOST:
            return True
        return self.failure.title.id not in SAME_AGAIN and any(not item.is_best for item in self.checkpoints)

    @property
    def was_on_card(self) -> bool:
        """Whether it computed on a graphics card, so that the processor is another way to go on."""
        return self.plan is not None and self.plan.device != "cpu"

    @property
    def fraction(self) -> float | None:
        """Share of the whole job that is done, 0..1; None while it cannot be said. A fine-tuning that was stopped stays where it was."""
        is_stopped = self.status is Status.STOPPED or self.acknowledged == "stop"
        share = self.steps[-1].step / self.plan.num_steps if self.plan and self.plan.num_steps and len(self.steps) else None
        if is_stopped and share is not None:
            return share
        if self.status in (Status.FINISHED, Status.STOPPED):
            return 1.0
        if self.plan and self.plan.num_steps and self.phase in ("finetune", "evaluate"):
            return 1.0 if self.phase == "evaluate" else share or 0.0
        if self.phase == "rank" and self.looked is not None:
            return self.looked.share
        if self.total:
            return min(1.0, self.done / self.total)
        return None


Fold = Callable[[RunState, Any], RunState]


def apply(state: RunState, event: ev.AnyEvent, *, time: float | None = None) -> RunState:
    """The state after `event`. Pure; an event with nothing to say leaves the state as it was."""
    fold, before = _FOLDS.get(type(event)), state
    if fold is not None:
        state = fold(state, event)
    if time is not None:
        worked_s = before.worked_s + _worked_since(before, event, time)
        state = msgspec.structs.replace(
            state,
            last_at=time,
            started_at=state.started_at if state.started_at is not None else time,
            worked_s=worked_s,
            pace=paced(before.pace, event, worked_s),
        )
    return state


def _worked_since(before: RunState, event: ev.AnyEvent, time: float) -> float:
    """Seconds of work that ended with `event`. A job that is silent for longer than it may be was not at work: the computer slept."""
    if before.last_at is None or before.status is not Status.RUNNING or isinstance(event, ev.Started):
        return 0.0
    return min(max(0.0, time - before.last_at), before.silence_limit_s)


def _with(**fixed: Any) -> Fold:
    return lambda state, event: msgspec.structs.replace(state, **fixed)


def _take(field: str) -> Fold:
    return lambda state, event: msgspec.structs.replace(state, **{field: event})


def _append(field: str) -> Fold:
    return lambda state, event: msgspec.structs.replace(state, **{field: getattr(state, field).appended(event)})


def _extend(field: str, value: Callable[[Any], Any]) -> Fold:
    return lambda state, event: msgspec.structs.replace(state, **{field: (*getattr(state, field), value(event))})


def _started(state: RunState, event: ev.Started) -> RunState:
    return msgspec.structs.replace(
        state,
        status=Status.RUNNING,
        attempt=event.attempt,
        pid=event.pid,
        plan=event.plan or state.plan,
        failure=None,
        summary=None,
        acknowledged="",
        waits_for=None,
    )


def _acknowledged(state: RunState, event: ev.Acknowledged) -> RunState:
    """What the job is about to obey; told to go on before it came to pausing, it has nothing left to obey."""
    command = "" if event.command == "run" else event.command
    return msgspec.structs.replace(state, acknowledged=command)


def _paused(state: RunState, event: ev.Paused) -> RunState:
    return msgspec.structs.replace(state, status=Status.PAUSED, waits_for=event.reason)


def _phase(state: RunState, event: ev.PhaseStarted) -> RunState:
    return msgspec.structs.replace(
        state, phase=event.phase, total=event.total, done=0, per_second=None, silence_limit_s=event.silence_limit_s
    )


def _progressed(state: RunState, event: ev.Progressed) -> RunState:
    return msgspec.structs.replace(state, done=event.done, per_second=event.per_second)


def _stepped(state: RunState, event: ev.StepTrained) -> RunState:
    if state.phase == "head":
        return msgspec.structs.replace(state, head_steps=state.head_steps.appended(event))
    rate = event.images_per_second if event.images_per_second is not None else state.per_second
    return msgspec.structs.replace(state, steps=state.steps.appended(event), done=event.step, per_second=rate)


def _unfrozen(state: RunState, event: ev.BackboneUnfrozen) -> RunState:
    """A resumed attempt unfreezes again at the step it goes on from; what counts is where it was done first."""
    before = tuple(item for item in state.unfreezings if item.step <= event.step)
    is_known = bool(before) and before[-1].num_stages >= event.num_stages
    return msgspec.structs.replace(state, unfreezings=before if is_known else (*before, event))


def _until(trace: Trace[Any], step: int) -> Trace[Any]:
    return Trace([item for item in trace if item.step <= step])


def _not_after(unfreezings: tuple[ev.BackboneUnfrozen, ...], step: int) -> tuple[ev.BackboneUnfrozen, ...]:
    return tuple(item for item in unfreezings if item.step <= step)


def _resumed(state: RunState, event: ev.Resumed) -> RunState:
    def until(trace: Trace[Any]) -> Trace[Any]:
        # From step 0 means from the beginning: the head is solved again, too.
        return _until(trace, event.from_step) if event.from_step > 0 else Trace()

    warnings = state.warnings if event.plan_change is None else (*state.warnings, event.plan_change)
    return msgspec.structs.replace(
        state,
        status=Status.RUNNING,
        attempt=event.attempt,
        steps=until(state.steps),
        validations=until(state.validations),
        checkpoints=until(state.checkpoints),
        head_steps=Trace() if event.from_step == 0 else state.head_steps,
        unfreezings=_not_after(state.unfreezings, event.from_step),
        rollbacks=tuple(item for item in state.rollbacks if item.to_step <= event.from_step > 0),
        resumptions=(*(item for item in state.resumptions if item.from_step < event.from_step), event),
        soup=None,
        warnings=warnings,
    )


def _rolled_back(state: RunState, event: ev.RolledBack) -> RunState:
    """What came after the checkpoint it goes on from did not happen; the head that was solved before stays.

    An attempt that was interrupted right after going back goes back again.
    """
    return msgspec.structs.replace(
        state,
        steps=_until(state.steps, event.to_step),
        validations=_until(state.validations, event.to_step),
        checkpoints=_until(state.checkpoints, event.to_step),
        unfreezings=_not_after(state.unfreezings, event.to_step),
        rollbacks=(*(item for item in state.rollbacks if item != event), event),
    )


def _validated(state: RunState, event: ev.Validated) -> RunState:
    trace = state.validations
    if len(trace) and trace[-1].step >= event.step:
        # An attempt that was interrupted right after looking looks again.
        trace = Trace([item for item in trace if item.step < event.step])
    return msgspec.structs.replace(state, validations=trace.appended(event))


def _fold_judged(state: RunState, event: ev.FoldJudged) -> RunState:
    """An attempt that was interrupted judges its folds again."""
    others = [item for item in state.folds if item.fold != event.fold]
    return msgspec.structs.replace(state, folds=tuple(sorted([*others, event], key=lambda item: item.fold)))


def _of_weights(field: str) -> Fold:
    """One answer for each set of weights: an attempt that was interrupted asks again."""

    def fold(state: RunState, event: Any) -> RunState:
        others = [item for item in getattr(state, field) if item.weights != event.weights]
        return msgspec.structs.replace(state, **{field: (*others, event)})

    return fold


def _tried(state: RunState, event: ev.RateTried) -> RunState:
    """An attempt that was interrupted tries from the smallest rate again."""
    earlier = tuple(item for item in state.rates if item.step < event.step)
    return msgspec.structs.replace(state, rates=(*earlier, event), done=event.step)


def _finished(state: RunState, event: ev.Finished) -> RunState:
    return msgspec.structs.replace(
        state,
        status=Status.FINISHED,
        summary=event.summary,
        ended_early=event.early,
        pruned=event.pruned,
        num_failed=event.num_failed,
    )


def _stopped(state: RunState, event: ev.Stopped) -> RunState:
    return msgspec.structs.replace(state, status=Status.STOPPED, summary=event.summary)


def _failed(state: RunState, event: ev.Failed) -> RunState:
    return msgspec.structs.replace(state, status=Status.FAILED, failure=event)


_FOLDS: dict[type, Fold] = {
    ev.Started: _started,
    ev.PhaseStarted: _phase,
    ev.Progressed: _progressed,
    ev.PlanFixed: lambda state, event: msgspec.structs.replace(state, plan=event.plan),
    ev.StepTrained: _stepped,
    ev.DeviceLooked: _append("looks"),
    ev.RolledBack: _rolled_back,
    ev.SoupMade: _take("soup"),
    ev.Validated: _validated,
    ev.HeadSolved: _take("head"),
    ev.BackboneUnfrozen: _unfrozen,
    ev.CheckpointSaved: _append("checkpoints"),
    ev.Warned: _extend("warnings", lambda event: event.message),
    ev.Acknowledged: _acknowledged,
    ev.Paused: _paused,
    ev.Continued: _with(status=Status.RUNNING, acknowledged="", waits_for=None),
    ev.Resumed: _resumed,
    ev.PredictionsSaved: _take("predictions"),
    ev.FoldJudged: _fold_judged,
    ev.NetworkLooked: _take("looked"),
    ev.NetworkRanked: _of_weights("ranked"),
    ev.NetworkPassed: _of_weights("passed"),
    ev.RateTried: _tried,
    ev.RateFound: _take("found"),
    ev.FileSaved: _extend("files", lambda event: event),
    ev.Compared: _take("compared"),
    ev.Finished: _finished,
    ev.Stopped: _stopped,
    ev.Cancelled: _with(status=Status.CANCELLED),
    ev.Failed: _failed,
}
