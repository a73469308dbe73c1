"""Journals to replay where a test needs a run but no torch: written by hand, event by event in the order the engine writes them."""

from pathlib import Path

from tlstudio.domain.events import AnyEvent
from tlstudio.domain.journal import decode_lines
from tlstudio.domain.run_state import RunState, apply

FOLDER = Path(__file__).parent / "data" / "journals"


def data(name: str) -> bytes:
    """The bytes of a journal: "quick", "balanced" or "failed"."""
    return (FOLDER / f"{name}.jsonl").read_bytes()


def events(name: str) -> list[tuple[AnyEvent, float]]:
    """Its events with their times."""
    return [(line.event, line.time) for line, _end in decode_lines(data(name))]


def states(name: str) -> list[RunState]:
    """The state after each event."""
    found, state = [], RunState()
    for event, time in events(name):
        state = apply(state, event, time=time)
        found.append(state)
    return found


def until(name: str, kind: type, *, count: int = 1) -> RunState:
    """The state right after the `count`-th event of a kind."""
    left = count
    for (event, _time), state in zip(events(name), states(name), strict=True):
        left -= isinstance(event, kind)
        if left == 0:
            return state
    raise LookupError(f"{name} has no {count} events {kind.__name__}")
