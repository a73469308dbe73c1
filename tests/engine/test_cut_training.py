"""Fine-tuning behind a frozen part that is run once: what is computed, what is shared, and what happens where there is no room."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import msgspec
import numpy as np
import pytest
import torch
from torch import Tensor

from tests.engine.folders import events_of, manifest_of, state_of, write_training
from tlstudio.domain import events as ev
from tlstudio.domain.recipe import FineTunePart, HeadPart, LoraPart, NetworkPart, Recipe
from tlstudio.domain.run_state import RunState, Status
from tlstudio.domain.splits import Split
from tlstudio.engine import finetune, frozen, worker
from tlstudio.engine.build import Training, build, exam, loader
from tlstudio.engine.checkpoint import open_run
from tlstudio.engine.gate import Gate
from tlstudio.engine.job import Job, read_job
from tlstudio.engine.models.split import Split as Halves
from tlstudio.evaluation import predictions

NUM_TRAIN, NUM_VAL = 20, 12


def recipe(*, num_views: int = 2, epochs: int = 5, seed: int = 0, augmentation: str = "light", architecture: str = "test_resnet") -> Recipe:
    return Recipe(
        name="balanced",
        network=NetworkPart(architecture=architecture, input_size_px=64),
        finetune=FineTunePart(num_stages=1, epochs=epochs, batch_size=6, learning_rate=3e-3, patience=0, num_views=num_views),
        augmentation=augmentation,  # type: ignore[arg-type]
        seed=seed,
    )


@pytest.fixture
def images(make_images) -> Path:
    return make_images({"bars": 20, "discs": 20})


@pytest.fixture
def ordered(images: Path, tmp_path: Path) -> Callable[[Recipe], Path]:
    numbers = iter(range(1, 100))

    def order(asked: Recipe) -> Path:
        return write_training(tmp_path / "project", asked, manifest_of(images), images=images, number=next(numbers))

    return order


@pytest.fixture
def train(ordered) -> Callable[[Recipe], tuple[Path, RunState]]:
    def run(asked: Recipe) -> tuple[Path, RunState]:
        folder = ordered(asked)
        assert worker.run_job(folder) == 0
        state = state_of(folder)
        assert state.status is Status.FINISHED
        return folder, state

    return run


@pytest.fixture
def passed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Numbers of images that went through the frozen part on their own, call by call."""
    numbers: list[int] = []
    honest = Halves.before

    def before(self: Halves, given: Tensor) -> Tensor:
        numbers.append(len(given))
        return honest(self, given)

    monkeypatch.setattr(Halves, "before", before)
    return numbers


TRIED = 3
"""Images that a cut is checked with."""


def test_every_view_and_every_validation_image_passes_the_frozen_part_once(train, passed: list[int], tmp_path: Path) -> None:
    _folder, state = train(recipe(num_views=2, epochs=5))
    assert sum(passed) == TRIED + 2 * NUM_TRAIN + NUM_VAL
    assert state.plan is not None
    assert (state.plan.num_views, state.plan.boundary) == (2, "layer3")
    kept = sum(file.stat().st_size for file in (tmp_path / "project" / "cache" / "prefixes").glob("*.prefix"))
    assert kept == state.plan.prefix_bytes + 2 * 4096


def test_a_run_that_would_compute_the_same_finds_it_and_ends_with_the_same_bits(train, passed: list[int]) -> None:
    first, _state = train(recipe())
    passed.clear()
    again, _state = train(recipe())
    assert sum(passed) == TRIED
    one, other = (open_run(folder)[0].state_dict() for folder in (first, again))
    assert all(torch.equal(one[name], other[name]) for name in one)
    passed.clear()
    train(recipe(seed=1, epochs=1))
    assert sum(passed) == TRIED + NUM_TRAIN + NUM_VAL, "random weights depend on the seed"


def test_without_augmentation_one_view_is_all_there_is(train, passed: list[int]) -> None:
    _folder, state = train(recipe(augmentation="none", num_views=4))
    assert state.plan is not None
    assert state.plan.num_views == 1
    assert sum(passed) == TRIED + NUM_TRAIN + NUM_VAL


