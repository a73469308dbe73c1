"""What a run is judged on: the validation images with their labels, and nothing else of its manifest."""

import msgspec
import pytest

from tlstudio.domain.manifest import LABEL, Manifest, ManifestAnnotation, ManifestClass, ManifestEntry, judged_on
from tlstudio.domain.splits import Split

CLASSES = tuple(ManifestClass(index=index, id=f"id {name}", name=name) for index, name in enumerate(("ants", "bees")))


def entry(content: str, label: int, split: Split, *, path: str = "1.png") -> ManifestEntry:
    annotations = (ManifestAnnotation(kind=LABEL, class_index=label),)
    return ManifestEntry(sample=1, root=1, path=path, content_hash=content, annotations=annotations, split=split)


FIRST, SECOND = entry("a", 0, Split.VAL), entry("b", 1, Split.VAL)
PLAIN = Manifest(classes=CLASSES, entries=(FIRST, SECOND, entry("c", 0, Split.TRAIN)))


@pytest.mark.parametrize(
    ("entries", "is_same"),
    [
        ((SECOND, FIRST), True),
        ((FIRST, SECOND, entry("d", 1, Split.TRAIN), entry("e", 1, Split.TEST)), True),
        ((msgspec.structs.replace(FIRST, path="moved/1.png", sample=9, root=2), SECOND), True),
        ((FIRST,), False),
        ((FIRST, SECOND, entry("d", 1, Split.VAL)), False),
        ((FIRST, entry("b", 0, Split.VAL)), False),
    ],
)
def test_only_the_validation_images_and_their_labels_count(entries: tuple[ManifestEntry, ...], is_same: bool) -> None:
    assert (judged_on(Manifest(classes=CLASSES, entries=entries)) == judged_on(PLAIN)) is is_same


def test_classes_in_another_order_ask_the_same() -> None:
    turned = tuple(msgspec.structs.replace(item, index=1 - item.index) for item in reversed(CLASSES))
    entries = (entry("a", 1, Split.VAL), entry("b", 0, Split.VAL))
    assert judged_on(Manifest(classes=turned, entries=entries)) == judged_on(PLAIN)
