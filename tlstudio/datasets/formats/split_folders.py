"""Class folders inside train, val (or valid, validation) and test: the division that came with the data is kept."""

from tlstudio.datasets.formats.class_folders import found_in_class_folder
from tlstudio.datasets.listing import FoundFile, Listing, Reading
from tlstudio.domain.splits import Split

SPLIT_WORDS = {
    "train": Split.TRAIN,
    "training": Split.TRAIN,
    "val": Split.VAL,
    "valid": Split.VAL,
    "validation": Split.VAL,
    "dev": Split.VAL,
    "test": Split.TEST,
    "testing": Split.TEST,
}


class SplitFolders:
    """`train/bees/img.png`. Other folders beside train and val hold images without class or split; they are kept too."""

    def score(self, listing: Listing) -> float:
        """0.9 where a training folder and another part are there, and either classes lie in it or there is nothing else."""
        images = list(listing.behind_prefix())
        splits = {_split_of(parts) for parts in images}
        if Split.TRAIN not in splits or not splits & {Split.VAL, Split.TEST}:
            return 0.0
        has_classes = any(_split_of(parts) is Split.TRAIN and len(parts) > 2 for parts in images)
        return 0.9 if has_classes or None not in splits else 0.0

    def read(self, listing: Listing) -> Reading:
        """Class = the second folder; images without a class get no split either, for they can judge nothing."""
        return Reading(files=[_found(listing, parts) for parts in listing.behind_prefix()], given_splits=True)


def _found(listing: Listing, parts: tuple[str, ...]) -> FoundFile:
    split = _split_of(parts)
    if split is None:
        return FoundFile(path=listing.path_of(parts))
    return found_in_class_folder(listing, parts, parts[1:], split)


def _split_of(parts: tuple[str, ...]) -> Split | None:
    return SPLIT_WORDS.get(parts[0].lower()) if len(parts) > 1 else None
