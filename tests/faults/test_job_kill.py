"""F01, F09, F40: a training that is killed at any moment goes on, and on the CPU ends with the very same bits."""

import contextlib
import os
import random
import shutil
import signal
import time
from pathlib import Path

import msgspec
import psutil
import pytest
from blake3 import blake3

from tests.engine.folders import events_of, manifest_of, state_of, write_training
from tests.faults.nursery import GO_ON
from tests.faults.nursery_process import Nursery
from tlstudio.domain import events as ev
from tlstudio.domain.recipe import FineTunePart, NetworkPart, Recipe
from tlstudio.domain.run_state import RunState, Status
from tlstudio.evaluation import predictions
from tlstudio.files import FileLock

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")

KILLS_A_RUN = 5
RECIPE = Recipe(
    name="balanced",
    network=NetworkPart(architecture="test_resnet", input_size_px=64),
    finetune=FineTunePart(epochs=8, batch_size=4, learning_rate=3e-3, patience=0),
    augmentation="moderate",
    seed=5,
)


@pytest.fixture
def images(make_images) -> Path:
    return make_images({"bars": 16, "discs": 16, "rings": 16})


def result_of(folder: Path) -> tuple[object, ...]:
    """What has to be the same: the kept weights, every validation, the predictions."""
    state = state_of(folder)
    assert state.summary is not None
    weights = blake3((folder / state.summary.checkpoint).read_bytes()).hexdigest()
    read = predictions.read(folder / "predictions/predictions.safetensors")
    return weights, read.logits.tobytes(), read.features.tobytes(), [(item.step, item.loss, item.is_best) for item in state.validations]


def kill_after(nursery: Nursery, folder: Path, num_lines: int, *, unfrozen: bool) -> bool:
    """Start the job and kill it when this attempt has said so much, or a moment later; False where it was done before.

    `unfrozen` counts from where the last stages begin to train. Two lines later it waits for the kill, however late that comes.
    """
    before = len(events_of(folder)) if (folder / "journal.jsonl").exists() else 0
    pid = nursery.start(folder, ("unfrozen" if unfrozen else "lines", num_lines + 2))
    while num_said(folder, before, unfrozen) < num_lines and psutil.pid_exists(pid):
        time.sleep(0.001)
    time.sleep(random.uniform(0, 0.02))
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    return nursery.wait() == -signal.SIGKILL


def num_said(folder: Path, before: int, unfrozen: bool) -> int:
    said = events_of(folder)[before:] if (folder / "journal.jsonl").exists() else []
    if unfrozen:
        begun = [index for index, event in enumerate(said) if isinstance(event, ev.BackboneUnfrozen)]
        said = said[begun[0] :] if begun else []
    return len(said)


def with_views(number: int) -> Recipe:
    assert RECIPE.finetune is not None
    return msgspec.structs.replace(RECIPE, finetune=msgspec.structs.replace(RECIPE.finetune, num_views=number))


@pytest.mark.parametrize(("num_views", "threads", "num_runs"), [(3, 1, 4), (3, 2, 2), (0, 1, 4)])
def test_killed_many_times_it_ends_with_the_bits_of_the_uninterrupted_run(
    images: Path, tmp_path: Path, nursery: Nursery, num_views: int, threads: int, num_runs: int
) -> None:
    manifest, recipe = manifest_of(images), with_views(num_views)
    whole = write_training(tmp_path / "whole", recipe, manifest, images=images, threads=threads)
    nursery.start(whole)
    assert nursery.wait() == 0
    expected = result_of(whole)
    random.seed(1)
    num_killed = 0
    killed_at = set()
    for number in range(1, num_runs + 1):
        folder = write_training(tmp_path / f"killed {number}", recipe, manifest, images=images, threads=threads)
        for kill in range(KILLS_A_RUN):
            num_killed += kill_after(nursery, folder, random.randint(2, 16) if kill else random.randint(1, 60), unfrozen=kill > 0)
            killed_at.update(item.step for item in list(state_of(folder).steps)[-1:])
            assert not FileLock(folder / "job.lock").is_held_elsewhere()
        assert state_of(folder).status is not Status.FINISHED
        nursery.start(folder)
        assert nursery.wait() == 0
        assert state_of(folder).status is Status.FINISHED
        assert result_of(folder) == expected
    assert num_killed == num_runs * KILLS_A_RUN
    assert len(killed_at) > num_runs


