"""Every kind of head: found on cached features, fine-tuned, kept, opened again; and what sets one kind apart from the others."""

import math
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import msgspec
import numpy as np
import pytest
import torch
from threadpoolctl import threadpool_limits
from torch import nn

from tests.engine.folders import entry, events_of, manifest_of, state_of, write_training
from tlstudio.domain import events as ev
from tlstudio.domain.jobs import Command
from tlstudio.domain.manifest import Manifest, ManifestAnnotation, ManifestClass, ManifestEntry
from tlstudio.domain.recipe import FineTunePart, HeadPart, NetworkPart, Recipe
from tlstudio.domain.run_state import RunState, Status
from tlstudio.domain.splits import Split
from tlstudio.engine import first_head, worker
from tlstudio.engine import head as head_module
from tlstudio.engine.checkpoint import open_run
from tlstudio.engine.data.features import Features
from tlstudio.engine.gate import Gate
from tlstudio.engine.head import Iteration, Rows, SolvedHead, solve
from tlstudio.engine.head_descent import descend
from tlstudio.engine.models.heads import KINDS, filled_head, make_head
from tlstudio.engine.tasks import Score, classification
from tlstudio.engine.tasks.classification import Classification, dealt_folds
from tlstudio.evaluation import predictions

TRAINED = ["dropout", "mlp", "cosine"]


def rows(number: int, *, seed: int = 0, share_of_first: float = 1 / 3) -> Rows:
    """Three classes around centres of their own, on features of very different spread, one of which never changes."""
    random = np.random.default_rng(seed)
    targets = random.choice(3, size=number, p=[share_of_first, *[(1 - share_of_first) / 2] * 2]).astype(np.int64)
    centres = np.random.default_rng(99).normal(size=(3, 24))
    features = (centres[targets] + random.normal(size=(number, 24)) * 1.2) * np.logspace(-2, 2, 24) + 5
    features[:, 7] = 3.0
    return Rows(features=features.astype(np.float32), targets=targets)


def found(kind: str, train: Rows, validation: Rows, **named: object) -> tuple[SolvedHead, list[Iteration]]:
    """The head and every iteration on the way to it."""
    part = HeadPart(kind=kind, hidden=32, penalties=(0.01, 1.0))  # type: ignore[arg-type]
    descent = descend(train, validation, num_classes=3, part=part, **named)  # type: ignore[arg-type]
    said = []
    while True:
        try:
            said.append(next(descent))
        except StopIteration as end:
            return end.value, said


def answers(kind: str, head: SolvedHead, features: np.ndarray) -> np.ndarray:
    part = HeadPart(kind=kind, hidden=32)  # type: ignore[arg-type]
    tensors = {name: torch.from_numpy(values) for name, values in head.tensors.items()}
    with torch.inference_mode():
        made = filled_head(part, tensors, num_features=features.shape[1], num_classes=3)
        return torch.softmax(made(torch.from_numpy(features)), dim=1).numpy()


def solved(train: Rows, validation: Rows) -> SolvedHead:
    solver = solve(train, validation, num_classes=3, penalties=(0.01, 0.1, 1.0))
    while True:
        try:
            next(solver)
        except StopIteration as end:
            return end.value


@pytest.mark.parametrize("kind", TRAINED)
def test_a_trained_head_is_about_as_right_as_the_solved_one_and_its_loss_is_the_one_it_says(kind: str) -> None:
    train, validation, other = rows(150), rows(90, seed=1), rows(400, seed=2)
    head, said = found(kind, train, validation)
    right = (answers(kind, head, other.features).argmax(axis=1) == other.targets).mean()
    linear = solved(train, validation)
    reference = ((other.features @ linear.weight.T + linear.bias).argmax(axis=1) == other.targets).mean()
    assert right > reference - 0.04
    assert right > 0.8
    chosen = answers(kind, head, validation.features)[np.arange(90), validation.targets]
    assert head.validation_loss[head.penalty] == pytest.approx(-np.log(chosen).mean(), rel=1e-4)
    assert head.validation_loss[head.penalty] == min(head.validation_loss.values())
    assert set(head.validation_loss) == {0.01, 1.0}
    assert {item.penalty_index for item in said} == {0, 1}
    assert said[-1].loss < said[0].loss


