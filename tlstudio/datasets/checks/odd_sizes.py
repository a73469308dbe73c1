"""Images much smaller, larger or longer than the others."""

import math

from tlstudio.datasets.measured import typical
from tlstudio.domain.dataset import Dataset
from tlstudio.domain.findings import Finding, Fix, Severity
from tlstudio.domain.samples import Sample
from tlstudio.messages import message

TIMES = 4
"""Larger or smaller than usual along a side: what is seen is then four times as small or large as elsewhere."""
TINY_PX = 32
LONG = 3.0
"""Long side to short side: a third of it or less is left where a square is cut out of the middle."""
OF_TYPICAL = 2.0


def check(id: str, dataset: Dataset) -> list[Finding]:
    """Tells of them. Where all are tiny or long, that is how they are, and nothing is odd."""
    images = [sample for sample in dataset.ready if sample.width_px and sample.height_px]
    side, shape = typical(_side_px(sample) for sample in images), typical(_elongation(sample) for sample in images)
    odd = [sample.id for sample in images if _is_odd(sample, usual_side_px=side, usual_elongation=shape)]
    if not odd:
        return []
    usual = {"width": round(typical(item.width_px for item in images)), "height": round(typical(item.height_px for item in images))}
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


def _is_odd(sample: Sample, *, usual_side_px: float, usual_elongation: float) -> bool:
    times = _side_px(sample) / usual_side_px
    is_tiny = min(sample.width_px, sample.height_px) < TINY_PX and times < 1 / OF_TYPICAL
    is_long = _elongation(sample) > max(LONG, OF_TYPICAL * usual_elongation)
    return is_tiny or is_long or not 1 / TIMES <= times <= TIMES


def _side_px(sample: Sample) -> float:
    """Of a square with as many pixels."""
    return math.sqrt(sample.width_px * sample.height_px)


def _elongation(sample: Sample) -> float:
    return max(sample.width_px, sample.height_px) / min(sample.width_px, sample.height_px)
