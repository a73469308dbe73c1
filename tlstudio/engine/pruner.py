"""A trial of a sweep that looks at itself: its validation curve, and whether it goes on."""

from tlstudio.domain.events import Pruned
from tlstudio.domain.jobs import TrainJob
from tlstudio.domain.pruning import Curve, pruned
from tlstudio.engine.job import Job


class Pruner:
    """Decides by the curve and by what stands in the order alone, so that a continued run decides as one that was never interrupted."""

    def __init__(self, job: Job, *, num_epochs: int) -> None:
        trial = job.spec.trial if isinstance(job.spec, TrainJob) else None
        self._rivals = trial.rivals if trial is not None else ()
        self._num_epochs = num_epochs
        self.curve: Curve = ()

    def look(self, balanced_accuracy: float) -> None:
        """Validation after another epoch."""
        self.curve = (*self.curve, balanced_accuracy)

    @property
    def verdict(self) -> Pruned | None:
        """Why it ends here; None goes on, and after the last epoch there is nothing to prune."""
        return pruned(self.curve, self._rivals) if len(self.curve) < self._num_epochs else None
