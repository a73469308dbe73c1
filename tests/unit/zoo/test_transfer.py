"""What the catalogue says a network allows: ways of pooling, and attention for adapters."""

import pytest

from tlstudio.zoo import catalogue
from tlstudio.zoo.transfer import has_attention, poolings_of

MAPS = ("auto", "avg", "max", "avgmax")


@pytest.mark.parametrize(
    ("name", "poolings", "attention"),
    [
        ("resnet18", (*MAPS, "catavgmax"), False),
        ("convnext_tiny", MAPS, False),
        ("beit_base_patch16_224", ("auto", "avg"), True),
        ("cait_xxs24_224", ("auto", "token", "avg"), True),
        ("torchvision/shufflenet_v2_x0_5", ("auto",), False),
        ("mobilenetv3_small_050", MAPS, False),
        ("vit_tiny_patch16_224", ("auto", "token", "avg", "max", "avgmax"), True),
        ("vit_small_patch14_reg4_dinov2", ("auto", "token", "avg", "max", "avgmax"), True),
        ("mixer_b16_224", ("auto", "avg"), False),
        ("vit_base_patch16_siglip_224", ("auto",), True),
        ("swin_tiny_patch4_window7_224", (*MAPS, "catavgmax"), True),
    ],
)
def test_what_a_network_allows(name: str, poolings: tuple[str, ...], attention: bool) -> None:
    networks = catalogue.load()
    assert poolings_of(networks.by_name[name]) == poolings
    assert has_attention(networks.by_name[name], networks) == attention
