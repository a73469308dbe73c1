"""Packing weights for another computer: from the library, from files, or downloaded; whole or not at all."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from pack_files import two_sets
from weights_files import SMALL, save, save_folder, tensors

from tlstudio import paths
from tlstudio.errors import TLStudioError
from tlstudio.operations import downloading, installing, packing, weights
from tlstudio.zoo.packs import Source

CONFIG = {"architecture": SMALL, "pretrained_cfg": {"tag": "r160_in1k", "license": "apache-2.0", "input_size": [3, 160, 160]}}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """As timm writes it."""
    return save_folder(tmp_path / "given", tensors(), CONFIG)


def _packed(target: Path) -> list[tuple[str, str, str]]:
    return [(item.card.name, item.card.licence, item.card.source) for item in installing.look_into_pack(target).items]


# --- what is packed


def test_a_set_of_the_library_is_found_by_name_and_packed(tmp_path: Path) -> None:
    imported = weights.import_weights(
        weights.inspect_weights(save(tmp_path / "lab.safetensors", tensors())), licence="mit", name="Lab eyes"
    )
    source = packing.source_in_library("Lab eyes")
    assert source is not None
    assert packing.pack_weights([source], tmp_path / "one.tlweights")
    assert _packed(tmp_path / "one.tlweights") == [("Lab eyes", "mit", "lab.safetensors")]
    weights.remove_weights(imported.hash)
    assert [card.hash for card in installing.install_pack(tmp_path / "one.tlweights").installed] == [imported.hash]
    assert weights.list_weights()[-1].name == "Lab eyes"


def test_the_starter_is_packed_as_a_set_like_others(tmp_path: Path) -> None:
    source = packing.source_in_library("starter")
    assert source is not None
    assert packing.pack_weights([source], tmp_path / "one.tlweights")
    assert not installing.look_into_pack(tmp_path / "one.tlweights").items[0].card.bundled


def test_a_folder_is_packed_without_being_imported(folder: Path, tmp_path: Path) -> None:
    assert packing.pack_weights([packing.source_in_files(folder)], tmp_path)
    assert _packed(tmp_path / "weights.tlweights") == [(f"{SMALL} (r160_in1k)", "apache-2.0", "given")]
    assert not [card for card in weights.list_weights() if not card.bundled]


def test_a_folder_of_several_is_packed_whole(tmp_path: Path) -> None:
    stick = tmp_path / "stick"
    for name, seed in (("test_resnet_a", 1), ("test_resnet_b", 2)):
        save(stick / f"{name}.safetensors", tensors(seed=seed))
    packing.pack_weights(packing.sources_in_folder(stick), tmp_path / "two.tlweights")
    assert [source for _, _, source in _packed(tmp_path / "two.tlweights")] == ["test_resnet_a.safetensors", "test_resnet_b.safetensors"]


def test_a_checkpoint_of_pytorch_is_packed_as_the_tensors_it_holds(tmp_path: Path) -> None:
    import torch

    file = tmp_path / "old.pth"
    torch.save({name: torch.from_numpy(value) for name, value in tensors().items()}, file)
    assert packing.pack_weights(packing.sources_in_folder(file), tmp_path / "one.tlweights")
    assert [card.source for card in installing.install_pack(tmp_path / "one.tlweights").installed] == ["old.pth"]


def test_the_same_set_twice_is_packed_once(folder: Path, tmp_path: Path) -> None:
    packing.pack_weights([packing.source_in_files(folder), packing.source_in_files(folder)], tmp_path / "one.tlweights")
    assert len(_packed(tmp_path / "one.tlweights")) == 1


def test_what_is_not_here_is_not_found() -> None:
    assert packing.source_in_library("nothing") is None
    assert packing.find_published("nothing.at_all") is None
    assert packing.find_published("resnet18.not_a_tag") is None


# --- refusals


def test_a_pack_that_is_there_is_not_written_over(folder: Path, tmp_path: Path) -> None:
    target = two_sets(tmp_path)
    before = target.read_bytes()
    with pytest.raises(TLStudioError, match="something at"):
        packing.pack_weights([packing.source_in_files(folder)], target)
    assert target.read_bytes() == before


def test_files_of_an_unknown_network_are_not_packed(tmp_path: Path) -> None:
    folder = save_folder(tmp_path / "given", tensors(), CONFIG | {"architecture": "resnet9000"})
    with pytest.raises(TLStudioError, match="resnet9000"):
        packing.source_in_files(folder)


def test_a_file_that_changes_while_it_is_packed_is_refused(folder: Path, tmp_path: Path) -> None:
    source = packing.source_in_files(folder)
    save(source.file, tensors(seed=5))
    with pytest.raises(TLStudioError, match="changed while it was packed"):
        packing.pack_weights([source], tmp_path / "one.tlweights")
    assert sorted(item.name for item in tmp_path.iterdir() if item.is_file()) == []


def test_a_stop_leaves_nothing(folder: Path, tmp_path: Path) -> None:
    stop = SimpleNamespace(is_set=lambda: True)
    assert not packing.pack_weights([packing.source_in_files(folder)], tmp_path / "one.tlweights", stop=stop)
    assert [item.name for item in tmp_path.iterdir() if item.is_file()] == []


def test_no_room_is_said_before_anything_is_written(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = packing.source_in_files(folder)
    monkeypatch.setattr(packing.shutil, "disk_usage", lambda _folder: SimpleNamespace(free=1_000_000))
    with pytest.raises(TLStudioError, match=r"it needs 16 MB, 1 MB are free"):
        packing.pack_weights([source], tmp_path / "one.tlweights")
    assert not (tmp_path / "one.tlweights").exists()


_PACK_SMALL_DISK = """
import resource, sys
from pathlib import Path
from tlstudio.errors import TLStudioError
from tlstudio.operations import packing
source = packing.source_in_files(Path(sys.argv[1]))
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
try:
    packing.pack_weights([source], Path(sys.argv[2]))
