"""How long rank 0 waits for another process, and what it makes of an error in that time."""

import time
from datetime import timedelta

import pytest

from tlstudio.engine.crew import CrewSilentError
from tlstudio.engine.meeting import hurried


def test_giving_up_a_moment_early_is_giving_up() -> None:
    """torch counts whole milliseconds."""

    def wait(patience: timedelta) -> None:
        time.sleep(patience.total_seconds() - 0.0009)
        raise RuntimeError("Operation timed out!")

    with pytest.raises(CrewSilentError), hurried(0.2) as patience:
        wait(patience)


def test_a_connection_that_breaks_is_no_silence() -> None:
    with pytest.raises(RuntimeError, match="closed by peer"), hurried(600.0):
        raise RuntimeError("Connection closed by peer")
