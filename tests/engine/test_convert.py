"""What is taken out of a PyTorch checkpoint, and what is not."""

import argparse
import os
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
import timm
import torch
from safetensors.torch import load_file

from tlstudio.domain.conversion import Converted, Refusal, Refused, Said
from tlstudio.engine import convert
from tlstudio.engine.state_dicts import find_state_dict
from tlstudio.engine.tensor_file import write_tensors

TENSORS = timm.create_model("test_resnet", num_classes=5).state_dict()


def _convert(folder: Path, checkpoint: object, **arguments: Any) -> tuple[Said, Path]:
    """What the process would say of a checkpoint that `torch.save` wrote, and where it wrote the tensors."""
    source = folder / "model.pth"
    torch.save(checkpoint, source, **arguments)
    return _convert_file(source)


def _convert_file(source: Path) -> tuple[Said, Path]:
    target = source.with_name("out.safetensors")
    null = os.open(os.devnull, os.O_WRONLY)
    try:
        return convert.converted(null, source, target), target
    finally:
        os.close(null)


def _same(target: Path, tensors: dict[str, torch.Tensor]) -> bool:
    stored = load_file(target)
    return stored.keys() == tensors.keys() and all(torch.equal(stored[name], tensor) for name, tensor in tensors.items())


@pytest.mark.parametrize("new_format", [True, False], ids=["zip", "legacy"])
def test_a_plain_state_dict_keeps_every_tensor_bit_by_bit(tmp_path: Path, new_format: bool) -> None:
    said, target = _convert(tmp_path, TENSORS, _use_new_zipfile_serialization=new_format)
    assert said == Converted()
    assert _same(target, TENSORS)


@pytest.mark.parametrize(
    ("checkpoint", "entry"),
    [
        ({"state_dict": TENSORS, "epoch": 3}, "state_dict"),
        ({"model": TENSORS, "args": argparse.Namespace(lr=0.1), "optimizer": {"state": {0: {"exp_avg": torch.ones(3)}}}}, "model"),
        ({"model_state": TENSORS, "best": 0.5}, "model_state"),
        ({"state_dict": {"a": torch.zeros(1)}, "state_dict_ema": TENSORS}, "state_dict_ema"),
        ({"checkpoint": {"module": TENSORS}}, "checkpoint.module"),
        ({"mean": torch.zeros(3), "net": TENSORS}, "net"),
        ({"whatever": TENSORS}, "whatever"),
    ],
)
def test_the_tensors_are_found_where_training_scripts_keep_them(tmp_path: Path, checkpoint: dict[str, Any], entry: str) -> None:
    said, target = _convert(tmp_path, checkpoint)
    assert isinstance(said, Converted)
    assert said.entry == entry
    assert _same(target, TENSORS)


def test_values_that_are_no_tensors_are_left_out_and_counted() -> None:
    found = find_state_dict({**TENSORS, "epoch": 3, "name": "mine"})
    assert found is not None
    assert (found.tensors.keys(), found.num_left_out) == (TENSORS.keys(), 2)


def test_tied_and_turned_tensors_are_written_whole(tmp_path: Path) -> None:
    weight = torch.arange(12.0).reshape(3, 4)
    tensors = {"a": weight, "b": weight, "turned": weight.T, "part": weight[1:, :2], "number": torch.tensor(7)}
    said, target = _convert(tmp_path, tensors)
    assert said == Converted()
    assert _same(target, tensors)


def test_every_type_of_numbers_is_kept(tmp_path: Path) -> None:
    kinds = [torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8]
    tensors = {str(kind): torch.ones(3, dtype=kind) for kind in kinds} | {"flag": torch.tensor([True, False])}
    said, target = _convert(tmp_path, tensors)
    assert said == Converted()
    assert _same(target, tensors)


def test_the_same_tensors_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_tensors(tmp_path / name, TENSORS, limit_bytes=10**9, report=lambda done, total: None)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