@pytest.mark.parametrize("kind", TRAINED)
def test_the_same_seed_gives_the_same_bits_whatever_happens_between_two_steps(kind: str) -> None:
    train, validation = rows(60), rows(30, seed=1)
    first, _said = found(kind, train, validation, seed=4)
    part = HeadPart(kind=kind, hidden=32, penalties=(0.01, 1.0))  # type: ignore[arg-type]
    descent = descend(train, validation, num_classes=3, part=part, seed=4)
    while True:
        torch.rand(5)
        try:
            next(descent)
        except StopIteration as end:
            again = end.value
            break
    other, _said = found(kind, train, validation, seed=5)
    assert all(np.array_equal(first.tensors[name], again.tensors[name]) for name in first.tensors)
    assert any(not np.array_equal(first.tensors[name], other.tensors[name]) for name in first.tensors)


@pytest.mark.parametrize("kind", TRAINED)
def test_weighted_classes_move_it_towards_the_rare_one(kind: str) -> None:
    train, validation = rows(200, share_of_first=0.06), rows(120, seed=1, share_of_first=0.06)
    other = rows(600, seed=2)
    plain, _said = found(kind, train, validation)
    weighted, _said = found(kind, train, validation, class_weights=np.array([5.5, 0.7, 0.7]))
    rare = other.features[other.targets == 0]
    assert answers(kind, weighted, rare)[:, 0].mean() > answers(kind, plain, rare)[:, 0].mean()


@pytest.mark.parametrize("kind", TRAINED)
def test_asked_to_stop_it_gives_the_best_so_far(kind: str) -> None:
    whole, said = found(kind, rows(60), rows(30, seed=1))
    stopped, said_less = found(kind, rows(60), rows(30, seed=1), should_stop=lambda: True)
    assert len(said_less) < len(said)
    assert len(stopped.validation_loss) == 1
    assert stopped.tensors.keys() == whole.tensors.keys()


def test_a_cosine_head_does_not_see_how_long_features_are() -> None:
    head = make_head(HeadPart(kind="cosine"), num_features=8, num_classes=3)
    features = torch.randn(5, 8)
    torch.testing.assert_close(head(features), head(7 * features))
    assert float(head(features).detach().abs().max()) <= 10.0 + 1e-4


@pytest.mark.parametrize("kind", ["dropout", "mlp"])
def test_features_are_left_out_only_while_it_trains(kind: str) -> None:
    head = make_head(HeadPart(kind=kind, dropout=0.5, hidden=16), num_features=64, num_classes=3)  # type: ignore[arg-type]
    features = torch.randn(4, 64)
    assert torch.equal(head(features), head(features))
    head.train()
    assert not torch.equal(head(features), head(features))


def recipe(kind: str, *, finetune: bool, architecture: str = "test_resnet") -> Recipe:
    part = FineTunePart(epochs=3, batch_size=8, learning_rate=3e-3, patience=0) if finetune else None
    return Recipe(
        name="balanced" if finetune else "quick",
        network=NetworkPart(architecture=architecture, input_size_px=64),
        head=HeadPart(kind=kind, hidden=24, dropout=0.3, penalties=(0.01, 1.0)),  # type: ignore[arg-type]
        finetune=part,
        class_balance="weighted",
    )


@pytest.fixture
def images(make_images) -> Path:
    return make_images({"bars": 20, "discs": 20, "rings": 10})


@pytest.fixture
def train(images: Path, tmp_path: Path) -> Callable[[Recipe], tuple[Path, RunState]]:
    numbers = iter(range(1, 100))

    def run(asked: Recipe) -> tuple[Path, RunState]:
        folder = write_training(tmp_path / "project", asked, manifest_of(images), images=images, number=next(numbers))
        assert worker.run_job(folder) == 0
        return folder, state_of(folder)

    return run


