"""The ONNX export: compared with the program image by image, handed over only when it says the same, and usable without it."""

import contextlib
import copy
import itertools
import json
import subprocess
import sys
from pathlib import Path

import msgspec
import numpy as np
import pytest
import torch

from tests.engine.folders import events_of, manifest_of, state_of, write_training
from tlstudio import files
from tlstudio.datasets.decode import decode_image
from tlstudio.datasets.fit import fit
from tlstudio.domain import events as ev
from tlstudio.domain import jobs
from tlstudio.domain.intensity import IntensityRule
from tlstudio.domain.jobs import Environment, ExportJob
from tlstudio.domain.model_card import ModelCard
from tlstudio.domain.recipe import FineTunePart, HeadKind, HeadPart, LoraPart, NetworkPart, Pooling, Recipe
from tlstudio.domain.run_state import Status
from tlstudio.domain.splits import Split
from tlstudio.engine import checkpoint, export_job, worker
from tlstudio.engine.export import onnx as exporter
from tlstudio.engine.tasks import Score
from tlstudio.errors import TLStudioError
from tlstudio.evaluation import predictions

ALONE = """
import json, sys
import numpy as np, onnxruntime
session = onnxruntime.InferenceSession(sys.argv[1], providers=["CPUExecutionProvider"])
images = np.load(sys.argv[2])
answers = [session.run(["probabilities", "logits"], {"image": images[start : start + 7]}) for start in range(0, len(images), 7)]
np.savez(sys.argv[3], probabilities=np.concatenate([item[0] for item in answers]), logits=np.concatenate([item[1] for item in answers]))
print(json.dumps(session.get_modelmeta().custom_metadata_map))
assert not [name for name in sys.modules if name.startswith(("tlstudio", "torch"))]
"""


def train(
    project: Path,
    images: Path,
    *,
    architecture: str = "test_resnet",
    pooling: Pooling = "auto",
    head: HeadKind = "linear",
    finetune: bool = False,
    lora: LoraPart | None = None,
    pattern: str = "tttttvvvss",
) -> Path:
    recipe = Recipe(
        name="quick",
        network=NetworkPart(architecture=architecture, input_size_px=64, pooling=pooling),
        head=HeadPart(kind=head, penalties=(0.1,)),
        finetune=FineTunePart(epochs=1, batch_size=8, lora=lora) if finetune else None,
    )
    folder = write_training(project, recipe, manifest_of(images, pattern=pattern), images=images)
    assert worker.run_job(folder) == 0
    return folder


def export(project: Path, images: Path, output: Path) -> tuple[int, Path]:
    folder = project / "exports" / "0001"
    folder.mkdir(parents=True)
    environment = Environment(
        roots={"1": str(images)},
        outputs={"file": str(output)},
        project_folder=str(project),
        cache_folder=str(project / "cache"),
        threads=1,
    )
    (folder / jobs.JOB_FILE).write_bytes(msgspec.json.encode(ExportJob(run="runs/0001", format="onnx", output="file")))
    (folder / jobs.ENVIRONMENT_FILE).write_bytes(msgspec.json.encode(environment))
    return worker.run_job(folder), folder


@pytest.fixture
def images(make_images) -> Path:
    return make_images({"bars": 20, "ëlectric discs": 20})


