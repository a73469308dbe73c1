"""One folder for each class; images beside the folders have none. Deeper folders are kept as proposals of groups."""

from tlstudio.datasets.listing import FoundFile, Listing, Reading, tidy_name
from tlstudio.domain.splits import Split


class ClassFolders:
    """`class/img.png`, or `class/slide_03/img.png` with the group "slide_03"."""

    def score(self, listing: Listing) -> float:
        """0.6 as soon as any image lies in a folder."""
        return 0.6 if any(len(parts) > 1 for parts in listing.behind_prefix()) else 0.0

    def read(self, listing: Listing) -> Reading:
        """Class = the first folder."""
        return Reading(files=[found_in_class_folder(listing, parts, parts) for parts in listing.behind_prefix()])


def found_in_class_folder(listing: Listing, parts: tuple[str, ...], inside: tuple[str, ...], split: Split | None = None) -> FoundFile:
    """`inside`: the part of `parts` from the class folder on; just the file's name where there is none."""
    class_name = tidy_name(inside[0]) if len(inside) > 1 else None
    group = "/".join(inside[1:-1]) or None
    return FoundFile(path=listing.path_of(parts), class_name=class_name, split=split if class_name else None, group=group)
