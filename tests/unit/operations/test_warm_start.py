"""What a process that waits for jobs changes about the time that is expected."""

from pathlib import Path

import pytest

from tlstudio import paths
from tlstudio.operations import estimates


def test_where_a_process_waits_no_cold_start_is_expected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "cache_dir", lambda: tmp_path)
    cold, warm = estimates.machine("cpu"), estimates.machine("cpu", is_warm=True)
    assert cold.start_s >= 2.0
    assert warm.start_s < 0.5
    assert warm.conv_flops == cold.conv_flops
