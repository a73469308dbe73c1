"""What this computer is called and what of it a job takes."""

import pytest

from tlstudio import processor


def test_the_threads_are_the_physical_cores_that_may_be_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processor.psutil, "cpu_count", lambda logical: 8)
    monkeypatch.setattr(processor.os, "sched_getaffinity", lambda _pid: {0, 1, 2}, raising=False)
    assert processor.num_threads() == 3
    monkeypatch.setattr(processor.os, "sched_getaffinity", lambda _pid: set(range(16)), raising=False)
    assert processor.num_threads() == 8
