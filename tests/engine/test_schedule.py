"""Schedules of a fine-tuning as functions of the step: where they begin, how far they rise, where they end."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tlstudio.domain.recipe import FineTunePart
from tlstudio.engine.schedule import BETA1, is_settled, momentum, num_open, share_of_rate

SCHEDULES = st.sampled_from(["cosine", "one_cycle"])
WARMUPS = st.floats(0.0, 0.9)
NUMBERS = st.integers(1, 400)


def part(schedule: str, warmup: float = 0.1, **more: object) -> FineTunePart:
    return FineTunePart(schedule=schedule, warmup=warmup, **more)  # type: ignore[arg-type]


@given(SCHEDULES, WARMUPS, NUMBERS)
def test_the_rate_rises_within_the_warm_up_and_falls_after_it(schedule: str, warmup: float, num_steps: int) -> None:
    shares = [share_of_rate(part(schedule, warmup), step, num_steps) for step in range(num_steps)]
    assert all(0 < share <= 1 for share in shares)
    top = math.ceil(warmup * num_steps)
    assert shares[:top] == sorted(shares[:top])
    assert shares[top:] == sorted(shares[top:], reverse=True)


@given(WARMUPS, NUMBERS)
def test_in_one_cycle_momentum_runs_the_other_way_and_in_a_cosine_it_stays(warmup: float, num_steps: int) -> None:
    cycle = part("one_cycle", warmup)
    betas = [momentum(cycle, step, num_steps) for step in range(num_steps)]
    assert all(0.85 <= beta <= 0.95 for beta in betas)
    shares = [share_of_rate(cycle, step, num_steps) for step in range(num_steps)]
    top = math.ceil(warmup * num_steps)
    for here, there in zip(range(num_steps), range(1, num_steps), strict=False):
        if there == top:
            continue  # the rate begins lower than it ends up, so about the turn the two need not agree
        assert (shares[there] - shares[here]) * (betas[there] - betas[here]) <= 0
    assert {momentum(part("cosine", warmup), step, num_steps) for step in range(num_steps)} == {BETA1}


def test_one_cycle_goes_from_a_25th_over_the_full_rate_to_nearly_nothing() -> None:
    cycle = part("one_cycle", 0.25)
    assert share_of_rate(cycle, 0, 101) == pytest.approx(1 / 25)
    assert max(share_of_rate(cycle, step, 101) for step in range(101)) == pytest.approx(1.0, abs=1e-3)
    assert share_of_rate(cycle, 100, 101) == pytest.approx(4e-6)
    assert [momentum(cycle, step, 101) for step in (0, 100)] == pytest.approx([0.95, 0.95])


@given(st.integers(0, 5), st.integers(1, 20), st.integers(0, 40))
def test_stages_open_one_by_one_and_never_close(every: int, num_stages: int, epoch: int) -> None:
    gradual = part("cosine", unfreeze_every=every)
    here, next_one = (num_open(gradual, at, num_stages) for at in (epoch, epoch + 1))
    assert 1 <= here <= next_one <= num_stages
    assert next_one - here <= 1
    if every == 0:
        assert here == num_stages
    else:
        assert num_open(gradual, 0, num_stages) == 1
        assert num_open(gradual, every * num_stages, num_stages) == num_stages


def test_it_is_settled_once_no_later_epoch_brings_a_stage_or_larger_images() -> None:
    def first(num_stages: int, sizes: tuple[int, ...] = (), **more: object) -> int:
        asked = part("cosine", epochs=10, **more)
        settled = [is_settled(asked, epoch, num_stages, sizes) for epoch in range(10)]
        assert settled == sorted(settled)
        return settled.index(True)

    assert first(3) == 0
    assert first(3, unfreeze_every=2) == 4
    assert first(5, unfreeze_every=4) == 8, "the fourth and fifth never open"
    assert first(1, (32, 32, 48, 64, 64)) == 3
    assert first(3, (32, 64), unfreeze_every=2) == 4
