"""Of which recipes another seed can come to another model."""

import pytest

from tlstudio.domain.recipe import FineTunePart, HeadPart, NetworkPart, Recipe

GIVEN = NetworkPart(architecture="resnet18", weights="0" * 64)


@pytest.mark.parametrize("head", [HeadPart(), HeadPart(penalty_by="folds", penalties=(1.0,)), HeadPart(dropout=0.5)])
def test_a_head_that_is_solved_on_given_weights_leaves_nothing_to_chance(head: HeadPart) -> None:
    assert not Recipe(name="any", network=GIVEN, head=head, class_balance="weighted", augmentation="moderate").has_chance


@pytest.mark.parametrize(
    "recipe",
    [
        Recipe(name="quick", network=NetworkPart(architecture="resnet18")),
        Recipe(name="quick", network=GIVEN, finetune=FineTunePart()),
        Recipe(name="quick", network=GIVEN, head=HeadPart(kind="mlp")),
        Recipe(name="quick", network=GIVEN, head=HeadPart(penalty_by="folds")),
    ],
    ids=["random weights", "fine-tuned", "trained head", "folds"],
)
def test_what_is_drawn_in_any_way_depends_on_the_seed(recipe: Recipe) -> None:
    assert recipe.has_chance
