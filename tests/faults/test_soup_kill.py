"""F01 with everything that lies between two epochs: images that grow, mirror images that judge, and weights kept for a soup."""

import random
from pathlib import Path

import msgspec
import pytest

from tests.engine.folders import manifest_of, state_of, write_training
from tests.faults.nursery_process import Nursery
from tests.faults.test_job_kill import RECIPE, kill_after, result_of
from tests.faults.test_job_kill import images as images
from tests.faults.test_job_kill import pytestmark as pytestmark


@pytest.mark.parametrize("first_size", [1.0, 0.5])
def test_killed_many_times_it_ends_with_the_bits_of_the_uninterrupted_run(
    images: Path,
    tmp_path: Path,
    nursery: Nursery,
    first_size: float,
) -> None:
    assert RECIPE.finetune is not None
    part = msgspec.structs.replace(RECIPE.finetune, soup=3, first_size=first_size, num_views=2)
    network = msgspec.structs.replace(RECIPE.network, input_size_px=96)
    recipe = msgspec.structs.replace(RECIPE, network=network, finetune=part, judged_views="mirrored")
    whole = write_training(tmp_path / "whole", recipe, manifest_of(images), images=images)
    nursery.start(whole)
    assert nursery.wait() == 0
    folder = write_training(tmp_path / "killed", recipe, manifest_of(images), images=images)
    random.seed(int(100 * first_size))
    num_killed = sum(kill_after(nursery, folder, random.randint(2, 24), unfrozen=True) for _kill in range(5))
    assert num_killed >= 3
    nursery.start(folder)
    assert nursery.wait() == 0
    assert result_of(folder) == result_of(whole)
    assert state_of(folder).soup == state_of(whole).soup
    assert {file.name.split("-")[0] for file in (folder / "checkpoints").iterdir()} == {"best"}
