"""Units in a division, whatever comes in whatever batches: whole, where they were, and near the shares."""

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from tlstudio.domain.fingerprints import NearCopy
from tlstudio.domain.splits import Split, SplitPlan
from tlstudio.operations.split_book import SplitBook, ToPlace

CONTENTS = st.integers(0, 40)
IMAGES = st.builds(
    lambda content, name, group: ToPlace(content_hash=f"{content:02d}", class_name=name, group=group),
    CONTENTS,
    st.sampled_from(["ants", "bees"]),
    st.sampled_from([None, None, None, "hive 1", "hive 2", "hive 3"]),
)


def near(one: int, other: int) -> NearCopy:
    return NearCopy(first=f"{min(one, other):02d}", second=f"{max(one, other):02d}", likeness=0.99)


@given(images=st.lists(IMAGES, max_size=60), pairs=st.lists(st.builds(near, CONTENTS, CONTENTS), max_size=15))
@settings(max_examples=80)
def test_what_is_related_is_never_divided(images: list[ToPlace], pairs: list[NearCopy]) -> None:
    book = SplitBook(SplitPlan())
    book.relate(pairs)
    splits = book.place(images)
    assert not torn(images, splits, pairs)
    again = SplitBook(SplitPlan())
    again.relate(pairs)
    assert again.place(images[::-1]) == splits[::-1], "the order of the images does not matter"


@given(batches=st.lists(st.lists(IMAGES, max_size=12), max_size=6), pairs=st.lists(st.builds(near, CONTENTS, CONTENTS), max_size=15))
@settings(max_examples=80)
def test_what_arrives_later_follows_its_unit(batches: list[list[ToPlace]], pairs: list[NearCopy]) -> None:
    book = SplitBook(SplitPlan())
    book.relate(pairs)
    placed: dict[str, Split] = {}
    for batch in batches:
        for item, split in zip(batch, book.place(batch), strict=True):
            known = placed.setdefault(item.content_hash, split)
            # Two units that turn out to be one may lie apart already; what comes then goes to the safe side.
            assert split is known or list(Split).index(split) < list(Split).index(known)


@given(sizes=st.lists(st.integers(1, 6), min_size=30, max_size=120), seed=st.integers(0, 5))
@settings(max_examples=40)
def test_shares_hold_as_far_as_whole_units_allow(sizes: list[int], seed: int) -> None:
    images = [
        ToPlace(content_hash=f"{unit:03d}{number}", class_name="ants", group=f"hive {unit}")
        for unit, size in enumerate(sizes)
        for number in range(size)
    ]
    counts = Counter(SplitBook(SplitPlan(seed=seed)).place(images))
    for split, share in zip(Split, (0.7, 0.15, 0.15), strict=True):
        assert abs(counts[split] - share * len(images)) <= 2 * max(sizes)


def test_mixed_units_fill_what_is_missing_in_the_whole() -> None:
    images = [
        ToPlace(content_hash=f"{slide:02d}{number}", class_name="abcd"[number % 4], group=f"slide {slide}")
        for slide in range(12)
        for number in range(32)
    ]
    counts = Counter(SplitBook(SplitPlan()).place(images))
    assert counts == {Split.TRAIN: 8 * 32, Split.VAL: 2 * 32, Split.TEST: 2 * 32}


def torn(images: list[ToPlace], splits: list[Split], pairs: list[NearCopy]) -> list[str]:
    """What lies on more than one side."""
    found: dict[str, set[Split]] = {}
    for item, split in zip(images, splits, strict=True):
        for name in (item.content_hash, item.group):
            if name is not None:
                found.setdefault(name, set()).add(split)
    apart = [pair.first for pair in pairs if pair.first in found and pair.second in found and found[pair.first] != found[pair.second]]
    return [name for name, sides in found.items() if len(sides) > 1] + apart
