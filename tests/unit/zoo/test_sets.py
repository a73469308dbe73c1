"""The sets of weights in a cache, in torch.hub's folder, on a stick: which are there, and which of them can be used."""

import json
import os
import sys
from pathlib import Path

import numpy as np
import pytest
from weights_files import SMALL, save, save_folder, tensors

from tlstudio.errors import TLStudioError
from tlstudio.zoo import catalogue
from tlstudio.zoo.locate import locate
from tlstudio.zoo.recognise import recognise
from tlstudio.zoo.sets import holds_weights, sets_in

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the cache holds links where the system has them")


def _names(folder: Path) -> list[str]:
    return [item.name for item in sets_in(folder, catalogue.load())]


def cached(cache: Path, name: str, values: dict[str, np.ndarray], *, revisions: tuple[str, ...] = ("0123abcd",), main: str = "") -> Path:
    """A network in the hub's cache: links in snapshots to blobs."""
    place = cache / f"models--{name.replace('/', '--')}"
    for number, revision in enumerate(revisions):
        blob = save(place / "blobs" / f"00{number}", values)
        snapshot = place / "snapshots" / revision
        snapshot.mkdir(parents=True)
        os.symlink(os.path.relpath(blob, snapshot), snapshot / "model.safetensors")
        (snapshot / "config.json").write_text(json.dumps({"architecture": SMALL, "pretrained_cfg": {"tag": f"tag{number}"}}))
        os.utime(snapshot, (number, number))
    if main:
        (place / "refs").mkdir()
        (place / "refs" / "main").write_text(main)
    return place


def test_a_folder_of_the_cache_is_recognised_through_its_links(tmp_path: Path) -> None:
    place = cached(tmp_path, f"timm/{SMALL}.r160_in1k", tensors())
    found = recognise(place, catalogue.load())
    assert found.candidates == (SMALL,)
    assert found.proposal.source == f"timm/{SMALL}.r160_in1k"


@pytest.mark.parametrize(("main", "tag"), [("b", "tag1"), ("a", "tag0"), ("", "tag2"), ("../../..", "tag2"), ("gone", "tag2")])
def test_the_revision_is_the_one_that_main_names_else_the_newest(tmp_path: Path, main: str, tag: str) -> None:
    place = cached(tmp_path, "lab/net", tensors(), revisions=("a", "b", "c"), main=main)
    config = locate(place).config
    assert config is not None
    assert config.tag == tag


def test_a_download_that_was_not_finished_is_said(tmp_path: Path) -> None:
    place = cached(tmp_path, "lab/net", tensors())
    next((place / "blobs").iterdir()).unlink()
    with pytest.raises(TLStudioError, match="its download was not finished"):
        locate(place)


def test_a_cache_without_a_snapshot_is_said(tmp_path: Path) -> None:
    (tmp_path / "models--lab--net" / "snapshots").mkdir(parents=True)
    with pytest.raises(TLStudioError, match="holds no download"):
        locate(tmp_path / "models--lab--net")


def test_of_a_whole_cache_only_what_can_be_used_is_offered(tmp_path: Path) -> None:
    hub = tmp_path / "huggingface" / "hub"
    cached(hub, f"timm/{SMALL}.r160_in1k", tensors())
    cached(hub, "lab/other", {f"encoder.block{number}.weight": np.zeros((8, 8), np.float32) for number in range(40)})
    (hub / "models--lab--empty").mkdir()
    save_folder(hub / "models--google--bert" / "snapshots" / "0", {"a": np.zeros(3, np.float32)}, {"model_type": "bert"})
    cached(hub, "lab/grey", tensors(num_classes=7))
    assert _names(hub) == ["lab/grey", f"timm/{SMALL}.r160_in1k"]
    assert _names(tmp_path / "huggingface") == _names(hub)
    assert holds_weights(hub)


def test_the_checkpoints_of_torch_hub_are_offered_unopened(tmp_path: Path) -> None:
    folder = tmp_path / "torch" / "hub" / "checkpoints"
    folder.mkdir(parents=True)
    for name in ("resnet18-f37072fd.pth", "alexnet-owt-7be5be79.pth"):
        (folder / name).write_bytes(b"\x80\x02}q\x00.")
    (folder / "half.pth").write_bytes(b"")
    assert _names(tmp_path / "torch") == ["alexnet-owt-7be5be79.pth", "resnet18-f37072fd.pth"]


def test_a_stick_with_files_and_folders(tmp_path: Path) -> None:
    save(tmp_path / "one.safetensors", tensors(seed=1))
    save_folder(tmp_path / "two", tensors(seed=2), {"architecture": SMALL})
    (tmp_path / "notes.txt").write_text("mine")
    assert _names(tmp_path) == ["one.safetensors", "two"]


def test_a_folder_of_folders_offers_what_each_holds_and_says_what_cannot_be_used(tmp_path: Path) -> None:
    save_folder(tmp_path / "mobile", tensors(seed=1), {"architecture": SMALL})
    save(tmp_path / "squeeze" / "own name.safetensors", tensors(seed=2))
    for seed in (3, 4):
        save(tmp_path / "two" / f"{seed}.safetensors", tensors(seed=seed))
    save(tmp_path / "strange" / "odd.safetensors", {f"own{item}.weight": np.zeros((8, 8), np.float32) for item in range(40)})
    (tmp_path / "notes").mkdir()
    left: list[tuple[str, str]] = []
    found = sets_in(tmp_path, catalogue.load(), left_out=lambda place, why: left.append((place.name, why)))
    assert [item.name for item in found] == ["3.safetensors", "4.safetensors", "mobile", "squeeze"]
    assert [name for name, _ in left] == ["strange"]
    assert "architecture" in left[0][1]
    assert holds_weights(tmp_path)


def test_one_file_or_folder_is_one_set(tmp_path: Path) -> None:
    file = save(tmp_path / "one" / "lab.safetensors", tensors())
    assert [item.path for item in sets_in(file, catalogue.load())] == [file]
    assert len(_names(tmp_path / "one")) == 1


def test_where_none_can_be_used_it_says_so(tmp_path: Path) -> None:
    for number in range(2):
        save(tmp_path / f"{number}.safetensors", {f"own{item}.weight": np.zeros((8, 8), np.float32) for item in range(40)})
    with pytest.raises(TLStudioError, match="None of the 2 sets") as refusal:
        _names(tmp_path)
    assert "0.safetensors holds weights of an architecture" in refusal.value.details
