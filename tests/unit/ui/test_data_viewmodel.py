"""What the Data panel says of a snapshot."""

from collections.abc import Sequence

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from tlstudio.domain.dataset import Dataset
from tlstudio.domain.findings import Finding, Fix, Severity
from tlstudio.domain.samples import Class, Sample, SampleState
from tlstudio.domain.splits import Split, SplitPlan
from tlstudio.messages import message
from tlstudio.ui.data.rail_words import rail_words
from tlstudio.ui.data.tiles import tile_of
from tlstudio.ui.data.viewmodel import Filter, class_at, class_rows, details, show, split_note, split_rows

ANTS = Class(id="a", name="ants", position=0)
BEES = Class(id="b", name="bees", position=3)


def sample(id: int, *, class_id: str | None = "a", split: Split | None = Split.TRAIN, **more: object) -> Sample:
    values = {
        "id": id,
        "root": 1,
        "path": f"folder/image_{id}.jpg",
        "content_hash": f"hash{id}",
        "width_px": 640,
        "height_px": 480,
        "format": "JPEG",
        "state": SampleState.READY,
        "class_id": class_id,
        "split": split,
    }
    return Sample(**{**values, **more})  # type: ignore[arg-type]


def dataset(samples: Sequence[Sample], *, given: bool = False) -> Dataset:
    return Dataset(samples=tuple(samples), classes=(BEES, ANTS), roots=(), plan=SplitPlan(given=given))


BROKEN = sample(9, width_px=0, height_px=0, state=SampleState.SET_ASIDE, reason=message("test.cut", "The file is cut short."))
MIXED = dataset(
    [
        sample(1, note="blurred at the edge"),
        sample(2, split=Split.VAL),
        sample(3, class_id="b", split=Split.TEST, group="slide 4"),
        sample(4, class_id=None, split=None),
        BROKEN,
    ]
)


def test_each_chip_shows_its_part_and_all_are_counted() -> None:
    shown = {chip: show(MIXED, Filter(chip=chip)).ids for chip in ("all", "train", "val", "test", "unlabelled", "problems")}
    assert shown == {"all": [1, 2, 3, 4, 9], "train": [1], "val": [2], "test": [3], "unlabelled": [4], "problems": [9]}
    counts = show(MIXED, Filter()).num_by_chip
    assert (counts["all"], counts["unlabelled"], counts["problems"]) == (5, 1, 1)


def test_problems_are_what_is_set_aside_and_what_findings_point_at() -> None:
    def finding(*samples: int) -> Finding:
        title = message("test.copies", "Copies")
        return Finding(check="copies", severity=Severity.WARNS, title=title, why=title, samples=samples)

    small_class = msgspec.structs.replace(finding(2), check="tiny_classes")
    findings = [finding(1, 3), finding(3, 9), finding(777), finding(), small_class]
    shown = show(MIXED, Filter(chip="problems"), findings)
    assert shown.ids == [1, 3, 9]
    assert shown.num_by_chip["problems"] == 3, "the chip counts what it shows"
    assert show(MIXED, Filter(chip="problems", query="slide"), findings).ids == [3]
    assert show(MIXED, Filter(), findings).num_by_chip["problems"] == 3


def test_words_find_names_notes_groups_and_classes_together_with_a_chip() -> None:
    assert show(MIXED, Filter(query="BLURRED")).ids == [1]
    assert show(MIXED, Filter(query="slide")).ids == [3]
    assert show(MIXED, Filter(query="ants image_2")).ids == [2]
    assert show(MIXED, Filter(chip="val", query="blurred")).ids == []
    assert show(MIXED, Filter(class_id="b")).ids == [3]
    assert show(MIXED, Filter(only=frozenset({4, 9}))).ids == [4, 9]


@given(
    chip=st.sampled_from(["all", "train", "val", "test", "unlabelled", "problems"]),
    query=st.sampled_from(["", "image", "blurred", "slide"]),
    class_id=st.sampled_from([None, "a", "b"]),
    only=st.none() | st.frozensets(st.integers(1, 9)),
)
def test_a_filter_lets_through_what_each_of_its_parts_does(
    chip: str, query: str, class_id: str | None, only: frozenset[int] | None
) -> None:
    parts = [Filter(chip=chip), Filter(query=query), Filter(class_id=class_id), Filter(only=only)]
    through_all = set.intersection(*(set(show(MIXED, part).ids) for part in parts))
    shown = show(MIXED, Filter(chip=chip, query=query, class_id=class_id, only=only))
    assert shown.ids == sorted(through_all)
    assert shown.num_by_chip == show(MIXED, Filter()).num_by_chip, "the numbers on the chips are of all images"


