"""Whatever a project holds leaves it and comes in again the same, as far as the format can hold it; the rest is told."""

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tlstudio.datasets import rle
from tlstudio.datasets.coco_json import area_of
from tlstudio.datasets.scan import scan
from tlstudio.datasets.seen import bounds, settle
from tlstudio.domain.dataset import Dataset
from tlstudio.domain.progress import ignore
from tlstudio.domain.regions import BOX, MASK, POLYGON, Region, Shape
from tlstudio.domain.samples import Class, Root, Sample, SampleState
from tlstudio.domain.splits import Split, SplitPlan
from tlstudio.operations.label_exports import LABEL_EXPORTERS, Exported, load

SIZE = (40, 30)
NAMES = st.text("ab Ä漢'\"#:&<>[]{},-\\1|*!%@", min_size=1, max_size=8).map(str.strip).filter(bool)
NOTES = st.text("ab Ä漢'\"\n=;,<&]", max_size=8).map(str.strip)
CLASSES = st.lists(NAMES, min_size=1, max_size=4, unique_by=str.casefold)
EXTRA = st.dictionaries(
    st.sampled_from(["difficult", "truncated", "occluded", "pose", "score"]),
    st.one_of(st.integers(-5, 5), st.floats(-1, 1, width=32), st.text('a 1."<', max_size=4)),
    max_size=2,
)


@dataclass(frozen=True, kw_only=True)
class Word:
    """What is known of one image."""

    label: str | None
    split: Split | None
    group: str | None
    regions: tuple[Region, ...]
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Plan:
    classes: tuple[str, ...]
    words: tuple[Word, ...]


@st.composite
def regions(draw: st.DrawFn, classes: Sequence[str]) -> Region:
    name, extra = draw(st.sampled_from(classes)), draw(EXTRA)
    kind = draw(st.sampled_from([BOX, BOX, POLYGON, MASK]))
    if kind == MASK:
        bits = draw(st.lists(st.booleans(), min_size=12, max_size=12).filter(any))
        mask = np.zeros((SIZE[1], SIZE[0]), bool)
        mask[3:6, 4:8] = np.reshape(bits, (3, 4))
        runs = rle.runs_of(mask)
        x, y, width, height = rle.bounds(runs, SIZE[1])
        counts = rle.pack(runs) if draw(st.booleans()) else tuple(runs)
        return Region(kind=kind, class_name=name, shape=_shape((x, y, width, height), extra, size=(SIZE[1], SIZE[0]), counts=counts))
    if kind == POLYGON:
        point = st.tuples(st.floats(0, SIZE[0]), st.floats(0, SIZE[1]))
        part = st.lists(point, min_size=3, max_size=5).map(lambda points: tuple(value for pair in points for value in pair))
        solid = part.filter(lambda values: area_of(_shape(bounds([values]), {}, polygons=(values,))) > 1)
        polygons = tuple(draw(st.lists(solid, min_size=1, max_size=2)))
        return Region(kind=kind, class_name=name, shape=_shape(bounds(polygons), extra, polygons=polygons))
    x, y = draw(st.floats(0, SIZE[0] - 1)), draw(st.floats(0, SIZE[1] - 1))
    width, height = draw(st.floats(0.25, SIZE[0] - x)), draw(st.floats(0.25, SIZE[1] - y))
    return Region(kind=kind, class_name=name, shape=_shape((x, y, width, height), extra))


def _shape(box: tuple[float, float, float, float], extra: dict[str, Any], **other: Any) -> Shape:
    return Shape(x=box[0], y=box[1], width=box[2], height=box[3], extra=extra, **other)


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """One image in training and one in validation at least, so that the parts count. No label is missing that a reader would find."""
    classes = tuple(draw(CLASSES))
    words = []
    for number in range(draw(st.integers(2, 6))):
        seen = tuple(draw(st.lists(regions(classes), max_size=3)))
        names = {item.class_name for item in seen}
        label = draw(st.sampled_from([None, *classes])) or (names.pop() if len(names) == 1 else None)
        split = (Split.TRAIN, Split.VAL)[number] if number < 2 else draw(st.sampled_from([None, *Split]))
        label = label or (classes[0] if number < 2 else None)
        words.append(Word(label=label, split=split, group=draw(st.none() | NAMES), regions=seen, note=draw(NOTES)))
    return Plan(classes=classes, words=tuple(words))


