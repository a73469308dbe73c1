"""Files are read whole, whatever the system first said of their size; where a JPEG ends."""

import os
from pathlib import Path

import pytest

from tlstudio.datasets.decode import read_file
from tlstudio.datasets.kinds import has_its_end


@pytest.mark.parametrize("said", [0, 10, 999, 1000, 1001, 5000])
def test_a_file_of_another_size_than_was_said_is_read_whole(said: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, content = tmp_path / "grows.jpg", bytes(range(250)) * 4
    path.write_bytes(content)
    true = os.stat(path)
    monkeypatch.setattr(os, "fstat", lambda _descriptor: os.stat_result((*true[:6], said, *true[7:])))
    assert read_file(path) == content


@pytest.mark.parametrize(
    ("data", "has_end"),
    [
        (b"\xff\xd8\xff\xda picture \xff\xd9", True),
        (b"\xff\xd8\xff\xda picture \xff\xd9 and more behind it", True),
        (b"\xff\xd8 preview \xff\xd9 \xff\xda picture", False),
        (b"\xff\xd8\xff\xda first \xff\xda last scan \xff\xd9", True),
        (b"\xff\xd8\xff\xda picture \xff", False),
    ],
)
def test_a_jpeg_has_its_end_only_behind_its_last_scan(data: bytes, has_end: bool) -> None:
    assert has_its_end(data, "JPEG") is has_end
