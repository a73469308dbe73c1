"""Images out of focus or moved while the others are sharp."""

import numpy as np

from tlstudio.datasets.measured import low_limit, seen
from tlstudio.domain.dataset import Dataset
from tlstudio.domain.findings import Finding, Fix, Severity
from tlstudio.messages import message

SOFT = 0.4
"""Sharpness: edges softer than a blur of 1.1 px at the size of 256 px. Smooth micrographs (`bccd`) begin at 0.53, photographs at 0.45."""
DEVIATIONS = 3.0
LEAST_SPREAD = 0.2
ENOUGH = 10
"""Images, below which there is no "usual"."""


def check(id: str, dataset: Dataset) -> list[Finding]:
    """Tells of those that are soft by any measure and far softer than usual in this set.

    Flags 1 of the 1,000 images of `flowers5`, which are all enlarged, and none of `hymenoptera`, `neu_det`, `office_caltech10` and
    `bccd`. Of copies of these, blurred by 2.5 px, it finds 71 % (`neu_det`, faint textures), 89 % (`flowers5`) and otherwise 99 %.
    """
    images = seen(dataset)
    judged = images.sharpness[np.isfinite(images.sharpness)]
    if judged.size < ENOUGH:
        return []
    blurred = images.ids(images.sharpness < min(SOFT, low_limit(judged, deviations=DEVIATIONS, least_spread=LEAST_SPREAD)))
    if not blurred:
        return []
    return [
        Finding(
            check=id,
            severity=Severity.TELLS,
            title=message("check.blurred_one", "1 image is blurred")
            if len(blurred) == 1
            else message("check.blurred", "{number} images are blurred", number=len(blurred)),
            why=message(
                "check.blurred.why",
                "Their edges are far softer than usual here, even at the small size a network sees: what tells classes apart may be lost.",
            ),
            samples=blurred,
            fix=Fix.SET_ASIDE,
            reason=message("aside.blurred", "Blurred"),
        )
    ]
