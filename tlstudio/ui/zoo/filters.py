"""What the rows of the Models table can be narrowed by: one view of them, and any number of conditions besides."""

from collections.abc import Callable
from dataclasses import dataclass

from tlstudio.ui.words import tr
from tlstudio.ui.zoo.rows import ZooRow
from tlstudio.zoo.licences import Use

FAST_MACS = 1_000_000_000
ACCURATE_TOP1 = 84.0


@dataclass(frozen=True)
class FilterSpec:
    """One pill: what it is called, what it means, which rows it keeps."""

    id: str
    title: Callable[[], str]
    sentence: Callable[[], str]
    keeps: Callable[[ZooRow], bool]


FILTERS: dict[str, FilterSpec] = {
    spec.id: spec
    for spec in (
        FilterSpec("ready", lambda: tr("Ready offline"), lambda: tr("Weights that are on this computer."), lambda row: row.is_ready),
        FilterSpec(
            "all",
            lambda: tr("All"),
            lambda: tr("Everything timm and torchvision offer; weights that are not here can be imported."),
            lambda row: True,
        ),
        FilterSpec(
            "fast",
            lambda: tr("Fast"),
            lambda: tr("At most 1 G multiply-accumulates an image: fine-tuning is bearable without a graphics card."),
            lambda row: row.has_weights and 0 < row.macs <= FAST_MACS,
        ),
        FilterSpec(
            "accurate",
            lambda: tr("Accurate"),
            lambda: tr("Published ImageNet top-1 of {top1} % or more.", top1=f"{ACCURATE_TOP1:.0f}"),
            lambda row: row.top1 is not None and row.top1 >= ACCURATE_TOP1,
        ),
    )
}
"""Views: one of them is in force."""

CONDITIONS: dict[str, FilterSpec] = {
    spec.id: spec
    for spec in (
        FilterSpec(
            "fits",
            lambda: tr("Fits here"),
            lambda: tr("What a Balanced training needs of memory is free on this computer now, as far as that can be worked out."),
            lambda row: row.outlook is not None and row.outlook.fits,
        ),
        FilterSpec(
            "commercial",
            lambda: tr("Commercial use"),
            lambda: tr("The licence of the weights allows commercial use without conditions beyond the notice."),
            lambda row: row.has_weights and row.use is Use.COMMERCIAL,
        ),
    )
}
"""Each may be in force beside a view and the others."""


@dataclass(frozen=True)
class SizeSpec:
    """A row of SIZES: at most so many parameters."""

    id: str
    title: Callable[[], str]
    max_parameters: int | None


SIZES: dict[str, SizeSpec] = {
    spec.id: spec
    for spec in (
        SizeSpec("any", lambda: tr("Any size"), None),
        SizeSpec("tiny", lambda: tr("≤ 5 M"), 5_000_000),
        SizeSpec("small", lambda: tr("≤ 30 M"), 30_000_000),
        SizeSpec("medium", lambda: tr("≤ 100 M"), 100_000_000),
    )
}
