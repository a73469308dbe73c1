"""A loss that is no number: how the training loop hears of it, and what a person is told where it cannot be mended."""

from tlstudio.engine.best import Best
from tlstudio.errors import TLStudioError
from tlstudio.messages import message


class NotANumber(Exception):
    """Loss, gradient or weights are no finite numbers after `step`."""

    def __init__(self, step: int) -> None:
        super().__init__(step)
        self.step = step


def diverged(step: int, best: Best) -> TLStudioError:
    """The end of a training that went astray in spite of everything."""
    return TLStudioError(
        message("train.diverged", "Training went astray: at step {step} the loss was no longer a number.", step=step),
        message(
            "train.diverged.hint",
            "Try a smaller learning rate. The best network before that ({accuracy} balanced accuracy, step {best}) is kept in {file}.",
            accuracy=f"{100 * best.score.balanced_accuracy:.1f} %",
            best=best.step,
            file=best.file,
        ),
    )
