"""What evaluation answers: figures with intervals, per class, and the images behind them; and those of a cross-validation."""

import msgspec

from tlstudio.domain.splits import Split


class Estimate(msgspec.Struct, frozen=True, kw_only=True):
    """A figure with its 95 % interval."""

    value: float
    low: float
    high: float


class ClassScore(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the per-class table; a figure that is not defined (no such image) is None."""

    name: str
    precision: float | None
    recall: float | None
    f1: float | None
    num_images: int


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What the model said of one image. Indices are into `EvaluationReport.class_names`."""

    sample: int
    truth: int
    predicted: int
    probability: float
    """Of the predicted class."""
    truth_probability: float


class EvaluationReport(msgspec.Struct, frozen=True, kw_only=True):
    """A run judged on one split, by the run's own class table."""

    run: int
    split: Split
    used_for_selection: bool
    """True where the same images also chose the checkpoint or the penalty."""
    num_openings: int
    """How often the test set of this project has been opened; 0 for other splits."""
    num_shared: int = 0
    """Images of the split that are copies, near copies or of the group of training images: trained all the same, so the figures flatter."""
    class_ids: tuple[str, ...]
    class_names: tuple[str, ...]
    accuracy: Estimate
    balanced_accuracy: Estimate
    macro_f1: Estimate
    classes: tuple[ClassScore, ...]
    confusion: tuple[tuple[int, ...], ...]
    """Rows: truth; columns: prediction."""
    answers: tuple[Answer, ...]
    """Every image, most confident first."""
    num_resamples: int = 2000

    @property
    def guess(self) -> float:
        """The accuracy of always giving the commonest class."""
        sizes = [sum(row) for row in self.confusion]
        return max(sizes, default=0) / max(1, sum(sizes))

    @property
    def is_no_better_than_guessing(self) -> bool:
        """Whether the interval of the accuracy reaches down to `guess`: these figures do not show that anything was learned."""
        return self.accuracy.low <= self.guess

    def cell(self, truth: int, predicted: int) -> tuple[Answer, ...]:
        """The images behind one cell of the confusion matrix, most confident first."""
        return tuple(item for item in self.answers if item.truth == truth and item.predicted == predicted)


class FoldScore(msgspec.Struct, frozen=True, kw_only=True):
    """One fold, judged by a head that learned from the others."""

    fold: int
    """From 0."""
    num_train: int
    num_images: int
    penalty: float
    """The one that was chosen without this fold."""
    accuracy: float
    balanced_accuracy: float


class CrossValidationReport(msgspec.Struct, frozen=True, kw_only=True):
    """What can be expected of a network on images like these, without a look at the test set."""

    num_units: int
    """What was dealt into folds: single images, sets of copies, groups."""
    class_names: tuple[str, ...]
    folds: tuple[FoldScore, ...]
    accuracy: Estimate
    """The mean over the folds."""
    balanced_accuracy: Estimate
    pooled_accuracy: float
    """The share of all images that were answered rightly by the head that had not seen them."""
    classes: tuple[ClassScore, ...]
    """Of all folds together."""
    confusion: tuple[tuple[int, ...], ...]
    """Rows: truth; columns: prediction; of all folds together."""

    @property
    def num_images(self) -> int:
        """Every image is judged once."""
        return sum(item.num_images for item in self.folds)
