"""Where stages began to train, as the journal tells it: every step of gradual unfreezing, also over interruptions."""

from tlstudio.domain.events import AnyEvent, BackboneUnfrozen, Resumed
from tlstudio.domain.run_state import RunState, apply


def unfrozen(step: int, num_stages: int) -> BackboneUnfrozen:
    return BackboneUnfrozen(step=step, num_stages=num_stages, num_trainable=100 * num_stages)


def marks(*events: AnyEvent) -> list[tuple[int, int]]:
    state = RunState()
    for event in events:
        state = apply(state, event)
    assert state.unfrozen == (state.unfreezings[0] if state.unfreezings else None)
    return [(item.step, item.num_stages) for item in state.unfreezings]


def test_every_further_stage_is_a_mark() -> None:
    assert marks() == []
    assert marks(unfrozen(0, 1), unfrozen(4, 2), unfrozen(8, 3)) == [(0, 1), (4, 2), (8, 3)]


def test_an_attempt_that_goes_on_opens_what_was_open_before_and_that_is_no_new_mark() -> None:
    begun = (unfrozen(0, 1), unfrozen(4, 2))
    assert marks(*begun, Resumed(attempt=2, from_step=6), unfrozen(6, 2), unfrozen(8, 3)) == [(0, 1), (4, 2), (8, 3)]


def test_a_mark_behind_the_step_it_goes_on_from_did_not_happen() -> None:
    begun = (unfrozen(0, 1), unfrozen(4, 2), unfrozen(8, 3))
    assert marks(*begun, Resumed(attempt=2, from_step=3), unfrozen(3, 1)) == [(0, 1)]
    assert marks(*begun, Resumed(attempt=2, from_step=5), unfrozen(5, 2), unfrozen(8, 3)) == [(0, 1), (4, 2), (8, 3)]
