"""What a tile of the grid shows of a sample."""

from tlstudio.domain.dataset import Dataset
from tlstudio.domain.samples import Sample, SampleState
from tlstudio.domain.splits import Split
from tlstudio.ui.data.viewmodel import split_name
from tlstudio.ui.widgets.thumb_paint import Tile
from tlstudio.ui.words import say, tr

_DOTS = {Split.VAL: "split_val", Split.TEST: "split_test"}


def tile_of(dataset: Dataset, id: int) -> Tile:
    """A sample's tile: class in the corner, a dot for validation and test, dimmed where it is set aside."""
    sample = dataset.by_id.get(id)
    if sample is None:
        return Tile(name="")
    aside = sample.state is SampleState.SET_ASIDE
    item = dataset.class_by_id.get(sample.class_id or "")
    return Tile(
        name=_name(sample, item.name if item else tr("no class")),
        content_hash=sample.content_hash if sample.width_px else "",
        tag=item.name if item else "",
        dot="" if aside or sample.split is None else _DOTS.get(sample.split, ""),
        problem=tr("unreadable") if aside and not sample.width_px else "",
        is_dimmed=aside,
    )


def _name(sample: Sample, class_name: str) -> str:
    parts = [sample.name, class_name]
    if sample.split is not None:
        parts.append(split_name(sample.split))
    if sample.reason is not None:
        parts.append(say(sample.reason))
    return ", ".join(parts)
