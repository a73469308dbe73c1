"""Equal blocks of a network are told with equal times, and the whole takes as long as before."""

import pytest

from tlstudio.domain.machine import StageCost, evened


def _stage(num_parameters: int, seconds: float) -> StageCost:
    return StageCost(
        num_parameters=num_parameters,
        macs=100 * num_parameters,
        output_shape=(197, 192),
        forward_s=seconds,
        train_forward_s=2 * seconds,
        backward_s=3 * seconds,
        kept_bytes=1000,
    )


def test_equal_blocks_share_their_mean_and_others_keep_their_own() -> None:
    stem, *blocks = evened((_stage(5, 0.5), _stage(9, 0.05), _stage(9, 0.13), _stage(9, 0.23), _stage(9, 0.07)))
    assert stem == _stage(5, 0.5)
    for block in blocks:
        assert (block.forward_s, block.train_forward_s, block.backward_s) == pytest.approx((0.12, 0.24, 0.36))
    assert sum(block.forward_s for block in blocks) == pytest.approx(0.48)
