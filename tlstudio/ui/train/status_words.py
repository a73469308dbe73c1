"""What the header of the panel says of a run under way, and of the one that could be started."""

import math

from tlstudio.domain import pace
from tlstudio.domain.dataset import Dataset
from tlstudio.domain.plan import Plan
from tlstudio.domain.recipe import Recipe
from tlstudio.domain.run_state import RunState, Status
from tlstudio.domain.runs import Run
from tlstudio.domain.splits import Split
from tlstudio.jobs import outcome
from tlstudio.ui.runs_words import runs_words
from tlstudio.ui.train.run_board import RunBoard
from tlstudio.ui.words import duration, number, say, tr, tr_n

_SHORT_S = 2.0


def busy_words(state: RunState, *, is_short: bool = False) -> str:
    """ "epoch 9 of 14 · about 1 min left · 1,840 img/s", in short "epoch 9/14 · 1 min left · 1,840 img/s".

    What matters most comes first, for a narrow window shows no more.
    """
    parts = [lead_words(state, is_short=is_short)]
    rate = pace.images_per_second(state) if state.status is Status.RUNNING else None
    if rate:
        parts.append(tr("{rate} img/s", rate=number(round(rate)) if rate >= 10 else f"{rate:.1f}"))
    if state.plan is not None and state.status is not Status.PAUSED:
        parts.append(_device(state.plan))
    return " · ".join(parts)


def lead_words(state: RunState, *, is_short: bool = False) -> str:
    """What it begins with: "epoch 9 of 14 · about 1 min left", "Paused in epoch 9 of 14 · the window may be closed"."""
    where, left = _where(state, is_short=is_short), seconds_left(state)
    if state.status is Status.PAUSED and state.acknowledged not in ("stop", "cancel"):
        return f"{where} · " + (tr("window may be closed") if is_short else tr("the window may be closed"))
    if left is None or left < _SHORT_S:
        return where
    time = duration(left)
    return f"{where} · " + (tr("{time} left", time=time) if is_short else tr("about {time} left", time=time))


def _device(plan: Plan) -> str:
    """ "CPU, 2 threads", "CPU, 2 processes with 1 thread each"."""
    threads = tr_n("1 thread", "{n} threads", plan.threads)
    if plan.device == "cpu":
        several = tr("CPU, {processes} processes with {threads} each", processes=plan.processes, threads=threads)
        return several if plan.processes > 1 else tr("CPU, {threads}", threads=threads)
    name = plan.device_name or plan.device
    return tr("{processes} processes on {device}", processes=plan.processes, device=name) if plan.processes > 1 else name


def _where(state: RunState, *, is_short: bool) -> str:
    plan = state.plan
    if state.status is Status.RUNNING and not state.acknowledged and state.phase == "finetune" and plan is not None and len(state.steps):
        epoch = _epoch(state, plan)
        if is_short:
            return tr("epoch {epoch}/{epochs}", epoch=epoch, epochs=plan.num_epochs)
        return tr("epoch {epoch} of {epochs}", epoch=epoch, epochs=plan.num_epochs)
    words = say(outcome.words(state))
    if state.status is Status.PAUSED and plan is not None and plan.num_steps and len(state.steps):
        if is_short:
            return tr("{state}, epoch {epoch}/{epochs}", state=words, epoch=_epoch(state, plan), epochs=plan.num_epochs)
        return tr("{state} in epoch {epoch} of {epochs}", state=words, epoch=_epoch(state, plan), epochs=plan.num_epochs)
    return words


def _epoch(state: RunState, plan: Plan) -> int:
    """The epoch the newest step belongs to, counted from 1."""
    per_epoch = plan.num_steps / max(1, plan.num_epochs)
    return max(1, math.ceil(state.steps[-1].step / per_epoch - 1e-9))


def seconds_left(state: RunState) -> float | None:
    """Of what runs; what is paused takes as long as a person likes."""
    return pace.seconds_left(state) if state.status is Status.RUNNING else None


def rail_line(board: RunBoard) -> tuple[str, str]:
    """Second line and mark of the rail: "Run 7 · 62 % · 1 min" while one is under way, else "3 runs", "3 runs · 2 wait"."""
    run = board.active
    if run is None:
        if not board.runs:
            return tr("No runs yet"), ""
        return runs_words(len(board.runs), len(board.queue) if board.is_held else 0), "ok" if any(
            item.is_usable for item in board.runs
        ) else ""
    state = board.states.get(run.number) or RunState()
    parts = [tr("Run {number}", number=run.number)]
    if state.status is Status.PAUSED:
        parts.append(say(outcome.words(state)))
    elif state.fraction is not None:
        parts.append(f"{round(100 * state.fraction)} %")
    left = seconds_left(state)
    if left is not None and left >= _SHORT_S:
        parts.append(duration(left))
    return " · ".join(parts), "paused" if state.status is Status.PAUSED else "busy"


def idle_words(dataset: Dataset | None, network: str, before: Run | None, *, is_short: bool = False) -> str:
    """ "843 training images · MobileNetV4 small · run 5 took 0:52". No time is guessed: it is said what the same training took before.

    In short without the network, which the recipe's card names, too.
    """
    if dataset is None or not dataset.ready:
        return tr("No images yet: import some in Data")
    num_train = dataset.num_by_split[Split.TRAIN]
    parts = (
        [tr_n("1 training image", "{n} training images", num_train)] if num_train else [tr_n("1 image", "{n} images", len(dataset.ready))]
    )
    if network and not is_short:
        parts.append(network)
    if before is not None and before.summary is not None:
        parts.append(tr("run {number} took {time}", number=before.number, time=duration(before.summary.seconds)))
    return " · ".join(parts)


def same_before(runs: list[Run], recipe: Recipe) -> Run | None:
    """The newest finished run of the same network, recipe, epochs and device."""
    for run in sorted(runs, key=lambda run: -run.number):
        if run.summary is not None and run.status is Status.FINISHED and _cost(run.recipe) == _cost(recipe):
            return run
    return None


def _cost(recipe: Recipe) -> tuple[object, ...]:
    """What a training's time depends on, besides the images."""
    tuned = recipe.finetune
    return recipe.network, recipe.device, recipe.precision, None if tuned is None else (tuned.epochs, tuned.num_stages, tuned.batch_size)