except TLStudioError as error:
    print(error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="limits of processes are POSIX")
def test_a_disk_that_becomes_full_leaves_nothing_half_written(folder: Path, tmp_path: Path) -> None:
    target = tmp_path / "out" / "one.tlweights"
    target.parent.mkdir()
    command = [sys.executable, "-c", _PACK_SMALL_DISK, str(folder), str(target)]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "could not be written" in result.stdout
    assert list(target.parent.iterdir()) == []


# --- downloading: the hub is replaced at its border


class Hub:
    """A hub in memory; `breaks_after` is how many bytes a connection lasts."""

    def __init__(self, published: dict[str, bytes]) -> None:
        self.published = published
        self.breaks_after = 10**9
        self.is_away = False
        self.asked: list[tuple[str, int]] = []

    def metadata(self, _hub_id: str, name: str) -> SimpleNamespace:
        if self.is_away:
            raise ConnectionError("no route")
        data = self.published[name]
        return SimpleNamespace(etag=hashlib.sha256(data).hexdigest(), size=len(data), location=name)

    def transfer(self, name: str, into: downloading._Counted, *, size: int) -> None:
        begins = into.tell()
        self.asked.append((name, begins))
        rest = self.published[name][begins:size]
        for start in range(0, min(len(rest), self.breaks_after), 1000):
            into.write(rest[start : min(start + 1000, self.breaks_after)])
        if len(rest) > self.breaks_after:
            raise RuntimeError("the transport of the day gave up")


