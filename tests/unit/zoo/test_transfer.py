"""What the catalogue says a network allows: ways of pooling, and attention for adapters."""

import pytest

from tlstudio.zoo import catalogue
from tlstudio.zoo.transfer import abilities_of

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
    abilities = abilities_of(catalogue.load().by_name[name])
    assert abilities.poolings == poolings
    assert abilities.has_attention == attention


@pytest.mark.parametrize(
    "name", ["resnet18", "vit_tiny_patch16_224", "swin_tiny_patch4_window7_224", "mvitv2_tiny", "tiny_vit_5m_224", "edgenext_xx_small"]
)
def test_the_places_for_adapters_are_those_that_the_engine_finds(name: str) -> None:
    torch, timm = pytest.importorskip("torch"), pytest.importorskip("timm")
    from tlstudio.engine.models.lora import layers_by_stage

    with torch.device("meta"):
        found = layers_by_stage(timm.create_model(name, num_classes=0))
    kept = catalogue.load().by_name[name].stage_adapters
    assert kept == (found if any(found) else ())
