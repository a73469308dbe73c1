"""The whole way in the terminal with the real job process, and the warm worker on the run it leaves."""

import csv
import io
import itertools
import json
import shutil
from pathlib import Path

import pytest

from tests.real_jobs import NETWORK, tlstudio, tlstudio_json
from tests.recorded import picture
from tlstudio import paths
from tlstudio.domain.journal import decode_lines
from tlstudio.domain.recipe import RECIPES, NetworkPart
from tlstudio.domain.run_state import RunState, Status, apply
from tlstudio.errors import TLStudioError
from tlstudio.jobs.outcome import words
from tlstudio.jobs.warm import WarmWorker
from tlstudio.jobs.watcher import follow
from tlstudio.operations.predicting import predict_images
from tlstudio.operations.projects import open_project
from tlstudio.operations.training import start_training


@pytest.fixture(scope="module")
def trained_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with one quick run, made by commands; images are copied in, so the folder can go anywhere."""
    place = tmp_path_factory.mktemp("journey")
    home, folder, images = place / "home", place / "Stripes", place / "images"
    for class_index, name in enumerate(("bars", "discs")):
        (images / name).mkdir(parents=True)
        for item in range(20):
            (images / name / f"{item:02d}.png").write_bytes(picture(class_index, item))
    assert tlstudio_json("new", folder, home=home)["name"] == "Stripes"
    report = tlstudio_json("import", folder, images, "--copy", home=home)
    assert (report["num_added"], report["classes"]) == (40, ["bars", "discs"])
    result = tlstudio("train", folder, "--recipe", "quick", "--network", NETWORK, "--seed", 3, "--device", "cpu", "--json", home=home)
    document = json.loads(result.stdout)
    assert (document["run"], document["status"], document["plan"]["seed"]) == (1, "finished", 3)
    assert "starts from random numbers" in result.stderr
    return folder


@pytest.fixture
def trained(trained_once: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return shutil.copytree(trained_once, tmp_path / "Stripes")


def test_an_import_answers_with_numbers_and_reasons_and_no_list_of_images(home: Path, tmp_path: Path) -> None:
    folder, images = tmp_path / "Stripes", tmp_path / "images"
    for class_index, name in enumerate(("bars", "discs")):
        (images / name).mkdir(parents=True)
        for item in range(10):
            (images / name / f"{item:02d}.png").write_bytes(picture(class_index, item))
    (images / "bars" / "copy.png").write_bytes((images / "bars" / "00.png").read_bytes())
    (images / "bars" / "page.jpg").write_bytes(b"<html>not found</html>")
    (images / "bars" / "notes.txt").write_text("no image")
    tlstudio_json("new", folder, home=home)
    answer = tlstudio_json("import", folder, images, home=home)
    assert (answer["num_found"], answer["num_added"], answer["num_set_aside"], answer["num_copies"]) == (22, 22, 1, 1)
    assert answer["images_by_class"] == {"bars": 11, "discs": 10}
    assert sum(answer["images_by_split"].values()) == 21
    assert [(item["path"], item["id"]) for item in answer["problems"]] == [("bars/page.jpg", "image.web_page")]
    assert "web page" in answer["problems"][0]["reason"]
    assert [item["path"] for item in answer["skipped"]] == ["bars/notes.txt"]
    assert "change" not in answer
    assert "samples" not in json.dumps(answer)


def test_from_images_to_a_table_and_a_model(trained: Path, home: Path, tmp_path: Path) -> None:
    judged = tlstudio_json("evaluate", trained, "--run", "best", home=home)
    assert (judged["split"], judged["num_openings"]) == ("test", 1)
    told = tlstudio("evaluate", trained, "--run", 1, home=home).stdout
    assert told.startswith(f"Run 1 on {len(judged['answers'])} test images (opened 2 times)")

    new = tmp_path / "new"
    new.mkdir()
    for number, image in enumerate(sorted((trained / "images").rglob("*.png"))[::10]):
        (new / f"{number}.png").write_bytes(image.read_bytes())
    (new / "broken.png").write_bytes(b"<html>not found</html>")
    answers = tmp_path / "answers.csv"
    done = tlstudio("predict", trained, "--run", "best", new, "--csv", answers, home=home)
    assert done.stdout == f"Done, 1 image could not be read: {answers}\n"
    rows = list(csv.DictReader(io.StringIO(answers.read_text("utf-8-sig"))))
    assert list(rows[0])[:4] == ["path", "predicted", "bars", "discs"]
    assert [row["path"] for row in rows] == ["0.png", "1.png", "2.png", "3.png", "broken.png"]
    assert all(row["predicted"] in ("bars", "discs") and abs(float(row["bars"]) + float(row["discs"]) - 1) < 1e-4 for row in rows[:4])
    assert rows[4]["predicted"] == ""

    model = tmp_path / "model.onnx"
    exported = tlstudio_json("export", trained, "--run", "best", "--format", "onnx", model, home=home)
    assert exported["files"] == [str(model)]
    assert exported["compared"]["num_same"] == exported["compared"]["num_images"] == len(judged["answers"])
    assert model.stat().st_size > 1000

    listed = tlstudio_json("runs", trained, home=home)
    assert (listed["best"], len(listed["runs"])) == (1, 1)
    assert "1 *" in tlstudio("runs", trained, home=home).stdout
    assert tlstudio("check", trained, home=home).stdout == "Everything is whole.\n"


def test_a_run_that_finds_no_warm_worker_says_that_it_loads_the_libraries(trained: Path) -> None:
    data = (trained / "runs" / "0001" / "journal.jsonl").read_bytes()
    states = list(itertools.accumulate((line.event for line, _offset in decode_lines(data)), apply, initial=RunState()))
    assert [words(state).text() for state in states[:3]] == ["Waiting to start", "Starting", "Loading PyTorch"]
    assert words(states[3]).text() == "Reading images"


def test_single_images_and_the_next_training_use_the_warm_worker(trained: Path) -> None:
    project = open_project(trained)
    warm = WarmWorker(paths.log_dir())
    try:
        images = sorted((trained / "images").rglob("*.png"))[:3]
        broken = trained / "broken.png"
        broken.write_bytes(b"no image")
        answers = predict_images(project, 1, [*images, broken], warm)
        assert answers.class_names == ("bars", "discs")
        assert [item.predicted is not None for item in answers.images] == [True, True, True, False]
        assert answers.images[3].reason is not None
        assert warm.is_idle
        started = start_training(project, RECIPES["quick"].build(NetworkPart(architecture=NETWORK)), warm=warm)
        states = list(follow(started.folder, process=started.process, poll_s=0.01))
        assert states[-1].status is Status.FINISHED
        assert states[-1].pid == started.process.pid
        assert started.process.wait(20) == 0
        assert not warm.is_idle
        with pytest.raises(TLStudioError, match="no run 9"):
            predict_images(project, 9, images, warm)
    finally:
        warm.close()
        project.close()


def test_doctor_knows_this_computer(home: Path) -> None:
    rows = {row["id"]: row for row in tlstudio_json("doctor", home=home)["rows"]}
    assert {"program", "libraries", "processor", "projects", "catalogue", "offline", "self_test"} <= set(rows)
    assert all(row["verdict"] in ("good", "note") for row in rows.values())
    assert str(home) in json.dumps(rows["projects"])
