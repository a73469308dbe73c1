"""Images in one folder and their masks as images in another: `images/7.png` and `masks/7.png`, or one mask a thing."""

import posixpath
import re
from collections import defaultdict

from tlstudio.datasets.listing import FoundFile, Listing, MaskFiles, Reading, SkippedFile, tidy_name
from tlstudio.datasets.named_images import Parts, composed, split_of_folders
from tlstudio.domain.splits import Split
from tlstudio.messages import message

_IMAGES = frozenset(("images", "image", "imgs", "img"))
_MASKS = frozenset(("labels", "label", "masks", "mask", "gt", "segmentation", "segmentations", "annotations"))
_ENDING = re.compile(r"[ _.-]?(masks?|labels?|seg|segmentation|gt)$", re.IGNORECASE)
_NAMES = frozenset(("classes.txt", "class_names.txt", "names.txt", "obj.names", "classes.names"))
_BACKGROUND = re.compile(r"[\W_]*(background|bg|unlabel+ed|void)[\W_]*", re.IGNORECASE)
_MAX_NAMES_BYTES = 64 * 1024


class MaskFolders:
    """Masks are found by the name of their image, with or without an ending such as `_mask`; where the folders around hold one image
    only, all masks there are its own. A file `classes.txt` names the values from 1, or from 0 where it begins with the background.
    """

    def score(self, listing: Listing) -> float:
        """0.91 where every image lies in such a folder, and most masks have their image."""
        pairs = _Pairs(listing)
        if not pairs.num_masks or pairs.num_others:
            return 0.0
        return 0.91 if 2 * len(pairs.lonely) < pairs.num_masks else 0.0

    def read(self, listing: Listing) -> Reading:
        """The images with the files of their masks, which are decoded later; parts by folders named train, val and test."""
        pairs = _Pairs(listing)
        splits = {image: split_of_folders(image) for image in pairs.masks}
        given = {split for split in splits.values() if split is not None}
        given_splits = Split.TRAIN in given and len(given) > 1
        names_file, names = _names(listing)
        files = [
            FoundFile(
                path="/".join(image),
                split=splits[image] if given_splits else None,
                masks=MaskFiles(paths=tuple("/".join(mask) for mask in masks), names=names) if masks else None,
            )
            for image, masks in pairs.masks.items()
        ]
        reason = message("masks.no_image", "A mask without its image: there is none of its name; it is not used.")
        lonely = [SkippedFile(path="/".join(mask), reason=reason, row=0) for mask in pairs.lonely]
        used = ["/".join(mask) for masks in pairs.masks.values() for mask in masks]
        return Reading(files=files, given_splits=given_splits, skipped=lonely, tables=[*used, *names_file])


class _Pairs:
    """`masks`: of each image, in the order of the listing; `lonely`: those without an image."""

    def __init__(self, listing: Listing) -> None:
        self.masks: dict[Parts, list[Parts]] = {parts: [] for parts in listing.images if _kind(parts) == "image"}
        self.lonely: list[Parts] = []
        masks = [parts for parts in listing.images if _kind(parts) == "mask"]
        self.num_masks = len(masks)
        self.num_others = len(listing.images) - len(self.masks) - len(masks)
        by_key = {_key(parts): parts for parts in self.masks}
        by_place: dict[Parts, list[Parts]] = defaultdict(list)
        for parts in self.masks:
            by_place[parts[:-2]].append(parts)
        for mask in masks:
            place, stem = _key(mask)
            alone = by_place[mask[:-2]] if len(by_place[mask[:-2]]) == 1 and mask[:-2] else []
            image = by_key.get((place, stem)) or by_key.get((place, _ENDING.sub("", stem))) or (alone[0] if alone else None)
            (self.lonely if image is None else self.masks[image]).append(mask)


def _kind(parts: Parts) -> str:
    folder = parts[-2].lower() if len(parts) > 1 else ""
    return "image" if folder in _IMAGES else "mask" if folder in _MASKS else ""


def _key(parts: Parts) -> tuple[Parts, str]:
    """The folders around the two, and the name without its ending."""
    return parts[:-2], composed(posixpath.splitext(parts[-1])[0])


def _names(listing: Listing) -> tuple[list[str], dict[int, str]]:
    """The file that names the values, should there be one, and the names by value."""
    found = [parts for parts in (*listing.tables, *listing.notes) if parts[-1].lower() in _NAMES]
    if not found:
        return [], {}
    file = min(found, key=lambda parts: (len(parts), parts))
    text = listing.table_bytes(file, at_most=_MAX_NAMES_BYTES).decode("utf-8-sig", "replace")
    lines = [tidy_name(line) for line in text.splitlines() if line.strip()]
    first = 0 if lines and _BACKGROUND.fullmatch(lines[0]) else 1
    return ["/".join(file)], {number: name for number, name in enumerate(lines, first) if number}
