"""Weights on a stick: packed on one computer, installed on another that has none, trained from; by real commands and real jobs."""

import shutil
from pathlib import Path

import pytest

from tests.real_jobs import tlstudio, tlstudio_json

NETWORK = "mobilenetv2_100 (qat_in1k)"
NUM_IMAGES = 12


@pytest.fixture
def few(shared: Path, tmp_path: Path) -> Path:
    """A few ants and a few bees."""
    for name in ("ants", "bees"):
        target = tmp_path / "insects" / name
        target.mkdir(parents=True)
        for file in sorted((shared / "data" / "hymenoptera" / "train" / name).iterdir())[:NUM_IMAGES]:
            shutil.copy(file, target)
    return tmp_path / "insects"


@pytest.fixture
def stick(shared: Path, tmp_path: Path) -> Path:
    """A pack of the starter and of a folder somebody has, made without any network."""
    file = tmp_path / "stick.tlweights"
    packed = tlstudio(
        "weights", "pack", "starter", "--from", shared / "weights" / "mobilenetv2_100.qat_in1k", "--out", file, home=tmp_path / "here"
    )
    assert f"{NETWORK}, 7.2 MB. Licence apache-2.0: Commercial use allowed." in packed.stderr, "the licence is told before it is packed"
    assert "Packed 2 sets of weights" in packed.stdout
    return file


def test_a_pack_installs_in_an_empty_home_and_trains(stick: Path, few: Path, tmp_path: Path) -> None:
    there, project = tmp_path / "there", tmp_path / "Insects"
    outcome = tlstudio_json("weights", "install", stick, home=there)
    assert [card["name"] for card in outcome["installed"]] == [NETWORK]
    assert [card["architecture"] for card in outcome["were_here"]] == ["mobilenetv4_conv_small"], "every installation has the starter"
    stick.unlink()
    tlstudio("new", project, home=there)
    tlstudio("import", project, few, home=there)
    trained = tlstudio_json("train", project, "--recipe", "quick", "--weights", NETWORK, home=there)
    assert trained["status"] == "finished"
    assert tlstudio_json("runs", project, home=there)["runs"][0]["weights_name"] == NETWORK
    assert tlstudio_json("weights", "where", home=there)["num_sets"] == 1
    tlstudio("weights", "remove", NETWORK, home=there)
    assert tlstudio_json("weights", "where", home=there)["num_sets"] == 0


def test_one_flipped_byte_is_refused_by_name(stick: Path, tmp_path: Path) -> None:
    data = bytearray(stick.read_bytes())
    data[-len(data) // 3] ^= 1
    stick.write_bytes(data)
    refused = tlstudio("weights", "install", stick, home=tmp_path / "there", expect=3)
    assert f"The weights {NETWORK} in stick.tlweights are damaged: they are not what was packed." in refused.stdout
    assert tlstudio_json("weights", "where", home=tmp_path / "there")["num_sets"] == 0


def test_half_a_pack_is_refused(stick: Path, tmp_path: Path) -> None:
    data = stick.read_bytes()
    stick.write_bytes(data[: len(data) // 2])
    assert "stick.tlweights is cut short" in tlstudio("weights", "install", stick, home=tmp_path / "there", expect=3).stderr
