"""What a run is said to have taken: the same whether or not its process had to load libraries first."""

import pytest

from tlstudio.domain import events as ev
from tlstudio.domain.run_state import RunState, apply

LOADS, READS = (ev.PhaseStarted(phase=phase, total=None, silence_limit_s=1e9) for phase in ("libraries", "load"))


def after(*told: tuple[ev.AnyEvent, float]) -> RunState:
    state = RunState()
    for event, time in told:
        state = apply(state, event, time=time)
    return state


@pytest.mark.parametrize("loading_s", [0.0, 7.0])
def test_loading_is_no_work_of_a_run(loading_s: float) -> None:
    begun = (ev.Started(attempt=1, pid=1), 0.0), (LOADS, 0.0)
    alive = ev.StillWorking()
    assert after(*begun).work_s == 0.0
    told = (*begun, (READS, loading_s), (alive, loading_s + 3.0))
    assert after(*told).work_s == 3.0
    again = (*told, (ev.Started(attempt=2, pid=2), 100.0), (LOADS, 100.0), (READS, 100.0 + loading_s), (alive, 102.0 + loading_s))
    assert after(*again).work_s == 5.0
