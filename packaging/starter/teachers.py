"""The two teachers: what they answer to a view is their pre-logit features, from which their frozen classifiers make the logits."""

from dataclasses import dataclass
from pathlib import Path

import msgspec
import timm
import torch
from safetensors.torch import load_file
from torch import Tensor

from tlstudio.domain.networks import Recognition, WeightsCard
from tlstudio.engine.models.create import Source, create
from tlstudio.engine.models.network import Network
from tlstudio.zoo.catalogue import load as load_catalogue
from tlstudio.zoo.recognise import recognise

_BATCH = 100


@dataclass(frozen=True, kw_only=True)
class TeacherSpec:
    """Where a teacher's weights lie in the folder of weights, what its classifier is called in them, and what is worth saying of them."""

    file: str
    classifier: str
    note: str = ""


TEACHERS = {
    "vit": TeacherSpec(file="vit_tiny_patch16_224.augreg_in21k_ft_in1k.safetensors", classifier="head"),
    "mobilenet": TeacherSpec(
        file="mobilenetv2_100.qat_in1k", classifier="classifier", note="read back from an 8-bit file (its weights made floating again)"
    ),
}


@dataclass(frozen=True, kw_only=True, eq=False)
class Teacher:
    """A pretrained classifier: `weight` f32[K, D] and `bias` f32[K] make its logits of its features."""

    network: Network
    weight: Tensor
    bias: Tensor
    card: WeightsCard
    note: str = ""
    """What is worth saying of its weights."""

    @torch.inference_mode()
    def features(self, views: Tensor) -> Tensor:
        """uint8[N, 3, S, S] to f16[N, D]. The products are computed in bfloat16, which is twice as fast where a CPU has it."""
        images = views.permute(0, 2, 3, 1)
        with torch.autocast(views.device.type, torch.bfloat16):
            parts = [self.network.features(part) for part in torch.split(images, _BATCH)]
        return torch.cat(parts).half()


def load(folder: Path, *, size_px: int, device: torch.device) -> dict[str, Teacher]:
    """The teachers by name, looking at pictures of a size that need not be the one they were trained at.

    Raises `TLStudioError` or `ValueError` where their files are not the expected ones.
    """
    catalogue = load_catalogue()
    return {name: _load(spec, recognise(folder / spec.file, catalogue), size_px=size_px, device=device) for name, spec in TEACHERS.items()}


def arguments_for(architecture: str, *, size_px: int) -> dict[str, str | int | float | bool]:
    """What timm is told besides: a vision transformer has its size built in, and its table of positions is fitted by interpolation."""
    known = timm.get_pretrained_cfg(architecture)
    return {"img_size": size_px} if known is not None and known.fixed_input_size else {}


def _load(spec: TeacherSpec, found: Recognition, *, size_px: int, device: torch.device) -> Teacher:
    card, tensors = found.proposal, load_file(found.file)
    source = Source(
        architecture=card.architecture,
        arguments=dict(card.architecture_arguments) | arguments_for(card.architecture, size_px=size_px),
        preprocessing=msgspec.structs.replace(card.preprocessing, input_size_px=size_px),
        weights=card.hash,
        weights_file=Path(found.file),
    )
    weight, bias = (tensors.get(f"{spec.classifier}.{part}") for part in ("weight", "bias"))
    if weight is None or bias is None:
        raise ValueError(f"{found.file} holds no classifier called {spec.classifier}")
    return Teacher(
        network=create(source).to(device), weight=weight.float().to(device), bias=bias.float().to(device), card=card, note=spec.note
    )
