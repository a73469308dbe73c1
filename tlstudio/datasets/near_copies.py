"""Finding near copies among fingerprints: hashes that differ in few bits first, then a second look at the details."""

from collections.abc import Iterable, Mapping

import numpy as np
import numpy.typing as npt

from tlstudio.domain.fingerprints import Fingerprint, NearCopy

MAX_BITS = 10
"""Zauner (2010) finds re-encoded and rescaled images within 10 of 64 bits and unrelated ones around 32. Measured on 5,000 photographs,
micrographs and textures: rescaling to 60 % and JPEG quality 50 move at most 8 bits, cutting 1.5 % off each side at most 12."""
MIN_LIKENESS = 0.95
"""Measured on the same images: rescaled and re-encoded ones stay above 0.98; unrelated ones reached 0.90. Two photographs of one thing
on the same table lie on either side, and so they should: to a test they are nearly the same question."""
_CELLS_AT_ONCE = 1 << 18
"""Comparisons in one go: 2 MB of differences stay in the processor's cache."""
_SECOND_LOOKS_AT_ONCE = 1 << 14
_CANDIDATES_OF_A_SET = 4

Places = npt.NDArray[np.int64]


class NearCopySearch:
    """All fingerprints of a project, and which of them are held together already. Not thread-safe.

    10,000 against each other take well under a second; one more against 100,000 a millisecond. Sets in which everything is like
    everything else cost more, but no more memory: of each set only the pairs that hold it together are kept.
    """

    def __init__(self) -> None:
        self._place: dict[str, int] = {}
        self._names: list[str] = []
        self._hashes = np.empty(0, np.uint64)
        self._details: list[bytes] = []
        self._sets = np.empty(0, np.int64)
        """int64[N]: the set each belongs to, as the place of one of its members."""

    def __contains__(self, content_hash: str) -> bool:
        return content_hash in self._place

    def load(self, fingerprints: Mapping[str, Fingerprint], near: Iterable[NearCopy]) -> None:
        """Take in what was compared before, by content hash."""
        self._append(fingerprints)
        for pair in near:
            if pair.first in self._place and pair.second in self._place:
                self._join(self._place[pair.first], self._place[pair.second])

    def add(self, fingerprints: Mapping[str, Fingerprint]) -> list[NearCopy]:
        """Compare new ones with each other and with all before; answers the pairs that join two sets."""
        first = len(self._names)
        self._append({name: item for name, item in fingerprints.items() if name not in self._place})
        rows = max(1, _CELLS_AT_ONCE // max(1, len(self._names)))
        near: list[NearCopy] = []
        for start in range(first, len(self._names), rows):
            for likeness, one, other in sorted(self._alike(start, min(start + rows, len(self._names))), reverse=True):
                if self._join(one, other):
                    names = sorted((self._names[one], self._names[other]))
                    near.append(NearCopy(first=names[0], second=names[1], likeness=round(min(1.0, likeness), 4)))
        return near

    def _append(self, fingerprints: Mapping[str, Fingerprint]) -> None:
        start = len(self._names)
        self._names += fingerprints
        self._place.update((name, place) for place, name in enumerate(fingerprints, start))
        self._details += (item.detail for item in fingerprints.values())
        hashes = np.frombuffer(b"".join(item.hash for item in fingerprints.values()), np.uint64)
        self._hashes = np.concatenate([self._hashes, hashes])
        self._sets = np.concatenate([self._sets, np.arange(start, len(self._names))])

    def _join(self, one: int, other: int) -> bool:
        kept, gone = self._sets[one], self._sets[other]
        if kept == gone:
            return False
        self._sets[self._sets == gone] = kept
        return True

    def _alike(self, start: int, end: int) -> list[tuple[float, int, int]]:
        """(likeness, row, column) of rows `start`..`end` with everything before them that is not of the same set yet."""
        bits = np.bitwise_count(self._hashes[start:end, None] ^ self._hashes[None, :end])
        cells = np.flatnonzero(bits <= MAX_BITS)
        rows, columns = start + cells // end, cells % end
        is_news = (columns < rows) & (self._sets[rows] != self._sets[columns])
        rows, columns = _closest(rows[is_news], columns[is_news], bits.ravel()[cells[is_news]], self._sets)
        found: list[tuple[float, int, int]] = []
        for part in range(0, len(rows), _SECOND_LOOKS_AT_ONCE):
            one, other = rows[part : part + _SECOND_LOOKS_AT_ONCE].tolist(), columns[part : part + _SECOND_LOOKS_AT_ONCE].tolist()
            likeness = _correlation(self._detail(one), self._detail(other)).tolist()
            found += (item for item in zip(likeness, one, other, strict=True) if item[0] >= MIN_LIKENESS)
        return found

    def _detail(self, places: list[int]) -> npt.NDArray[np.float32]:
        """float32[N, D]."""
        joined = b"".join(self._details[place] for place in places)
        return np.frombuffer(joined, np.int8).reshape(len(places), -1).astype(np.float32)


def _closest(rows: Places, columns: Places, bits: npt.NDArray[np.uint8], sets: Places) -> tuple[Places, Places]:
    """Of each row's candidates the few with the closest hashes from every set: one that is alike is enough to join it."""
    order = np.lexsort((bits, sets[columns], rows))
    rows, columns = rows[order], columns[order]
    if len(rows) <= _CANDIDATES_OF_A_SET:
        return rows, columns
    back = _CANDIDATES_OF_A_SET
    is_far = np.zeros(len(rows), bool)
    is_far[back:] = (rows[back:] == rows[:-back]) & (sets[columns[back:]] == sets[columns[:-back]])
    return rows[~is_far], columns[~is_far]


def _correlation(one: npt.NDArray[np.float32], other: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """float32[N] of float32[N, D] and float32[N, D]."""
    products: npt.NDArray[np.float32] = np.einsum("nd,nd->n", one, other)
    lengths: npt.NDArray[np.float32] = np.linalg.norm(one, axis=1) * np.linalg.norm(other, axis=1)
    likeness: npt.NDArray[np.float32] = (products / np.maximum(lengths, 1e-6)).astype(np.float32)
    return likeness
