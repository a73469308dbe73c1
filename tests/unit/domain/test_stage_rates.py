"""Rates of stages: smaller towards the image, never so small that a stage stands still."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tlstudio.domain.recipe import FineTunePart
from tlstudio.domain.stage_rates import rates_of_stages

RATES = st.floats(1e-6, 1.0)


@given(number=st.integers(1, 40), rate=RATES, decay=st.floats(0.001, 1.0))
def test_by_the_rule_they_fall_from_the_head_to_a_hundredth_of_its_rate(number: int, rate: float, decay: float) -> None:
    rates = rates_of_stages(FineTunePart(learning_rate=rate, stage_decay=decay), number)
    assert len(rates) == number
    assert rates[0] == pytest.approx(rate * max(decay, 0.01))
    assert all(after <= before for before, after in pairwise(rates))
    assert min(rates) >= rate / 100 * (1 - 1e-9)


@given(number=st.integers(1, 40), own=st.lists(RATES, min_size=1, max_size=50))
def test_what_was_set_by_hand_stands_and_is_never_exceeded_by_what_follows(number: int, own: list[float]) -> None:
    rates = rates_of_stages(FineTunePart(stage_rates=tuple(own)), number)
    assert rates[: len(own)] == tuple(own)[:number]
    assert all(rate <= own[-1] for rate in rates[len(own) :])


def test_the_twelve_blocks_of_a_transformer_all_move() -> None:
    rates = rates_of_stages(FineTunePart(learning_rate=1e-3, stage_decay=0.3), 12)
    assert rates == pytest.approx((3e-4, 9e-5, 2.7e-5, *[1e-5] * 9))
