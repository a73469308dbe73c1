"""Normalising by rows of pixels gives the bits of the plain formula, in the order of memory that the network wants."""

import pytest
import torch

from tlstudio.domain.networks import Preprocessing
from tlstudio.engine.models.network import Network

PREPROCESSING = Preprocessing(mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225))


@pytest.mark.parametrize("is_mirrored", [False, True])
@pytest.mark.parametrize("number", [0, 1, 5])
@pytest.mark.parametrize("channels_last", [True, False])
def test_the_bits_are_those_of_the_formula(channels_last: bool, number: int, is_mirrored: bool) -> None:
    network = Network(torch.nn.Identity(), preprocessing=PREPROCESSING, num_features=1)
    network.lay_out(channels_last=channels_last)
    images = torch.randint(0, 256, (number, 37, 29, 3), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    images = images.flip(2) if is_mirrored else images
    before = images.clone()
    prepared = network.prepare(images)
    assert torch.equal(prepared, images.permute(0, 3, 1, 2).float() * network.scale + network.shift)
    assert torch.equal(images, before)
    assert prepared.is_contiguous(memory_format=torch.channels_last if channels_last else torch.contiguous_format)
