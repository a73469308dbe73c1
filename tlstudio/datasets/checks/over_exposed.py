"""Images that are almost white while the others are not."""

from tlstudio.datasets.measured import seen, typical
from tlstudio.domain.dataset import Dataset
from tlstudio.domain.findings import Finding, Fix, Severity
from tlstudio.messages import message

WHITE = 255
BRIGHT_LEVELS = 224
"""Of 255. By the darkest parts, not the mean: a thing photographed on white paper is bright on average and perfectly exposed."""
OF_TYPICAL = 0.5
"""Where all are bright, only those whose darkest parts are half as far from white as usual stand out."""


def check(id: str, dataset: Dataset) -> list[Finding]:
    """Tells of those whose darkest parts are nearly white, and nearer to it than usual."""
    images = seen(dataset)
    from_white = WHITE - images.darkest
    bright = images.ids(from_white < min(WHITE - BRIGHT_LEVELS, OF_TYPICAL * typical(from_white)))
    if not bright:
        return []
    return [
        Finding(
            check=id,
            severity=Severity.TELLS,
            title=message("check.bright_one", "1 image is over-exposed")
            if len(bright) == 1
            else message("check.bright", "{number} images are over-exposed", number=len(bright)),
            why=message("check.bright.why", "Even their darkest parts are nearly white, unlike the rest: what was there is burnt out."),
            samples=bright,
            fix=Fix.SET_ASIDE,
            reason=message("aside.bright", "Over-exposed"),
        )
    ]