@pytest.mark.parametrize(("architecture", "finetune"), [("test_resnet", True), ("test_vit", False), ("test_efficientnet", False)])
def test_the_file_says_in_another_process_what_the_program_says(images: Path, tmp_path: Path, architecture: str, finetune: bool) -> None:
    project, output = tmp_path / "project", tmp_path / "out" / "model.onnx"
    output.parent.mkdir()
    run = train(project, images, architecture=architecture, finetune=finetune)
    code, folder = export(project, images, output)
    assert code == 0
    state = state_of(folder)
    assert state.status is Status.FINISHED
    assert state.compared is not None
    assert state.compared.split is Split.TEST
    assert state.compared.num_images == state.compared.num_same == 8
    assert state.compared.max_difference <= 1e-4
    assert state.compared.speed_ratio is not None
    assert state.files[0].num_bytes == output.stat().st_size
    kinds = [type(event) for event in events_of(folder)]
    assert kinds.index(ev.Compared) < kinds.index(ev.FileSaved)

    card = msgspec.json.decode(output.with_name("model.onnx.json").read_bytes(), type=ModelCard)
    assert card.class_names == ("bars", "ëlectric discs")
    read = predictions.read(run / "predictions/predictions.safetensors").of(Split.TEST)
    paths = {entry.sample: images / entry.path for entry in manifest_of(images).entries}
    pixels = np.stack([fit(decode_image(paths[int(sample)], IntensityRule()).pixels, card.preprocessing) for sample in read.samples])
    np.save(tmp_path / "images.npy", pixels)
    arguments = [sys.executable, "-I", "-c", ALONE, str(output), str(tmp_path / "images.npy"), str(tmp_path / "answers.npz")]
    done = subprocess.run(arguments, capture_output=True, text=True, check=True, cwd=tmp_path)
    metadata = json.loads(done.stdout)
    assert json.loads(metadata["class_names"]) == ["bars", "ëlectric discs"]
    assert json.loads(metadata["preprocessing"])["input_size_px"] == 64
    with np.load(tmp_path / "answers.npz") as answers:
        np.testing.assert_allclose(answers["probabilities"], read.probabilities(), atol=1e-4)
        assert (answers["probabilities"].argmax(axis=1) == read.logits.argmax(axis=1)).all()
        np.testing.assert_allclose(answers["logits"], read.logits, atol=1e-2)


@pytest.mark.parametrize(
    "asked",
    [
        {"head": "dropout", "pooling": "catavgmax"},
        {"head": "mlp", "pooling": "max", "finetune": True},
        {"head": "cosine", "pooling": "avgmax", "architecture": "test_efficientnet"},
        {"architecture": "test_vit", "pooling": "avg", "finetune": True, "lora": LoraPart(rank=2)},
    ],
    ids=lambda asked: "-".join(str(asked.get(name)) for name in ("head", "pooling", "lora") if asked.get(name)),
)
def test_every_kind_of_head_pooling_and_adapter_leaves_the_program_as_it_is(
    images: Path, tmp_path: Path, asked: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Score, "is_better_than", lambda _self, _other: True)  # what is kept is what was trained to the end
    project, output = tmp_path / "project", tmp_path / "model.onnx"
    run = train(project, images, **asked)  # type: ignore[arg-type]
    code, folder = export(project, images, output)
    assert code == 0
    state = state_of(folder)
    assert state.compared is not None
    assert state.compared.num_images == state.compared.num_same == 8
    assert state.compared.max_difference <= 1e-4
    card = msgspec.json.decode(output.with_name("model.onnx.json").read_bytes(), type=ModelCard)
    assert card.head.kind == asked.get("head", "linear")
    assert card.architecture_arguments["global_pool"] == asked["pooling"]
    read = predictions.read(run / "predictions/predictions.safetensors").of(Split.TEST)
    paths = {entry.sample: images / entry.path for entry in manifest_of(images).entries}
    pixels = np.stack([fit(decode_image(paths[int(sample)], IntensityRule()).pixels, card.preprocessing) for sample in read.samples])
    np.testing.assert_allclose(exporter.load(output, threads=1)(pixels), read.probabilities(), atol=1e-4)