def of_kind(kind: str, *, num_views: int) -> Recipe:
    asked = recipe(num_views=num_views, epochs=3, architecture="test_vit" if kind == "adapters" else "test_resnet")
    if kind == "adapters":
        asked = msgspec.structs.replace(asked, finetune=msgspec.structs.replace(asked.finetune, lora=LoraPart(rank=2)))
    if kind == "other head":
        asked = msgspec.structs.replace(asked, head=HeadPart(kind="dropout"))
    return asked


def losses(state: RunState) -> list[float]:
    return [item.loss for item in state.steps]


@pytest.mark.parametrize("kind", ["stage", "adapters", "other head"])
def test_it_learns_what_the_whole_network_would_have_learnt(train, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    monkeypatch.setattr(finetune, "_TELL_EVERY_S", 0.0)
    kept, whole = (train(of_kind(kind, num_views=number))[1] for number in (3, 0))
    assert kept.plan is not None
    assert kept.plan.num_views == 3
    assert len(losses(kept)) == 12
    assert losses(kept) == pytest.approx(losses(whole), rel=5e-3)
    assert [item.loss for item in kept.validations] == pytest.approx([item.loss for item in whole.validations], rel=5e-3)


def test_a_view_that_comes_again_is_the_same_and_others_differ(train, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finetune, "_TELL_EVERY_S", 0.0)
    monkeypatch.setattr(finetune.schedule, "share_of_rate", lambda *_where: 0.0)
    _folder, state = train(recipe(num_views=2, epochs=4))
    by_epoch = np.array(losses(state)).reshape(4, 4) @ np.array([5, 5, 5, 5])
    assert by_epoch[2] == pytest.approx(by_epoch[0], rel=1e-5)
    assert by_epoch[3] == pytest.approx(by_epoch[1], rel=1e-5)
    assert by_epoch[1] != pytest.approx(by_epoch[0], rel=1e-4)


def building(folder: Path) -> Training:
    return build(read_job(folder, gate=Gate(), history=()))


def sat(training: Training, kept: frozen.Frozen | None) -> np.ndarray:
    sitting = exam(training, frozen=kept).sit([entry for entry in training.entries if entry.split is Split.VAL])
    while True:
        try:
            next(sitting)
        except StopIteration as end:
            return end.value.values  # type: ignore[no-any-return]


@pytest.mark.parametrize("architecture", ["test_resnet", "test_vit3"])
def test_validation_is_exact_to_the_bit(ordered, architecture: str) -> None:
    training = building(ordered(recipe(architecture=architecture)))
    assert training.frozen is not None
    whole = sat(training, None)
    np.testing.assert_array_equal(sat(training, training.frozen), whole)
    with torch.no_grad():
        for parameter in training.frozen.split.back.parameters():
            parameter.mul_(1.01)
    changed = sat(training, training.frozen)
    assert not np.array_equal(changed, whole)
    np.testing.assert_array_equal(changed, sat(training, None))


def test_a_network_that_cannot_be_cut_is_trained_as_a_whole(train, passed: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frozen, "split", lambda *_what, **_how: None)
    folder, state = train(recipe(epochs=2))
    assert state.plan is not None
    assert (state.plan.num_views, state.plan.prefix_bytes, passed) == (0, 0, [])
    read = predictions.read(folder / "predictions/predictions.safetensors").of(Split.VAL)
    assert len(read.targets) == NUM_VAL


@pytest.mark.parametrize(("share", "kept"), [(0.85, 3), (0.5, 0)])
def test_where_room_is_short_fewer_views_take_turns_or_none_and_it_is_said(
    train, monkeypatch: pytest.MonkeyPatch, share: float, kept: int
) -> None:
    _folder, whole = train(recipe(num_views=4))
    assert whole.plan is not None
    needed = whole.plan.prefix_bytes
    monkeypatch.setattr(frozen, "room_bytes", lambda _folder: int(share * needed))
    _folder, state = train(recipe(num_views=4, seed=1))
    assert state.plan is not None
    assert state.plan.num_views == kept
    assert state.plan.prefix_bytes <= share * needed
    assert any("room on the disk" in warning.text() for warning in state.warnings)


def test_a_cache_that_cannot_be_written_costs_time_only_and_it_is_said_once(train, tmp_path: Path) -> None:
    cache = tmp_path / "project" / "cache"
    cache.mkdir(parents=True)
    (cache / "prefixes").write_text("in the way")
    folder, state = train(recipe(num_views=2, epochs=4))
    assert len(state.validations) == 5
    told = [event for event in events_of(folder) if isinstance(event, ev.Warned)]
    assert len([item for item in told if "cannot be written" in item.message.text()]) == 1


def test_an_attempt_goes_on_with_the_views_it_began_with(images: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where an earlier version began the run, its plan knows no views."""
    folder = write_training(tmp_path / "project", recipe(num_views=3), manifest_of(images), images=images)
    training = building(folder)
    before = ev.msgspec.structs.replace(training.plan, num_views=0, boundary="", prefix_bytes=0)
    found, warning = frozen.find_frozen(
        training.network,
        training.recipe,
        source=training.source,
        intensity=training.manifest.intensity,
        device=training.device,
        folded=training.folded,
        judged_rule=2,
        cache_folder=tmp_path / "project" / "cache",
        numbers=(NUM_TRAIN, NUM_VAL),
        before=before,
    )
    assert (found, warning) == (None, None)


@pytest.mark.parametrize("is_folded", [True, False])
def test_an_attempt_goes_on_with_its_batch_norms_as_it_began(
    images: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_folded: bool
) -> None:
    folder = write_training(tmp_path / "project", recipe(num_views=3), manifest_of(images), images=images)
    began = building(folder).plan
    assert began.folded
    before = ev.msgspec.structs.replace(began, folded=is_folded)
    monkeypatch.setattr(Job, "last_plan", property(lambda _job: before))
    training = building(folder)
    assert training.plan == before
    assert (training.folded is not None) is is_folded


@pytest.mark.parametrize("precision", ["", "fp32", "bf16"])
def test_an_attempt_makes_views_as_it_began_and_shares_none_with_another_way(
    images: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, precision: str
) -> None:
    """Empty is how runs of earlier versions made them: as their steps compute."""
    folder = write_training(tmp_path / "project", recipe(num_views=3), manifest_of(images), images=images)
    began = building(folder)
    assert began.plan.frozen_precision == "fp32", "nothing was measured here"
    new = first_views(began)
    before = msgspec.structs.replace(began.plan, frozen_precision=precision)
    monkeypatch.setattr(Job, "last_plan", property(lambda _job: before))
    training = building(folder)
    assert training.plan == before
    found = first_views(training)
    assert np.array_equal(found, new) is (precision == "fp32")
    np.testing.assert_allclose(found, new, rtol=0.05, atol=0.05 if precision == "bf16" else 2e-3)


def first_views(training: Training) -> np.ndarray:
    """What the first step of a training would learn from: f32[N, *shape]."""
    assert training.recipe.finetune is not None
    with closing(loader(training, training.recipe.finetune).batches(0)) as batches:
        return next(batches).inputs().numpy()  # type: ignore[no-any-return]


@pytest.mark.parametrize("rule", [1, 2])
def test_an_attempt_goes_on_judging_as_it_began_and_shares_nothing_with_another_rule(
    images: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rule: int
) -> None:
    folder = write_training(tmp_path / "project", recipe(num_views=3), manifest_of(images), images=images)
    began = building(folder)
    assert began.plan.judged_rule == 2
    new = sat(began, began.frozen)
    before = msgspec.structs.replace(began.plan, judged_rule=rule)
    monkeypatch.setattr(Job, "last_plan", property(lambda _job: before))
    training = building(folder)
    assert training.plan == before
    found = sat(training, training.frozen)
    np.testing.assert_array_equal(found, sat(training, None))
    assert np.array_equal(found, new) is (rule == 2)
    np.testing.assert_allclose(found, new, rtol=1e-4, atol=1e-5)


def test_what_was_kept_by_another_rule_is_computed_anew_where_nothing_can_be_folded(
    images: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rule 2 says more than to fold: on a card, too, it computes otherwise."""
    asked = recipe(num_views=3, architecture="test_vit3")
    folder = write_training(tmp_path / "project", asked, manifest_of(images), images=images)
    training = building(folder)
    assert training.frozen is not None
    sat(training, training.frozen)
    again = building(folder)
    assert again.frozen is not None
    assert again.frozen.judged.num_bytes > 0
    before = msgspec.structs.replace(training.plan, judged_rule=1)
    monkeypatch.setattr(Job, "last_plan", property(lambda _job: before))
    other = building(folder)
    assert other.frozen is not None
    assert other.frozen.judged.num_bytes == 0
