"""Images that are almost black while the others are not."""

from tlstudio.datasets.measured import seen, typical
from tlstudio.domain.dataset import Dataset
from tlstudio.domain.findings import Finding, Fix, Severity
from tlstudio.domain.intensity import may_be_deep
from tlstudio.messages import message

DARK_LEVELS = 32
"""Of 255. By the brightest parts, not the mean: a flower or a nucleus on black is dark on average and perfectly exposed."""
OF_TYPICAL = 0.5
"""Fluorescence is dark throughout; then only what is far darker than usual stands out."""


def check(id: str, dataset: Dataset) -> list[Finding]:
    """Tells of those whose brightest parts are dark, and half as bright as usual at most. Deep ones may only be shown too dark."""
    images = seen(dataset)
    dark = images.ids(images.brightest < min(DARK_LEVELS, OF_TYPICAL * typical(images.brightest)))
    if not dark:
        return []
    is_deep = all(may_be_deep(dataset.by_id[id].format) for id in dark)
    return [
        Finding(
            check=id,
            severity=Severity.TELLS,
            title=message("check.dark_one", "1 image is almost black")
            if len(dark) == 1
            else message("check.dark", "{number} images are almost black", number=len(dark)),
            why=message("check.dark.why", "Even their brightest parts are far darker than usual: a model sees next to nothing in them."),
            samples=dark,
            fix=Fix.BRIGHTNESS if is_deep else Fix.SET_ASIDE,
            reason=None if is_deep else message("aside.dark", "Almost black"),
        )
    ]
