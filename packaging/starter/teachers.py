"""The two teachers: what they answer to a view is their pre-logit features, from which their frozen classifiers make the logits."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec
import timm
import torch
from safetensors.torch import load_file
from torch import Tensor

from tlstudio.domain.networks import WeightsCard
from tlstudio.engine.models.create import Source, create
from tlstudio.engine.models.network import Network
from tlstudio.zoo.catalogue import load as load_catalogue
from tlstudio.zoo.recognise import recognise

FILES = {
    "vit": "vit_tiny_patch16_224.augreg_in21k_ft_in1k.safetensors",
    "mobilenet": "mobilenetv2_100.qat_in1k",
}
_CLASSIFIERS = {"vit": "head", "mobilenet": "classifier"}
_BATCH = 100


@dataclass(frozen=True, kw_only=True, eq=False)
class Teacher:
    """A pretrained classifier: `weight` f32[K, D] and `bias` f32[K] make its logits of its features."""

    network: Network
    weight: Tensor
    bias: Tensor
    card: WeightsCard

    @torch.inference_mode()
    def features(self, views: Tensor) -> Tensor:
        """uint8[N, 3, S, S] to f16[N, D]. The products are computed in bfloat16, which is twice as fast where a CPU has it."""
        images = views.permute(0, 2, 3, 1)
        with torch.autocast(views.device.type, torch.bfloat16):
            parts = [self.network.features(part) for part in images.split(_BATCH)]
        return torch.cat(parts).half()


def load(folder: Path, *, size_px: int, device: torch.device) -> Iterator[tuple[str, Teacher]]:
    """The teachers by name, looking at pictures of a size that need not be the one they were trained at.

    Raises `TLStudioError` where their files are not the expected ones.
    """
    catalogue = load_catalogue()
    for name, file in FILES.items():
        found = recognise(folder / file, catalogue)
        card, tensors = found.proposal, load_file(found.file)
        source = Source(
            architecture=card.architecture,
            arguments=dict(card.architecture_arguments) | _resized(card.architecture, size_px),
            preprocessing=msgspec.structs.replace(card.preprocessing, input_size_px=size_px),
            weights=card.hash,
            weights_file=Path(found.file),
        )
        classifier = _CLASSIFIERS[name]
        yield (
            name,
            Teacher(
                network=create(source).to(device),
                weight=tensors[f"{classifier}.weight"].float().to(device),
                bias=tensors[f"{classifier}.bias"].float().to(device),
                card=card,
            ),
        )


def _resized(architecture: str, size_px: int) -> dict[str, int]:
    """A vision transformer has its size built in: timm fits its table of positions to another one by interpolation."""
    known = timm.get_pretrained_cfg(architecture)
    return {"img_size": size_px} if known is not None and known.fixed_input_size else {}
