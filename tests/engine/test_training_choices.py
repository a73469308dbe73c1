"""Schedule, gradual unfreezing, mixed images and balanced sampling in the real job: what trains when, and resuming to the bit."""

from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
import pytest
import torch
from torch import Tensor

from tests.engine.folders import events_of, manifest_of, state_of, write_training
from tlstudio.domain import events as ev
from tlstudio.domain.recipe import FineTunePart, NetworkPart, Recipe
from tlstudio.domain.run_state import RunState, Status
from tlstudio.engine import checkpoint, finetune, worker
from tlstudio.engine.build import build, loader
from tlstudio.engine.data.loader import Loader
from tlstudio.engine.finetune import FineTuning, TrainingState
from tlstudio.engine.gate import Gate
from tlstudio.engine.job import read_job
from tlstudio.engine.models.create import create, find_source
from tlstudio.engine.models.stages import last_stages
from tlstudio.engine.schedule import share_of_rate


def recipe(*, balance: str = "none", **part: object) -> Recipe:
    """25 training images of 64 pixels, four steps an epoch, the rare class with 5 of them."""
    fixed = {"num_stages": 3, "epochs": 3, "batch_size": 7, "learning_rate": 3e-3, "patience": 0, "num_views": 0}
    return Recipe(
        name="custom",
        network=NetworkPart(architecture="test_resnet", input_size_px=64),
        finetune=FineTunePart(**{**fixed, **part}),  # type: ignore[arg-type]
        augmentation="light",
        class_balance=balance,  # type: ignore[arg-type]
    )


@pytest.fixture
def order(make_images, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Recipe], Path]:
    monkeypatch.setattr(checkpoint, "remove", lambda *_names, **_but: None)  # what was trained last, also where the head alone was better
    monkeypatch.setattr(finetune, "_TELL_EVERY_S", 0.0)
    images = make_images({"bars": 20, "discs": 20, "rings": 10})
    numbers = iter(range(1, 100))

    def write(asked: Recipe) -> Path:
        return write_training(tmp_path / "project", asked, manifest_of(images), images=images, number=next(numbers))

    return write


def trained(folder: Path) -> RunState:
    assert worker.run_job(folder) == 0
    state = state_of(folder)
    assert state.status is Status.FINISHED
    return state


def last_of(folder: Path) -> dict[str, Tensor]:
    """Everything that training goes on from: weights, averages, the optimizer's state."""
    last, _warnings = checkpoint.load_last(folder, TrainingState)
    assert last is not None
    return last.tensors


EVERYTHING = recipe(balance="sampled", schedule="one_cycle", warmup=0.3, unfreeze_every=1, mixup=0.4, cutmix=1.0, micro_batch=4)
KEPT = recipe(balance="sampled", schedule="one_cycle", unfreeze_every=1, num_views=2, num_stages=2)


@pytest.mark.parametrize("asked", [EVERYTHING, KEPT], ids=["whole images", "kept views"])
@pytest.mark.parametrize("broken_at", [3, 6])
def test_an_interruption_changes_no_bit(order, monkeypatch: pytest.MonkeyPatch, asked: Recipe, broken_at: int) -> None:
    whole = order(asked)
    trained(whole)
    broken, honest = order(asked), FineTuning.train

    def breaks(self: FineTuning, batch, **named) -> Tensor | None:
        if self.step == broken_at:
            raise RuntimeError("the power went")
        return honest(self, batch, **named)

    monkeypatch.setattr(finetune, "_SAVE_EVERY_S", 0.0)
    monkeypatch.setattr(FineTuning, "train", breaks)
    assert worker.run_job(broken) == worker.EXIT_FAILED
    monkeypatch.setattr(FineTuning, "train", honest)
    state = trained(broken)
    assert next(event for event in events_of(broken) if isinstance(event, ev.Resumed)).from_step == broken_at
    one, other = last_of(whole), last_of(broken)
    assert one.keys() == other.keys()
    assert all(torch.equal(one[name], other[name]) for name in one)
    assert [(item.step, item.num_stages) for item in state.unfreezings] == [
        (4 * number, number + 1)
        for number in range(asked.finetune.num_stages)  # type: ignore[union-attr]
    ]


@pytest.mark.parametrize("num_views", [0, 2])
def test_a_stage_that_is_still_closed_has_not_moved_by_a_bit(order, num_views: int) -> None:
    asked = recipe(unfreeze_every=2, epochs=3, num_views=num_views, weight_decay=0.5)
    folder = order(asked)
    state = trained(folder)
    assert [(item.step, item.num_stages) for item in state.unfreezings] == [(0, 1), (8, 2)]
    numbers = [item.num_trainable for item in state.unfreezings]
    assert numbers[0] < numbers[1]
    assert [len(item.rates) for item in state.unfreezings] == [2, 3], "of the head and of what is open"
    before = dict(create(find_source(asked.network, weights_file=None, seed=0)).backbone.named_parameters())
    last, moved = last_of(folder), []
    for stage in last_stages(create(find_source(asked.network, weights_file=None, seed=0)).backbone, 3):
        moved.append([not torch.equal(last[f"network.backbone.{name}"], before[name]) for name in stage])
        is_known = [f"optimizer.exp_avg.backbone.{name}" in last for name in stage]
        assert all(is_known) == any(is_known) == any(moved[-1])
    assert any(moved[0])
    assert any(moved[1])
    assert not any(moved[2]), "weight decay takes it no further, either"
    steps = {name: int(value) for name, value in last.items() if name.startswith("optimizer.step.backbone.")}
    assert set(steps.values()) == {12, 4}, "each counts from its own opening"


