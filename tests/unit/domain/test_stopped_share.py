"""How much of a run is done, once it was told to stop and keep its best."""

import pytest

from tests.unit.jobs.journals import PLAN
from tlstudio.domain.events import Acknowledged, PhaseStarted, PlanFixed, StepTrained
from tlstudio.domain.run_state import RunState, apply


@pytest.mark.parametrize(("command", "share"), [("stop", 0.25), ("run", 1.0)])
def test_a_fine_tuning_that_is_stopped_stays_where_it_was_while_its_best_is_judged(command: str, share: float) -> None:
    step = (PLAN.num_steps or 0) // 4
    state = RunState()
    for event in (
        PlanFixed(plan=PLAN),
        PhaseStarted(phase="finetune", total=50, silence_limit_s=60.0),
        StepTrained(step=step, epoch=1, loss=0.5),
        Acknowledged(command=command),
        PhaseStarted(phase="evaluate", total=10, silence_limit_s=60.0),
    ):
        state = apply(state, event)
    assert state.fraction == pytest.approx(share, abs=0.05)
