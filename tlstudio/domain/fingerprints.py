"""What images look like, small enough to compare all with all; and what that comparison found."""

import msgspec


class Fingerprint(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One image's look. Made by `datasets.fingerprints`, which says what the numbers are."""

    hash: bytes
    """8 bytes: a 64-bit perceptual hash; images that look alike differ in few bits."""
    detail: bytes
    """int8[256]: the fine structure, for a second look at two images whose hashes are close."""


class NearCopy(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Two files that hold nearly the same picture, by content hash, `first` < `second`.

    Of a set of near copies only as many pairs are kept as hold the set together.
    """

    first: str
    second: str
    likeness: float
    """Correlation of the fine structures, at most 1."""
