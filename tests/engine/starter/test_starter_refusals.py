"""packaging/starter: what cannot work is refused at the start in clear words, and changes nothing."""

import errno
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.engine.starter.conftest import make
from tlstudio.domain.networks import Preprocessing


def test_without_its_inputs_it_says_which_and_changes_nothing(tmp_path: Path) -> None:
    out = tmp_path / "starter"
    told = make(tmp_path / "nothing here", tmp_path / "work", out)
    for words in ("These inputs are missing", "natural1000", "vit_tiny_patch16_224"):
        assert words in told
    assert not out.exists()


@pytest.fixture
def hollow(scripts: dict[str, Any], tmp_path: Path) -> Path:
    """A folder where every input has its name, and nothing is in them."""
    inputs = scripts["inputs"]
    for name in ("natural1000", *inputs.SETS):
        (tmp_path / "shared" / "data" / name).mkdir(parents=True)
    for spec in scripts["teachers"].TEACHERS.values():
        (tmp_path / "shared" / "weights" / spec.file).mkdir(parents=True)
    return tmp_path / "shared"


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--architecture", "mobilenetv4_smal"), "no network called mobilenetv4_smal"),
        (("--architecture", "resnet18"), "at most 6,000,000 may ship"),
        (("--samples", "3"), "--samples must be at least"),
        (("--out", "{here}/a file/starter"), "a file"),
        (("--begin-with", "{here}/nothing.safetensors"), "nothing.safetensors"),
        ((), "vit_tiny_patch16_224"),
    ],
    ids=["misspelt", "too large", "too few", "unwritable", "no beginning", "no teacher"],
)
def test_what_cannot_work_is_refused_at_the_start_in_a_clear_word(
    scripts: dict[str, Any],
    hollow: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    options: tuple[str, ...],
    says: str,
) -> None:
    (tmp_path / "a file").write_text("in the way")
    usual = ("--shared", str(hollow), "--work", str(tmp_path / "work"), "--out", str(tmp_path / "resources" / "starter"))
    monkeypatch.setattr(sys, "argv", ["make.py", *usual, *(option.format(here=tmp_path) for option in options)])
    with pytest.raises(SystemExit) as ended:
        scripts["make"].main()
    assert says in f"{ended.value.code} {capsys.readouterr().err}"
    assert not (tmp_path / "resources" / "starter").exists()


def test_a_full_disk_is_told_with_its_place(scripts: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=f"no room left on the disk of {tmp_path}: make room first"), _clear_words(scripts, tmp_path):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _clear_words(scripts: dict[str, Any], work: Path) -> Any:
    return scripts["inputs"].clear_words(work=work, kept="The starter is as it was.")


def test_a_set_without_images_is_named(scripts: dict[str, Any], hollow: Path) -> None:
    with pytest.raises(ValueError, match="hymenoptera holds no images"):
        scripts["probe"].load_sets(Preprocessing(), hollow / "data")
