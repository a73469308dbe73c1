"""Class-balanced sampling: the images of an epoch so that every class is shown equally often, by (seed, epoch) alone."""

import numpy as np
from numpy.typing import NDArray

_STREAM = 0x73616D
"""Keeps this chance apart from that of other things which depend on the seed and a number."""


def balanced_order(labels: NDArray[np.int64], *, seed: int, epoch: int) -> NDArray[np.int64]:
    """i64[N]: rows of the N images in the order of an epoch, those of a rare class several times, of a common one not all.

    `labels`: i64[N]. Classes differ by one at most, and so do the images of one class; each epoch draws others.
    """
    random = np.random.default_rng((seed, epoch, _STREAM))
    classes = random.permutation(np.unique(labels))
    shares = np.array_split(np.arange(len(labels)), len(classes))
    drawn = [_drawn(np.flatnonzero(labels == label), len(share), random) for label, share in zip(classes, shares, strict=True)]
    return random.permutation(np.concatenate(drawn))


def turns_of(order: NDArray[np.int64]) -> NDArray[np.int64]:
    """i64[N]: how often the row at each place of `order` has come before it."""
    by_row = np.argsort(order, kind="stable")
    begins = np.searchsorted(order[by_row], order[by_row])
    turns = np.empty_like(order)
    turns[by_row] = np.arange(len(order)) - begins
    return turns


def _drawn(rows: NDArray[np.int64], number: int, random: np.random.Generator) -> NDArray[np.int64]:
    """`number` of a class's rows: all of them as often as they fit in, the rest by chance."""
    again, rest = divmod(number, len(rows))
    return np.concatenate([np.tile(rows, again), random.permutation(rows)[:rest]])
