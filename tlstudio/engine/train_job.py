"""A training from its order to its ending: load, features, head, fine-tuning, predictions."""

from collections.abc import Generator, Iterator
from contextlib import suppress
from functools import partial

import msgspec

from tlstudio.domain.events import AnyEvent, Finished, PhaseStarted, PlanFixed, Resumed, Stopped, Summary, Warned
from tlstudio.domain.jobs import Command
from tlstudio.domain.model_card import ModelCard
from tlstudio.engine import best as best_network
from tlstudio.engine import checkpoint, soup
from tlstudio.engine.best import Best, keep, validated
from tlstudio.engine.build import Training, build, exam, plan_change
from tlstudio.engine.crew import CrewLostError, CrewSilentError
from tlstudio.engine.evaluate import JUDGED, save_predictions
from tlstudio.engine.finetune import TrainingState
from tlstudio.engine.first_head import put_solved_head
from tlstudio.engine.gate import StopAsked
from tlstudio.engine.job import Job
from tlstudio.engine.models import lora
from tlstudio.engine.not_a_number import NotANumber
from tlstudio.engine.probe import measure_first
from tlstudio.engine.rollback import State, begin, go_back
from tlstudio.engine.room import written
from tlstudio.engine.train import fit
from tlstudio.log import logger

log = logger(__name__)

_SILENCE_LIMIT_S = 180.0


def run(job: Job) -> Iterator[AnyEvent]:
    """All events of one attempt, its ending last. Raises `TLStudioError`, `CancelAsked`, `TerminateAsked`, `CrewLostError`."""
    yield PhaseStarted(phase="load", total=None, silence_limit_s=_SILENCE_LIMIT_S)
    yield from measure_first(job)
    training = build(job)
    job.crew.begin(training)
    yield PlanFixed(plan=training.plan)
    if training.device.warning is not None:
        yield Warned(message=training.device.warning)
    if training.warning is not None:
        yield Warned(message=training.warning)
    state = yield from _resume(training)
    try:
        best = state.card.best if state is not None else (yield from _head(training))
    except StopAsked:
        yield Stopped()
        return
    ending = Finished()
    kept_epochs: tuple[soup.Ingredient, ...] = ()
    if training.recipe.finetune is not None:
        trained, ending = yield from _finetune(training, best, state)
        best, kept_epochs = trained.best, trained.kept
    was_stopped = job.gate.command is Command.STOP
    job.gate.can_stop = False
    best = yield from soup.make_soup(training, best, kept_epochs)
    kept = yield from _predict(training, best)
    summary = _summary(kept, seconds=job.clock.seconds)
    yield Stopped(summary=summary) if was_stopped else msgspec.structs.replace(ending, summary=summary)
    # Only now that the ending is on the disk: without one, this is what the next attempt goes on from.
    try:
        checkpoint.remove(job.folder, checkpoint.LAST)
        checkpoint.remove(job.folder, soup.KIND)
    except OSError as error:
        log.warning("what the training would have gone on from stays: %s", error)


def _resume(training: Training) -> Generator[AnyEvent, None, State | None]:
    """The checkpoint to go on from, where an earlier attempt left a whole one."""
    job = training.job
    if job.attempt == 1:
        return None
    state, warnings = checkpoint.load_last(job.folder, TrainingState)
    yield from warnings
    from_step = state.card.step if state is not None else 0
    yield Resumed(attempt=job.attempt, from_step=from_step, plan_change=plan_change(job.last_plan, training.plan))
    return state if from_step > 0 else None


def _head(training: Training) -> Generator[AnyEvent, None, Best]:
    """Features, then the head on them; the network with its head is the first to be kept."""
    score, penalty = yield from put_solved_head(training)
    yield validated(score, step=0, epoch=0, is_best=True)
    return (yield from keep(training, score, step=0, epoch=0, penalty=penalty))


def _finetune(training: Training, best: Best, state: State | None) -> Generator[AnyEvent, None, tuple[TrainingState, Finished]]:
    """Let the last stages follow; where it stands at the end, also where it was asked to stop, and how it ended by itself."""
    tuning = begin(training, best, state)
    yield PhaseStarted(phase="finetune", total=tuning.num_steps, silence_limit_s=training.silence_limit_s)
    has_gone_back = False
    while True:
        try:
            if has_gone_back:
                yield from tuning.save()  # so that an attempt that follows is as careful
            with training.job.gate.saving(tuning.save, lambda: tuning.step):  # noqa: B023 (left before there is another)
                yield from fit(tuning)
        except StopAsked:
            return tuning.state(), Finished()
        except CrewLostError as error:
            # What a card still owes to one that hangs would never end, and a save would wait for it.
            if not (isinstance(error, CrewSilentError) and training.device.is_cuda):
                with suppress(NotANumber):
                    yield from tuning.save()  # the step that was under way has changed nothing
            raise
        except NotANumber as error:
            step = error.step
        else:
            pruned = tuning.pruner.verdict
            return tuning.state(), Finished(early=tuning.is_early or pruned is not None, pruned=pruned)
        tuning, has_gone_back = (yield from go_back(training, tuning, step)), True


def _predict(training: Training, best: Best) -> Generator[AnyEvent, None, checkpoint.Loaded[ModelCard]]:
    """What the best network says of validation and test, on disk."""
    job = training.job
    kept = best_network.load(job.folder, best)
    lora.take_out(training.network)
    checkpoint.fill(training.network, kept)
    training.network.to(training.device.torch_device).requires_grad_(False)
    judged = [entry for entry in training.entries if entry.split in JUDGED]
    if kept.card.step == 0:
        # The backbone is as it came, so what the cache holds is what it says.
        features = yield from training.feature_pass().run(judged, phase="evaluate")
    else:
        yield PhaseStarted(phase="evaluate", total=len(judged), silence_limit_s=training.silence_limit_s)
        features = yield from exam(training, frozen=training.frozen).sit(judged, tells=True)
    save = partial(save_predictions, job.folder, training.network, features, training.manifest.classes)
    yield (yield from written(save, folder=job.folder, num_bytes=features.values.nbytes, gate=job.gate))
    return kept


def _summary(kept: checkpoint.Loaded[ModelCard], *, seconds: float) -> Summary:
    card = kept.card
    return Summary(
        accuracy=card.accuracy,
        balanced_accuracy=card.balanced_accuracy,
        loss=card.loss,
        best_step=card.step,
        seconds=seconds,
        checkpoint=kept.file,
    )
