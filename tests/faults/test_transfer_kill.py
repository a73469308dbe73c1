"""F01 for every kind of head and for adapters: killed at any moment, it ends with the very same bits on the CPU."""

import os
import random
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from tests.engine.folders import manifest_of, state_of, write_training
from tests.faults.test_job_kill import RECIPE, Nursery, kill_after, result_of
from tlstudio.domain.recipe import FineTunePart, HeadPart, LoraPart, NetworkPart, Recipe
from tlstudio.domain.run_state import Status

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")

NUM_KILLS = 3


@pytest.fixture(scope="module")
def processes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nursery]:
    nursery = Nursery(tmp_path_factory.mktemp("nursery") / "log.txt")
    yield nursery
    nursery.close()


def with_head(kind: str) -> Recipe:
    part = HeadPart(kind=kind, hidden=16, dropout=0.4, penalties=(0.01, 1.0))  # type: ignore[arg-type]
    return msgspec.structs.replace(RECIPE, head=part)


def with_adapters() -> Recipe:
    tuned = FineTunePart(num_stages=3, epochs=8, batch_size=4, learning_rate=1e-2, patience=0, lora=LoraPart(rank=2))
    return msgspec.structs.replace(RECIPE, network=NetworkPart(architecture="test_vit", input_size_px=64), finetune=tuned)


@pytest.mark.parametrize("asked", [with_head("dropout"), with_head("mlp"), with_head("cosine"), with_adapters()], ids=range(4))
def test_killed_it_ends_with_the_bits_of_the_uninterrupted_run(make_images, tmp_path: Path, processes: Nursery, asked: Recipe) -> None:
    images = make_images({"bars": 16, "discs": 16, "rings": 16})
    manifest = manifest_of(images)
    whole = write_training(tmp_path / "whole", asked, manifest, images=images)
    processes.start(whole)
    assert processes.wait() == 0
    folder = write_training(tmp_path / "killed", asked, manifest, images=images)
    random.seed(2)
    for kill in range(NUM_KILLS):
        assert kill_after(processes, folder, random.randint(3, 12), unfrozen=kill > 0)
    assert state_of(folder).status is not Status.FINISHED
    processes.start(folder)
    assert processes.wait() == 0
    assert state_of(folder).status is Status.FINISHED
    assert result_of(folder) == result_of(whole)
