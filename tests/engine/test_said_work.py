"""What a run took is one time everywhere: its ending says what its journal says, and loading libraries is in neither."""

import subprocess
from pathlib import Path

from tests.conftest import MakeImages
from tests.engine.folders import manifest_of, write_training
from tests.real_jobs import PATIENCE_S, command, environment
from tlstudio.domain.recipe import NetworkPart, Recipe
from tlstudio.jobs.watcher import read_state


def test_the_ending_of_a_run_says_its_work_without_loading_libraries(make_images: MakeImages, tmp_path: Path) -> None:
    images = make_images({"bars": 10, "discs": 10})
    recipe = Recipe(name="quick", network=NetworkPart(architecture="test_resnet", input_size_px=64), finetune=None)
    folder = write_training(tmp_path / "project", recipe, manifest_of(images), images=images)
    subprocess.run(command("job", folder), env=environment(tmp_path / "home"), check=True, timeout=PATIENCE_S)
    state = read_state(folder)
    assert state.summary is not None
    assert state.pace.loading_s > 0.0, "a process of its own has to load PyTorch"
    assert 0.0 < state.work_s < state.worked_s
    assert abs(state.summary.seconds - state.work_s) < state.pace.loading_s / 4
