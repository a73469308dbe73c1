"""What `tlstudio doctor` says of the starter that ships with the program."""

import shutil
from pathlib import Path

import pytest

from tlstudio import paths
from tlstudio.operations import doctor


@pytest.fixture
def starter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the starter, beside the other resources."""
    resources = tmp_path / "resources"
    resources.mkdir()
    (resources / "catalogue").symlink_to(paths.resources() / "catalogue")
    shutil.copytree(paths.resources() / "starter", resources / "starter")
    monkeypatch.setattr(paths, "resources", lambda: resources)
    return resources / "starter"


def _row(report: doctor.DoctorReport) -> doctor.Row:
    return next(row for row in report.rows if row.id == "starter")


def test_a_whole_starter_is_good(starter: Path) -> None:
    assert _row(doctor.examine()).verdict is doctor.Verdict.GOOD


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (lambda folder: shutil.rmtree(folder), "are missing"),
        (lambda folder: (folder / "card.json").write_text("{"), "card"),
        (lambda folder: _flip(folder / "model.safetensors"), "are damaged"),
        (lambda folder: (folder / "model.safetensors").unlink(), "cannot be read"),
    ],
    ids=["missing", "broken card", "flipped bit", "no tensors"],
)
def test_a_starter_that_cannot_be_used_is_bad_and_says_what_to_do(starter: Path, damage, says: str) -> None:
    damage(starter)
    report = doctor.examine()
    assert not report.is_sound
    assert says in _row(report).value.text()
    assert "Install TL Studio again" in _row(report).value.text()


def _flip(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[-1] ^= 1
    file.write_bytes(data)
