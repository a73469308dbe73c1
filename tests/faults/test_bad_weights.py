"""F39: weights that are not what they claim are refused in words and nothing is kept; checkpoints with code have a file of their own."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from weights_files import SMALL, entry, save, save_folder, save_header, tensors

from tlstudio import files, paths
from tlstudio.errors import TLStudioError
from tlstudio.operations import weights
from tlstudio.zoo.header import read_header


def _refusal(path: Path) -> TLStudioError:
    """The refusal at the latest when it is imported; afterwards nothing is in the library."""
    with pytest.raises(TLStudioError) as refusal:
        weights.import_weights(weights.inspect_weights(path))
    assert not [item for item in paths.weights_dir().rglob("*") if item.is_file() and item.name != "library.lock"]
    assert "Nothing was imported" in refusal.value.hint.text()
    return refusal.value


def _title(path: Path) -> str:
    refusal = _refusal(path)
    assert path.name in refusal.title.text() or path.parent.name in refusal.title.text(), "the file is named"
    return refusal.title.text()


# --- files that are something else


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n", "Git LFS pointer"),
        (b"\n<!DOCTYPE html><html>Sign in</html>", "web page"),
        (b"<HTML><body>404</body></HTML>", "web page"),
        (b"\x1f\x8b\x08 and more", "compressed archive"),
        (b"PK\x03\x04 an archive of something else", "zip archive"),
        (b"\x89HDF\r\n\x1a\n and more", "HDF5"),
        (b"GGUF\x03\x00\x00\x00 and more", "GGUF"),
        (b"abc", "cut short"),
        (b"random bytes that mean nothing at all", "header of"),
    ],
)
def test_a_file_that_only_calls_itself_safetensors(tmp_path: Path, content: bytes, words: str) -> None:
    file = tmp_path / "model.safetensors"
    file.write_bytes(content)
    assert words in _title(file)


def test_a_file_of_another_kind(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("not weights")
    assert "not a .safetensors file" in _title(file)


def test_a_path_that_is_not_there(tmp_path: Path) -> None:
    assert "is not there" in _title(tmp_path / "gone.safetensors")


@pytest.mark.skipif(sys.platform == "win32", reason="named pipes in folders are POSIX")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.safetensors"
    os.mkfifo(pipe)
    assert "no file" in _title(pipe)


# --- headers that lie, files cut short


@pytest.mark.parametrize("keep", [4, 9, 200, -1, -5000])
def test_a_file_cut_short(tmp_path: Path, keep: int) -> None:
    file = save(tmp_path / "short.safetensors", tensors())
    file.write_bytes(file.read_bytes()[:keep])
    assert "cut short" in _title(file)


@pytest.mark.parametrize(
    ("header", "data", "words"),
    [
        (b"{", b"", "header cannot be read"),
        (b"[1, 2]", b"", "header cannot be read"),
        (b'{"a": 1}', b"", "header cannot be read"),
        (b'{"a": ' + b"[" * 5000, b"", "header cannot be read"),
        (b"\xff\xfe{}", b"", "header cannot be read"),
        (b"{}", b"", "holds no tensors"),
        ({"__metadata__": {"format": "pt"}}, b"", "holds no tensors"),
        ({"a": {"dtype": "F32", "shape": [4], "data_offsets": [0, 160]}}, bytes(160), "not where it claims"),
        ({"a": {"dtype": "F32", "shape": [2**40, 2**40], "data_offsets": [0, 16]}}, bytes(16), "not where it claims"),
        ({"a": {"dtype": "F32", "shape": [-4], "data_offsets": [0, 16]}}, bytes(16), "makes no sense"),
        ({"a": {"dtype": "F32", "shape": [4], "data_offsets": [-16, 0]}}, bytes(16), "not where it claims"),
        ({"a": {"dtype": "PICKLE", "shape": [4], "data_offsets": [0, 16]}}, bytes(16), "type PICKLE"),
        ({"a": entry("F32", [4], 0), "b": entry("F32", [4], 8)}, bytes(24), "overlaps"),
        ({"a": entry("F32", [4], 0), "b": entry("F32", [4], 0)}, bytes(16), "overlaps"),
        ({"a": entry("F32", [4], 0), "b": entry("F32", [4], 32)}, bytes(48), "not where it claims"),
        ({"a": entry("F32", [4], 0)}, bytes(40), "belong to nothing"),
    ],
)
def test_a_header_that_does_not_add_up(tmp_path: Path, header: dict[str, Any] | bytes, data: bytes, words: str) -> None:
    assert words in _title(save_header(tmp_path / "lies.safetensors", header, data))


def test_a_header_that_claims_a_huge_length_is_not_read(tmp_path: Path) -> None:
    assert "header of" in _title(save_header(tmp_path / "huge.safetensors", b"{}", length=2**62))
    assert "cut short" in _title(save_header(tmp_path / "long.safetensors", b"{}", length=50_000_000))


def test_a_thousand_damaged_headers_are_refused_or_read_but_never_crash(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    whole = save(tmp_path / "whole.safetensors", {"a.weight": np.ones((4, 3), np.float32), "a.bias": np.ones(4, np.float16)}).read_bytes()
    num_refused = 0
    for number in range(1000):
        content = bytearray(whole)
        for _ in range(1 + number % 3):
            content[random.integers(len(content) - 56)] = random.integers(256)
        file = tmp_path / "damaged.safetensors"
        file.write_bytes(content)
        try:
            header = read_header(file)
        except TLStudioError:
            num_refused += 1
        else:
            assert all(tensor.data_offsets[1] <= 56 for tensor in header.tensors.values())
    assert num_refused > 500


# --- values that are no numbers


_NOT_FINITE = [
    ("F16", 16, b"\x00\x7e"),
    ("F16", 16, b"\x00\xfc"),
    ("BF16", 16, b"\xc0\x7f"),
    ("F32", 32, b"\x00\x00\x80\x7f"),
    ("F64", 64, b"\x00\x00\x00\x00\x00\x00\xf8\x7f"),
    ("F8_E5M2", 8, b"\x7c"),
    ("F8_E4M3", 8, b"\x7f"),
]


@pytest.mark.parametrize(("dtype", "bits", "value"), _NOT_FINITE)
@pytest.mark.parametrize("is_bad", [True, False])
def test_values_that_are_not_numbers(tmp_path: Path, dtype: str, bits: int, value: bytes, is_bad: bool) -> None:
    """In every type, also in those numpy cannot read; with plain numbers the same file is taken."""
    header: dict[str, Any] = {}
    shapes = {name: value.shape for name, value in tensors().items()}
    end = 0
    for name, shape in shapes.items():
        header[name] = entry(dtype, list(shape), end, bits=bits)
        end = header[name]["data_offsets"][1]
    data = bytearray(end)
    if is_bad:
        data[-len(value) :] = value
    file = save_header(tmp_path / "values.safetensors", header, bytes(data))
    if is_bad:
        assert "not numbers" in _title(file)
    else:
        assert weights.import_weights(weights.inspect_weights(file)).architecture == SMALL


# --- other networks


def test_an_architecture_that_is_not_in_the_catalogue(tmp_path: Path) -> None:
    values = {f"encoder.block{number}.weight": np.zeros((8, 8), np.float32) for number in range(40)}
    refusal = _refusal(save(tmp_path / "own.safetensors", values))
    assert "architecture that is not in the catalogue" in refusal.title.text()


def test_a_network_that_is_only_near_names_the_nearest(tmp_path: Path) -> None:
    values = {name: value for number, (name, value) in enumerate(tensors().items()) if number % 4}
    refusal = _refusal(save(tmp_path / "pruned.safetensors", values))
    assert f"The nearest is {SMALL}" in refusal.hint.text()
    assert "missing: " in refusal.details


def test_a_config_that_names_another_architecture_than_the_tensors(tmp_path: Path) -> None:
    refusal = _refusal(save_folder(tmp_path / "mixed up", tensors(), {"architecture": "resnet18"}))
    assert "does not hold weights of resnet18" in refusal.title.text()
    assert SMALL in refusal.hint.text()


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"architecture": "network_of_tomorrow"}, "names network_of_tomorrow"),
        ({"architectures": ["ViTForImageClassification"], "model_type": "vit"}, "transformers (ViTForImageClassification)"),
        ("not json", "not JSON"),
        ("[" * 5000, "not JSON"),
        ("[]", "does not describe a network"),
        ({"architecture": SMALL, "pretrained_cfg": {"mean": "grey"}}, "make no sense"),
        ({"architecture": SMALL, "pretrained_cfg": {"std": [0, 0, 0]}}, "makes no sense"),
        ({"architecture": SMALL, "pretrained_cfg": {"input_size": [3, 0, 224]}}, "makes no sense"),
        ({"architecture": SMALL, "model_args": {"checkpoint_path": "/etc/passwd"}}, "asks for checkpoint_path"),
        ({"architecture": SMALL, "model_args": {"pretrained_cfg": {"file": "evil.pth"}}}, "asks for pretrained_cfg"),
        ({"architecture": SMALL, "model_args": "evil"}, "model_args make no sense"),
    ],
)
def test_a_config_that_cannot_be_used(tmp_path: Path, config: dict[str, Any] | str, words: str) -> None:
    values = tensors() if isinstance(config, str) or "architecture" in config else {"vit.embeddings.weight": np.zeros((4, 4), np.float32)}
    assert words in _title(save_folder(tmp_path / "hub", values, config))


@pytest.mark.parametrize("names", [[], ["config.json"], ["a.safetensors", "b.safetensors"], ["model.safetensors.index.json"]])
def test_a_folder_without_a_single_file_of_weights(tmp_path: Path, names: list[str]) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    for name in names:
        (folder / name).write_text("{}")
    assert "folder" in _title(folder)


# --- disks that fail


@pytest.mark.parametrize("step", range(1, 9))
def test_each_step_of_storing_may_fail(tmp_path: Path, step: int) -> None:
    file = save(tmp_path / "lab.safetensors", tensors())
    found = weights.inspect_weights(file)
    files.fail_at(step)
    with pytest.raises(TLStudioError, match="could not be stored"):
        weights.import_weights(found)
    files.fail_at(None)
    assert [item.name for item in paths.weights_dir().iterdir()] == ["library.lock"], "nothing half-written stays"
    assert weights.import_weights(found) in weights.list_weights(), "and it works when the disk does"


_IMPORT = """
import resource, signal, sys
from pathlib import Path
from tlstudio.errors import TLStudioError
from tlstudio.operations import weights
from tlstudio.zoo.header import read_header
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
found = weights.inspect_weights(Path(sys.argv[1]))
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
try:
    weights.import_weights(found)
except TLStudioError as refusal:
    print(refusal.title.text())
"""


@pytest.mark.skipif(sys.platform == "win32", reason="limits of a process are set another way there")
def test_a_disk_that_takes_no_more_in_the_middle_of_the_copy(tmp_path: Path) -> None:
    file = save(tmp_path / "lab.safetensors", tensors())
    ran = subprocess.run([sys.executable, "-c", _IMPORT, str(file)], capture_output=True, text=True, timeout=60, check=True)
    assert "lab.safetensors could not be stored (File too large)" in ran.stdout
    assert [item.name for item in paths.weights_dir().iterdir()] == ["library.lock"]


def test_a_disk_without_room_is_said_before_anything_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = save(tmp_path / "lab.safetensors", tensors())
    monkeypatch.setattr("shutil.disk_usage", lambda folder: type("Usage", (), {"free": 1_000_000})())
    assert "no room for lab.safetensors" in _title(file)
