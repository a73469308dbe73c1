"""A folder of images to a CSV file, through the real prediction job."""

import csv
from pathlib import Path

import msgspec
import numpy as np
import pytest

from tests import treacherous_decoder
from tests.engine.folders import manifest_of, state_of, write_training
from tlstudio.datasets import decoder, decoder_process
from tlstudio.domain import jobs
from tlstudio.domain.jobs import Environment, PredictJob
from tlstudio.domain.recipe import NetworkPart, Recipe
from tlstudio.domain.run_state import Status
from tlstudio.engine import worker
from tlstudio.evaluation import predictions


@pytest.fixture
def trained(make_images, tmp_path: Path) -> tuple[Path, Path]:
    """(project, images) with a finished Quick run of two classes, one of them called like a formula."""
    images = make_images({"=bars": 12, "discs": 12})
    recipe = Recipe(name="quick", network=NetworkPart(architecture="test_resnet", input_size_px=64))
    folder = write_training(tmp_path / "project", recipe, manifest_of(images), images=images)
    assert worker.run_job(folder) == 0
    return tmp_path / "project", images


def write_prediction(project: Path, source: Path, output: Path, *, run: str = "runs/0001") -> Path:
    folder = project / "predictions" / "0001"
    folder.mkdir(parents=True)
    environment = Environment(
        roots={"source": str(source)},
        outputs={"csv": str(output)},
        project_folder=str(project),
        cache_folder=str(project / "cache"),
        threads=1,
    )
    (folder / jobs.JOB_FILE).write_bytes(msgspec.json.encode(PredictJob(run=run, source="source", output="csv")))
    (folder / jobs.ENVIRONMENT_FILE).write_bytes(msgspec.json.encode(environment))
    return folder


def test_every_image_has_a_row_and_a_corrupt_one_its_reason(trained: tuple[Path, Path], tmp_path: Path) -> None:
    project, images = trained
    (images / "+odd").mkdir()
    (images / "+odd" / "cut.png").write_bytes((images / "discs" / "discs_000.png").read_bytes()[:500])
    (images / "+odd" / "empty.jpg").write_bytes(b"")
    (images / "notes.txt").write_text("no image")
    output = tmp_path / "answers.csv"
    folder = write_prediction(project, images, output)
    assert worker.run_job(folder) == 0
    state = state_of(folder)
    assert state.status is Status.FINISHED
    assert state.num_failed == 2
    assert state.files[0].num_bytes == output.stat().st_size
    with open(output, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["path", "predicted", "'=bars", "discs", "reason"]
    assert len(rows) == 26
    by_path = {row["path"]: row for row in rows}
    assert by_path["discs/discs_003.png"]["reason"] == ""
    assert {row["predicted"] for row in rows} == {"'=bars", "discs", ""}
    for name in ("'+odd/cut.png", "'+odd/empty.jpg"):
        assert by_path[name]["reason"]
        assert by_path[name]["discs"] == ""


def test_the_probabilities_are_those_of_the_evaluation(trained: tuple[Path, Path], tmp_path: Path) -> None:
    project, images = trained
    output = tmp_path / "answers.csv"
    assert worker.run_job(write_prediction(project, images, output)) == 0
    with open(output, newline="", encoding="utf-8") as file:
        by_path = {row["path"].lstrip("'"): float(row["discs"]) for row in csv.DictReader(file)}
    read = predictions.read(project / "runs/0001/predictions/predictions.safetensors")
    paths = {entry.sample: entry.path for entry in manifest_of(images).entries}
    for sample, probability in zip(read.samples, read.probabilities()[:, 1], strict=True):
        assert by_path[paths[int(sample)]] == pytest.approx(probability, abs=2e-6)
    assert np.ptp(list(by_path.values())) > 0.2


def test_a_file_that_crashes_or_hangs_its_decoder_costs_one_row(
    trained: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project, images = trained
    monkeypatch.setattr(decoder_process, "COMMAND", treacherous_decoder.COMMAND)
    monkeypatch.setattr(decoder, "FILE_LIMIT_S", 2.0)
    new = tmp_path / "new"
    new.mkdir()
    for number, image in enumerate(sorted(images.rglob("*.png"))):
        (new / f"{number:02d}.png").write_bytes(image.read_bytes())
    for name in ("07 segfault.png", "09 hang.png"):
        (new / name).write_bytes((new / "07.png").read_bytes())
    output = tmp_path / "answers.csv"
    folder = write_prediction(project, new, output)
    assert worker.run_job(folder) == 0
    state = state_of(folder)
    assert (state.status, state.num_failed) == (Status.FINISHED, 2)
    with open(output, newline="", encoding="utf-8") as file:
        reasons = {row["path"]: row["reason"] for row in csv.DictReader(file)}
    assert len(reasons) == 26
    assert {path for path, reason in reasons.items() if reason} == {"07 segfault.png", "09 hang.png"}
    assert "memory fault" in reasons["07 segfault.png"]
    assert "longer than 2 s" in reasons["09 hang.png"]


@pytest.mark.parametrize("what", ["no folder", "no images", "no model", "no output"])
def test_what_cannot_be_predicted_is_refused_with_a_word(trained: tuple[Path, Path], tmp_path: Path, what: str) -> None:
    project, images = trained
    source, run, output = images, "runs/0001", tmp_path / "answers.csv"
    if what == "no folder":
        source = tmp_path / "gone"
    elif what == "no images":
        source = tmp_path / "nothing"
        source.mkdir()
    elif what == "no model":
        run = "runs/0002"
        (project / run).mkdir()
    else:
        output = tmp_path / "missing" / "answers.csv"
    folder = write_prediction(project, source, output, run=run)
    assert worker.run_job(folder) == worker.EXIT_FAILED
    failure = state_of(folder).failure
    assert failure is not None
    assert failure.title.text()
    assert "inside TL Studio" not in failure.title.text()
    assert failure.hint.text()
    assert not output.exists()


def test_a_damaged_model_is_noticed_by_its_hash(trained: tuple[Path, Path], tmp_path: Path) -> None:
    project, images = trained
    file = next((project / "runs/0001/checkpoints").glob("best-*.safetensors"))
    data = bytearray(file.read_bytes())
    data[-1] ^= 1
    file.write_bytes(data)
    folder = write_prediction(project, images, tmp_path / "answers.csv")
    assert worker.run_job(folder) == worker.EXIT_FAILED
    failure = state_of(folder).failure
    assert failure is not None
    assert "damaged" in failure.title.text()
