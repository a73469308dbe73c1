"""How large training images are in an epoch where they grow (progressive resizing, Howard 2018; Tan and Le 2021, section 4)."""

from math import floor

from tlstudio.domain.recipe import FineTunePart

_STEP_PX = 32
"""What convolutional networks halve their maps down to one of."""
_LEAST_PX = 64


def view_size(part: FineTunePart, size_px: int, epoch: int) -> int:
    """Side of the training images of `epoch` (from 0) in pixels: all of `size_px` from the middle of the epochs on."""
    growing = part.epochs // 2
    if part.first_size >= 1 or epoch >= growing:
        return size_px
    share = part.first_size + (1 - part.first_size) * epoch / growing
    return min(size_px, max(_LEAST_PX, _STEP_PX * floor(share * size_px / _STEP_PX + 0.5)))


def view_sizes(part: FineTunePart, size_px: int) -> tuple[int, ...]:
    """Of all epochs."""
    return tuple(view_size(part, size_px, epoch) for epoch in range(part.epochs))


def mean_area(part: FineTunePart, size_px: int) -> float:
    """Pixels of a training image over those of a whole one, in the mean over the epochs: 0..1."""
    sizes = view_sizes(part, size_px)
    return sum((size / size_px) ** 2 for size in sizes) / len(sizes)
