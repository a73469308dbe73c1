"""Images much smaller, larger or longer than the others."""

import numpy as np
import numpy.typing as npt

from tlstudio.datasets.measured import typical
from tlstudio.domain.dataset import Dataset
from tlstudio.domain.findings import Finding, Fix, Severity
from tlstudio.messages import message

Sizes = npt.NDArray[np.float64]

TIMES = 4
"""Larger or smaller than usual along a side: what is seen is then four times as small or large as elsewhere."""
TINY_PX = 32
LONG = 3.0
"""Long side to short side: a third of it or less is left where a square is cut out of the middle."""
OF_TYPICAL = 2.0


def check(id: str, dataset: Dataset) -> list[Finding]:
    """Tells of them. Where all are tiny or long, that is how they are, and nothing is odd."""
    images = [sample for sample in dataset.ready if sample.width_px and sample.height_px]
    width_px, height_px = (np.array([getattr(sample, name) for sample in images], np.float64) for name in ("width_px", "height_px"))
    odd = [images[place].id for place in np.flatnonzero(_are_odd(width_px, height_px))]
    if not odd:
        return []
    usual = {"width": round(typical(width_px)), "height": round(typical(height_px))}
    return [
        Finding(
            check=id,
            severity=Severity.TELLS,
            title=message("check.odd_size_one", "1 image has an odd size or shape")
            if len(odd) == 1
            else message("check.odd_size", "{number} images have an odd size or shape", number=len(odd)),
            why=message(
                "check.odd_size.why",
                "About {width} × {height} px is usual here. In the others the model sees things at another scale, or cut off.",
                **usual,
            ),
            samples=tuple(odd),
            fix=Fix.SET_ASIDE,
            reason=message("aside.odd_size", "Odd size or shape"),
        )
    ]


def _are_odd(width_px: Sizes, height_px: Sizes) -> npt.NDArray[np.bool_]:
    """bool[N] of float64[N] and float64[N]."""
    side_px = np.sqrt(width_px * height_px)  # of a square with as many pixels
    shortest_px = np.minimum(width_px, height_px)
    elongation = np.maximum(width_px, height_px) / shortest_px
    times = side_px / typical(side_px)
    is_tiny = (shortest_px < TINY_PX) & (times < 1 / OF_TYPICAL)
    is_long = elongation > max(LONG, OF_TYPICAL * typical(elongation))
    odd: npt.NDArray[np.bool_] = is_tiny | is_long | (times > TIMES) | (times < 1 / TIMES)
    return odd
