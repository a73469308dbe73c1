"""Labels that a run's answers speak against: confident learning (Northcutt, Jiang and Chuang, JAIR 70, 2021, section 3.1)."""

import numpy as np

from tlstudio.domain.evidence import Doubt
from tlstudio.domain.splits import Split
from tlstudio.evaluation.predictions import Predictions

MIN_IMAGES = 5
"""Of a class, below which nobody knows how sure the run usually is of it."""
SURE = 0.5
MOST = 0.2
"""Share of the images: a run that doubts more labels than that is weak itself, and says nothing of them."""


def doubts(predictions: Predictions) -> tuple[Doubt, ...]:
    """Validation images that count as another class in the paper's confident joint, those it is surest of first.

    The threshold of a class is the run's mean probability for it on images that carry it. Doubted is a label whose own probability lies
    below its threshold while another class, more likely than not, reaches its own. Only validation is asked: no image of it was learned
    from, and the test images stay unopened.
    """
    part = predictions.of(Split.VAL)
    if not len(part):
        return ()
    probabilities, places = part.probabilities(), np.arange(len(part))
    own = probabilities[places, part.targets]
    counts = np.bincount(part.targets, minlength=len(part.class_ids))
    thresholds = np.bincount(part.targets, weights=own, minlength=len(part.class_ids)) / np.maximum(counts, 1)
    thresholds[counts < MIN_IMAGES] = np.inf
    reached = np.where(probabilities >= np.maximum(thresholds, SURE), probabilities, -np.inf)
    seen = reached.argmax(axis=1)
    is_known = np.isfinite(thresholds[part.targets])
    is_doubted = is_known & (own < thresholds[part.targets]) & np.isfinite(reached[places, seen]) & (seen != part.targets)
    if is_doubted.mean() > MOST:
        return ()
    margins = probabilities[places, seen] - own
    order = sorted(np.flatnonzero(is_doubted).tolist(), key=lambda place: (-margins[place], place))
    return tuple(
        Doubt(sample=int(part.samples[place]), said=part.class_ids[part.targets[place]], seen=part.class_ids[seen[place]])
        for place in order
    )