def test_activations_that_are_taken_away_or_damaged_meanwhile_change_no_bit(images: Path, tmp_path: Path, nursery: Nursery) -> None:
    manifest, recipe = manifest_of(images), with_views(2)
    whole = write_training(tmp_path / "whole", recipe, manifest, images=images)
    nursery.start(whole)
    assert nursery.wait() == 0
    folder = write_training(tmp_path / "without", recipe, manifest, images=images)
    kept = tmp_path / "without" / "cache" / "prefixes"
    trained_until_epoch(nursery, folder, 3)
    assert list(kept.glob("*.prefix"))
    shutil.rmtree(kept)
    trained_until_epoch(nursery, folder, 5)
    for file in kept.glob("*.prefix"):
        data = bytearray(file.read_bytes())
        data[4096 + 100 :: 5000] = bytes(len(data[4096 + 100 :: 5000]))
        file.write_bytes(data)
    nursery.start(folder)
    assert nursery.wait() == 0
    assert result_of(folder) == result_of(whole)


def trained_until_epoch(nursery: Nursery, folder: Path, epoch: int) -> RunState:
    """Kill the job as soon as it has two checkpoints of its last state after `epoch` epochs."""
    pid = nursery.start(folder, ("validations", epoch + 2))
    while len(state_of(folder).validations) <= epoch if (folder / "journal.jsonl").exists() else True:
        time.sleep(0.005)
    os.kill(pid, signal.SIGKILL)
    nursery.wait()
    return state_of(folder)


@pytest.mark.parametrize("how", ["flipped bit", "cut short", "card is gone"])
def test_a_damaged_checkpoint_is_noticed_and_the_one_before_is_used(images: Path, tmp_path: Path, nursery: Nursery, how: str) -> None:
    manifest = manifest_of(images)
    whole = write_training(tmp_path / "whole", RECIPE, manifest, images=images)
    nursery.start(whole)
    assert nursery.wait() == 0
    folder = write_training(tmp_path / "damaged", RECIPE, manifest, images=images)
    trained_until_epoch(nursery, folder, 3)
    newest = sorted((folder / "checkpoints").glob("last-*.json"))[-1].with_suffix(".safetensors")
    data = newest.read_bytes()
    if how == "flipped bit":
        newest.write_bytes(data[:-5] + bytes([data[-5] ^ 16]) + data[-4:])
    elif how == "cut short":
        newest.write_bytes(data[: len(data) // 2])
    else:
        newest.with_suffix(".json").unlink()
    nursery.start(folder)
    assert nursery.wait() == 0
    state = state_of(folder)
    assert state.status is Status.FINISHED
    if how != "card is gone":
        assert any("damaged" in warning.text() and newest.stem in warning.text() for warning in state.warnings)
    resumed = [event for event in events_of(folder) if isinstance(event, ev.Resumed)]
    assert 0 < resumed[0].from_step < int(newest.stem.split("-")[1])
    assert result_of(folder) == result_of(whole)


def test_asked_to_end_by_the_system_it_writes_a_checkpoint_first_and_goes_on_from_there(
    images: Path, tmp_path: Path, nursery: Nursery
) -> None:
    folder = write_training(tmp_path / "project", RECIPE, manifest_of(images), images=images)
    pid = nursery.start(folder, ("unfrozen", 12))
    while not (folder / "journal.jsonl").exists() or not state_of(folder).steps:
        time.sleep(0.005)
    asked = time.monotonic()
    os.kill(pid, signal.SIGTERM)
    (folder / GO_ON).touch()
    assert nursery.wait() == 143
    assert time.monotonic() - asked < 60
    state = state_of(folder)
    assert state.status is Status.RUNNING  # no ending was written: whoever looks sees an interrupted run
    last = state.checkpoints[-1].step
    assert last >= state.steps[-1].step
    nursery.start(folder)
    assert nursery.wait() == 0
    resumed = next(event for event in events_of(folder) if isinstance(event, ev.Resumed))
    assert resumed.from_step == last
    assert resumed.plan_change is None
