"""Real sets leave a project in every format and come in again as they were, but for what the format cannot hold, which is told.

By default on some images of each set; `-m slow` takes them all. Notes and groups are put on some images, for no set has any.
"""

from collections import defaultdict
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from tlstudio.domain.commands import SetGroups
from tlstudio.domain.regions import BOX, MASK, POLYGON, Region, Shape
from tlstudio.domain.splits import Split
from tlstudio.operations import edits
from tlstudio.operations.exporting_labels import export_labels
from tlstudio.operations.importing import import_data
from tlstudio.project.project import Project

FORMATS = ("csv", "folders", "coco", "voc", "yolo")
TOLERANCE_PX = {"coco": 0.0, "voc": 1e-9, "yolo": 1e-3}
"""COCO and VOC write numbers as they are; YOLO writes parts of the width and height."""
EVERY = {"hymenoptera": 11, "flowers5": 25, "neu_det": 10, "bccd": 4, "nuclei_dsb2018": 6}
NUM_IMAGES = {"hymenoptera": 396, "flowers5": 1000, "neu_det": 360, "bccd": 364, "nuclei_dsb2018": 120}
SEEN = {"hymenoptera": 0, "flowers5": 0, "neu_det": 877, "bccd": 4886, "nuclei_dsb2018": 3545}


