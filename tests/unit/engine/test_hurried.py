"""How long rank 0 waits for another process, and what it makes of an error in that time."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
import torch.distributed as dist

from tlstudio.domain.jobs import Command
from tlstudio.engine import line, meeting
from tlstudio.engine.crew import CrewLostError, CrewSilentError, Place
from tlstudio.engine.gate import Gate
from tlstudio.engine.line import Line

FIRST_OF_TWO = Place(rank=0, size=2, local_rank=0, local_size=2, meeting="hurried")


@dataclass
class Store:
    """Where processes say that they are here; `wait` is what waiting for them comes to."""

    answer: Callable[[timedelta], None]

    def set(self, _key: str, _value: str) -> None:
        pass

    def wait(self, _keys: list[str], patience: timedelta) -> None:
        self.answer(patience)


@dataclass
class Silence:
    """What rank 0 waits for where another one never answers."""

    def wait(self, patience: timedelta) -> None:
        time.sleep(patience.total_seconds())
        raise RuntimeError("Operation timed out!")

    def is_completed(self) -> bool:
        return False


@dataclass
class Late:
    """What it waits for where the answer comes at the third look."""

    num_looks: int = 0

    def wait(self, _patience: timedelta | None = None) -> None:
        self.num_looks += 1
        if self.num_looks < 3:
            raise RuntimeError("Operation timed out!")

    def is_completed(self) -> bool:
        return self.num_looks >= 3


@dataclass
class Broken:
    """What it waits for where the connection is gone."""

    def wait(self, _patience: timedelta | None = None) -> None:
        raise RuntimeError("Connection closed by peer")

    def is_completed(self) -> bool:
        return True


def test_giving_up_a_moment_early_is_giving_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """torch counts whole milliseconds."""

    def wait(patience: timedelta) -> None:
        time.sleep(patience.total_seconds() - 0.0009)
        raise RuntimeError("Operation timed out!")

    monkeypatch.setattr(meeting, "SILENCE_LIMIT_S", 0.2)
    with pytest.raises(CrewSilentError):
        meeting._wait_for_all(Store(wait), FIRST_OF_TWO)


def test_a_connection_that_breaks_before_all_are_there_is_no_silence() -> None:
    def wait(_patience: timedelta) -> None:
        raise RuntimeError("Connection closed by peer")

    with pytest.raises(RuntimeError, match="closed by peer"):
        meeting._wait_for_all(Store(wait), FIRST_OF_TWO)


def hurried_line(monkeypatch: pytest.MonkeyPatch, work: object, *, gate: Gate, silence_limit_s: float) -> Line:
    monkeypatch.setattr(dist, "all_reduce", lambda _tensor, **_how: work)
    monkeypatch.setattr(line, "_LOOK_EVERY_S", 0.01)
    made = Line(FIRST_OF_TWO)
    made.lead(silence_limit_s=silence_limit_s, gate=gate)
    return made


def test_who_gives_no_answer_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    found = hurried_line(monkeypatch, Silence(), gate=Gate(), silence_limit_s=0.2)
    with pytest.raises(CrewSilentError), found.hurried():
        found.total(1.0)


def test_who_gives_no_answer_is_given_up_sooner_where_an_end_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line, "_ENDING_WAIT_S", 0.05)
    gate = Gate()
    gate.command = Command.STOP
    found = hurried_line(monkeypatch, Silence(), gate=gate, silence_limit_s=600.0)
    with pytest.raises(CrewSilentError), found.hurried():
        found.total(1.0)


def test_who_gives_no_answer_keeps_nobody_from_ending_where_none_is_due(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line, "_ENDING_WAIT_S", 0.05)
    gate = Gate()
    gate.command = Command.CANCEL
    with pytest.raises(CrewSilentError) as error:
        hurried_line(monkeypatch, Silence(), gate=gate, silence_limit_s=600.0).total(1.0)
    assert error.value.words.id == "crew.silent_at_end"


def test_who_takes_as_long_as_before_is_waited_for_where_an_end_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line, "_ENDING_WAIT_S", 0.0)
    gate = Gate()
    gate.command = Command.STOP
    found = hurried_line(monkeypatch, Late(), gate=gate, silence_limit_s=1e6)
    found._longest_s = 600.0
    with found.hurried():
        assert found.total(1.0) == [1.0]


def test_an_answer_counts_from_the_question(monkeypatch: pytest.MonkeyPatch) -> None:
    """What rank 0 computed of a step in the meantime is as long as what another one computes."""
    now = 0.0
    found = hurried_line(monkeypatch, Late(), gate=Gate(), silence_limit_s=1e6)
    monkeypatch.setattr(line.time, "monotonic", lambda: now)
    with found.hurried():
        now = 300.0
    assert found._longest_s == 300.0


def test_a_connection_that_breaks_is_no_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    found = hurried_line(monkeypatch, Broken(), gate=Gate(), silence_limit_s=600.0)
    with pytest.raises(CrewLostError, match="closed by peer") as error, found.hurried():
        found.total(1.0)
    assert not isinstance(error.value, CrewSilentError)