class _Own:
    """A class of somebody's training script."""


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("make", "reason", "what"),
    [
        (lambda: timm.create_model("test_resnet"), Refusal.WHOLE_MODEL, "timm.models.resnet.ResNet"),
        (lambda: {"model": torch.nn.Linear(2, 2)}, Refusal.WHOLE_MODEL, "torch.nn.modules.linear.Linear"),
        (lambda: {"model": TENSORS, "config": _Own()}, Refusal.OBJECTS, "test_convert._Own"),
        (lambda: {"model": TENSORS, "best": np.float64(0.5)}, Refusal.OBJECTS, "numpy"),
        (lambda: {"weight": torch.eye(3).to_sparse()}, Refusal.SPARSE, "weight"),
        (lambda: {"weight": torch.quantize_per_tensor(torch.rand(3), 0.1, 0, torch.qint8)}, Refusal.QUANTISED, "weight"),
        (lambda: {"weight": torch.zeros(3, dtype=torch.complex64)}, Refusal.NUMBERS, "weight"),
        (lambda: {"weight": torch.zeros(3, device="meta")}, Refusal.NUMBERS, "weight"),
        (lambda: {"weight": torch.zeros(1).expand(40_000_000)}, Refusal.BOMB, ""),
        (lambda: {"epoch": 3, "names": ["a"]}, Refusal.NO_TENSORS, ""),
        (lambda: [torch.zeros(3)], Refusal.NO_TENSORS, ""),
        (lambda: torch.zeros(3), Refusal.NO_TENSORS, ""),
    ],
    ids=lambda value: value.value if isinstance(value, Refusal) else "",
)
def test_what_weights_are_not_is_refused_by_its_reason(tmp_path: Path, make: Callable[[], object], reason: Refusal, what: str) -> None:
    said, target = _convert(tmp_path, make())
    assert isinstance(said, Refused)
    assert said.reason is reason
    assert what in said.what
    assert not target.exists()


def _archive(file: Path, records: dict[str, bytes], *, packed: bool = False) -> Path:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED) as archive:
        for name, content in records.items():
            archive.writestr(name, content)
    return file


@pytest.mark.parametrize(
    ("records", "reason"),
    [
        ({"net/data.pkl": b"", "net/constants.pkl": b"", "net/code/__torch__.py": b""}, Refusal.TORCHSCRIPT),
        ({"net/archive_format": b"pt2", "net/models/model.json": b"{}"}, Refusal.EXPORTED),
        ({"serialized_exported_program.json": b"{}"}, Refusal.EXPORTED),
        ({"notes.txt": b"no weights"}, Refusal.NO_TENSORS),
    ],
)
def test_programs_and_other_archives_are_known_from_outside(tmp_path: Path, records: dict[str, bytes], reason: Refusal) -> None:
    said, _target = _convert_file(_archive(tmp_path / "model.pt", records))
    assert isinstance(said, Refused)
    assert said.reason is reason


def test_an_archive_that_is_packed_to_grow_is_not_opened(tmp_path: Path) -> None:
    said, _target = _convert_file(_archive(tmp_path / "model.pth", {"m/data.pkl": pickle.dumps({}), "m/data/0": bytes(10**7)}, packed=True))
    assert said == Refused(reason=Refusal.BOMB)


def test_records_that_share_their_bytes_are_not_opened(tmp_path: Path) -> None:
    """A thousand entries of the list that all stand for the same bytes."""
    source = tmp_path / "model.pth"
    torch.save({"weight": torch.zeros(10_000)}, source)
    with zipfile.ZipFile(source, "a") as archive:
        first = max(archive.infolist(), key=lambda record: record.file_size)
        archive.filelist += [first] * 1000
        archive._didModify = True  # type: ignore[attr-defined]
    said, _target = _convert_file(source)
    assert said == Refused(reason=Refusal.BOMB)


@pytest.mark.parametrize("keep", [0.1, 0.5, 0.99])
@pytest.mark.parametrize("new_format", [True, False], ids=["zip", "legacy"])
def test_a_checkpoint_cut_short_is_damaged(tmp_path: Path, keep: float, new_format: bool) -> None:
    source = tmp_path / "model.pth"
    torch.save(TENSORS, source, _use_new_zipfile_serialization=new_format)
    content = source.read_bytes()
    source.write_bytes(content[: int(keep * len(content))])
    said, target = _convert_file(source)
    assert isinstance(said, Refused)
    assert said.reason is Refusal.DAMAGED
    assert not target.exists()


def test_what_is_said_can_be_read_back() -> None:
    said = Refused(reason=Refusal.CODE, what="posix.system")
    assert msgspec.json.decode(msgspec.json.encode(said), type=Said) == said
