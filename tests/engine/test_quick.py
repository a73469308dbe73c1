"""The Quick recipe: a head on cached features, from a folder of images to predictions, in the real job."""

from pathlib import Path

import msgspec
import numpy as np
import pytest

from tests.engine.folders import events_of, manifest_of, state_of, write_training
from tlstudio.domain import events as ev
from tlstudio.domain.jobs import Environment
from tlstudio.domain.recipe import NetworkPart, Recipe
from tlstudio.domain.run_state import Status
from tlstudio.domain.splits import Split
from tlstudio.engine import worker
from tlstudio.engine.checkpoint import open_run
from tlstudio.evaluation import predictions

CLASSES = {"discs": 20, "bars": 20, "rings": 20}


def recipe(architecture: str = "test_resnet", **fields: object) -> Recipe:
    return Recipe(name="quick", network=NetworkPart(architecture=architecture, input_size_px=96), **fields)  # type: ignore[arg-type]


@pytest.fixture
def images(make_images) -> Path:
    return make_images(CLASSES)


# A third is right by chance; random convolutions tell stripes apart, random attention hardly does.
@pytest.mark.parametrize(("architecture", "least"), [("test_resnet", 0.6), ("test_vit", 0.35), ("test_efficientnet", 0.35)])
def test_a_quick_run_ends_with_a_model_and_predictions(images: Path, tmp_path: Path, architecture: str, least: float) -> None:
    manifest = manifest_of(images)
    folder = write_training(tmp_path / "project", recipe(architecture), manifest, images=images)
    assert worker.run_job(folder) == 0
    state = state_of(folder)
    assert state.status is Status.FINISHED
    assert state.head is not None
    assert state.head.solve_s > 0
    assert 5 < len(state.head_steps) < 500
    assert state.summary is not None
    assert state.summary.accuracy > least
    read = predictions.read(folder / "predictions" / "predictions.safetensors")
    assert read.class_names == ("bars", "discs", "rings")
    validation = read.of(Split.VAL)
    assert len(validation) == 18
    right = (validation.logits.argmax(axis=1) == validation.targets).mean()
    assert right == pytest.approx(state.summary.accuracy)
    assert sorted(read.samples) == [entry.sample for entry in manifest.entries if entry.split is not Split.TRAIN]
    _network, card = open_run(folder)
    assert card.class_names == ("bars", "discs", "rings")
    assert card.preprocessing.input_size_px == 96


def test_the_second_run_reads_every_feature_from_the_cache_and_says_the_same(images: Path, tmp_path: Path) -> None:
    manifest = manifest_of(images)
    first, second = (write_training(tmp_path / "project", recipe(), manifest, images=images, number=number) for number in (1, 2))
    assert worker.run_job(first) == worker.run_job(second) == 0
    before, after = state_of(first).head, state_of(second).head
    assert before is not None
    assert after is not None
    assert (before.num_cached, after.num_cached) == (0, 60)
    a, b = (predictions.read(folder / "predictions" / "predictions.safetensors") for folder in (first, second))
    np.testing.assert_array_equal(a.logits, b.logits)


def test_images_that_were_deleted_or_replaced_are_skipped_counted_and_said(images: Path, tmp_path: Path) -> None:
    manifest = manifest_of(images)
    (images / "bars" / "bars_000.png").unlink()
    (images / "discs" / "discs_005.png").write_bytes((images / "rings" / "rings_000.png").read_bytes())
    folder = write_training(tmp_path / "project", recipe(), manifest, images=images)
    assert worker.run_job(folder) == 0
    state = state_of(folder)
    assert state.status is Status.FINISHED
    assert any("2 of 60" in warning.text() for warning in state.warnings)
    assert len(predictions.read(folder / "predictions" / "predictions.safetensors")) == 29  # one of the two was for validation


def test_one_class_fails_with_what_to_do(make_images, tmp_path: Path) -> None:
    images = make_images({"discs": 12})
    folder = write_training(tmp_path / "project", recipe(), manifest_of(images), images=images)
    assert worker.run_job(folder) == worker.EXIT_FAILED
    failure = state_of(folder).failure
    assert failure is not None
    assert "two classes" in failure.title.text()


