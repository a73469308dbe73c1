"""Wrong labels among right ones are doubted; hard images, small classes and weak runs are no reason to doubt anybody."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tlstudio.domain.splits import Split
from tlstudio.evaluation.doubts import MOST, doubts
from tlstudio.evaluation.predictions import SPLIT_CODES, Predictions

VAL = SPLIT_CODES[Split.VAL]


def answers(logits: np.ndarray, targets: np.ndarray, *, split: int = VAL) -> Predictions:
    number, num_classes = logits.shape
    return Predictions(
        logits=logits.astype(np.float32),
        features=np.empty((number, 0), np.float16),
        samples=np.arange(100, 100 + number),
        splits=np.full(number, split, np.uint8),
        targets=targets.astype(np.int64),
        class_ids=tuple(f"id{item}" for item in range(num_classes)),
        class_names=tuple(f"name{item}" for item in range(num_classes)),
    )


def run(
    *, seed: int = 0, num_per_class: int = 100, num_classes: int = 3, strength: float = 4.0, noise: float = 1.0
) -> tuple[np.ndarray, np.ndarray]:
    """Logits and true classes of a run that is as good as `strength` over `noise`."""
    random = np.random.default_rng(seed)
    targets = np.repeat(np.arange(num_classes), num_per_class)
    logits = random.normal(0, noise, (len(targets), num_classes))
    logits[np.arange(len(targets)), targets] += strength
    return logits, targets


@given(st.integers(0, 1000), st.integers(2, 8))
def test_flipped_labels_are_doubted_and_few_others(seed: int, num_classes: int) -> None:
    logits, truth = run(seed=seed, num_classes=num_classes, num_per_class=300)
    random = np.random.default_rng(seed)
    flipped = random.choice(len(truth), len(truth) // 20, replace=False)
    labels = truth.copy()
    labels[flipped] = (truth[flipped] + random.integers(1, num_classes, len(flipped))) % num_classes
    found = doubts(answers(logits, labels))
    samples = {doubt.sample - 100 for doubt in found}
    # The threshold is a mean, so some lie below that of their class, whatever their label says.
    assert len(samples & set(flipped.tolist())) >= 0.5 * len(flipped)
    assert len(samples - set(flipped.tolist())) <= 0.005 * len(truth)
    assert all(doubt.said == f"id{labels[doubt.sample - 100]}" != doubt.seen for doubt in found)


def test_the_surest_come_first() -> None:
    logits = np.array([[9.0, 0.0]] * 20 + [[0.0, 9.0]] * 20 + [[9.5, 0.0], [11.0, 0.0], [10.0, 0.0]])
    labels = np.array([0] * 20 + [1] * 23)
    assert [doubt.sample for doubt in doubts(answers(logits, labels))] == [141, 142, 140]


def test_an_honest_hesitation_is_no_doubt() -> None:
    logits = np.array([[4.0, 0.0]] * 20 + [[0.0, 4.0]] * 20 + [[1.0, 0.8]])
    assert doubts(answers(logits, np.array([0] * 20 + [1] * 21))) == ()


@pytest.mark.parametrize("split", [SPLIT_CODES[Split.TRAIN], SPLIT_CODES[Split.TEST]])
def test_what_was_learned_from_is_not_asked_and_the_test_stays_closed(split: int) -> None:
    logits, truth = run()
    labels = truth.copy()
    labels[:5] = 1
    assert doubts(answers(logits, labels, split=split)) == ()
    assert doubts(answers(logits, labels))


def test_a_weak_run_says_nothing() -> None:
    logits, truth = run(strength=0.0, noise=4.0)
    predictions = answers(logits, truth)
    assert (logits.argmax(axis=1) != truth).mean() > MOST
    assert doubts(predictions) == ()


def test_of_a_handful_of_images_nobody_knows_what_is_usual() -> None:
    logits = np.array([[5.0, 0.0]] * 30 + [[0.0, 5.0]] * 3 + [[5.0, 0.0]])
    assert doubts(answers(logits, np.array([0] * 30 + [1] * 4))) == ()
