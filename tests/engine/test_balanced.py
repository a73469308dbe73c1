"""The Balanced recipe: the head first, then the last stages; what goes wrong on the way."""

import itertools
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from pathlib import Path

import msgspec
import numpy as np
import pytest
import torch
from torch import Tensor

from tests.engine.folders import events_of, lines_of, manifest_of, state_of, write_training
from tlstudio.domain import events as ev
from tlstudio.domain.manifest import ManifestEntry
from tlstudio.domain.recipe import FineTunePart, NetworkPart, Recipe, ViewRule
from tlstudio.domain.run_state import RunState, Status, apply
from tlstudio.domain.splits import Split
from tlstudio.engine import exam, finetune, journal, worker
from tlstudio.engine.checkpoint import open_run
from tlstudio.engine.data.reading import Pixels
from tlstudio.engine.exam import Exam
from tlstudio.engine.finetune import FineTuning
from tlstudio.engine.tasks import Score
from tlstudio.errors import TLStudioError
from tlstudio.evaluation import predictions


class Clock:
    """Passes only when it is told to; stands for `time` in a module."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def time(self) -> float:
        return self.now

    monotonic = time


CLASSES = {"bars": 20, "discs": 20, "rings": 20}
GOLDEN_LOSSES = {
    1: [0.98237, 0.79478, 0.87782, 0.92697, 0.82884, 0.72840, 0.73583, 0.94906],
    2: [0.98332, 0.79816, 0.88159, 0.92750, 0.82428, 0.72398, 0.71858, 0.95999],
}
GOLDEN_VALIDATION = {1: [0.91976, 0.81393, 0.79047], 2: [0.91976, 0.81797, 0.78843]}
"""By the rule that training views are made by."""


def recipe(architecture: str = "test_resnet", *, seed: int = 0, augmentation: str = "light", **part: float) -> Recipe:
    """Small enough for seconds: 30 training images of 64 pixels, four steps an epoch."""
    fixed = {"num_stages": 2, "stage_decay": 0.3, "weight_decay": 1e-4, "warmup": 0.1, "label_smoothing": 0.05}
    finetune = {**fixed, "epochs": 4, "batch_size": 8, "learning_rate": 3e-3, "patience": 0, **part}
    return Recipe(
        name="balanced",
        network=NetworkPart(architecture=architecture, input_size_px=64),
        finetune=FineTunePart(**finetune),  # type: ignore[arg-type]
        augmentation=augmentation,  # type: ignore[arg-type]
        seed=seed,
    )


@pytest.fixture
def images(make_images) -> Path:
    return make_images(CLASSES)


@pytest.fixture
def train(images: Path, tmp_path: Path) -> Callable[..., tuple[int, Path, RunState]]:
    """Runs a recipe in this process: exit code, folder, state."""
    numbers = iter(range(1, 100))

    def run(asked: Recipe) -> tuple[int, Path, RunState]:
        folder = write_training(tmp_path / "project", asked, manifest_of(images), images=images, number=next(numbers))
        code = worker.run_job(folder)
        return code, folder, state_of(folder)

    return run


@pytest.mark.parametrize("architecture", ["test_resnet", "test_vit"])
def test_fine_tuning_follows_the_head_and_never_ends_worse_on_validation(train, architecture: str) -> None:
    code, folder, state = train(recipe(architecture))
    assert code == 0
    assert state.status is Status.FINISHED
    assert state.unfrozen is not None
    assert state.unfrozen.num_stages == 2
    assert state.plan is not None
    assert state.plan.num_steps == 16
    assert state.steps[-1].step == 16
    assert [item.step for item in state.validations] == [0, 4, 8, 12, 16]
    assert state.best is not None
    assert state.best.balanced_accuracy == max(item.balanced_accuracy for item in state.validations)
    assert state.summary is not None
    assert state.summary.best_step == state.best.step
    read = predictions.read(folder / "predictions/predictions.safetensors").of(Split.VAL)
    assert (read.logits.argmax(axis=1) == read.targets).mean() == pytest.approx(state.summary.accuracy)
    assert {file.name.split("-")[0] for file in (folder / "checkpoints").iterdir()} == {"best"}
    _network, card = open_run(folder)
    assert card.step == state.best.step


def test_only_the_last_stages_and_the_head_have_changed(train) -> None:
    code, folder, state = train(recipe(num_stages=1, epochs=2))
    assert code == 0
    assert state.best is not None
    assert state.best.step > 0
    tuned, _card = open_run(folder)
    torch.manual_seed(0)
    untouched = _untouched()
    changed = {
        name.split(".")[1] for name, tensor in tuned.state_dict().items() if name in untouched and not torch.equal(tensor, untouched[name])
    }
    assert changed == {"layer4"}


def _untouched() -> dict[str, Tensor]:
    from tlstudio.engine.models.create import create, find_source

    return create(find_source(recipe().network, weights_file=None, seed=0)).state_dict()


def test_the_same_seed_gives_the_same_bits_and_another_seed_other_ones(train) -> None:
    weights = []
    for seed in (3, 3, 4):
        _code, folder, _state = train(recipe(seed=seed, epochs=1))
        weights.append(open_run(folder)[0].state_dict())
    first, second, other = weights
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert not all(torch.equal(first[name], other[name]) for name in first)


@pytest.mark.parametrize("rule", [1, 2])
def test_losses_are_the_known_ones(rule: ViewRule, train, monkeypatch: pytest.MonkeyPatch) -> None:
    """Golden: whoever changes these numbers has changed what training does, and says so."""
    monkeypatch.setattr(finetune, "_TELL_EVERY_S", 0.0)
    _code, _folder, state = train(msgspec.structs.replace(recipe(epochs=2), view_rule=rule))
    assert [item.loss for item in state.steps] == pytest.approx(GOLDEN_LOSSES[rule], rel=5e-3)
    assert [item.loss for item in state.validations] == pytest.approx(GOLDEN_VALIDATION[rule], rel=5e-3)


def test_it_stops_early_where_validation_no_longer_improves(train) -> None:
    code, _folder, state = train(recipe(patience=2, epochs=30, learning_rate=0.3))
    assert code == 0
    assert state.ended_early
    assert len(state.validations) < 30


def test_patience_that_ends_with_the_last_epoch_stopped_nothing_early(train, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Score, "is_better_than", lambda *_scores: False)
    _code, _folder, state = train(recipe(patience=3, epochs=3))
    assert len(state.validations) == 4
    assert not state.ended_early


def test_nobody_loses_patience_before_all_stages_are_open(train, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Score, "is_better_than", lambda *_scores: False)
    _code, _folder, state = train(recipe(patience=1, epochs=6, num_stages=2, unfreeze_every=2))
    assert state.ended_early
    assert [item.epoch for item in state.validations] == [0, 1, 2, 3], "the second stage opened in the third epoch"


def test_stages_whose_turn_never_comes_are_said(train) -> None:
    for epochs, is_said in ((2, True), (3, False)):
        _code, _folder, state = train(recipe(epochs=epochs, num_stages=2, unfreeze_every=2))
        assert any("Only 1 of the 2 stages" in warning.text() for warning in state.warnings) is is_said


def test_too_little_memory_halves_the_micro_batch_and_goes_on(train, monkeypatch: pytest.MonkeyPatch) -> None:
    honest = FineTuning._backward

    def backward(self: FineTuning, batch) -> Tensor:
        if self.plan.micro_batch > 2:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")
        return honest(self, batch)

    monkeypatch.setattr(FineTuning, "_backward", backward)
    code, _folder, state = train(recipe(epochs=1))
    assert code == 0
    assert state.plan is not None
    assert state.plan.micro_batch == 2
    assert any("goes on with 2" in warning.text() for warning in state.warnings)


def test_too_little_memory_for_a_single_image_fails_with_a_word(train, monkeypatch: pytest.MonkeyPatch) -> None:
    def backward(self: FineTuning, batch) -> Tensor:
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")

    monkeypatch.setattr(FineTuning, "_backward", backward)
    code, _folder, state = train(recipe(epochs=1))
    assert code == worker.EXIT_FAILED
    assert state.failure is not None
    assert "not enough memory" in state.failure.title.text()


def test_micro_batches_give_the_gradient_of_the_whole_batch(train, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finetune, "_TELL_EVERY_S", 0.0)
    _code, _folder, whole = train(recipe(epochs=1))
    honest = FineTuning.__init__

    def begin(self: FineTuning, *args, **named) -> None:
        honest(self, *args, **named)
        self.plan = ev.msgspec.structs.replace(self.plan, micro_batch=3)

    monkeypatch.setattr(FineTuning, "__init__", begin)
    _code, _folder, parts = train(recipe(epochs=1))
    assert [item.loss for item in parts.steps] == pytest.approx([item.loss for item in whole.steps], rel=1e-3)


def test_an_image_that_vanishes_before_fine_tuning_is_skipped_and_said(images: Path, tmp_path: Path) -> None:
    project, manifest = tmp_path / "project", manifest_of(images)
    quick = Recipe(name="quick", network=recipe().network)
    assert worker.run_job(write_training(project, quick, manifest, images=images)) == 0
    (images / "bars" / "bars_000.png").unlink()  # its feature is known, its pixels are not
    folder = write_training(project, recipe(epochs=1), manifest, images=images, number=2)
    assert worker.run_job(folder) == 0
    assert any("1 of 60" in warning.text() for warning in state_of(folder).warnings)


def test_steps_are_told_at_most_thirty_times_a_second(train, monkeypatch: pytest.MonkeyPatch) -> None:
    clock, honest = Clock(), FineTuning.train

    def step(self: FineTuning, batch) -> Tensor | None:
        clock.now += 0.01
        return honest(self, batch)

    monkeypatch.setattr(FineTuning, "train", step)
    monkeypatch.setattr(finetune, "time", clock)
    monkeypatch.setattr(journal, "time", clock)
    _code, folder, state = train(recipe(epochs=10, batch_size=2))
    lines = [line for line in lines_of(folder) if isinstance(line.event, ev.StepTrained)]
    tuned = lines[len(state.head_steps) :]
    gaps = np.diff([line.time for line in tuned[:-1]])
    assert gaps.min() > 1 / 30
    assert len(tuned) > 20
    assert tuned[-1].event.step == 150
    assert events_of(folder)[-1] == ev.Finished(summary=state.summary)


class OneByOne:
    """Stands for `Ahead`: reads each only when it is asked for."""

    def __init__(self, items: Iterable[object], work: Callable[[object], object], **_how: int) -> None:
        self._items = items
        self._work = work

    def __enter__(self) -> "OneByOne":
        return self

    def __exit__(self, *_error: object) -> None:
        pass

    def __iter__(self) -> Iterator[tuple[object, Future[object]]]:
        for item in self._items:
            result: Future[object] = Future()
            result.set_result(self._work(item))
            yield item, result


def test_a_long_look_at_validation_is_not_taken_for_a_hung_job(train, monkeypatch: pytest.MonkeyPatch) -> None:
    limit_s, clock, honest = 2.0, Clock(), Exam._read

    def slow(self: Exam, entry: ManifestEntry) -> Pixels | TLStudioError:
        clock.now += 0.2
        return honest(self, entry)

    monkeypatch.setattr(Exam, "_read", slow)
    monkeypatch.setattr(exam, "Ahead", OneByOne)
    monkeypatch.setattr(exam, "_SAY_EVERY_S", 0.1)
    for module in (exam, journal):
        monkeypatch.setattr(module, "time", clock)
    code, folder, state = train(recipe(epochs=1))
    assert code == 0
    lines = lines_of(folder)
    begun = next(index for index, line in enumerate(lines) if isinstance(line.event, ev.BackboneUnfrozen))
    last_step = next(line for line in reversed(lines) if isinstance(line.event, ev.StepTrained))
    looked = next(line for line in lines[begun:] if isinstance(line.event, ev.Validated))
    assert looked.time - last_step.time > limit_s, "it took longer than a job may be silent"
    silences = [after.time - before.time for before, after in itertools.pairwise(lines[begun:])]
    assert max(silences) < limit_s
    assert any(isinstance(event, ev.StillWorking) for event in events_of(folder))
    before, told = state, apply(state, ev.StillWorking())
    assert told == before, "figures such as the rate stay as they were"