def test_a_damaged_manifest_fails_and_names_the_file(images: Path, tmp_path: Path) -> None:
    folder = write_training(tmp_path / "project", recipe(), manifest_of(images), images=images)
    data = (folder / "manifest.jsonl").read_bytes()
    (folder / "manifest.jsonl").write_bytes(data.replace(b"bars_001", b"bars_002"))
    assert worker.run_job(folder) == worker.EXIT_FAILED
    failure = state_of(folder).failure
    assert failure is not None
    assert "manifest.jsonl" in failure.title.text()


def test_a_job_that_has_ended_or_is_held_is_refused_and_nothing_is_written(images: Path, tmp_path: Path, capsys) -> None:
    folder = write_training(tmp_path / "project", recipe(), manifest_of(images), images=images)
    lock = worker.FileLock(folder / "job.lock")
    assert lock.acquire()
    assert worker.run_job(folder) == worker.EXIT_REFUSED
    assert not (folder / "journal.jsonl").exists()
    lock.release()
    assert worker.run_job(folder) == 0
    journal = (folder / "journal.jsonl").read_bytes()
    assert worker.run_job(folder) == worker.EXIT_REFUSED
    assert (folder / "journal.jsonl").read_bytes() == journal
    assert "ended already" in capsys.readouterr().err


def test_a_torn_tail_is_cut_and_the_numbers_go_on(images: Path, tmp_path: Path) -> None:
    folder = write_training(tmp_path / "project", recipe(), manifest_of(images), images=images)
    journal = worker.JournalWriter(folder / "journal.jsonl")
    journal.write(ev.Started(attempt=1, pid=1))
    journal.write(ev.PhaseStarted(phase="load", total=None, silence_limit_s=1))
    journal.close()
    with open(folder / "journal.jsonl", "ab") as file:
        file.write(b'{"crc":"0000')
    assert worker.run_job(folder) == 0
    lines = (folder / "journal.jsonl").read_bytes().splitlines()
    assert len(events_of(folder)) == len(lines)
    assert state_of(folder).attempt == 2
    assert any(isinstance(event, ev.Resumed) for event in events_of(folder))


def test_going_on_under_another_plan_is_said(images: Path, tmp_path: Path) -> None:
    first, second = (write_training(tmp_path / "project", recipe(), manifest_of(images), images=images, number=number) for number in (1, 2))
    assert worker.run_job(first) == 0
    plan = state_of(first).plan
    assert plan is not None
    journal = worker.JournalWriter(second / "journal.jsonl")
    journal.write(ev.Started(attempt=1, pid=1))
    journal.write(ev.PlanFixed(plan=msgspec.structs.replace(plan, threads=7, device="cuda:0")))
    journal.close()
    assert worker.run_job(second) == 0
    resumed = next(event for event in events_of(second) if isinstance(event, ev.Resumed))
    assert resumed.plan_change is not None
    assert "device, threads" in resumed.plan_change.text()


def test_an_attempt_computes_on_the_device_it_was_given_whatever_the_recipe_wished(images: Path, tmp_path: Path) -> None:
    wished = recipe(device="cuda:7")
    folder = write_training(tmp_path / "project", wished, manifest_of(images), images=images)
    file = folder / "environment.json"
    environment = msgspec.json.decode(file.read_bytes(), type=Environment)
    file.write_bytes(msgspec.json.encode(msgspec.structs.replace(environment, device="cpu")))
    assert worker.run_job(folder) == 0
    state = state_of(folder)
    assert state.plan is not None
    assert state.plan.device == "cpu"
    assert not state.warnings, "nothing was said of a card that cannot be used"


def test_weighted_classes_find_more_of_the_rare_one(make_images, tmp_path: Path) -> None:
    images = make_images({"rare": 10, "usual": 60}, size=32)
    manifest = manifest_of(images, pattern="tttv")
    rare = []
    for number, balance in enumerate(("none", "weighted"), 1):
        asked = recipe(class_balance=balance)
        folder = write_training(tmp_path / "project", asked, manifest, images=images, number=number)
        assert worker.run_job(folder) == 0
        read = predictions.read(folder / "predictions" / "predictions.safetensors")
        rare.append(read.probabilities()[:, 0].mean())
    assert rare[1] > rare[0]
