"""A run that an earlier version ordered is trained as that version would have done."""

import shutil
from pathlib import Path

import pytest

from tests.engine.folders import manifest_of, state_of, write_training
from tlstudio.domain.jobs import RECIPE_FILE
from tlstudio.domain.recipe import decode_recipe
from tlstudio.domain.run_state import Status
from tlstudio.engine import worker

RECIPES = Path(__file__).parents[1] / "data/recipes"
GOLDEN_VALIDATION = {1: [0.50846, 0.23319, 0.18569], 2: [0.56192, 0.53324, 0.52641, 0.52744]}
"""Losses on validation as the program that wrote a version reached them, on the CPU."""


@pytest.mark.parametrize("version", GOLDEN_VALIDATION)
def test_a_recipe_of_an_earlier_version_reaches_what_it_reached(version: int, make_images, tmp_path: Path) -> None:
    images = make_images({"bars": 20, "discs": 20, "rings": 10})
    recipe = decode_recipe((RECIPES / f"v{version}.json").read_bytes())
    folder = write_training(tmp_path / "project", recipe, manifest_of(images), images=images)
    shutil.copy(RECIPES / f"v{version}.json", folder / RECIPE_FILE)
    assert worker.run_job(folder) == 0
    state = state_of(folder)
    assert state.status is Status.FINISHED
    assert [item.loss for item in state.validations] == pytest.approx(GOLDEN_VALIDATION[version], rel=5e-3)
