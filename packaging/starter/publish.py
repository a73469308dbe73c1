"""Puts a finished student into resources/starter: the weights as a timm folder with its cards, whole or not at all."""

import errno
import os
import shutil
import tempfile
from pathlib import Path

import cards
import torch
from blake3 import blake3
from cards import Judgement
from distil import Plan
from safetensors.torch import save
from teachers import Teacher

from tlstudio import files
from tlstudio.engine.models.network import Network

MAX_BYTES = 6_000_000


def publish(student: Network, plan: Plan, *, teachers: dict[str, Teacher], judged: Judgement, work: Path, out: Path) -> None:
    """Replace `out` by the student in 16-bit. Whatever goes wrong, `out` stays as it was. Raises `OSError`, `ValueError`.

    The new folder is made below `work`. Two renames put it in place: the old one out of the way into `work`, the new one in. A kill
    between them leaves `out` missing, never mixed, until the next `repair`; nothing half-written ever lies beside `out`.
    """
    data = encode(student)
    repair(work=work, out=out)
    new, old = _places(work, out)
    try:
        new.mkdir(parents=True)
        files.write_bytes(new / "model.safetensors", data)
        files.write_json(new / "config.json", cards.timm_config(plan, num_features=student.num_features))
        files.write_json(new / "card.json", cards.card_for_the_program(data, plan=plan, teachers=teachers))
        text = cards.card_for_people(len(data), plan=plan, teachers=teachers, judged=judged)
        files.write_bytes(new / "README.md", text.encode())
        out.parent.mkdir(parents=True, exist_ok=True)
        if out.exists():
            os.replace(out, old)
        os.replace(new, out)
        files.sync_folder(out.parent)
    finally:
        repair(work=work, out=out)


def encode(student: Network) -> bytes:
    """The backbone in 16 bits as safetensors. Raises `ValueError` where that is more than may ship."""
    tensors = {name: _half(tensor) for name, tensor in student.backbone.state_dict().items()}
    data = save(tensors, metadata={"format": "pt"})
    if len(data) > MAX_BYTES:
        raise ValueError(f"the weights of this network take {len(data):,} bytes, at most {MAX_BYTES:,} may ship; choose a smaller one")
    return data


def repair(*, work: Path, out: Path) -> None:
    """Undo what a killed `publish` left: the starter comes back where it was taken away, half-written ones go."""
    new, old = _places(work, out)
    if old.exists() and not out.exists():  # killed between the two renames
        os.replace(old, out)
    for left in (new, old):
        shutil.rmtree(left, ignore_errors=True)


def prove_writable(*, work: Path, out: Path) -> None:
    """See before hours of work that `publish` will be able to rename a folder of `work` to `out`. Raises `OSError` naming the folder."""
    for folder in (work, out.parent):
        folder.mkdir(parents=True, exist_ok=True)
        try:
            with tempfile.TemporaryFile(dir=folder) as file:
                file.write(b"x")
        except OSError as error:
            raise OSError(error.errno, error.strerror, str(folder)) from error
    if work.stat().st_dev != out.parent.stat().st_dev:
        raise OSError(errno.EXDEV, f"it lies on another disk than {work}, from where it could not be renamed", str(out.parent))


def _places(work: Path, out: Path) -> tuple[Path, Path]:
    """Where the new folder is made and where the old one waits, of this `out` and no other."""
    folder = work / f"publishing-{blake3(os.fsencode(out.absolute())).hexdigest()[:12]}"
    return folder / "new", folder / "old"


def _half(tensor: torch.Tensor) -> torch.Tensor:
    return (tensor.half() if tensor.is_floating_point() else tensor).contiguous()
