"""Mixed training images: mixup (Zhang et al. 2018) and CutMix (Yun et al. 2019), each batch by (seed, step) alone."""

import math

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from tlstudio.domain.recipe import FineTunePart

_STREAM = 0x6D6978
"""Keeps this chance apart from that of other things which depend on the seed and a number."""


def mixed(images: Tensor, targets: Tensor, part: FineTunePart, *, num_classes: int, seed: int, step: int) -> tuple[Tensor, Tensor]:
    """A batch in which each image is mixed with another one: uint8[N, S, S, 3] and its labels as shares of classes, f32[N, K].

    `images` are uint8[N, S, S, 3], `targets` i64[N]. The share is one for the whole batch.
    """
    random = np.random.default_rng((seed, step, _STREAM))
    is_cut = part.cutmix > 0 and (part.mixup == 0 or random.random() < 0.5)
    alpha = part.cutmix if is_cut else part.mixup
    share = float(random.beta(alpha, alpha))
    others = torch.from_numpy(random.permutation(len(images))).to(images.device)
    if is_cut:
        top, bottom, left, right = _box(images.shape[1], images.shape[2], 1 - share, random)
        result = images.clone()
        result[:, top:bottom, left:right] = images[others, top:bottom, left:right]
        share = 1 - (bottom - top) * (right - left) / (images.shape[1] * images.shape[2])
    else:
        result = torch.lerp(images[others].float(), images.float(), share).round().to(torch.uint8)
    labels = functional.one_hot(targets, num_classes).float()
    return result, torch.lerp(labels[others.to(labels.device)], labels, share)


def _box(height: int, width: int, area: float, random: np.random.Generator) -> tuple[int, int, int, int]:
    """Top, bottom, left and right of a piece with this share of the area, cut off at the border of the image (Yun et al., equation 2)."""
    side = math.sqrt(area)
    middle_y, middle_x = int(random.integers(height)), int(random.integers(width))
    half_y, half_x = round(height * side) // 2, round(width * side) // 2
    return max(0, middle_y - half_y), min(height, middle_y + half_y), max(0, middle_x - half_x), min(width, middle_x + half_x)
