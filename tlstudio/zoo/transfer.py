"""What of the transfer an architecture allows, by the catalogue, so that the form offers nothing in vain; the engine has the last word."""

from math import isqrt
from typing import get_args

from tlstudio.domain.abilities import Abilities
from tlstudio.domain.networks import NetworkSpec
from tlstudio.domain.recipe import Pooling

_NARROW = (
    "AIMv2 ViT", "CAFormer", "CSATv2", "ConvFormer", "ConvNeXt", "ConvNeXt V2", "DaViT", "EdgeNeXt", "EfficientViT (MIT)", "FasterNet",
    "GhostNet", "GhostNet V2", "GhostNet V3", "HGNet", "HardCoRe-NAS", "Hiera", "InceptionNeXt", "LowFormer", "NaFlex ViT", "PP-LCNet",
    "PP-LCNetV2", "PoolFormer", "RDNet", "RepGhost", "SHViT", "SigLIP ViT", "TinyViT", "ViTamin",
)  # fmt: skip
_AVERAGE_ALONE = (
    "BEiT", "BEiT v2", "CPUBone", "EVA-02", "EfficientFormer", "EfficientFormer V2", "EfficientViM", "LeViT", "MLP-Mixer", "MViT v2",
    "MambaOut", "PVT v2", "RepViT", "ResMLP", "SwiftFormer", "Twins", "ViT of a language model", "ViT with relative positions", "gMLP",
    "iFormer",
)  # fmt: skip
_CLASS_ATTENTION = ("CaiT", "CoaT", "ConViT", "CrossViT", "TNT", "VOLO", "XCiT")
_ALLOWED: dict[str, tuple[Pooling, ...]] = {
    **dict.fromkeys(_NARROW, ("avg", "max", "avgmax")),
    **dict.fromkeys(_AVERAGE_ALONE, ("avg",)),
    **dict.fromkeys(_CLASS_ATTENTION, ("avg", "token")),
    "PiT": ("token",),
    "ViT with rotary positions": ("max", "avgmax", "token"),
}
"""What each family's smallest network could do when every way was tried in timm 1.0; families that are not named go by shapes alone."""


def abilities_of(network: NetworkSpec) -> Abilities:
    """What its row says that recipes may ask of it; microseconds."""
    return Abilities(poolings=poolings_of(network), num_stages=len(network.stages), stage_adapters=network.stage_adapters)


def poolings_of(network: NetworkSpec) -> tuple[Pooling, ...]:
    """Ways to make one vector that leave all parameters and shapes as they are. Only that of the weights where stages are not known."""
    allowed = _ALLOWED.get(network.family, get_args(Pooling))
    return tuple(way for way in _poolings_by_shapes(network) if way == "auto" or way in allowed)


def _poolings_by_shapes(network: NetworkSpec) -> tuple[Pooling, ...]:
    if not network.stage_outputs or network.name.startswith("torchvision/"):
        return ("auto",)
    last = network.stage_outputs[-1]
    if len(last) == 3:
        # Layers behind the pooling, as MobileNetV3 has them, know one width alone.
        is_pooled_last = max(last[1:]) > 1 and last[0] == network.num_features
        return ("auto", "avg", "max", "avgmax", *(("catavgmax",) if is_pooled_last else ()))
    if len(last) == 2 and last[0] > 1:
        # Tokens of patches fill a square; what is left over are class tokens and registers.
        has_token = isqrt(last[0]) ** 2 != last[0]
        return ("auto", *(("token",) if has_token else ()), "avg", "max", "avgmax")
    return ("auto",)
