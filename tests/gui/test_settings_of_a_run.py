"""The settings of a run that is over are taken into the form of the next one."""

from pathlib import Path

import msgspec
import pytest
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from tests.gui.train_studio import Studio
from tlstudio.domain.recipe import RECIPES, FineTunePart, HeadPart, LoraPart, NetworkPart, Recipe
from tlstudio.domain.run_state import Status
from tlstudio.domain.runs import Run
from tlstudio.project.project import Project

VIT = NetworkPart(architecture="vit_tiny_patch16_224", input_size_px=96, pooling="avg")
TUNED = FineTunePart(num_stages=3, num_views=0, epochs=9, schedule="one_cycle", lora=LoraPart(rank=4, alpha=9.0), mixup=0.2, soup=3)
RECIPE = Recipe(name="thorough", network=VIT, finetune=TUNED, head=HeadPart(kind="cosine"), augmentation="moderate", seed=5)


@pytest.fixture
def studio(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    result = Studio(qtbot, tmp_path / "survey", monkeypatch)
    yield result
    result.close()


def kept(recipe: Recipe, status: Status = Status.FAILED):
    return lambda project: Project.record_run(
        project, Run(number=1, recipe=recipe, weights_name="", created_at=0.0, status=status, summary=None)
    )


def take(studio: Studio) -> Recipe:
    """Right-click, "Use these settings"."""
    menu = QMenu(studio.panel)
    studio.panel.on_menu(1, menu)
    next(action for action in menu.actions() if action.text() == "Use these settings").trigger()
    recipe = studio.panel.model.choice.recipe
    assert recipe is not None
    return recipe


def test_a_run_is_trained_again_with_all_it_was_set_to(studio: Studio) -> None:
    studio.open(kept(RECIPE))
    assert take(studio) == msgspec.structs.replace(RECIPE, name="custom")
    card = studio.panel.recipe.card
    assert card.recipes.current() == "custom"
    assert card.setting("epochs").back.text() == "As in Thorough: 30"
    assert "run 1" in studio.said[-1]


def test_a_head_alone_stays_one(studio: Studio) -> None:
    quick = msgspec.structs.replace(RECIPES["quick"].build(NetworkPart(architecture="resnet18")), seed=3, class_balance="weighted")
    studio.open(kept(quick, Status.FINISHED))
    studio.panel.model.choice.change("head_kind", "mlp")
    assert take(studio) == quick


def test_where_its_network_is_gone_the_chosen_one_stays_and_that_is_said(studio: Studio) -> None:
    gone = msgspec.structs.replace(VIT, weights="ef" * 32)
    studio.open(kept(msgspec.structs.replace(RECIPE, network=gone)))
    before = studio.panel.model.choice.network
    recipe = take(studio)
    assert studio.panel.model.choice.network == before
    assert (recipe.network, recipe.finetune.epochs, recipe.finetune.lora) == (before, 9, None)
    assert "not here any more" in studio.said[-1]
