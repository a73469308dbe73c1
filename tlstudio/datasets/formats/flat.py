"""Images without classes, to be labelled in the program."""

from tlstudio.datasets.listing import FoundFile, Listing, Reading


class Flat:
    """`img.png` right in the folder."""

    def score(self, listing: Listing) -> float:
        """What is left when nothing says more."""
        return 0.1

    def read(self, listing: Listing) -> Reading:
        """No class, no split, no group."""
        return Reading(files=[FoundFile(path=listing.path_of(parts)) for parts in listing.behind_prefix()])
