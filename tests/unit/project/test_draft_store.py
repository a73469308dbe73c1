"""What the next training is set to outlives the program, and a value that cannot be read harms nothing else."""

from pathlib import Path

import pytest

from tlstudio.domain.draft import RecipeDraft
from tlstudio.domain.recipe import NetworkPart
from tlstudio.project.project import Project
from tlstudio.ui.recipe.choice import RecipeChoice

NETWORK = NetworkPart(architecture="resnet18")
DRAFT = RecipeDraft(
    recipe="custom",
    base="thorough",
    network=NETWORK,
    by_hand={"seed": 7},
    custom={"epochs": 5, "warmup": 0.0, "num_stages": None, "penalties": (0.1, 1.0), "schedule": "one_cycle"},
)


KEPT = {"epochs": 0, "warmup": "much", "gone": 1, "device": 5, "schedule": (0.1,), "head_kind": 2.5, "batch_size": (8.0,), "patience": 2}
"""Only the last one can be taken."""


def _stored(folder: Path, text: str) -> RecipeDraft:
    project = Project.create(folder)
    with project.writing():
        project._database.run("INSERT INTO settings (key, value) VALUES ('recipe_draft', ?)", [text])
    try:
        return project.draft_store.load()
    finally:
        project.close()


def test_it_is_read_as_it_was_kept(tmp_path: Path) -> None:
    project = Project.create(tmp_path / "survey")
    assert project.draft_store.load() == RecipeDraft()
    project.draft_store.save(DRAFT)
    project.close()
    again = Project.open(tmp_path / "survey")
    assert again.draft_store.load() == DRAFT
    again.close()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"custom": {"epochs": {}}}', '{"version": 2, "recipe": "custom"}'])
def test_what_cannot_be_read_or_is_of_a_later_version_counts_as_nothing(tmp_path: Path, text: str) -> None:
    assert _stored(tmp_path / "survey", text) == RecipeDraft()


def test_settings_that_are_unknown_or_out_of_their_limits_are_left_out() -> None:
    choice = RecipeChoice()
    choice.restore(RecipeDraft(recipe="custom", base="gone", network=NETWORK, custom=KEPT))
    choice.choose_network(NETWORK)
    assert choice.recipe is not None
    assert choice.recipe.finetune is not None
    assert (choice.recipe.finetune.patience, choice.recipe.finetune.epochs, choice.num_changed) == (2, 14, 1)
    choice.restore(RecipeDraft(recipe="gone"))
    assert choice.recipe_id == "quick"