@pytest.fixture
def hub(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Hub:
    made = Hub({item.name: item.read_bytes() for item in folder.iterdir()})
    monkeypatch.setattr(downloading, "_metadata", made.metadata)
    monkeypatch.setattr(downloading, "_transfer", made.transfer)
    monkeypatch.setattr(downloading, "_connect", lambda: None)
    return made


@pytest.fixture
def fetched() -> Callable[[], Source]:
    def fetch() -> Source:
        found = packing.find_published(f"{SMALL}.r160_in1k")
        assert found is not None
        return packing.source_published(*found)

    return fetch


def test_a_published_set_is_downloaded_and_packed_with_its_source(hub: Hub, fetched: Callable[[], Source], tmp_path: Path) -> None:
    packing.pack_weights([fetched()], tmp_path / "one.tlweights")
    assert _packed(tmp_path / "one.tlweights") == [(f"{SMALL} (r160_in1k)", "apache-2.0", f"timm/{SMALL}.r160_in1k")]
    assert [name for name, _ in hub.asked] == ["config.json", "model.safetensors"]


def test_what_was_downloaded_is_not_fetched_again(hub: Hub, fetched: Callable[[], Source]) -> None:
    first = fetched()
    hub.is_away = True
    assert fetched().card == first.card


def test_a_broken_download_goes_on_where_it_was(hub: Hub, fetched: Callable[[], Source]) -> None:
    hub.breaks_after = 200_000
    with pytest.raises(TLStudioError, match=r"no connection.*What has come so far is kept"):
        fetched()
    hub.breaks_after = 10**9
    assert fetched().card.num_classes == 3
    assert [begins for name, begins in hub.asked if name == "model.safetensors"] == [0, 200_000]
    assert not list(paths.cache_dir().rglob("*.part"))


def test_without_a_connection_it_says_what_to_do(hub: Hub, fetched: Callable[[], Source]) -> None:
    hub.is_away = True
    with pytest.raises(TLStudioError, match=r"there is no connection.*--from FOLDER"):
        fetched()


def test_a_download_that_is_not_what_was_published_is_thrown_away(
    hub: Hub, fetched: Callable[[], Source], monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = hub.metadata
    monkeypatch.setattr(downloading, "_metadata", lambda hub_id, name: SimpleNamespace(**vars(honest(hub_id, name)) | {"etag": "0" * 64}))
    with pytest.raises(TLStudioError, match="came damaged"):
        fetched()
    assert [item for item in paths.cache_dir().rglob("*") if item.is_file()] == []


def test_a_stopped_download_is_kept(hub: Hub, tmp_path: Path) -> None:
    came: list[int] = []
    stop = SimpleNamespace(is_set=lambda: len(came) > 3)
    with pytest.raises(downloading.DownloadStoppedError):
        downloading.fetch("timm/small", report=lambda progress: came.append(progress.done), stop=stop)
    downloading.fetch("timm/small")
    assert hub.asked[-1] == ("model.safetensors", came[-1])


_ONLINE = """
import os, sys
os.environ["HF_HUB_OFFLINE"] = os.environ["TRANSFORMERS_OFFLINE"] = "1"
from tlstudio.operations import downloading, packing, weights
assert "huggingface_hub" not in sys.modules
downloading._connect()
from huggingface_hub import constants
assert not constants.HF_HUB_OFFLINE and constants.HF_HUB_DISABLE_TELEMETRY and constants.HF_HUB_DISABLE_XET
assert constants.HF_HOME.startswith(os.environ["TLSTUDIO_HOME"])
assert "torch" not in sys.modules
"""


def test_the_library_may_reach_the_network_only_once_it_is_asked_to() -> None:
    subprocess.run([sys.executable, "-c", _ONLINE], check=True, env={**os.environ})


def test_a_closed_port_is_told_as_no_connection(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tlstudio", "weights", "pack", "resnet18.a1_in1k", "--out", str(tmp_path / "one.tlweights")]
    nowhere = {**os.environ, "HF_ENDPOINT": "http://127.0.0.1:9"}
    result = subprocess.run(command, capture_output=True, text=True, check=False, env=nowhere)
    assert result.returncode == 3, result.stderr
    assert "Licence apache-2.0: Commercial use allowed" in result.stderr, "the licence is told before anything is fetched"
    assert "there is no connection to where it is published" in result.stderr
    assert "Traceback" not in result.stderr
    assert not (tmp_path / "one.tlweights").exists()


def test_packing_nothing_is_wrong_use(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tlstudio", "weights", "pack", "--out", str(tmp_path / "one.tlweights")]
    result = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ})
    assert (result.returncode, result.stderr.strip()) == (2, "Name at least one set to pack, or give --from PATH.")
