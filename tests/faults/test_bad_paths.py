"""F24: names and folders that trip programs up. They work, or say why, and nothing hangs."""

import os
import sys
import unicodedata
from pathlib import Path

import pytest
from PIL import Image

from tlstudio.datasets.decoder import DecoderPool
from tlstudio.datasets.scan import scan
from tlstudio.domain.intensity import IntensityRule

NAMES = [
    "with  two spaces.png",
    "emoji 🐝🔬.png",
    "תמונה של דבורה.png",
    "صورة.png",
    "100 % {name} %s $HOME.png",
    "-rf.png",
    "CON.png",
    "semi;colon&ampersand'quote\".png",
    "tab\tand\nnewline.png",
    "x" * 251 + ".png",
]


def picture(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (8, 8), "red").save(path, "PNG")


@pytest.mark.skipif(sys.platform == "win32", reason="these names do not exist there")
def test_strange_names_are_read_like_any_other(tmp_path: Path) -> None:
    for name in NAMES:
        picture(tmp_path / "a class" / name)
    found = scan(tmp_path)
    assert sorted(file.path for file in found.files) == sorted(f"a class/{name}" for name in NAMES)
    with DecoderPool(IntensityRule(), workers=1) as pool:
        answers = list(pool.inspect(tmp_path / file.path for file in found.files))
    assert [answer.reason for answer in answers] == [None] * len(NAMES)
    assert [answer.path for answer in answers] == [tmp_path / file.path for file in found.files]


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not tell the twins apart")
def test_unicode_twins_are_one_class_and_two_files(tmp_path: Path) -> None:
    composed, decomposed = (unicodedata.normalize(form, "Käfer") for form in ("NFC", "NFD"))
    picture(tmp_path / composed / "1.png")
    picture(tmp_path / decomposed / "2.png")
    picture(tmp_path / "Biene" / "3.png")
    found = scan(tmp_path)
    assert {file.class_name for file in found.files} == {composed, "Biene"}
    assert {file.path for file in found.files} == {f"{composed}/1.png", f"{decomposed}/2.png", "Biene/3.png"}


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
def test_a_name_that_is_no_text_gets_a_reason(tmp_path: Path) -> None:
    picture(tmp_path / "a" / "good.png")
    with open(os.fsencode(tmp_path / "a") + b"/bad\xff.png", "wb") as file:
        file.write(b"x")
    found = scan(tmp_path)
    assert [file.path for file in found.files] == ["a/good.png"]
    (skipped,) = found.skipped
    assert skipped.reason.id == "scan.bad_name"
    assert skipped.path.encode("utf-8")


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_link_loops_end(tmp_path: Path) -> None:
    picture(tmp_path / "a" / "1.png")
    (tmp_path / "a" / "up").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "a" / "self").symlink_to("self")
    (tmp_path / "a" / "nowhere.png").symlink_to("gone.png")
    (tmp_path / "a" / "2.png").symlink_to("1.png")
    found = scan(tmp_path)
    assert [file.path for file in found.files] == ["a/1.png", "a/2.png"]
    assert {item.path: item.reason.id for item in found.skipped} == {
        "a/up": "scan.loop",
        "a/self": "scan.unreadable",
        "a/nowhere.png": "scan.broken_link",
    }


@pytest.mark.skipif(sys.platform == "win32", reason="no named pipes in folders there")
def test_a_named_pipe_is_never_opened(tmp_path: Path) -> None:
    picture(tmp_path / "a" / "1.png")
    os.mkfifo(tmp_path / "a" / "2.png")
    found = scan(tmp_path)
    assert [file.path for file in found.files] == ["a/1.png"]
    assert found.skipped[0].reason.id == "scan.special"


@pytest.mark.skipif(sys.platform == "win32", reason="the limit is another one there")
def test_folders_deeper_than_the_system_can_name(tmp_path: Path) -> None:
    picture(tmp_path / "a" / "1.png")
    here = os.getcwd()
    try:
        os.chdir(tmp_path / "a")
        for _ in range(25):
            os.mkdir("d" * 200)
            os.chdir("d" * 200)
        Path("deep.png").write_bytes(b"x")
        found = scan(tmp_path)
    finally:
        os.chdir(here)
    assert [file.path for file in found.files] == ["a/1.png"]
    assert [item.reason.id for item in found.skipped] == ["scan.unreadable"]
    assert "name" in found.skipped[0].reason.text()