class Word(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of one image."""

    label: str | None
    split: Split | None
    group: str | None
    note: str
    regions: tuple[Region, ...]


def words(project: Project) -> dict[str, list[Word]]:
    """By the image's bytes; copies of one image are several words."""
    dataset, regions = project.dataset(), project.regions.of()
    found: dict[str, list[Word]] = defaultdict(list)
    for sample in dataset.ready:
        label = dataset.class_by_id[sample.class_id].name if sample.class_id else None
        seen = regions.get(sample.id, ())
        found[sample.content_hash].append(
            Word(label=label, split=sample.split, group=sample.group, note=sample.note, regions=seen),
        )
    return {key: sorted(items, key=lambda item: (item.label or "", item.note)) for key, items in found.items()}


def linked(shared: Path, name: str, target: Path, *, every: int) -> Path:
    """Some images of a set, with all that is said of them."""
    source = shared / "data" / name
    images = sorted(item for item in source.rglob("*") if item.suffix in (".jpg", ".png") and "labels" not in item.parts)[::every]
    stems = {item.stem for item in images}
    for file in source.rglob("*"):
        if file.stem in stems and file.suffix in (".jpg", ".png", ".xml"):
            place = target / file.relative_to(source)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.symlink_to(file)
    for file in source.rglob("ImageSets/Main/*.txt"):
        place = target / file.relative_to(source)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text("".join(f"{line}\n" for line in file.read_text().split() if line in stems))
    return target


def put_words(project: Project) -> None:
    """Notes, groups, and a label where several classes are seen; not on several images of one content, which cannot be told apart."""
    once = [items[0] for items in _by_content(project).values() if len(items) == 1]
    dataset = project.dataset()
    for split in (Split.TRAIN, Split.VAL):
        several = [id for id in once if dataset.by_id[id].split is split and dataset.by_id[id].class_id is None]
        edits.set_class(project, several[:1], dataset.classes[0].id)
    labelled = [sample for sample in project.dataset().samples if sample.id in once and sample.class_id]
    edits.set_note(project, [item.id for item in labelled[::7]], 'blurred; "ask again",\nsaid Ä & <B>')
    project.apply(SetGroups(group_by_sample=dict.fromkeys([item.id for item in labelled[:3]], "slide 3")))


def _by_content(project: Project) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for sample in project.dataset().samples:
        found[sample.content_hash].append(sample.id)
    return found


def as_held(word: Word, format: str, size_px: tuple[int, int]) -> Word | None:
    """What the format holds of it; None where it has no place for the image."""
    if format == "csv":
        return msgspec.structs.replace(word, regions=())
    if format == "folders":
        return msgspec.structs.replace(word, regions=(), note="") if word.label and word.split else None
    if format == "voc":
        return msgspec.structs.replace(word, regions=tuple(boxed(item, extra=item.shape.extra) for item in word.regions))
    if format == "yolo":
        seen = tuple(item if item.kind == POLYGON else boxed(item, extra={}) for item in word.regions)
        if not seen and word.label:
            seen = (Region(class_name=word.label, shape=Shape(x=0, y=0, width=size_px[0], height=size_px[1])),)
        names = {item.class_name for item in seen}
        return Word(label=names.pop() if len(names) == 1 else None, split=word.split, group=None, note="", regions=seen)
    return word


def boxed(region: Region, *, extra: dict[str, object]) -> Region:
    shape = region.shape
    return Region(class_name=region.class_name, shape=Shape(x=shape.x, y=shape.y, width=shape.width, height=shape.height, extra=extra))


def lost(all_words: Iterable[Word], format: str) -> set[str]:
    """What the format must tell, by what is known of the images."""
    held = [word for word in all_words if format != "folders" or (word.label and word.split)]
    seen = [(word, region) for word in held for region in word.regions]
    own = [word for word in held if word.label and {word.label} != {item.class_name for item in word.regions}]
    all_losses = {
        "labels.lost_regions": bool(seen) and format in ("csv", "folders"),
        "labels.lost_notes": any(word.note for word in held) and format in ("folders", "yolo"),
        "labels.lost_groups": any(word.group for word in held) and format == "yolo",
        "labels.coco_labels": bool(own) and format == "coco",
        "labels.voc_labels": bool(own) and format == "voc",
        "labels.voc_shapes": any(region.kind != BOX for _, region in seen) and format == "voc",
        "labels.yolo_labels": any(not word.regions for word in own) and format == "yolo",
        "labels.yolo_other_labels": any(word.regions for word in own) and format == "yolo",
        "labels.yolo_masks": any(region.kind == MASK for _, region in seen) and format == "yolo",
        "labels.yolo_extra": any(region.shape.extra for _, region in seen) and format == "yolo",
    }
    return {id for id, is_lost in all_losses.items() if is_lost}


def assert_same(word: Word, other: Word, tolerance_px: float) -> None:
    assert (other.label, other.split, other.group, other.note) == (word.label, word.split, word.group, word.note)
    assert len(other.regions) == len(word.regions)
    for one, two in zip(word.regions, other.regions, strict=True):
        assert (two.kind, two.class_name, two.shape.counts, two.shape.size) == (one.kind, one.class_name, one.shape.counts, one.shape.size)
        assert two.shape.extra == one.shape.extra
        corners = [(item.shape.x, item.shape.y, item.shape.width, item.shape.height) for item in (one, two)]
        assert corners[1] == pytest.approx(corners[0], rel=0, abs=tolerance_px)


def there_and_back(project: Project, format: str, folder: Path) -> None:
    """Hand over, import into a new project, and compare image by image."""
    dataset = project.dataset()
    sizes = {item.content_hash: (item.width_px, item.height_px) for item in dataset.ready}
    before = words(project)
    target = Path(dataset.roots[0].path) / "labels.csv" if format == "csv" else folder / "out"
    exported = export_labels(project, format, target)
    told = {item.id for item in exported.losses} - {"labels.lost_classes"}
    assert told == lost((word for items in before.values() for word in items), format)
    with closing(Project.create(folder / "Again")) as again:
        outcome = import_data(again, target.parent if format == "csv" else target)
        assert outcome.table_problems == []
        after = words(again)
    for key, items in before.items():
        held = [item for word in items if (item := as_held(word, format, sizes[key])) is not None]
        assert len(after.get(key, ())) == len(held)
        for word, other in zip(held, after.get(key, ()), strict=True):
            assert_same(word, other, TOLERANCE_PX.get(format, 0.0))


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("name", NUM_IMAGES)
def test_some_images_of_a_set_come_back(name: str, format: str, shared: Path, tmp_path: Path) -> None:
    with closing(Project.create(tmp_path / "First")) as project:
        import_data(project, linked(shared, name, tmp_path / name, every=EVERY[name]), copy=True)
        assert len(project.dataset().ready) >= 20
        assert bool(project.regions.of()) is bool(SEEN[name])
        put_words(project)
        there_and_back(project, format, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("name", NUM_IMAGES)
def test_all_images_of_a_set_come_back(name: str, shared: Path, tmp_path: Path) -> None:
    with closing(Project.create(tmp_path / "First")) as project:
        import_data(project, linked(shared, name, tmp_path / name, every=1), copy=True)
        assert len(project.dataset().ready) == NUM_IMAGES[name]
        assert sum(map(len, project.regions.of().values())) == SEEN[name]
        put_words(project)
        for format in FORMATS:
            (tmp_path / format).mkdir()
            there_and_back(project, format, tmp_path / format)
