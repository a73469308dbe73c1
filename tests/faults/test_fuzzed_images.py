"""F21: damaged files of twelve formats. Every one gets an answer within its time, and none takes the program with it."""

from pathlib import Path

from benchmarks.fuzz_decoder import CRASHED, TOO_SLOW, fuzz, sound_files, written
from tlstudio.datasets.decode import decode_image
from tlstudio.domain.intensity import IntensityRule


def test_hundreds_of_damaged_files(tmp_path: Path) -> None:
    rows = fuzz(tmp_path, 720, seed=7)
    assert len(rows) == 12
    for name, row in rows.items():
        assert row.files == 60
        assert row.reasons[TOO_SLOW] == 0, name
        assert row.reasons[CRASHED] == 0, name
        assert row.slowest_s < 10, name
    assert sum(row.refused for row in rows.values()) > 100
    assert sum(row.reasons["read"] for row in rows.values()) > 100


def test_the_files_are_sound_before_they_are_damaged() -> None:
    for name, variants in sound_files().items():
        for data in variants:
            assert decode_image(data, IntensityRule()).pixels.size, name


def test_a_seed_makes_the_same_files(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    one, two = (list(written(tmp_path / name, 48, seed=3)) for name in ("one", "two"))
    assert [path.read_bytes() for _, path in one] == [path.read_bytes() for _, path in two]
