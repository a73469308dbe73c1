"""Bad input in the terminal: exit code 3, one clear sentence and what to do, never a traceback, nothing changed."""

import json
import pickle
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from tests.conftest import MakeImages
from tests.real_jobs import NETWORK, end_processes_of, tlstudio, tlstudio_json, wait_for
from tlstudio.domain.run_state import Status
from tlstudio.project import layout
from tlstudio.project.project import Project


@pytest.fixture
def project(tmp_path: Path, home: Path, make_images: MakeImages) -> Iterator[Path]:
    folder = tmp_path / "Stripes"
    tlstudio("new", folder, home=home)
    tlstudio("import", folder, make_images({"bars": 8, "discs": 8}), home=home)
    yield folder
    end_processes_of(folder)


def _refusal(*arguments: object, home: Path) -> str:
    """What a refused command says: two lines on stderr beside what it told of its way there, and one JSON document."""
    result = tlstudio(*arguments, "--json", home=home, expect=3)
    error = json.loads(result.stdout)["error"]
    said = result.stderr.splitlines()
    assert said[-2:] == [error["title"], error["hint"]]
    assert "Traceback" not in result.stderr
    return f"{error['title']} {error['hint']}"


def test_an_empty_folder_and_one_that_is_not_there(project: Path, home: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert "empty" in _refusal("import", project, tmp_path / "empty", home=home)
    assert "nowhere" in _refusal("import", project, tmp_path / "nowhere", home=home)


def test_one_class(tmp_path: Path, home: Path, make_images: MakeImages) -> None:
    tlstudio("new", tmp_path / "One", home=home)
    tlstudio("import", tmp_path / "One", make_images({"bars": 8}), home=home)
    assert "Only one class" in _refusal("train", tmp_path / "One", "--network", NETWORK, home=home)


def test_a_place_without_a_project_and_one_that_is_taken(tmp_path: Path, project: Path, home: Path) -> None:
    for arguments in (("runs", tmp_path), ("train", tmp_path), ("check", tmp_path), ("evaluate", tmp_path)):
        assert "There is no project at" in _refusal(*arguments, home=home)
    assert "Stripes" in _refusal("new", project, home=home)


def test_a_project_of_a_newer_version_is_only_read(project: Path, home: Path, tmp_path: Path) -> None:
    file = layout.project_file_in(project)
    assert file is not None
    file.write_text(json.dumps({**json.loads(file.read_text()), "format": 99}))
    assert tlstudio_json("runs", project, home=home)["runs"] == []
    for arguments in (("train", project, "--network", NETWORK), ("import", project, tmp_path / "images")):
        assert "format 99" in _refusal(*arguments, home=home)


def test_a_held_project_is_read_and_trained_on_but_not_changed(project: Path, home: Path, tmp_path: Path) -> None:
    """Rule: whoever holds the lock writes; a run is claimed by creating its folder, and the holder takes it in."""
    holder = Project.open(project, kind="window")
    try:
        assert tlstudio_json("runs", project, home=home)["runs"] == []
        for arguments in (("import", project, tmp_path / "images"), ("runs", project, "--discard", 1)):
            told = _refusal(*arguments, home=home)
            assert "window" in told or "no run 1" in told
        document = tlstudio_json("train", project, "--network", NETWORK, "--device", "cpu", home=home)
        assert (document["run"], document["status"]) == (1, "finished")
        assert holder.runs() == []
        assert "window" in _refusal("runs", project, "--discard", 1, home=home)
        assert "window" in _refusal("evaluate", project, "--split", "test", home=home)
        assert tlstudio_json("evaluate", project, "--split", "val", home=home)["run"] == 1
    finally:
        holder.close()
    assert wait_for(project / "runs" / "0001", lambda state: state.status is Status.FINISHED)
    assert [run["status"] for run in tlstudio_json("runs", project, home=home)["runs"]] == ["finished"]


def _weights(file: Path) -> Path:
    save_file({"conv1.weight": np.ones((8, 3, 3, 3), np.float32), "fc.weight": np.ones((10, 64), np.float32)}, file)
    return file


def _cut(file: Path) -> Path:
    file.write_bytes(_weights(file).read_bytes()[:-200])
    return file


class _Code:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return print, ("executed",)


def _pickled(file: Path) -> Path:
    file.write_bytes(pickle.dumps(_Code()))
    return file


@pytest.mark.parametrize("make", [_weights, _cut, _pickled], ids=["of no network", "cut short", "with code in it"])
def test_weights_that_are_not_what_they_should_be(project: Path, home: Path, tmp_path: Path, make) -> None:
    file = make(tmp_path / "model.safetensors")
    told = _refusal("train", project, "--network", NETWORK, "--weights", file, home=home)
    assert "model.safetensors" in told
    assert "executed" not in told
    assert tlstudio_json("runs", project, home=home)["runs"] == []
    assert [card["name"] for card in tlstudio_json("weights", "list", home=home)["weights"]] == ["Starter (MobileNetV4 small)"]


def test_a_device_and_a_setting_that_do_not_exist(project: Path, home: Path) -> None:
    assert "quantum" in _refusal("train", project, "--network", NETWORK, "--device", "quantum", home=home)
    assert "wings" in _refusal("train", project, "--network", NETWORK, "--set", "wings=2", home=home)


def test_nothing_to_evaluate_predict_or_export_yet(project: Path, home: Path, tmp_path: Path) -> None:
    for arguments in (
        ("evaluate", project),
        ("predict", project, tmp_path, "--csv", tmp_path / "a.csv"),
        ("export", project, tmp_path / "a.onnx"),
    ):
        assert "No run of Stripes has left a model yet" in _refusal(*arguments, home=home)


def test_a_full_home_is_a_refusal_not_a_bug(project: Path, tmp_path: Path) -> None:
    """The settings and the log cannot be written: the command still works, because it needs neither."""
    file = tmp_path / "a file, not a folder"
    file.write_text("")
    assert tlstudio("runs", project, home=file).returncode == 0
