"""Where the loss is no number: back to the last good checkpoint, once a run, and on from there more carefully.

More carefully means with half the learning rates and, of what trains, in full precision; a second time ends the run. Going back is what an
attempt does that goes on after a kill, so a run that went back and was killed then meets its own bits again.
"""

import dataclasses
from collections.abc import Generator

import msgspec

from tlstudio.domain.events import AnyEvent, RolledBack, Warned
from tlstudio.domain.recipe import FineTunePart
from tlstudio.engine import best as best_network
from tlstudio.engine import checkpoint
from tlstudio.engine.best import Best
from tlstudio.engine.build import Training, exam, loader
from tlstudio.engine.finetune import HEAD, FineTuning, TrainingState
from tlstudio.engine.models import lora
from tlstudio.engine.not_a_number import diverged
from tlstudio.messages import Message, message

_SHARE = 0.5
"""Of the learning rates, once it went back."""

State = checkpoint.Loaded[TrainingState]


def begin(training: Training, best: Best, state: State | None) -> FineTuning:
    """The fine-tuning of `training`'s recipe, from the network as it is or from `state`."""
    part = training.recipe.finetune
    assert part is not None
    # What is kept behind the frozen stages stays as it is: it was no number's cause, and other values would change the network.
    crew = training.job.crew
    images, sitting = loader(training, part), crew.exam(exam(training, frozen=training.frozen))
    if state is not None and state.tensors:
        training.put_head({name.removeprefix(HEAD): tensor for name, tensor in state.tensors.items() if name.startswith(HEAD)})
    if state is not None and state.card.is_careful:
        training, part = _careful(training, part)
    tuning = FineTuning(training, part, loader=images, exam=sitting, best=best)
    if state is not None:
        tuning.resume(state.card, state.tensors)
    crew.tune(tuning)
    return tuning


def go_back(training: Training, tuning: FineTuning, step: int) -> Generator[AnyEvent, None, FineTuning]:
    """The fine-tuning as it was at the last good checkpoint, now a careful one; at `step` there was no number. It is not saved yet.

    `tuning` is of no more use then. Raises `TLStudioError` where it was a careful one already.
    """
    if tuning.is_careful:
        raise diverged(step, tuning.best)
    tuning.let_go()  # there may be no room for two
    lora.take_out(training.network)
    state, warnings = checkpoint.load_last(training.job.folder, TrainingState)
    yield from warnings
    if state is None:
        state = _from_best(training, tuning)
    careful = dataclasses.replace(state, card=msgspec.structs.replace(state.card, is_careful=True))
    yield RolledBack(step=step, to_step=careful.card.step, share=_SHARE)
    yield Warned(message=_words(step, careful.card, was_short=training.device.precision != "fp32"))
    again = begin(training, careful.card.best, careful)
    again.plan = tuning.plan  # with fewer images at a time where memory was short on the way
    return again


def _from_best(training: Training, tuning: FineTuning) -> State:
    """The kept network, with an optimizer that remembers nothing: at first the solved head. Raises `TLStudioError` where it is damaged."""
    best, curve = tuning.best, tuning.pruner.curve
    ingredients = tuple(item for item in tuning.shelf.kept if item.epoch <= best.epoch)
    kept = best_network.load(training.job.folder, best)
    checkpoint.fill(training.network, kept)
    card = TrainingState(step=best.step, epoch=best.epoch, num_without_gain=0, best=best, curve=curve[: best.epoch], kept=ingredients)
    return checkpoint.Loaded(card=card, tensors={}, file=kept.file)


def _careful(training: Training, part: FineTunePart) -> tuple[Training, FineTunePart]:
    rates = tuple(_SHARE * rate for rate in part.stage_rates)
    device = dataclasses.replace(training.device, precision="fp32")
    return (
        dataclasses.replace(training, device=device),
        msgspec.structs.replace(part, learning_rate=_SHARE * part.learning_rate, stage_rates=rates),
    )


def _words(step: int, state: TrainingState, *, was_short: bool) -> Message:
    values: dict[str, str | int | float] = {"step": step, "to": state.step}
    if was_short:
        text = (
            "At step {step} the loss was no longer a number. It went back to step {to} and goes on from there with half the learning "
            "rates and in full precision."
        )
        return message("train.rolled_back.exact", text, **values)
    text = "At step {step} the loss was no longer a number. It went back to step {to} and goes on from there with half the learning rates."
    return message("train.rolled_back", text, **values)
