"""Which of several runs are told apart from the best of them: a bootstrap of all at once, on the same images.

The best of several is chosen by the figures that it is then compared by, so among equals it always looks better than the rest: intervals
of single differences would call some of them worse nearly every time. What has to be exceeded is how far apart the highest and the lowest
of as many equal runs lie, as with the studentised range of Tukey (1949, "Comparing individual means in the analysis of variance",
Biometrics 5; The problem of multiple comparisons, 1953). Its distribution is taken from resamples (Efron 1979; Efron and Tibshirani 1993,
section 8.3 and chapter 16): images are drawn within each true class, once for all runs, so that what they all err on moves none apart, and
every run's figure is centred by its own. The share of sweeps of equal runs in which any is told apart is then held to about 5 %.

A class of few images may show no difference in any resample, or always the same one. So each class has two images more, on each of
which every run is right as by a fair coin: one right and one wrong to expect for each run, and for two runs half an image in each of
the four cases, as Agresti and Min (2005, "Simple improved confidence intervals for comparing matched proportions", Statistics in
Medicine 24) add them. They count in the figures that are compared, too.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tlstudio.evaluation.intervals import LEVEL, NUM_RESAMPLES
from tlstudio.evaluation.predictions import Predictions

_NUM_PSEUDO = 2
_BLOCK = 200
"""Resamples drawn together: a block holds a number for each image on which the runs differ."""


@dataclass(frozen=True, kw_only=True, eq=False)
class SharedAnswers:
    """Where each of T runs was right, on the images that all of them were judged on."""

    is_right: NDArray[np.bool_]
    """bool[T, N]."""
    truth: NDArray[np.int64]
    """i64[N], class index of each image."""
    kept: tuple[int, ...]
    """Which of the runs asked about the rows are; the first is always among them."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Lags:
    """How far each of T runs is behind the first."""

    behind: NDArray[np.float64]
    """f64[T], in balanced accuracy with the two added images a class, -1..1; 0 for the first."""
    chance: float
    """How far apart chance alone puts the highest and the lowest of T equal runs, in 95 % of draws."""

    @property
    def is_told_apart(self) -> NDArray[np.bool_]:
        """bool[T]: whether a run is further behind than chance explains."""
        return self.behind > self.chance


def share(runs: Sequence[Predictions]) -> SharedAnswers:
    """The images that the first of `runs` has in common with the others, which hold labelled images of one split, each image once.

    A run is left out where it knows other classes, where it was given another label for an image, or where it has no image in common
    with the first and those kept before it.
    """
    first = runs[0]
    samples, targets = first.samples, first.targets
    kept = [0]
    for place, run in enumerate(runs[1:], 1):
        common, mine, its = np.intersect1d(samples, run.samples, return_indices=True)
        if len(common) and run.class_ids == first.class_ids and np.array_equal(targets[mine], run.targets[its]):
            samples, targets = common, targets[mine]
            kept.append(place)
    return SharedAnswers(is_right=np.stack([_right_at(runs[place], samples) for place in kept]), truth=targets, kept=tuple(kept))


def _right_at(run: Predictions, samples: NDArray[np.int64]) -> NDArray[np.bool_]:
    order = np.argsort(run.samples)
    places = order[np.searchsorted(run.samples, samples, sorter=order)]
    return np.asarray(run.logits[places].argmax(axis=1) == run.targets[places])


def lags(
    is_right: NDArray[np.bool_], truth: NDArray[np.int64], *, num_resamples: int = NUM_RESAMPLES, seed: int = 0, level: float = LEVEL
) -> Lags:
    """Compare T runs with the first, from where they were right, bool[T, N], on N images of the classes `truth`, i64[N].

    The same answers and seed give the same bits, whatever the order of the images is.
    """
    random = np.random.default_rng(seed)
    classes = np.unique(truth)
    figures, drawn = np.zeros(len(is_right)), np.zeros((num_resamples, len(is_right)))
    for index in classes:
        cases, counts = np.unique(is_right[:, truth == index].T, axis=0, return_counts=True)
        num_images = int(counts.sum()) + _NUM_PSEUDO
        figures += (counts @ cases + _NUM_PSEUDO / 2) / num_images
        for start in range(0, num_resamples, _BLOCK):
            block = drawn[start : start + _BLOCK]
            block += _redrawn(cases, counts, len(block), random) / num_images
    centred = drawn - figures
    spread = (centred.max(axis=1) - centred.min(axis=1)) / len(classes)
    return Lags(behind=(figures[0] - figures) / len(classes), chance=float(np.quantile(spread, level)))


def _redrawn(cases: NDArray[np.bool_], counts: NDArray[np.int64], num_resamples: int, random: np.random.Generator) -> NDArray[np.float64]:
    """How many images of a class each run is right on, f64[R, T], where its images and the two added ones are drawn anew.

    `cases`, bool[C, T], are the ways in which the runs were right on an image, and `counts`, i64[C], on how many. Images that are
    alike to all runs are one case, so drawing them is one multinomial, as in `evaluation.intervals`.
    """
    weights = np.append(counts, _NUM_PSEUDO)
    num_images = int(weights.sum())
    draws = random.multinomial(num_images, weights / num_images, size=num_resamples)
    coins = random.binomial(draws[:, -1:], 0.5, size=(num_resamples, cases.shape[1]))
    return np.asarray(draws[:, :-1].astype(np.float64) @ cases.astype(np.float64) + coins)
