"""The state of a job in plain words, the same in the window and in the terminal."""

from collections.abc import Callable

from tlstudio.domain.events import NetworkLooked, SoupMade
from tlstudio.domain.run_state import RunState, Status
from tlstudio.messages import Message, message

_COUNTED: dict[str, Callable[[int, int], Message]] = {
    "load": lambda done, total: message("job.load", "Reading images {done} of {total}", done=done, total=total),
    "features": lambda done, total: message("job.features", "Looking at images {done} of {total}", done=done, total=total),
    "predict": lambda done, total: message("job.predict", "Predicting image {done} of {total}", done=done, total=total),
    "compare": lambda done, total: message("job.compare", "Comparing image {done} of {total}", done=done, total=total),
    "rates": lambda done, total: message("job.rates", "Trying rate {done} of {total}", done=done, total=total),
    "folds": lambda done, total: message("job.folds", "Judging fold {next} of {total}", next=min(done + 1, total), total=total),
    "evaluate": lambda done, total: message("job.evaluate", "Evaluating image {done} of {total}", done=done, total=total),
}
_PLAIN: dict[str, Message] = {
    "libraries": message("job.libraries", "Loading PyTorch"),
    "probe": message("job.probe", "Measuring this computer"),
    "load": message("job.load.plain", "Reading images"),
    "features": message("job.features.plain", "Looking at images"),
    "head": message("job.head", "Training the new head"),
    "finetune": message("job.finetune", "Fine-tuning"),
    "evaluate": message("job.evaluate.plain", "Evaluating"),
    "predict": message("job.predict.plain", "Predicting"),
    "export": message("job.export", "Writing the export"),
    "rank": message("job.rank", "Looking what is known already"),
    "rates": message("job.rates.plain", "Trying learning rates"),
    "compare": message("job.compare.plain", "Comparing the export with the app"),
}


def words(state: RunState) -> Message:
    """One short phrase: where the job stands or how it ended."""
    return _WORDS[state.status](state)


def soup_words(soup: SoupMade) -> Message:
    """That the model is a mean of weights, and of which epochs."""
    *others, last = soup.epochs
    text = "The mean of epochs {some} and {last} was better on validation than any epoch alone, and is kept."
    return message("job.soup", text, some=", ".join(str(epoch) for epoch in others), last=last)


def kept_words(state: RunState) -> Message | None:
    """Which epoch of a fine-tuning that is over is the model; None where there was no choice, or a mean of several is kept."""
    best = state.best
    if state.summary is None or state.soup is not None or best is None or not len(state.steps):
        return None
    if best.epoch == 0:
        return message("job.kept_head", "Kept: the head alone; fine-tuning did not make it better on validation.")
    return message("job.kept_epoch", "Kept: epoch {epoch}", epoch=best.epoch)


def _waiting(state: RunState) -> Message:
    return message("job.waiting", "Waiting to start")


def _queued(state: RunState) -> Message:
    return message("job.queued", "Queued")


def _running(state: RunState) -> Message:
    obeying = _OBEYING.get(state.acknowledged)
    if obeying is not None:
        return obeying
    if state.phase == "finetune" and state.fraction is not None:
        return message("job.running", "Running {percent} %", percent=int(100 * state.fraction))
    if state.phase == "rank" and state.looked is not None:
        return _looking(state.looked)
    if state.total and state.phase in _COUNTED:
        return _COUNTED[state.phase](min(state.done, state.total), state.total)
    return _PLAIN.get(state.phase, message("job.starting", "Starting"))


def _looking(at: NetworkLooked) -> Message:
    text = "Network {number} of {total}, {name}: image {done} of {images}"
    return message("job.rank.network", text, number=at.number, total=at.total, name=at.name, done=at.done, images=at.num_images)


_OBEYING = {
    "pause": message("job.pausing", "Pausing"),
    "stop": message("job.stopping", "Stopping, the best is kept"),
    "cancel": message("job.cancelling", "Cancelling"),
}


def _paused(state: RunState) -> Message:
    return message("job.paused", "Paused") if state.waits_for is None else message("job.paused_itself", "Waiting")


def _finished(state: RunState) -> Message:
    if state.pruned is not None:
        text = "Pruned at epoch {epoch}: worse than the median of {rivals} earlier trials"
        return message("job.pruned", text, epoch=state.pruned.epoch, rivals=state.pruned.num_rivals)
    if state.ended_early and state.summary is not None:
        return message("job.done_early", "Done, stopped early: validation no longer improved")
    if state.num_failed == 1:
        return message("job.done_but_one", "Done, 1 image could not be read")
    if state.num_failed:
        return message("job.done_some", "Done, {num} images could not be read", num=state.num_failed)
    return message("job.done", "Done")


def _stopped(state: RunState) -> Message:
    if state.files:
        return message("job.stopped_table", "Stopped; the table holds what was done")
    if state.ranked:
        return message("job.stopped_ranking", "Stopped; the networks that were ranked are kept")
    if state.summary is None:
        return message("job.stopped_nothing", "Stopped before there was anything to keep")
    return message("job.stopped", "Stopped, best kept")


def _failed(state: RunState) -> Message:
    title = state.failure.title if state.failure is not None else ""
    return message("job.failed", "Failed: {title}", title=title)


def _interrupted(state: RunState) -> Message:
    if len(state.steps):
        return message("job.interrupted", "Interrupted at step {step}, can continue", step=state.steps[-1].step)
    return message("job.interrupted_early", "Interrupted, can continue")


_WORDS: dict[Status, Callable[[RunState], Message]] = {
    Status.QUEUED: _queued,
    Status.WAITING: _waiting,
    Status.RUNNING: _running,
    Status.PAUSED: _paused,
    Status.FINISHED: _finished,
    Status.STOPPED: _stopped,
    Status.CANCELLED: lambda state: message("job.cancelled", "Cancelled"),
    Status.FAILED: _failed,
    Status.INTERRUPTED: _interrupted,
}