@pytest.fixture
def faked(monkeypatch: pytest.MonkeyPatch) -> dict[str, float]:
    """Writing ONNX takes seconds; what is done with the file needs none. `faked["shift"]` makes the file's answers differ."""
    faked = {"shift": 0.0}

    def write(network, card, file: Path) -> None:
        torch.save(network.state_dict(), file)
        exported = copy.deepcopy(network)
        exported.head.bias.data[0] += faked["shift"]
        faked["network"] = exported

    def load(file: Path, *, threads: int):
        assert file.is_file()
        return lambda images: torch.softmax(faked["network"](torch.from_numpy(images)), dim=1).detach().numpy()

    monkeypatch.setattr(exporter, "write", write)
    monkeypatch.setattr(exporter, "load", load)
    return faked


def test_where_there_is_no_test_part_validation_is_compared(images: Path, tmp_path: Path, faked) -> None:
    train(tmp_path / "project", images, pattern="ttv")
    code, folder = export(tmp_path / "project", images, tmp_path / "model.onnx")
    assert code == 0
    compared = state_of(folder).compared
    assert compared is not None
    assert compared.split is Split.VAL


def test_a_file_that_answers_differently_is_not_handed_over(images: Path, tmp_path: Path, faked) -> None:
    train(tmp_path / "project", images)
    faked["shift"] = 0.01
    output = tmp_path / "out" / "model.onnx"
    output.parent.mkdir()
    code, folder = export(tmp_path / "project", images, output)
    assert code == worker.EXIT_FAILED
    state = state_of(folder)
    assert state.compared is not None
    assert state.compared.max_difference > 1e-4
    assert state.failure is not None
    assert "not handed over" in state.failure.hint.text()
    assert not list(output.parent.iterdir())
    assert not list(folder.glob("*.onnx"))


def test_where_either_file_cannot_be_written_the_model_of_before_keeps_its_card(images: Path, tmp_path: Path, faked) -> None:
    _network, card = checkpoint.open_run(train(tmp_path / "project", images))
    written, output = tmp_path / "written.onnx", tmp_path / "out" / "model.onnx"
    beside = output.with_name("model.onnx.json")
    output.parent.mkdir()
    written.write_bytes(b"the new model")
    num_tried = 0
    for is_first in (True, False):
        for operation in itertools.count(1):
            if not is_first:
                output.write_bytes(b"the old model")
                beside.write_bytes(b"its card")
            files.fail_at(operation)
            try:
                with contextlib.suppress(TLStudioError):
                    list(export_job._hand_over(written, card, output, "file"))
                    break
            finally:
                files.fail_at(None)
            left = {item.name: item.read_bytes() for item in output.parent.iterdir()}
            assert left == ({} if is_first else {"model.onnx": b"the old model", "model.onnx.json": b"its card"})
            num_tried += 1
        assert output.read_bytes() == b"the new model"
        assert msgspec.json.decode(beside.read_bytes(), type=ModelCard) == card
        output.unlink()
        beside.unlink()
    assert num_tried > 10


def test_near_ties_are_counted_and_named(images: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, faked) -> None:
    run = train(tmp_path / "project", images)
    honest = checkpoint.open_run

    def undecided(folder: Path):
        """Answers one half to everything."""
        network, card = honest(folder)
        network.head.weight.data.zero_()
        network.head.bias.data.zero_()
        return network, card

    monkeypatch.setattr(export_job.checkpoint, "open_run", undecided)
    code, folder = export(tmp_path / "project", images, tmp_path / "model.onnx")
    assert code == 0
    compared = state_of(folder).compared
    assert compared is not None
    read = predictions.read(run / "predictions/predictions.safetensors").of(Split.TEST)
    assert sorted(compared.near_ties) == sorted(int(sample) for sample in read.samples)


def test_a_place_that_cannot_be_written_is_said_and_nothing_is_left(images: Path, tmp_path: Path, faked) -> None:
    train(tmp_path / "project", images)
    code, folder = export(tmp_path / "project", images, tmp_path / "missing" / "model.onnx")
    assert code == worker.EXIT_FAILED
    failure = state_of(folder).failure
    assert failure is not None
    assert "could not be written" in failure.title.text()
