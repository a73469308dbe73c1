"""F32: where the loss is no number, a training goes back to its last good checkpoint once, and on from there more carefully."""

import contextlib
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
import torch
from torch import Tensor

from tests.conftest import MakeImages
from tests.engine.folders import events_of, manifest_of, state_of, write_training
from tests.faults.test_job_kill import result_of
from tests.real_jobs import NETWORK
from tlstudio.domain import events as ev
from tlstudio.domain.recipe import FineTunePart, LoraPart, NetworkPart, Recipe
from tlstudio.domain.run_state import RunState, Status
from tlstudio.engine import rollback, worker
from tlstudio.engine.finetune import FineTuning
from tlstudio.engine.gate import StopAsked
from tlstudio.engine.journal import JournalWriter
from tlstudio.engine.tasks.classification import Classification

PART = FineTunePart(epochs=4, batch_size=8, learning_rate=3e-3, patience=0)
RECIPE = Recipe(name="balanced", network=NetworkPart(architecture=NETWORK, input_size_px=64), finetune=PART, augmentation="light", seed=5)
"""Two steps an epoch."""

Spoil = Callable[[Tensor, Tensor], Tensor]


def no_number(loss: Tensor, _logits: Tensor) -> Tensor:
    return loss * float("nan")


def no_gradient(loss: Tensor, logits: Tensor) -> Tensor:
    """The loss itself stays what it is; its gradient is 0 times infinity."""
    return loss + torch.sqrt(0 * logits.sum())


@pytest.fixture
def images(make_images: MakeImages) -> Path:
    return make_images({"bars": 12, "discs": 12})


