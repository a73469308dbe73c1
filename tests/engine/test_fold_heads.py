"""The heads of all folds at once answer as heads that are solved one by one, and nothing of what is judged is learned from."""

import tracemalloc

import numpy as np
import pytest
from numpy.typing import NDArray

from tlstudio.engine import fold_heads
from tlstudio.engine.fold_heads import FoldAnswers, answer_folds, penalty_losses
from tlstudio.engine.head import Rows, SolvedHead, solve

Floats = NDArray[np.float32]
PENALTIES = (1e-3, 1e-2, 1e-1, 1.0)


def made(
    num: int, width: int, num_classes: int, *, seed: int = 0, distance: float = 0.5
) -> tuple[Floats, NDArray[np.int64], NDArray[np.int64]]:
    """Features f32[N, D] of overlapping classes, their classes and folds."""
    random = np.random.default_rng(seed)
    targets = random.integers(0, num_classes, num)
    centres = distance * random.normal(size=(num_classes, 16))
    hidden = centres[targets] + random.normal(size=(num, 16))
    features = np.maximum(0, hidden @ random.normal(size=(16, width)) + random.normal(size=(num, width)))
    return features.astype(np.float32), targets, random.permutation(num) % 4


def answered(
    features: Floats, targets: NDArray[np.int64], folds: NDArray[np.int64], penalties: tuple[float, ...] = PENALTIES
) -> FoldAnswers:
    steps = answer_folds(features, targets, folds, num_classes=int(targets.max()) + 1, penalties=penalties)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            found: FoldAnswers = end.value
            return found


def alone(train: Rows, validation: Rows, num_classes: int, penalties: tuple[float, ...]) -> tuple[Floats, Floats, float]:
    head = head_of(train, validation, num_classes, penalties)
    return head.weight, head.bias, head.penalty


def head_of(
    train: Rows, validation: Rows, num_classes: int, penalties: tuple[float, ...], class_weights: NDArray[np.float64] | None = None
) -> SolvedHead:
    steps = solve(train, validation, num_classes=num_classes, penalties=penalties, class_weights=class_weights)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            head: SolvedHead = end.value
            return head


@pytest.mark.parametrize(("num", "width", "num_classes"), [(160, 24, 3), (120, 300, 4)])
def test_they_answer_as_heads_solved_one_by_one(num: int, width: int, num_classes: int) -> None:
    features, targets, folds = made(num, width, num_classes)
    found = answered(features, targets, folds)
    same = same_penalty = 0
    for fold in range(4):
        after = (fold + 1) % 4
        parts = [(folds != fold) & (folds != after), folds == after, folds != fold, folds == fold]
        inner, chooser, others, mine = (Rows(features=features[part], targets=targets[part]) for part in parts)
        *_, penalty = alone(inner, chooser, num_classes, PENALTIES)
        same_penalty += found.penalties[fold] == penalty
        weight, bias, _ = alone(others, mine, num_classes, (found.penalties[fold],))
        same += int(((mine.features @ weight.T + bias).argmax(axis=1) == found.predicted[folds == fold]).sum())
    assert same >= 0.97 * num, "near ties apart"
    assert same_penalty >= 3
    assert (found.predicted == targets).mean() > 1.5 / num_classes


def test_labels_of_a_fold_have_no_say_in_its_answers() -> None:
    features, targets, folds = made(120, 30, 3)
    before = answered(features, targets, folds)
    turned = np.where(folds == 2, (targets + 1) % 3, targets)
    after = answered(features, turned, folds)
    assert np.array_equal(before.predicted[folds == 2], after.predicted[folds == 2])
    assert before.penalties[2] == after.penalties[2]
    assert not np.array_equal(before.predicted[folds != 2], after.predicted[folds != 2])


def test_features_without_information_answer_by_lot() -> None:
    random = np.random.default_rng(3)
    targets = random.integers(0, 2, 400)
    found = answered(random.normal(size=(400, 40)).astype(np.float32), targets, np.arange(400) % 4)
    assert 0.35 < (found.predicted == targets).mean() < 0.65


def test_problems_that_do_not_fit_in_memory_are_solved_in_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    features, targets, folds = made(120, 30, 3)
    whole = answered(features, targets, folds)
    monkeypatch.setattr(fold_heads, "_MOST_LOGITS", 1)
    assert (answered(features, targets, folds).predicted == whole.predicted).mean() > 0.98


def test_a_constant_feature_and_one_that_is_a_copy_do_no_harm() -> None:
    features, targets, folds = made(120, 30, 3)
    more = np.hstack([features, features[:, :1], np.full((120, 1), 7.0, np.float32)])
    accuracy = (answered(features, targets, folds).predicted == targets).mean()
    assert (answered(more, targets, folds).predicted == targets).mean() == pytest.approx(accuracy, abs=0.06)


@pytest.mark.parametrize("class_weights", [None, np.array([0.3, 1.0, 2.5])], ids=["plain", "weighted"])
def test_losses_of_penalties_are_those_of_heads_solved_one_by_one(class_weights: NDArray[np.float64] | None) -> None:
    features, targets, folds = made(160, 24, 3)
    steps = penalty_losses(features, targets, folds, num_classes=3, penalties=PENALTIES, class_weights=class_weights)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            found: dict[float, float] = end.value
            break
    counts = np.ones(160) if class_weights is None else class_weights[targets]
    for penalty in PENALTIES:
        by_fold = []
        for fold in range(4):
            train, judged = (Rows(features=features[part], targets=targets[part]) for part in (folds != fold, folds == fold))
            head = head_of(train, judged, 3, (penalty,), class_weights)
            by_fold.append(head.validation_loss[penalty] * counts[folds == fold].sum())
        assert found[penalty] == pytest.approx(sum(by_fold) / counts.sum(), rel=0.02)
    assert len(found) == len(PENALTIES)


def test_judging_takes_no_more_memory_than_it_is_meant_to(monkeypatch: pytest.MonkeyPatch) -> None:
    num_classes = 40
    features, targets, folds = made(2000, 4, num_classes)
    all_logits_bytes = 4 * len(targets) * 4 * len(PENALTIES) * num_classes
    monkeypatch.setattr(fold_heads, "_MOST_LOGITS", 10_000)
    monkeypatch.setattr(fold_heads, "_MAX_STEPS", 2)
    for function in (penalty_losses, answer_folds):
        tracemalloc.start()
        try:
            for _step in function(features, targets, folds, num_classes=num_classes, penalties=PENALTIES):
                pass
            _now, peak_bytes = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert peak_bytes < all_logits_bytes, function.__name__
