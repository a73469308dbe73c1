"""Images in one folder and their masks as images in another: the masks are no images to look at, and are left out with a word."""

import posixpath

from tlstudio.datasets.listing import FoundFile, Listing, Reading, SkippedFile
from tlstudio.datasets.named_images import Parts, composed, split_of_folders
from tlstudio.domain.splits import Split
from tlstudio.messages import message

_IMAGES = frozenset(("images", "image", "imgs", "img"))
_MASKS = frozenset(("labels", "label", "masks", "mask", "gt", "segmentation", "segmentations", "annotations"))


class MaskFolders:
    """`images/7.png` and `masks/7.png`, also below train, val and test."""

    def score(self, listing: Listing) -> float:
        """0.91 where every image lies in such a folder, and every mask has its image."""
        images = {_key(parts) for parts in listing.images if _kind(parts) == "image"}
        masks = [parts for parts in listing.images if _kind(parts) == "mask"]
        if not masks or len(images) + len(masks) < len(listing.images):
            return 0.0
        return 0.91 if all(_key(parts) in images for parts in masks) else 0.0

    def read(self, listing: Listing) -> Reading:
        """The images without classes; parts by folders named train, val and test."""
        images = [parts for parts in listing.images if _kind(parts) == "image"]
        splits = {parts: split_of_folders(parts) for parts in images}
        given = {split for split in splits.values() if split is not None}
        given_splits = Split.TRAIN in given and len(given) > 1
        files = [FoundFile(path="/".join(parts), split=splits[parts] if given_splits else None) for parts in images]
        reason = message("masks.mask", "It is the mask of an image; masks that are images are not read.")
        skipped = [SkippedFile(path="/".join(parts), reason=reason) for parts in listing.images if _kind(parts) == "mask"]
        remark = message("masks.left_out", "Masks that lie as images beside the images were left out: {number}.", number=len(skipped))
        return Reading(files=files, given_splits=given_splits, skipped=skipped, remarks=[remark])


def _kind(parts: Parts) -> str:
    folder = parts[-2].lower() if len(parts) > 1 else ""
    return "image" if folder in _IMAGES else "mask" if folder in _MASKS else ""


def _key(parts: Parts) -> Parts:
    """The folders around the two, and the name without its ending."""
    return (*parts[:-2], composed(posixpath.splitext(parts[-1])[0]))
