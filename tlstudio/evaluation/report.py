"""Judge a run on one split: figures with intervals, the per-class table and every answer, most confident first."""

import numpy as np
from numpy.typing import NDArray

from tlstudio.domain.report import Answer, ClassScore, EvaluationReport
from tlstudio.domain.splits import Split
from tlstudio.errors import TLStudioError
from tlstudio.evaluation import metrics
from tlstudio.evaluation.intervals import NUM_RESAMPLES, bootstrap
from tlstudio.evaluation.predictions import Predictions
from tlstudio.messages import message


def build(
    predictions: Predictions,
    *,
    run: int,
    split: Split,
    used_for_selection: bool | None = None,
    num_openings: int = 0,
    num_resamples: int = NUM_RESAMPLES,
    seed: int = 0,
) -> EvaluationReport:
    """The report of one run on one split, by the run's own class table.

    `used_for_selection` is left out where the split says it: training and validation images chose weights and penalty,
    test images did not. Raises `TLStudioError` where the run predicted no labelled image of the split.
    """
    part = predictions.of(split)
    if not len(part):
        raise _nothing_to_judge(run, split)
    probabilities = part.probabilities()
    predicted = probabilities.argmax(axis=1)
    matrix = metrics.confusion(part.targets, predicted, num_classes=len(part.class_names))
    figures = bootstrap(matrix, num_resamples=num_resamples, seed=seed)
    return EvaluationReport(
        run=run,
        split=split,
        used_for_selection=split is not Split.TEST if used_for_selection is None else used_for_selection,
        num_openings=num_openings,
        class_ids=part.class_ids,
        class_names=part.class_names,
        accuracy=figures.accuracy,
        balanced_accuracy=figures.balanced_accuracy,
        macro_f1=figures.macro_f1,
        classes=class_scores(matrix, names=part.class_names),
        confusion=tuple(tuple(int(cell) for cell in row) for row in matrix),
        answers=_answers(part, probabilities, predicted),
        num_resamples=num_resamples,
    )


def class_scores(matrix: NDArray[np.int64], *, names: tuple[str, ...]) -> tuple[ClassScore, ...]:
    """The per-class table of a confusion matrix i64[K, K]; a figure that is not defined is None."""
    counts = metrics.count(matrix)
    columns = (metrics.precision(counts), metrics.recall(counts), metrics.f1(counts))
    return tuple(
        ClassScore(
            name=name,
            precision=_defined(columns[0][index]),
            recall=_defined(columns[1][index]),
            f1=_defined(columns[2][index]),
            num_images=int(counts.truth[index]),
        )
        for index, name in enumerate(names)
    )


def _answers(part: Predictions, probabilities: NDArray[np.float64], predicted: NDArray[np.int64]) -> tuple[Answer, ...]:
    rows = np.arange(len(part))
    said, deserved = probabilities[rows, predicted], probabilities[rows, part.targets]
    order = np.lexsort((part.samples, -said))
    columns = (part.samples, part.targets, predicted, said, deserved)
    return tuple(
        Answer(sample=sample, truth=truth, predicted=answer, probability=probability, truth_probability=of_truth)
        for sample, truth, answer, probability, of_truth in zip(*(column[order].tolist() for column in columns), strict=True)
    )


def _defined(value: np.float64) -> float | None:
    return float(value) if np.isfinite(value) else None


def _nothing_to_judge(run: int, split: Split) -> TLStudioError:
    return TLStudioError(
        title=message("evaluate.empty", "Run {run} has no answers to labelled {split} images.", run=run, split=split.value),
        hint=message("evaluate.empty.hint", "Choose another split, or put labelled images into this one and train again."),
    )