def test_the_rate_that_is_told_is_that_of_the_schedule(order) -> None:
    asked = recipe(schedule="one_cycle", epochs=2)
    state = trained(order(asked))
    assert asked.finetune is not None
    told = [item.learning_rate for item in state.steps]
    assert told == pytest.approx([3e-3 * share_of_rate(asked.finetune, step, 8) for step in range(8)])
    assert told[0] == pytest.approx(3e-3 / 25)


def test_a_rare_class_is_seen_as_often_as_the_others_in_as_many_steps(order, monkeypatch: pytest.MonkeyPatch) -> None:
    seen, honest = [], Loader._batch

    def batch(self: Loader, views: list):
        made = honest(self, views)
        seen.extend(made.targets.tolist())
        return made

    monkeypatch.setattr(Loader, "_batch", batch)
    counts = []
    for balance in ("none", "sampled"):
        seen.clear()
        state = trained(order(recipe(balance=balance, epochs=3)))
        assert state.plan is not None
        assert state.steps[-1].step == state.plan.num_steps == 12
        counts.append([seen.count(label) for label in range(3)])
    assert counts[0] == [30, 30, 15]
    assert max(counts[1]) - min(counts[1]) <= 3
    assert sum(counts[1]) == 75


def test_an_image_that_comes_again_within_an_epoch_is_another_view_and_none_without_augmentation(order) -> None:
    asked = recipe(balance="sampled")
    for augmentation, is_varied in (("light", True), ("none", False)):
        training = build(read_job(order(msgspec.structs.replace(asked, augmentation=augmentation)), gate=Gate(), history=()))
        assert training.recipe.finetune is not None
        images = loader(training, training.recipe.finetune)
        assert isinstance(images, Loader)
        rows = np.concatenate(images.parts(0))
        pixels = torch.cat([batch.inputs() for batch in images.batches(0)]).numpy()
        again = next(row for row in rows if (rows == row).sum() > 1)
        first, second = pixels[rows == again][:2]
        assert np.array_equal(first, second) is not is_varied


def test_mixing_asks_for_whole_images_and_changes_what_is_learnt(order) -> None:
    plain, mixed_up = (trained(order(recipe(num_views=2, num_stages=1, **more))) for more in ({}, {"mixup": 0.4}))
    assert plain.plan is not None
    assert mixed_up.plan is not None
    assert (plain.plan.num_views, mixed_up.plan.num_views) == (2, 0)
    assert [item.loss for item in mixed_up.steps] != pytest.approx([item.loss for item in plain.steps], rel=1e-3)


def test_the_micro_batch_of_the_recipe_is_that_of_the_plan_and_of_no_effect_on_the_gradient(order) -> None:
    whole, parts = (trained(order(recipe(epochs=1, micro_batch=size, mixup=0.4))) for size in (0, 3))
    assert whole.plan is not None
    assert parts.plan is not None
    assert (whole.plan.micro_batch, parts.plan.micro_batch) == (7, 3)
    assert [item.loss for item in parts.steps] == pytest.approx([item.loss for item in whole.steps], rel=1e-3)


def test_without_clipping_a_long_gradient_is_left_as_it_is(order, monkeypatch: pytest.MonkeyPatch) -> None:
    norms: dict[float, list[float]] = {}
    honest = FineTuning._backward
    for limit in (0.0, 1e-3):

        def backward(self: FineTuning, batch, limit: float = limit) -> Tensor:
            loss = honest(self, batch)
            step = self._optimizer.step

            def stepped() -> None:
                gradients = [tensor.grad for tensor in self._named.values() if tensor.grad is not None]
                norms.setdefault(limit, []).append(float(torch.nn.utils.get_total_norm(gradients)))
                self._optimizer.step = step
                step()

            self._optimizer.step = stepped
            return loss

        monkeypatch.setattr(FineTuning, "_backward", backward)
        trained(order(recipe(epochs=1, clip_norm=limit)))
    assert min(norms[0.0]) > 1e-2
    assert max(norms[1e-3]) <= 1.001e-3


def test_shares_of_classes_give_the_loss_that_whole_labels_give_in_turn() -> None:
    from tests.engine.test_head_kinds import rows  # three classes, the first a third of them
    from tlstudio.domain.manifest import Manifest, ManifestClass
    from tlstudio.engine.gate import Gate
    from tlstudio.engine.tasks.classification import Classification

    classes = tuple(ManifestClass(index=index, id=str(index), name=str(index)) for index in range(3))
    task = Classification(Manifest(classes=classes, entries=()), recipe(), Gate())
    logits = torch.from_numpy(rows(12).features[:, :3].copy())
    first, second = torch.arange(12) % 3, (torch.arange(12) + 1) % 3
    one_hot = torch.nn.functional.one_hot
    soft = 0.3 * one_hot(first, 3).float() + 0.7 * one_hot(second, 3).float()
    apart = 0.3 * task.loss(logits, first, smoothing=0.1) + 0.7 * task.loss(logits, second, smoothing=0.1)
    assert float(task.loss(logits, soft, smoothing=0.1)) == pytest.approx(float(apart), rel=1e-5)
