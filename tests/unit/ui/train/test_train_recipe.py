"""Which recipe Train would start: settings changed by hand, taken back, and named in the row of a run."""

import msgspec
import pytest

from tests.unit.ui.train.conftest import NETWORK, run_of
from tlstudio.domain.recipe import RECIPES, NetworkPart
from tlstudio.ui.train.run_rows import run_row
from tlstudio.ui.train.viewmodel import TrainModel


class TestRecipe:
    def test_the_first_recipe_is_the_one_that_takes_seconds(self, model: TrainModel) -> None:
        assert model.choice.recipe == RECIPES["quick"].build(NETWORK)

    def test_a_setting_changes_the_recipe_that_would_be_trained(self, model: TrainModel) -> None:
        model.choice.choose_recipe("balanced")
        model.choice.change("epochs", 30)
        assert model.choice.recipe.finetune.epochs == 30
        assert model.choice.num_changed == 1

    def test_a_setting_changed_by_hand_stays_when_another_recipe_is_chosen(self, model: TrainModel) -> None:
        model.choice.change("seed", 7)
        model.choice.choose_recipe("balanced")
        model.choice.change("epochs", 30)
        model.choice.choose_recipe("quick")
        assert model.choice.recipe.seed == 7
        assert model.choice.num_changed == 1

    def test_a_value_that_is_the_recipes_own_counts_as_no_change(self, model: TrainModel) -> None:
        model.choice.change("seed", 7)
        model.choice.change("seed", 0)
        assert model.choice.num_changed == 0
        model.choice.change("input_size_px", 128)
        model.choice.change("input_size_px", None)
        assert model.choice.num_changed == 0

    def test_the_settings_of_another_recipe_leave_where_it_computes(self, model: TrainModel) -> None:
        model.choice.change("device", "cpu")
        model.choice.take(RECIPES["balanced"].build(NETWORK))
        assert (model.choice.recipe.name, model.choice.recipe.device) == ("custom", "cpu")
        model.choice.take(RECIPES["quick"].build(NETWORK))
        assert (model.choice.recipe.name, model.choice.recipe.device) == ("quick", "cpu")

    def test_those_of_a_quick_run_leave_what_only_other_recipes_have(self, model: TrainModel) -> None:
        model.choice.choose_recipe("balanced")
        model.choice.change("epochs", 40)
        model.choice.change("seed", 7)
        model.choice.take(RECIPES["quick"].build(NETWORK))
        assert model.choice.recipe == RECIPES["quick"].build(NETWORK)
        model.choice.choose_recipe("balanced")
        assert model.choice.recipe.finetune.epochs == 40

    def test_a_refused_value_leaves_the_recipe_alone(self, model: TrainModel) -> None:
        model.choice.change("seed", 7)
        with pytest.raises(ValueError, match="seed"):
            model.choice.change("seed", -1)
        assert model.choice.recipe.seed == 7

    def test_reset_takes_back_every_change(self, model: TrainModel) -> None:
        model.choice.change("seed", 7)
        model.choice.reset()
        assert model.choice.recipe == RECIPES["quick"].build(NETWORK)

    def test_an_input_size_does_not_go_over_to_another_network(self, model: TrainModel) -> None:
        model.choice.change("input_size_px", 384)
        model.choice.choose_network(NetworkPart(architecture="resnet50"))
        assert model.choice.recipe.network.input_size_px is None

    def test_random_weights_are_known_as_such(self, model: TrainModel) -> None:
        assert not model.choice.has_random_weights
        assert model.choice.network_name == "ResNet-18 (a1)"
        model.choice.choose_network(NetworkPart(architecture="resnet50"))
        assert model.choice.has_random_weights
        assert model.choice.network_name == "resnet50"


@pytest.mark.parametrize(
    ("changes", "words", "tip"),
    [
        ({}, "Balanced", ""),
        ({"seed": 3}, "Balanced", ""),
        ({"patience": 0}, "Patience 0 · Balanced", "Patience: 0"),
        ({"epochs": 30, "patience": 0}, "30 epochs, patience 0 · Balanced", "Epochs: 30\nPatience: 0"),
        ({"epochs": 30}, "30 epochs · Balanced", "Epochs: 30"),
        ({"lora_rank": 8, "head_kind": "mlp"}, "LoRA rank 8, two layers head · Balanced", "LoRA rank: 8\nHead: two layers"),
        (
            {"epochs": 30, "mixup": 0.2, "num_stages": 1},
            "30 epochs, 1 stage, +1 · Balanced",
            "Stages that train: 1\nEpochs: 30\nMixup: 0.2",
        ),
    ],
)
def test_the_row_of_a_run_says_what_was_changed(model: TrainModel, changes: dict[str, object], words: str, tip: str) -> None:
    model.choice.choose_recipe("balanced")
    for id, value in changes.items():
        model.choice.change(id, value)
    row = run_row(msgspec.structs.replace(run_of(1), recipe=model.choice.recipe), None)
    assert (row.recipe, row.changed) == (words, tip)
