"""The one door to the driver of a graphics card, with a driver that is not real."""

import os
from types import SimpleNamespace
from typing import Any

import pytest

from tlstudio.engine import card
from tlstudio.engine.card import Card, Look, Neighbour


class NVMLError(Exception):
    def __init__(self, value: int = 3) -> None:
        super().__init__(value)
        self.value = value


class Driver:
    """Says what it was given; what it was not given it does not support."""

    NVMLError = NVMLError
    NVML_TEMPERATURE_GPU = 0
    NVML_ERROR_NOT_FOUND = 6

    def __init__(self, **answers: Any) -> None:
        self.answers = answers
        self.asked_since: list[int] = []

    def nvmlDeviceGetProcessUtilization(self, _handle: Any, since: int) -> Any:
        self.asked_since.append(since)
        return self._answer("ProcessUtilization")

    def __getattr__(self, name: str) -> Any:
        return lambda *_arguments: self._answer(name.removeprefix("nvmlDeviceGet"))

    def _answer(self, name: str) -> Any:
        if name not in self.answers:
            raise NVMLError
        answer = self.answers[name]
        if isinstance(answer, Exception):
            raise answer
        return answer


def running(*pids: int) -> list[SimpleNamespace]:
    return [SimpleNamespace(pid=pid) for pid in pids]


def sample(pid: int, percent: int, at: int) -> SimpleNamespace:
    return SimpleNamespace(pid=pid, smUtil=percent, timeStamp=at)


def test_it_tells_what_the_driver_tells() -> None:
    driver = Driver(UtilizationRates=SimpleNamespace(gpu=37), MemoryInfo=SimpleNamespace(used=5, total=8), Temperature=61)
    assert Card(driver, None).look() == Look(load=0.37, memory_bytes=5, memory_total_bytes=8, temperature_c=61)


def test_what_the_driver_does_not_tell_is_none() -> None:
    assert Card(Driver(), None).look() == Look()
    assert Card(Driver(), None).neighbours() is None


def test_neighbours_are_those_that_are_not_ours_with_their_load_since_it_was_asked_before() -> None:
    own = os.getpid()
    driver = Driver(ComputeRunningProcesses=running(own, 7, 8, 9), ProcessUtilization=[sample(7, 80, 100), sample(own, 90, 120)])
    looked_at = Card(driver, None)
    assert looked_at.neighbours(ours=[9]) == (Neighbour(pid=7, load=0.8), Neighbour(pid=8, load=0.0))
    looked_at.neighbours()
    assert driver.asked_since == [0, 120]


def test_nobody_did_anything_is_no_load_and_a_driver_that_counts_for_nobody_says_nothing() -> None:
    processes = running(os.getpid(), 7)
    idle = Driver(ComputeRunningProcesses=processes, ProcessUtilization=NVMLError(Driver.NVML_ERROR_NOT_FOUND))
    assert Card(idle, None).neighbours() == (Neighbour(pid=7, load=0.0),)
    assert Card(Driver(ComputeRunningProcesses=processes), None).neighbours() == (Neighbour(pid=7, load=None),)


def test_in_a_container_where_this_process_goes_by_another_number_nobody_is_a_neighbour() -> None:
    assert Card(Driver(ComputeRunningProcesses=running(4711)), None).neighbours() is None


def test_without_a_driver_there_is_no_card(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(card, "_library", lambda: None)
    assert card.find() is None


def test_a_card_is_found_by_what_torch_calls_it(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    driver = Driver()
    driver.nvmlDeviceGetHandleByUUID = asked.append  # type: ignore[attr-defined]
    monkeypatch.setattr(card, "_library", lambda: driver)
    assert card.find("0011") is not None
    assert card.find("GPU-0011") is not None
    assert asked == ["GPU-0011", "GPU-0011"]
