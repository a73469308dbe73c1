"""A job's folder: a number only once, an order that is whole or not there."""

import errno
import threading
from pathlib import Path

import pytest

from tlstudio import files
from tlstudio.domain.jobs import Command, Environment, ExportJob
from tlstudio.errors import TLStudioError
from tlstudio.jobs import control, folder

ENVIRONMENT = Environment(roots={}, project_folder="", cache_folder="")
JOB = ExportJob(run="runs/0001", format="onnx", output="file")


def test_numbers_go_up_and_are_never_given_twice(tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    first, second = folder.claim(runs), folder.claim(runs)
    assert (first.name, second.name) == ("0001", "0002")
    folder.remove(second)
    assert folder.claim(runs).name == "0003"
    assert folder.numbers(runs) == [1, 3]


def test_on_a_full_disk_a_folder_is_removed_to_make_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runs = tmp_path / "runs"
    full = folder.claim(runs)
    (full / "checkpoints").mkdir()
    (full / "checkpoints" / "best.safetensors").write_bytes(b"large")
    (full / "journal.jsonl").write_bytes(b"long")
    really = files.write_bytes

    def write(path: Path, data: bytes) -> None:
        if full.is_dir() and any(full.iterdir()):
            raise OSError(errno.ENOSPC, "No space left on device")
        really(path, data)

    monkeypatch.setattr(files, "write_bytes", write)
    folder.remove(full)
    assert not full.exists()
    assert folder.claim(runs).name == "0002"


def test_programs_that_claim_at_once_get_different_numbers(tmp_path: Path) -> None:
    claimed: list[Path] = []
    threads = [threading.Thread(target=lambda: claimed.append(folder.claim(tmp_path / "runs"))) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(claimed)) == 16


def test_an_order_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    claimed = folder.claim(tmp_path / "runs")
    files.fail_at(9)
    try:
        with pytest.raises(TLStudioError, match="Nothing could be started"):
            folder.write_order(claimed, job=JOB, environment=ENVIRONMENT, more={"recipe.json": b"{}"})
    finally:
        files.fail_at(None)
    assert not claimed.exists()


def test_an_order_is_read_back(tmp_path: Path) -> None:
    claimed = folder.claim(tmp_path / "exports")
    folder.write_order(claimed, job=JOB, environment=ENVIRONMENT)
    assert folder.read_job(claimed) == JOB
    assert control.last_command(claimed) is Command.RUN
    assert not list(claimed.glob(".*"))


def test_a_damaged_order_is_named(tmp_path: Path) -> None:
    (tmp_path / "job.json").write_text('{"kind": "dance"}')
    with pytest.raises(TLStudioError, match=r"job\.json is missing or damaged"):
        folder.read_job(tmp_path)


def test_the_last_command_counts(tmp_path: Path) -> None:
    assert control.last_command(tmp_path) is Command.RUN
    for command in (Command.PAUSE, Command.RUN, Command.STOP):
        control.send(tmp_path, command)
    assert control.last_command(tmp_path) is Command.STOP
