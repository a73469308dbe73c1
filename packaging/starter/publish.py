"""Puts a finished student into resources/starter: the weights as a timm folder, the card the program reads, and the one people read."""

import os
import shutil
from pathlib import Path

import torch
from blake3 import blake3
from distil import Plan
from safetensors.torch import save
from teachers import Teacher

from tlstudio import files
from tlstudio.domain.networks import WeightsCard
from tlstudio.engine.models.network import Network

MAX_BYTES = 6_000_000
_NAME = "MobileNetV4 small"
"""What people see in the table of models, behind the word Starter."""
_TAG = "starter"
_LICENCE = "apache-2.0"


def publish(student: Network, plan: Plan, teachers: dict[str, Teacher], *, scores: dict[str, float], out: Path) -> None:
    """Replace `out` by the student in 16-bit. Whatever goes wrong before the last step, `out` stays as it was. Raises `OSError`."""
    tensors = {name: _half(tensor) for name, tensor in student.backbone.state_dict().items()}
    data = save(tensors, metadata={"format": "pt"})
    if len(data) > MAX_BYTES:
        raise OSError(f"the weights take {len(data):,} bytes, at most {MAX_BYTES:,} are allowed")
    staging, old = (out.with_name(f".{out.name}-{what}") for what in ("new", "old"))
    if old.exists() and not out.exists():  # killed between the two replacements
        os.replace(old, out)
    for left in (staging, old):
        shutil.rmtree(left, ignore_errors=True)
    try:
        staging.mkdir(parents=True)
        files.write_bytes(staging / "model.safetensors", data)
        files.write_json(staging / "config.json", _config(student, plan))
        files.write_json(staging / "card.json", _card(data, plan, teachers))
        files.write_bytes(staging / "README.md", _readme(plan, teachers, scores, len(data)).encode())
        if out.exists():
            os.replace(out, old)
        os.replace(staging, out)
        files.sync_folder(out.parent)
    finally:
        if old.exists() and not out.exists():
            os.replace(old, out)
        for left in (staging, old):
            shutil.rmtree(left, ignore_errors=True)


def _half(tensor: torch.Tensor) -> torch.Tensor:
    return (tensor.half() if tensor.is_floating_point() else tensor).contiguous()


def _config(student: Network, plan: Plan) -> dict[str, object]:
    """As timm's `save_for_hf` writes it, so that `timm.create_model("local-dir:…")` reads the folder too."""
    rule = plan.preprocessing
    return {
        "architecture": plan.architecture,
        "num_classes": 0,
        "num_features": student.num_features,
        "pretrained_cfg": {
            "tag": _TAG,
            "input_size": [3, plan.size_px, plan.size_px],
            "interpolation": rule.interpolation,
            "crop_pct": rule.crop_fraction,
            "mean": rule.mean,
            "std": rule.std,
            "num_classes": 0,
            "license": _LICENCE,
        },
    }


def _card(data: bytes, plan: Plan, teachers: dict[str, Teacher]) -> WeightsCard:
    names = " and ".join(teacher.card.architecture for teacher in teachers.values())
    return WeightsCard(
        hash=blake3(data).hexdigest(),
        architecture=plan.architecture,
        name=_NAME,
        preprocessing=plan.preprocessing,
        num_classes=0,
        licence=_LICENCE,
        source=f"made by this project: taught by {names}",
        bundled=True,
        size_bytes=len(data),
        tag=_TAG,
    )


def _beginning(plan: Plan) -> str:
    if plan.begin_with is None:
        return ""
    return f", beginning with weights of which the hash (blake3) starts with {blake3(plan.begin_with.read_bytes()).hexdigest()[:12]}"


def _readme(plan: Plan, teachers: dict[str, Teacher], scores: dict[str, float], num_bytes: int) -> str:
    taught = "\n".join(
        f"- `{teacher.card.architecture}` ({teacher.card.name}), {teacher.card.licence or 'not stated'}" for teacher in teachers.values()
    )
    rows = "\n".join(f"| `{name}` | {score:.3f} |" for name, score in scores.items())
    return f"""# Starter: pretrained features for a machine that has nothing

A small network that TL Studio's project trained itself, so that a fresh, offline machine can transfer at once.

| | |
|---|---|
| network | `{plan.architecture}` of timm, without a classifier, {num_bytes / 1e6:.1f} MB in 16 bits |
| input | {plan.size_px} px, RGB, normalised to -1..1 |
| terms | Apache-2.0 |

## How it was made
It learned to give the same features and class probabilities as two larger networks, its teachers, on {plan.num_views:,} random crops,
flips, changes of colour and mixtures of 1,000 photographs, {plan.num_samples:,} looks in all{_beginning(plan)}
(Beyer et al. 2022, "A good teacher is patient and consistent";
Asano and Saeed 2023, "Extrapolating from a single image to a thousand classes using distillation"). No label was used.

Teachers:
{taught}

The photographs (a sample of ImageNet, for research) were looked at and are not contained. `packaging/starter/make.py` makes it again.

## Scores
Accuracy of a linear classifier on its features, 5 folds, all images, `packaging/starter/probe.py`:

| set | accuracy |
|---|---|
{rows}
| **mean** | **{sum(scores.values()) / len(scores):.3f}** |

## Limits
It has seen crops of a thousand photographs of everyday things: animals, tools, vehicles, food. It is a fair start for photographs, a good
one for textures, and a weak one for what looks like neither, such as micrographs (`packaging/starter/RESULTS.md` has the figures).
It knows no classes by itself. Networks pretrained on a million images give clearly
better features: import stronger weights when you can (Models, *Import weights*).
"""