def test_a_class_narrows_a_part_and_all_widens_again() -> None:
    train = Filter(query="image").with_chip("train").with_class("a", "ants")
    assert train == Filter(chip="train", query="image", class_id="a", label="ants")
    assert show(MIXED, train).ids == [1]
    assert show(MIXED, train.with_chip("val")).ids == [2]
    assert train.with_class("b", "bees").class_id == "b"
    assert train.without_pick() == Filter(chip="train", query="image")
    assert train.with_chip("all") == Filter(query="image")
    assert train.with_chip("unlabelled") == Filter(chip="unlabelled", query="image"), "what has no class is of none"
    assert Filter(chip="unlabelled").with_class("a", "ants").chip == "all"


def test_classes_are_counted_and_keyed_in_the_order_of_creation() -> None:
    first, second = class_rows(MIXED)
    assert (first.name, first.key, first.num_images, first.share) == ("ants", 1, 2, 1.0)
    assert (second.name, second.key, second.num_images, second.share) == ("bees", 2, 1, 0.5)
    assert class_at(MIXED, 1) == BEES
    assert class_at(MIXED, 2) is None


def test_a_tenth_class_has_no_key() -> None:
    many = tuple(Class(id=str(place), name=f"class {place}", position=place) for place in range(11))
    rows = class_rows(Dataset(samples=(), classes=many, roots=(), plan=SplitPlan()))
    assert [row.key for row in rows] == [1, 2, 3, 4, 5, 6, 7, 8, 9, None, None]


def test_splits_say_how_they_came_about() -> None:
    assert [(row.name, row.num_images) for row in split_rows(MIXED)] == [("Train", 1), ("Validation", 1), ("Test", 1)]
    assert "Test set not opened yet" in split_note(MIXED, num_openings=0)
    assert "Test set opened 3 times" in split_note(MIXED, num_openings=3)
    given = dataset([sample(1), sample(2, split=Split.VAL)], given=True)
    note = split_note(given, num_openings=0)
    assert note.startswith("As it came with the data. ")
    assert "also used for selection" in note
    assert [row.name for row in split_rows(given)] == ["Train", "Validation"]


def test_a_division_that_came_with_the_data_says_how_many_images_lie_elsewhere_now() -> None:
    assert note_of_moved({1: Split.TRAIN, 2: Split.VAL}).startswith("As it came with the data. ")
    assert note_of_moved({1: Split.TRAIN, 2: Split.TEST}).startswith("As it came with the data, but 1 image moved. ")
    assert note_of_moved({1: Split.VAL, 2: Split.TEST}).startswith("As it came with the data, but 2 images moved. ")


def note_of_moved(came_as: dict[int, Split]) -> str:
    samples = (sample(1), sample(2, split=Split.VAL))
    data = Dataset(samples=samples, classes=(BEES, ANTS), roots=(), plan=SplitPlan(given=True), came_as=came_as)
    return split_note(data, num_openings=0)


def test_a_tile_shows_class_part_and_problem() -> None:
    assert (tile_of(MIXED, 1).tag, tile_of(MIXED, 1).dot) == ("ants", "")
    assert tile_of(MIXED, 2).dot == "split_val"
    assert tile_of(MIXED, 3).dot == "split_test"
    assert tile_of(MIXED, 4).tag == ""
    broken = tile_of(MIXED, 9)
    assert (broken.problem, broken.is_dimmed, broken.content_hash) == ("unreadable", True, "")
    assert "cut short" in broken.name
    assert tile_of(MIXED, 777).name == ""


def test_the_inspector_tells_one_image_from_several() -> None:
    assert details(MIXED, ()) is None
    one = details(MIXED, (3,))
    assert one is not None
    assert (one.title, one.class_id, one.split) == ("image_3.jpg", "b", Split.TEST)
    assert ("Group", "slide 4") in one.lines
    assert ("Size", "640 × 480 · JPEG") in one.lines
    several = details(MIXED, (1, 2, 3))
    assert several is not None
    assert several.title == "3 images"
    assert (several.is_class_mixed, several.is_split_mixed, several.lines) == (True, True, ())
    same = details(MIXED, (1, 2))
    assert same is not None
    assert (same.class_id, same.is_class_mixed) == ("a", False)
    broken = details(MIXED, (9,))
    assert broken is not None
    assert (broken.reason, broken.is_aside) == ("The file is cut short.", True)


def test_the_rail_tells_what_is_urgent_before_the_counts() -> None:
    finding = Finding(
        check="copies", severity=Severity.WARNS, title=message("test.copies", "3 copies apart"), why=message("test.why", "They leak.")
    )
    assert rail_words(None, []) == ("No images yet", "")
    assert rail_words(MIXED, [finding]) == ("4 images, 2 classes", "ok")
    assert rail_words(MIXED, [msgspec.structs.replace(finding, fix=Fix.MOVE_TOGETHER)]) == ("3 copies apart", "warn")
    assert rail_words(MIXED, [msgspec.structs.replace(finding, severity=Severity.BLOCKS)]) == ("3 copies apart", "warn")