def made(plan: Plan, folder: Path) -> tuple[Dataset, dict[int, tuple[Region, ...]]]:
    """The plan as a data set; images of the same names in two folders, each with its number as its bytes."""
    classes = tuple(Class(id=f"c{number}", name=name, position=number) for number, name in enumerate(plan.classes))
    ids = {item.name: item.id for item in classes}
    samples = []
    for number, word in enumerate(plan.words):
        path = f"{'ab'[number % 2]}/Image {number // 2}.{('png', 'JPG')[number % 3 == 0]}"
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(str(number))
        samples.append(
            Sample(
                id=number + 1,
                root=1,
                path=path,
                content_hash=str(number),
                width_px=SIZE[0],
                height_px=SIZE[1],
                format="PNG",
                state=SampleState.READY,
                class_id=ids[word.label] if word.label else None,
                split=word.split,
                group=word.group,
                note=word.note,
            )
        )
    dataset = Dataset(samples=tuple(samples), classes=classes, roots=(Root(id=1, path=str(folder)),), plan=SplitPlan())
    return dataset, {number: word.regions for number, word in enumerate(plan.words, 1) if word.regions}


def round_trip(plan: Plan, format: str) -> tuple[dict[int, Word], Exported]:
    """What is read again, by the number of the image; all of it without a single problem."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "source")
        dataset, seen = made(plan, source)
        target = source / "labels.csv" if format == "csv" else Path(folder, "out")
        exported = load(LABEL_EXPORTERS[format]).write(dataset, target, regions=seen, link=False, report=ignore)
        found = scan(source if format == "csv" else target)
        assert found.format_id == {"csv": "table", "folders": "split_folders"}.get(format, format)
        assert [item for item in found.skipped if item.row is not None] == []
        again = {}
        for file in found.files:
            kept, problems = settle(file.seen, *SIZE) if file.seen else ((), [])
            assert problems == []
            number = int((found.source / file.path).read_text())
            again[number] = Word(label=file.class_name, split=file.split, group=file.group, regions=kept, note=file.note)
        return again, exported


def check(plan: Plan, format: str, expected: Callable[[Word], Word], *, tolerance_px: float = 0.0) -> Exported:
    again, exported = round_trip(plan, format)
    assert sorted(again) == list(range(len(plan.words)))
    for number, word in enumerate(plan.words):
        wanted, got = expected(word), again[number]
        assert (got.label, got.split, got.group, got.note) == (wanted.label, wanted.split, wanted.group, wanted.note)
        assert len(got.regions) == len(wanted.regions)
        for one, other in zip(got.regions, wanted.regions, strict=True):
            assert_same(one, other, tolerance_px)
    return exported


def assert_same(one: Region, other: Region, tolerance_px: float) -> None:
    if tolerance_px == 0:
        assert one == other
        return
    assert (one.kind, one.class_name, one.shape.extra) == (other.kind, other.class_name, other.shape.extra)
    numbers = [
        [item.shape.x, item.shape.y, item.shape.width, item.shape.height, *(value for part in item.shape.polygons for value in part)]
        for item in (one, other)
    ]
    np.testing.assert_allclose(*numbers, rtol=0, atol=tolerance_px)


def boxed(region: Region, *, keeps_extra: bool) -> Region:
    shape = region.shape
    box = (shape.x, shape.y, shape.width, shape.height)
    return Region(class_name=region.class_name, shape=_shape(box, shape.extra if keeps_extra else {}))


def single_class(seen: Sequence[Region]) -> str | None:
    names = {item.class_name for item in seen}
    return names.pop() if len(names) == 1 else None


def unused(plan: Plan, words: Sequence[Word], *, with_regions: bool = False) -> set[str]:
    """Classes of which a format that knows them by their images alone knows nothing."""
    used = {word.label for word in words} | {item.class_name for word in words for item in word.regions if with_regions}
    return set(plan.classes) - used


def told_of(exported: Exported) -> set[str]:
    return {item.id for item in exported.losses}


def tells_classes(exported: Exported) -> bool:
    return "labels.lost_classes" in told_of(exported)


many = settings(max_examples=60, deadline=None)


@many
@given(plans())
def test_coco_holds_everything_exactly(plan: Plan) -> None:
    exported = check(plan, "coco", lambda word: word)
    num_own = sum(word.label is not None and {word.label} != {item.class_name for item in word.regions} for word in plan.words)
    assert bool(exported.losses) is bool(num_own)


@many
@given(plans())
def test_voc_holds_boxes_and_all_labels(plan: Plan) -> None:
    def expected(word: Word) -> Word:
        kept = tuple(boxed(item, keeps_extra=True) for item in word.regions)
        return Word(label=word.label, split=word.split, group=word.group, regions=kept, note=word.note)

    exported = check(plan, "voc", expected, tolerance_px=1e-12 * max(SIZE))
    assert tells_classes(exported) is bool(unused(plan, plan.words, with_regions=True))
    has_shapes = any(item.kind != BOX for word in plan.words for item in word.regions)
    assert any(item.id == "labels.voc_shapes" for item in exported.losses) is has_shapes


@many
@given(plans())
def test_yolo_holds_boxes_and_simple_outlines_and_tells_the_rest(plan: Plan) -> None:
    def shown(region: Region) -> Region:
        if region.kind != POLYGON:
            return boxed(region, keeps_extra=False)
        parts = region.shape.polygons
        part = max(parts, key=lambda part: area_of(_shape(bounds([part]), {}, polygons=(part,))))
        return Region(kind=POLYGON, class_name=region.class_name, shape=_shape(bounds([part]), {}, polygons=(part,)))

    def expected(word: Word) -> Word:
        seen = tuple(shown(item) for item in word.regions)
        if not seen and word.label:
            seen = (Region(class_name=word.label, shape=_shape((0, 0, *SIZE), {})),)
        return Word(label=single_class(seen), split=word.split, group=None, regions=seen)

    exported = check(plan, "yolo", expected, tolerance_px=1e-6 * max(SIZE))
    told = {item.id for item in exported.losses}
    assert ("labels.lost_groups" in told) is any(word.group for word in plan.words)
    assert ("labels.lost_notes" in told) is any(word.note for word in plan.words)
    assert ("labels.yolo_masks" in told) is any(item.kind == MASK for word in plan.words for item in word.regions)
    assert ("labels.yolo_extra" in told) is any(item.shape.extra for word in plan.words for item in word.regions)


@many
@given(plans())
def test_a_table_holds_labels_parts_and_groups(plan: Plan) -> None:
    def expected(word: Word) -> Word:
        return Word(label=word.label, split=word.split, group=word.group, regions=(), note=word.note)

    exported = check(plan, "csv", expected)
    told = {item.id for item in exported.losses}
    assert tells_classes(exported) is bool(unused(plan, plan.words))
    assert ("labels.lost_regions" in told) is any(word.regions for word in plan.words)


@many
@given(plans())
@example(
    Plan(
        classes=("<",),
        words=(
            Word(label="<", split=Split.VAL, group=":", regions=()),
            Word(label="<", split=Split.TRAIN, group="<", regions=()),
        ),
    )
)
def test_folders_hold_labelled_images_with_their_parts(plan: Plan) -> None:
    kept = [word for word in plan.words if word.label and word.split]
    again, exported = round_trip(plan, "folders")
    assert exported.num_left_out == len(plan.words) - len(kept)
    assert tells_classes(exported) is bool(unused(plan, kept))
    assert bool({"labels.lost_regions", "labels.lost_notes"} & told_of(exported)) is any(word.regions or word.note for word in kept)
    for number, word in enumerate(plan.words):
        assert (number in again) is (word in kept)
        if word in kept:
            folder = exported.renamed.get(word.label or "", word.label)
            assert (again[number].label, again[number].split) == (folder, word.split)


@pytest.mark.parametrize("format", ["coco", "voc", "yolo"])
def test_nothing_is_left_where_an_image_is_gone(format: str, tmp_path: Path) -> None:
    plan = Plan(classes=("a",), words=(Word(label="a", split=Split.TRAIN, group=None, regions=()),))
    dataset, seen = made(plan, tmp_path / "source")
    dataset.file_of(dataset.samples[0]).unlink()
    with pytest.raises(FileNotFoundError):
        load(LABEL_EXPORTERS[format]).write(dataset, tmp_path / "out", regions=seen, link=False, report=ignore)
    assert {item.name for item in tmp_path.iterdir()} == {"source", "home"}
