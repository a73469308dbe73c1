"""Figures agree with scikit-learn on any labels, and say None where there is nothing to say."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as reference

from tlstudio.evaluation import metrics
from tlstudio.evaluation.report import class_scores

NUM_CLASSES = 5
labels = st.lists(st.tuples(st.integers(0, NUM_CLASSES - 1), st.integers(0, NUM_CLASSES - 1)), min_size=1, max_size=60)


def counted(pairs: list[tuple[int, int]]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    truth, predicted = (np.array(column, np.int64) for column in zip(*pairs, strict=True))
    return truth, predicted, metrics.confusion(truth, predicted, num_classes=NUM_CLASSES)


@given(labels)
def test_confusion_matrix_is_that_of_scikit_learn(pairs: list[tuple[int, int]]) -> None:
    truth, predicted, matrix = counted(pairs)
    assert np.array_equal(matrix, reference.confusion_matrix(truth, predicted, labels=range(NUM_CLASSES)))


@given(labels)
@pytest.mark.filterwarnings("ignore:y_pred contains classes not in y_true")
def test_figures_are_those_of_scikit_learn(pairs: list[tuple[int, int]]) -> None:
    truth, predicted, matrix = counted(pairs)
    counts = metrics.count(matrix)
    assert metrics.accuracy(counts) == pytest.approx(reference.accuracy_score(truth, predicted))
    present = np.unique(truth)
    recalls = reference.recall_score(truth, predicted, labels=present, average=None, zero_division=np.nan)
    assert metrics.balanced_accuracy(counts) == pytest.approx(float(np.mean(recalls)))
    assert metrics.macro_f1(counts) == pytest.approx(reference.f1_score(truth, predicted, average="macro", zero_division=0.0))


@given(labels)
def test_per_class_table_is_that_of_scikit_learn(pairs: list[tuple[int, int]]) -> None:
    truth, predicted, matrix = counted(pairs)
    table = reference.precision_recall_fscore_support(truth, predicted, labels=range(NUM_CLASSES), average=None, zero_division=np.nan)
    for index, score in enumerate(class_scores(matrix, names=tuple("abcde"))):
        precision, recall, f1, num_images = (column[index] for column in table)
        assert score.num_images == num_images
        for ours, theirs in ((score.precision, precision), (score.recall, recall), (score.f1, f1)):
            assert ours is None if np.isnan(theirs) else ours == pytest.approx(theirs)


def test_balanced_accuracy_is_that_of_scikit_learn_where_every_answer_is_a_true_class() -> None:
    truth, predicted = np.array([0, 0, 0, 1, 2, 2]), np.array([0, 0, 1, 1, 2, 0])
    counts = metrics.count(metrics.confusion(truth, predicted, num_classes=3))
    assert metrics.balanced_accuracy(counts) == pytest.approx(reference.balanced_accuracy_score(truth, predicted))


def test_a_class_without_images_or_answers_has_no_figures_and_does_not_pull_the_mean_down() -> None:
    matrix = np.array([[4, 0, 0], [0, 6, 0], [0, 0, 0]])
    absent = class_scores(matrix, names=("ants", "bees", "wasps"))[2]
    assert (absent.precision, absent.recall, absent.f1, absent.num_images) == (None, None, None, 0)
    counts = metrics.count(matrix)
    assert metrics.balanced_accuracy(counts) == 1.0
    assert metrics.macro_f1(counts) == 1.0


def test_a_class_that_is_never_answered_has_no_precision_but_an_f1_of_zero() -> None:
    score = class_scores(np.array([[3, 0], [2, 0]]), names=("ants", "bees"))[1]
    assert score.precision is None
    assert (score.recall, score.f1) == (0.0, 0.0)


def test_figures_of_no_images_at_all_are_not_numbers_rather_than_an_error() -> None:
    counts = metrics.count(np.zeros((3, 3), np.int64))
    assert np.isnan([metrics.accuracy(counts), metrics.balanced_accuracy(counts), metrics.macro_f1(counts)]).all()


@given(st.lists(labels, min_size=1, max_size=5))
@settings(max_examples=30)
def test_many_matrices_at_once_give_the_figures_of_each(batches: list[list[tuple[int, int]]]) -> None:
    singles = [metrics.count(counted(pairs)[2]) for pairs in batches]
    stacked = metrics.Counts(
        right=np.stack([item.right for item in singles]),
        truth=np.stack([item.truth for item in singles]),
        answered=np.stack([item.answered for item in singles]),
    )
    for figure in (metrics.accuracy, metrics.balanced_accuracy, metrics.macro_f1):
        assert figure(stacked) == pytest.approx([float(figure(item)) for item in singles])
