"""Mixed images: labels are mixed by the share of the picture, and chance is that of the step alone."""

import numpy as np
import pytest
import torch
from torch import Tensor

from tlstudio.domain.recipe import FineTunePart
from tlstudio.engine.mixing import mixed

NUM, SIDE = 6, 16


def batch() -> tuple[Tensor, Tensor]:
    """Image number n is 40 times n in every pixel, and of class n."""
    values = torch.arange(NUM, dtype=torch.uint8) * 40
    return values.view(-1, 1, 1, 1).expand(NUM, SIDE, SIDE, 3).contiguous(), torch.arange(NUM)


def mix(step: int = 0, *, seed: int = 0, **alphas: float) -> tuple[Tensor, Tensor]:
    return mixed(*batch(), FineTunePart(**alphas), num_classes=NUM, seed=seed, step=step)  # type: ignore[arg-type]


def by_labels(labels: Tensor) -> np.ndarray:
    """The mean brightness that the labels say."""
    return (labels.numpy() * 40 * np.arange(NUM)).sum(axis=1)


@pytest.mark.parametrize("step", range(20))
def test_cut_pieces_count_by_their_area(step: int) -> None:
    images, labels = mix(step, cutmix=1.0)
    assert set(images.unique().tolist()) <= {0, 40, 80, 120, 160, 200}, "pixels are pasted, not blended"
    assert images.float().mean(dim=(1, 2, 3)).numpy() == pytest.approx(by_labels(labels), abs=1e-3)
    assert labels.sum(dim=1).numpy() == pytest.approx(np.ones(NUM))


@pytest.mark.parametrize("step", range(20))
def test_blended_images_count_by_their_weight(step: int) -> None:
    images, labels = mix(step, mixup=1.0)
    assert images.dtype is torch.uint8
    assert all(len(image.unique()) == 1 for image in images)
    assert images[:, 0, 0, 0].float().numpy() == pytest.approx(by_labels(labels), abs=0.51)
    assert labels.sum(dim=1).numpy() == pytest.approx(np.ones(NUM))


def test_images_really_are_mixed_and_with_both_kinds_batches_take_turns() -> None:
    shares = [mix(step, mixup=1.0, cutmix=1.0)[1].amax(dim=1).min().item() for step in range(40)]
    assert sum(share < 0.9 for share in shares) > 20
    pasted = [set(mix(step, mixup=1.0, cutmix=1.0)[0].unique().tolist()) <= {0, 40, 80, 120, 160, 200} for step in range(40)]
    assert 5 < sum(pasted) < 35


def test_a_step_is_mixed_the_same_way_again_and_another_one_differently() -> None:
    first, again, later, other = mix(3, mixup=0.4), mix(3, mixup=0.4), mix(4, mixup=0.4), mix(3, seed=1, mixup=0.4)
    assert torch.equal(first[0], again[0])
    assert torch.equal(first[1], again[1])
    assert not torch.equal(first[1], later[1])
    assert not torch.equal(first[1], other[1])


def test_images_of_a_batch_stay_as_they_are() -> None:
    images, _targets = batch()
    mixed(images, torch.arange(NUM), FineTunePart(cutmix=1.0), num_classes=NUM, seed=0, step=0)
    assert torch.equal(images, batch()[0])
