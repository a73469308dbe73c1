"""Recipes of earlier versions are read as what they meant."""

from pathlib import Path

import msgspec
import pytest

from tlstudio.domain.recipe import RECIPE_VERSION, FineTunePart, HeadPart, NetworkPart, Recipe, decode_recipe

RECIPES = Path(__file__).parents[2] / "data/recipes"


def test_every_earlier_version_has_a_fixture() -> None:
    assert {file.stem for file in RECIPES.iterdir()} == {f"v{version}" for version in range(1, RECIPE_VERSION)}


def test_a_recipe_of_version_1_makes_new_views_every_epoch_and_has_a_linear_head() -> None:
    recipe = decode_recipe((RECIPES / "v1.json").read_bytes())
    assert recipe == Recipe(
        name="balanced",
        network=NetworkPart(architecture="test_resnet", input_size_px=64),
        finetune=FineTunePart(epochs=2, batch_size=8, num_views=0),
        augmentation="light",
        class_balance="weighted",
        view_rule=1,
        seed=3,
        device="cpu",
    )
    assert (recipe.head.kind, recipe.network.pooling) == ("linear", "auto")


def test_a_recipe_of_version_2_keeps_its_views_and_rates_and_asks_for_nothing_that_came_later() -> None:
    recipe = decode_recipe((RECIPES / "v2.json").read_bytes())
    assert recipe == Recipe(
        name="balanced",
        network=NetworkPart(architecture="test_resnet", input_size_px=64, pooling="avgmax"),
        head=HeadPart(kind="mlp", hidden=32),
        finetune=FineTunePart(epochs=3, batch_size=8, stage_rates=(3e-4, 1e-4), num_views=2),
        augmentation="light",
        class_balance="weighted",
        view_rule=1,
        seed=3,
        device="cpu",
    )


def test_a_recipe_of_this_version_is_read_as_it_was_written() -> None:
    recipe = Recipe(name="balanced", network=NetworkPart(architecture="resnet18", pooling="max"), finetune=FineTunePart(num_views=3))
    assert decode_recipe(msgspec.json.encode(recipe)) == recipe


def test_a_recipe_of_a_later_version_is_refused() -> None:
    later = Recipe(version=RECIPE_VERSION + 1, name="quick", network=NetworkPart(architecture="resnet18"))
    with pytest.raises(msgspec.DecodeError, match=f"version {RECIPE_VERSION + 1}"):
        decode_recipe(msgspec.json.encode(later))
