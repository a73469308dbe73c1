"""How far one run is above another on the same images: a paired bootstrap of the difference in balanced accuracy.

Two runs that are judged on the same images err on much the same of them, so their figures move together from one draw of images to
the next: the interval of one of them alone says little about their difference. Here each resample draws images, within each true class,
with what both runs answered to them (Efron and Tibshirani 1993, section 8.3 and chapter 13).

An image counts through three cases alone: only one run is right, only the other is, or both are alike. So the draws of a class are one
multinomial, as in `evaluation.intervals`.
"""

import numpy as np

from tlstudio.domain.report import Estimate
from tlstudio.evaluation.intervals import LEVEL, NUM_RESAMPLES
from tlstudio.evaluation.predictions import Predictions


def balanced_difference(
    one: Predictions, other: Predictions, *, num_resamples: int = NUM_RESAMPLES, seed: int = 0, level: float = LEVEL
) -> Estimate | None:
    """How far the balanced accuracy of `one` is above that of `other`, in -1..1, with its 95 % interval.

    Both hold labelled images of one split. None where these are not the same images with the same classes, or where there are none.
    """
    first, second = np.argsort(one.samples), np.argsort(other.samples)
    if one.class_ids != other.class_ids or not len(one) or not np.array_equal(one.samples[first], other.samples[second]):
        return None
    truth = one.targets[first]
    if not np.array_equal(truth, other.targets[second]):
        return None
    is_right = [item.logits[order].argmax(axis=1) == truth for item, order in ((one, first), (other, second))]
    above = is_right[0].astype(np.int64) - is_right[1]
    random = np.random.default_rng(seed)
    classes = np.unique(truth)
    value, drawn = 0.0, np.zeros(num_resamples)
    for index in classes:
        cases = np.bincount(above[truth == index] + 1, minlength=3)
        num_images = int(cases.sum())
        draws = random.multinomial(num_images, cases / num_images, size=num_resamples)
        value += float(cases[2] - cases[0]) / num_images
        drawn += (draws[:, 2] - draws[:, 0]) / num_images
    tail = (1.0 - level) / 2.0
    low, high = np.quantile(drawn / len(classes), (tail, 1.0 - tail))
    return Estimate(value=value / len(classes), low=float(low), high=float(high))
