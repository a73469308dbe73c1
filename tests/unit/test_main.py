"""The one way in: what each argument leads to, and that nothing is loaded that was not asked for."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tlstudio import __main__ as entry


def _run(*arguments: str, cwd: Path, **changed: str | None) -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, **{name: value for name, value in changed.items() if value is not None}}
    for name, value in changed.items():
        if value is None:
            environment.pop(name, None)
    return subprocess.run([sys.executable, *arguments], env=environment, cwd=cwd, capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems always have a display")
def test_without_a_display_the_window_says_how_to_go_on(tmp_path: Path) -> None:
    nothing = {"DISPLAY": None, "WAYLAND_DISPLAY": None, "QT_QPA_PLATFORM": None}
    result = _run("-m", "tlstudio", cwd=tmp_path, **nothing)
    assert result.returncode == 3
    assert "no display" in result.stderr
    assert "tlstudio demo" in result.stderr
    assert result.stdout == ""


def test_everything_is_told_to_stay_offline_before_anything_is_loaded(tmp_path: Path) -> None:
    code = """
import os, sys
from tlstudio.__main__ import main
try:
    main(["--version"])
except SystemExit:
    pass
print(os.environ["HF_HUB_OFFLINE"], os.environ["HF_HUB_DISABLE_TELEMETRY"])
print({"torch", "PySide6", "apsw", "numpy"} & set(sys.modules) or "nothing heavy")
"""
    result = _run("-c", code, cwd=tmp_path, HF_HUB_OFFLINE=None)
    assert result.stdout.splitlines()[-2:] == ["1 1", "nothing heavy"]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["job"], "serve"),
        (["job", "runs/0001"], "job runs/0001"),
        (["decoder"], "decoder"),
        ([], "window"),
        (["PLACE"], "window PLACE"),
        (["gone.tlstudio"], "window gone.tlstudio"),
        (["runs", "PLACE"], "command runs PLACE"),
        (["nowhere"], "command nowhere"),
        (["--help"], "command --help"),
    ],
)
def test_the_first_argument_chooses(arguments: list[str], expected: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "PLACE").mkdir()
    monkeypatch.chdir(tmp_path)
    taken: list[str] = []
    monkeypatch.setattr(entry, "_serve", lambda: taken.append("serve") or 0)
    monkeypatch.setattr(entry, "_run_job", lambda folder: taken.append(f"job {folder.as_posix()}") or 0)
    monkeypatch.setattr(entry, "_decode", lambda: taken.append("decoder") or 0)
    monkeypatch.setattr(entry, "_open_window", lambda given: taken.append(" ".join(["window", *given])) or 0)
    monkeypatch.setattr(entry, "_run_command", lambda given: taken.append(" ".join(["command", *given])) or 0)
    for name in entry._OFFLINE:
        monkeypatch.setenv(name, "1")
    assert entry.main(arguments) == 0
    assert taken == [expected]


def test_a_folder_called_like_a_command_is_still_the_command(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "runs").mkdir()
    monkeypatch.chdir(tmp_path)
    assert not entry._is_place("runs")