@pytest.mark.parametrize("finetune", [False, True], ids=["quick", "balanced"])
@pytest.mark.parametrize("kind", KINDS)
def test_it_is_trained_kept_and_opened_again(train, kind: str, finetune: bool) -> None:
    folder, state = train(recipe(kind, finetune=finetune))
    assert state.status is Status.FINISHED
    assert state.head is not None
    assert len(state.head.validation_loss) == 2
    if finetune:
        assert len(state.validations) == 4
        assert all(item.loss is not None and math.isfinite(item.loss) for item in state.validations)
    network, card = open_run(folder)
    assert card.head == HeadPart(kind=kind, hidden=24, dropout=0.3, penalties=(0.01, 1.0))  # type: ignore[arg-type]
    read = predictions.read(folder / "predictions/predictions.safetensors")
    with torch.inference_mode():
        again = network.head(torch.from_numpy(read.features.astype(np.float32))).numpy()
    np.testing.assert_allclose(again, read.logits, atol=0.03)  # features are kept in half precision


@pytest.mark.parametrize("kind", TRAINED)
def test_fine_tuning_trains_the_whole_head_with_its_dropout(train, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    rates = {name: [] for name in ("training", "judging")}
    honest = nn.Dropout.forward

    def watched(self: nn.Dropout, features: torch.Tensor) -> torch.Tensor:
        rates["training" if torch.is_grad_enabled() else "judging"].append(self.training)
        return honest(self, features)

    quick, _state = train(recipe(kind, finetune=False))
    monkeypatch.setattr(nn.Dropout, "forward", watched)
    monkeypatch.setattr(Score, "is_better_than", lambda _self, _other: True)  # what is kept is what was trained to the end
    folder, state = train(recipe(kind, finetune=True))
    unfrozen = next(event for event in events_of(folder) if isinstance(event, ev.BackboneUnfrozen))
    assert unfrozen.rates == pytest.approx((3e-3, 3e-3 * 0.3, 3e-3 * 0.09))
    assert state.best is not None
    assert state.best.step > 0
    if kind != "cosine":
        assert all(rates["training"])
        assert rates["training"]
        assert not any(rates["judging"])
    before, after = open_run(quick)[0].head, open_run(folder)[0].head
    assert all(not torch.equal(first, second) for first, second in zip(before.parameters(), after.parameters(), strict=True))
    assert all(torch.equal(first, second) for first, second in zip(before.buffers(), after.buffers(), strict=True))


def test_a_penalty_chosen_by_folds_asks_training_images_only(train) -> None:
    asked = recipe("linear", finetune=False)
    by_folds = msgspec.structs.replace(asked, head=HeadPart(penalties=(1e-3, 0.1, 10.0), penalty_by="folds"))
    folder, state = train(by_folds)
    assert state.status is Status.FINISHED
    assert state.head is not None
    assert set(state.head.fold_loss) == {"0.001", "0.1", "10"}
    assert state.head.penalty == float(min(state.head.fold_loss, key=state.head.fold_loss.__getitem__))
    assert list(state.head.validation_loss) == [f"{state.head.penalty:g}"], "validation only judges the head that was chosen"
    assert open_run(folder)[1].head == by_folds.head


def test_while_folds_choose_a_penalty_it_says_that_it_is_alive(train, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(first_head, "_SAY_EVERY_S", 0.0)
    asked = msgspec.structs.replace(recipe("linear", finetune=False), head=HeadPart(penalty_by="folds"))
    folder, _state = train(asked)
    events = events_of(folder)
    begun = next(index for index, event in enumerate(events) if isinstance(event, ev.PhaseStarted) and event.phase == "head")
    first_step = next(index for index, event in enumerate(events) if isinstance(event, ev.StepTrained))
    assert any(isinstance(event, ev.StillWorking) for event in events[begun:first_step])


def of_three_classes() -> tuple[Classification, Gate, Features]:
    """A task of three classes, its gate, and features of images to train and validate with."""
    entries, values = [], []
    for split, its in ((Split.TRAIN, rows(60)), (Split.VAL, rows(30, seed=1))):
        for target, vector in zip(its.targets, its.features, strict=True):
            number = len(entries)
            entries.append(msgspec.structs.replace(entry(number, f"{number}.png", str(number), int(target), split), root=0))
            values.append(vector)
    classes = tuple(ManifestClass(index=index, id=f"id-{index}", name=f"class {index}") for index in range(3))
    gate = Gate()
    task = Classification(Manifest(classes=classes, entries=tuple(entries)), recipe("linear", finetune=False), gate)
    return task, gate, Features(entries=tuple(entries), values=np.stack(values), num_cached=0, seconds=0.0)


BY_FOLDS = HeadPart(penalties=(0.001, 0.01, 0.1, 1.0), penalty_by="folds")


def test_asked_to_stop_while_folds_choose_there_is_a_head_soon() -> None:
    task, gate, features = of_three_classes()
    solver = task.solve_head(features, BY_FOLDS)
    assert next(solver) is None
    gate.command = Command.STOP
    said = []
    while True:
        try:
            said.append(next(solver))
        except StopIteration as end:
            head: SolvedHead = end.value
            break
    assert None not in said, "the folds end at once"
    assert head.fold_loss == {}
    assert list(head.validation_loss) == [1.0], "the strongest penalty, which is solved soonest"


@pytest.mark.parametrize(("from_values", "threads"), [(10**9, 1), (1, None)], ids=["small", "large"])
def test_folds_are_solved_by_several_threads_where_there_is_enough_to_do(
    monkeypatch: pytest.MonkeyPatch, from_values: int, threads: int | None
) -> None:
    limits: list[int | None] = []

    def limited(limit: int | None, *, user_api: str) -> AbstractContextManager[object]:
        limits.append(limit)
        return threadpool_limits(limit, user_api=user_api)

    monkeypatch.setattr(head_module, "_THREADS_FROM", from_values)
    monkeypatch.setattr(classification, "threadpool_limits", limited)
    task, _gate, features = of_three_classes()
    for _iteration in task.solve_head(features, BY_FOLDS):
        pass
    assert limits == [threads]


def test_where_all_images_are_of_one_group_validation_chooses_the_penalty(images: Path, tmp_path: Path) -> None:
    manifest = manifest_of(images)
    grouped = tuple(msgspec.structs.replace(entry, group="one slide" if entry.split is Split.TRAIN else None) for entry in manifest.entries)
    head = HeadPart(penalties=(1e-3, 0.1, 10.0), penalty_by="folds")
    asked = msgspec.structs.replace(recipe("linear", finetune=False), head=head)
    folder = write_training(tmp_path / "project", asked, msgspec.structs.replace(manifest, entries=grouped), images=images)
    assert worker.run_job(folder) == 0
    state = state_of(folder)
    assert state.status is Status.FINISHED
    assert state.head is not None
    assert state.head.fold_loss == {}
    assert set(state.head.validation_loss) == {"0.001", "0.1", "10"}
    assert state.head.penalty == float(min(state.head.validation_loss, key=state.head.validation_loss.__getitem__))


@pytest.mark.parametrize("same_group", [False, True])
def test_groups_are_not_divided_between_folds(same_group: bool) -> None:
    train = rows(24)
    groups = ["one slide" if same_group else f"slide {number // 4}" for number in range(24)]
    entries = [
        ManifestEntry(sample=number, root=0, path=f"{number}.png", content_hash=str(number), group=group, split=Split.TRAIN)
        for number, group in enumerate(groups)
    ]
    labelled = [
        msgspec.structs.replace(entry, annotations=(ManifestAnnotation(kind="label", class_index=int(target)),))
        for entry, target in zip(entries, train.targets, strict=True)
    ]
    folds = dealt_folds(Features(entries=tuple(labelled), values=train.features, num_cached=0, seconds=0.0), seed=0)
    by_group = {group: {int(fold) for fold, its in zip(folds, groups, strict=True) if its == group} for group in groups}
    assert all(len(folds) == 1 for folds in by_group.values())
    assert len(set(folds)) == (1 if same_group else 5)