@pytest.fixture
def spoil(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Have the loss of the step that follows `step` others spoiled: until the training is careful, or ever again."""

    def begin(step: int, how: Spoil = no_number, *, ever: bool = False) -> None:
        honest_train, honest_loss = FineTuning.train, Classification.loss
        is_spoiled = False

        def train(self: FineTuning, *batch: object, **named: object) -> Tensor | None:
            nonlocal is_spoiled
            is_spoiled = self.step == step and (ever or not self.is_careful)
            return honest_train(self, *batch, **named)  # type: ignore[arg-type]

        def loss(self: Classification, logits: Tensor, targets: Tensor, *, smoothing: float) -> Tensor:
            value = honest_loss(self, logits, targets, smoothing=smoothing)
            return how(value, logits) if is_spoiled else value

        monkeypatch.setattr(FineTuning, "train", train)
        monkeypatch.setattr(Classification, "loss", loss)

    return begin


def train(images: Path, project: Path, recipe: Recipe = RECIPE) -> tuple[int, Path, RunState]:
    folder = write_training(project, recipe, manifest_of(images), images=images)
    return worker.run_job(folder), folder, state_of(folder)


def rates(state: RunState) -> dict[int, float | None]:
    return {item.step: item.learning_rate for item in state.steps}


@pytest.mark.parametrize("how", [no_number, no_gradient])
def test_it_goes_back_to_the_last_checkpoint_once_and_ends_well(
    images: Path, tmp_path: Path, spoil, how: Spoil, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tlstudio.engine.finetune._TELL_EVERY_S", 0.0)
    _code, _folder, whole = train(images, tmp_path / "whole")
    spoil(5, how)
    code, folder, state = train(images, tmp_path / "spoiled")
    assert code == 0
    assert state.status is Status.FINISHED
    assert state.rollbacks == (ev.RolledBack(step=6, to_step=4, share=0.5),)
    assert [item.step for item in state.steps] == list(range(1, 9)), "what was trained in vain is not drawn"
    assert [item.step for item in state.validations] == [0, 2, 4, 6, 8]
    assert all(item.loss is not None for item in state.steps)
    for step, rate in rates(whole).items():
        assert rates(state)[step] == pytest.approx((0.5 if step > 4 else 1.0) * rate)
    assert "At step 6 the loss was no longer a number. It went back to step 4" in state.warnings[-1].text()
    assert {file.name.split("-")[0] for file in (folder / "checkpoints").iterdir()} == {"best"}


@pytest.mark.parametrize(
    "recipe",
    [
        pytest.param(RECIPE, id="weights"),
        pytest.param(
            msgspec.structs.replace(
                RECIPE,
                network=NetworkPart(architecture="test_vit", input_size_px=64),
                finetune=msgspec.structs.replace(PART, lora=LoraPart(rank=2), num_views=0),
            ),
            id="adapters",
        ),
    ],
)
def test_before_any_checkpoint_it_goes_back_to_the_solved_head(images: Path, tmp_path: Path, spoil, recipe: Recipe) -> None:
    part = recipe.finetune
    assert part is not None
    slower = msgspec.structs.replace(recipe, finetune=msgspec.structs.replace(part, learning_rate=0.5 * part.learning_rate))
    _code, other, _state = train(images, tmp_path / "slower", slower)
    spoil(1)
    code, folder, state = train(images, tmp_path / "spoiled", recipe)
    assert code == 0
    assert state.rollbacks == (ev.RolledBack(step=2, to_step=0, share=0.5),)
    assert state.validations[0].step == 0
    assert state.head is not None
    assert result_of(folder) == result_of(other), "from the solved head on it is what the recipe with half the rates does"


def test_a_second_time_ends_with_the_cause_and_keeps_the_best(images: Path, tmp_path: Path, spoil) -> None:
    spoil(5, ever=True)
    code, folder, state = train(
        images, tmp_path / "spoiled", msgspec.structs.replace(RECIPE, finetune=msgspec.structs.replace(PART, soup=2))
    )
    assert code == worker.EXIT_FAILED
    assert len(state.rollbacks) == 1
    assert state.failure is not None
    assert "at step 6 the loss was no longer a number" in state.failure.title.text()
    assert "smaller learning rate" in state.failure.hint.text()
    assert not state.can_continue
    assert list((folder / "checkpoints").glob("best-*.safetensors"))
    assert {file.name.split("-")[0] for file in (folder / "checkpoints").iterdir()} == {"best"}, "it never goes on from the others"


def test_full_precision_is_the_other_half_of_it(images: Path, tmp_path: Path, spoil, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[bool, bool]] = []
    honest = FineTuning._backward

    def backward(self: FineTuning, *batch: object) -> Tensor:
        seen.append((self.is_careful, self.training.device.precision == "bf16"))
        return honest(self, *batch)  # type: ignore[arg-type]

    monkeypatch.setattr(FineTuning, "_backward", backward)
    spoil(3)
    code, _folder, state = train(images, tmp_path / "spoiled", msgspec.structs.replace(RECIPE, precision="bf16"))
    assert code == 0
    assert set(seen) == {(False, True), (True, False)}
    assert "full precision" in state.warnings[-1].text()


@pytest.mark.parametrize("last_said", [ev.RolledBack, ev.Warned, ev.CheckpointSaved, ev.StepTrained])
def test_interrupted_after_it_went_back_it_ends_with_the_same_bits(
    images: Path, tmp_path: Path, spoil, last_said: type[ev.Event], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tlstudio.engine.finetune._TELL_EVERY_S", 0.0)
    spoil(5)
    _code, whole, _state = train(images, tmp_path / "whole")
    honest = JournalWriter.write
    has_gone_back = False

    def write(self: JournalWriter, event: ev.AnyEvent) -> None:
        nonlocal has_gone_back
        honest(self, event)
        has_gone_back = has_gone_back or isinstance(event, ev.RolledBack)
        if has_gone_back and isinstance(event, last_said):
            raise KeyboardInterrupt

    folder = write_training(tmp_path / "killed", RECIPE, manifest_of(images), images=images)
    with monkeypatch.context() as patched:
        patched.setattr(JournalWriter, "write", write)
        with contextlib.suppress(KeyboardInterrupt):
            worker.run_job(folder)
    assert worker.run_job(folder) == 0
    state = state_of(folder)
    assert state.attempt == 2
    assert state.rollbacks == (ev.RolledBack(step=6, to_step=4, share=0.5),)
    assert result_of(folder) == result_of(whole)


def test_no_checkpoint_holds_what_is_no_number(images: Path, tmp_path: Path, spoil, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a graphics card, where nobody looks at the loss of every step."""
    monkeypatch.setattr(FineTuning, "tell", lambda self, batch, loss: iter(()))
    monkeypatch.setattr("tlstudio.engine.finetune._SAVE_EVERY_S", -1.0)
    spoil(4)
    code, folder, state = train(images, tmp_path / "spoiled")
    assert code == 0
    assert state.rollbacks == (ev.RolledBack(step=5, to_step=4, share=0.5),)
    assert len(events_of(folder)) > 10


def test_stopped_while_it_waits_for_room_to_save_that_it_went_back_it_keeps_the_best(
    images: Path, tmp_path: Path, spoil, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = FineTuning.save

    def save(self: FineTuning) -> Iterator[ev.AnyEvent]:
        if self.is_careful:
            raise StopAsked  # as where it is asked while the disk is full
        yield from honest(self)

    spoil(5)
    monkeypatch.setattr(FineTuning, "save", save)
    code, folder, state = train(images, tmp_path / "stopped")
    assert (code, state.status) == (0, Status.FINISHED), "that of the order: nobody else has asked"
    assert len(state.rollbacks) == 1
    assert state.summary is not None
    assert (folder / state.summary.checkpoint).is_file()


def test_there_are_never_two_optimizers_in_memory(images: Path, tmp_path: Path, spoil, monkeypatch: pytest.MonkeyPatch) -> None:
    spoil(5)
    honest_train, honest_begin = FineTuning.train, rollback.begin
    held: list[weakref.ref[Tensor]] = []
    alive: list[int] = []

    def watched(self: FineTuning, *batch: object, **named: object) -> Tensor | None:
        loss = honest_train(self, *batch, **named)  # type: ignore[arg-type]
        if not self.is_careful:
            moments = [value for state in self._optimizer.state.values() for value in state.values()]
            gradients = [weight.grad for weight in self.weights if weight.grad is not None]
            held.extend(map(weakref.ref, [*moments, *gradients, *self._average.average.values()]))
        return loss

    def begin(*arguments: object) -> FineTuning:
        alive.append(sum(tensor() is not None for tensor in held))
        return honest_begin(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(FineTuning, "train", watched)
    monkeypatch.setattr(rollback, "begin", begin)
    code, _folder, state = train(images, tmp_path / "spoiled")
    assert code == 0
    assert len(state.rollbacks) == 1
    assert held
    assert set(alive) == {0}
