"""Starting a run: what is refused and why, and that the order in the folder says everything."""

import errno
import os
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from tests.recorded import make_project, record_run
from tests.unit.jobs import journals
from tlstudio import files
from tlstudio.domain.findings import Finding, Severity
from tlstudio.domain.jobs import ENVIRONMENT_FILE, JOURNAL_FILE, LOCK_FILE, MANIFEST_FILE, RECIPE_FILE, Command, Environment, TrainJob
from tlstudio.domain.manifest import Manifest, manifest_hash
from tlstudio.domain.recipe import RECIPES, FineTunePart, LoraPart, NetworkPart, Recipe
from tlstudio.domain.run_state import Status
from tlstudio.domain.splits import Split
from tlstudio.errors import TLStudioError
from tlstudio.files import FileLock
from tlstudio.jobs import control
from tlstudio.jobs.folder import numbers, read_job
from tlstudio.jobs.launch import StartedJob
from tlstudio.messages import message
from tlstudio.operations import edits, training
from tlstudio.operations.runs import find_run, list_runs, usable_run
from tlstudio.project.project import Project

QUICK = RECIPES["quick"].build(NetworkPart(architecture="test_resnet"))


@pytest.fixture(autouse=True)
def launched(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Folders that would have been started; no process is."""
    started: list[Path] = []

    def launch(folder: Path, *, warm: object = None, notes: tuple[object, ...] = ()) -> StartedJob:
        started.append(folder)
        return StartedJob(number=int(folder.name), folder=folder, process=None, notes=notes)  # type: ignore[arg-type]

    monkeypatch.setattr(training, "launch", launch)
    return started


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    project = make_project(tmp_path / "Insects")
    yield project
    project.close()


def _made(tmp_path: Path, **how: object) -> Project:
    return make_project(tmp_path / "Made", **how)  # type: ignore[arg-type]


def _splits(folder: Path) -> dict[Split | None, int]:
    manifest = Manifest.decode((folder / MANIFEST_FILE).read_bytes())
    found = [entry.split for entry in manifest.entries]
    return {split: found.count(split) for split in set(found)}


def test_the_order_says_everything(project: Project, launched: list[Path]) -> None:
    started = training.start_training(project, QUICK)
    assert launched == [project.folder / "runs" / "0001"]
    assert started.number == 1
    job = read_job(started.folder)
    assert isinstance(job, TrainJob)
    data = (started.folder / MANIFEST_FILE).read_bytes()
    assert job.manifest_hash == manifest_hash(data)
    assert _splits(started.folder) == {Split.TRAIN: 15, Split.VAL: 9, Split.TEST: 6}
    assert msgspec.json.decode((started.folder / RECIPE_FILE).read_bytes(), type=Recipe) == QUICK
    environment = msgspec.json.decode((started.folder / ENVIRONMENT_FILE).read_bytes(), type=Environment)
    roots = {root.id: root.path for root in project.dataset().roots}
    assert environment.roots == {str(key): path for key, path in roots.items()}
    assert (environment.weights_file, environment.project_folder) == (None, str(project.folder))
    assert "torch" in environment.versions
    assert control.last_command(started.folder) is Command.RUN
    [run] = project.runs()
    assert (run.number, run.status, run.num_classes) == (1, Status.WAITING, 3)


def test_runs_are_numbered_also_beside_those_of_others(project: Project) -> None:
    training.start_training(project, QUICK)
    (project.folder / "runs" / "0002").mkdir()
    assert training.start_training(project, QUICK).number == 3


def test_somebody_elses_project_can_be_trained_on_but_its_database_is_not_written(project: Project) -> None:
    reader = Project.open(project.folder)
    try:
        assert not reader.writable
        started = training.start_training(reader, QUICK)
        assert project.runs() == []
        assert [run.number for run in list_runs(project)] == [started.number]
        with pytest.raises(TLStudioError, match="alone may change it"):
            training.discard_run(reader, started.number)
    finally:
        reader.close()
    assert started.folder.exists()


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        ({"num_per_class": 0}, "There are no images to train on"),
        ({"classes": ("ants",)}, "Only one class has training images: ants"),
        ({"splits": "ttttt"}, "No labelled image is in the validation part"),
        ({"splits": "vvvss"}, "No labelled image is in the training part"),
    ],
)
def test_data_that_cannot_be_trained_on_is_refused_with_the_reason(tmp_path: Path, how: dict[str, object], expected: str) -> None:
    project = _made(tmp_path, **how)
    try:
        with pytest.raises(TLStudioError, match=expected):
            training.start_training(project, QUICK)
    finally:
        project.close()
    assert numbers(project.folder / "runs") == []


def test_images_without_a_class_are_told(project: Project) -> None:
    ids = [sample.id for sample in project.dataset().samples]
    edits.set_class(project, ids, None)
    with pytest.raises(TLStudioError, match="None of the 30 images has a class yet"):
        training.start_training(project, QUICK)


def test_what_takes_no_part_is_said(project: Project) -> None:
    ants = [sample for sample in project.dataset().samples if sample.path.startswith("ants")]
    edits.set_split(project, [sample.id for sample in ants], Split.VAL)
    edits.set_class(project, [max(sample.id for sample in project.dataset().samples)], None)
    started = training.start_training(project, QUICK)
    assert [str(note) for note in started.notes] == [
        "1 images without a class take no part.",
        "Class ants has no training image, so its 10 images take no part.",
    ]
    manifest = Manifest.decode((started.folder / MANIFEST_FILE).read_bytes())
    assert [item.name for item in manifest.classes] == ["bees", "wasps"]
    assert {entry.label for entry in manifest.entries} == {0, 1}


def test_a_class_with_one_image_takes_part_and_is_named(project: Project) -> None:
    wasps = [sample for sample in project.dataset().samples if sample.path.startswith("wasps")]
    edits.set_aside(project, [sample.id for sample in wasps[1:]])
    started = training.start_training(project, QUICK)
    assert [str(note) for note in started.notes] == ["Class wasps has only one training image; expect little of it."]
    assert len(Manifest.decode((started.folder / MANIFEST_FILE).read_bytes()).classes) == 3


def test_an_unknown_network_and_weights_that_are_not_here_are_refused(project: Project) -> None:
    with pytest.raises(TLStudioError, match="no network called resnet_of_dreams"):
        training.start_training(project, RECIPES["quick"].build(NetworkPart(architecture="resnet_of_dreams")))
    with pytest.raises(TLStudioError, match="0123456789ab are not on this computer"):
        training.start_training(project, RECIPES["quick"].build(NetworkPart(architecture="test_resnet", weights="0123456789ab" * 5)))
    assert project.runs() == []


@pytest.mark.parametrize(
    ("architecture", "num_stages", "expected"),
    [
        ("test_resnet", 2, "LoRA is for transformers: test_resnet has no attention"),
        ("mobilevitv2_050", 1, "LoRA is for transformers"),
    ],
)
def test_what_a_network_does_not_have_is_refused_before_anything_starts(
    project: Project, architecture: str, num_stages: int, expected: str
) -> None:
    part = FineTunePart(num_stages=num_stages, lora=LoraPart())
    asked = Recipe(name="balanced", network=NetworkPart(architecture=architecture), finetune=part)
    with pytest.raises(TLStudioError, match=expected):
        training.start_training(project, asked)
    assert project.runs() == []
    assert numbers(project.folder / "runs") == []


def test_a_way_of_pooling_is_left_to_the_engine_to_try(project: Project) -> None:
    network = NetworkPart(architecture="beit_base_patch16_224", pooling="max")
    training.start_training(project, RECIPES["quick"].build(network))
    assert [run.recipe.network.pooling for run in project.runs()] == ["max"]


def test_a_finding_that_blocks_needs_a_reason_that_stays_with_the_run(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    leak = Finding(
        check="copies",
        severity=Severity.BLOCKS,
        title=message("x", "4 images are in training and in test."),
        why=message("y", "The test would be too easy."),
    )
    monkeypatch.setattr(training.health, "blocking", lambda _project: [leak])
    with pytest.raises(TLStudioError, match="cannot be believed: 4 images"):
        training.start_training(project, QUICK)
    assert project.runs() == []
    started = training.start_training(project, QUICK, override="a toy set")
    assert project.runs()[0].override == "a toy set"
    job = read_job(started.folder)
    assert isinstance(job, TrainJob)
    assert job.override == "a toy set"


def test_a_full_disk_leaves_nothing_of_a_run(project: Project) -> None:
    files.fail_at(5)
    try:
        with pytest.raises(TLStudioError, match="Nothing could be started"):
            training.start_training(project, QUICK)
    finally:
        files.fail_at(None)
    assert project.runs() == []
    assert numbers(project.folder / "runs") == []


def _interrupted(project: Project) -> StartedJob:
    started = training.start_training(project, QUICK)
    (started.folder / JOURNAL_FILE).write_bytes(b"")
    long_ago = 1_700_000_000
    os.utime(started.folder / ENVIRONMENT_FILE, (long_ago, long_ago))
    return started


def test_an_interrupted_run_is_ordered_again(project: Project, launched: list[Path]) -> None:
    started = _interrupted(project)
    assert find_run(project, 1).status is Status.INTERRUPTED
    control.send(started.folder, Command.STOP)
    training.resume_run(project, 1, device="cpu")
    assert launched == [started.folder, started.folder]
    assert control.last_command(started.folder) is Command.RUN
    environment = msgspec.json.decode((started.folder / ENVIRONMENT_FILE).read_bytes(), type=Environment)
    assert environment.device == "cpu"
    assert project.runs()[0].status is Status.WAITING


def test_only_an_interrupted_run_can_be_continued(project: Project) -> None:
    record_run(project, 1)
    with pytest.raises(TLStudioError, match=r"only one that waits.*It says: Done"):
        training.resume_run(project, 1)


def test_a_run_that_is_over_listens_no_more(project: Project) -> None:
    record_run(project, 1)
    with pytest.raises(TLStudioError, match="Run 1 is over"):
        training.send_command(project, 1, Command.PAUSE)
    training.start_training(project, QUICK)
    training.send_command(project, 2, Command.PAUSE)
    assert control.last_command(project.folder / "runs" / "0002") is Command.PAUSE


def test_a_discarded_run_is_gone_and_its_number_with_it(project: Project) -> None:
    record_run(project, 1)
    training.discard_run(project, 1)
    assert project.runs() == []
    assert not (project.folder / "runs" / "0001").exists()
    assert training.start_training(project, QUICK).number == 2


@pytest.mark.expects_log
def test_a_run_under_way_is_discarded_on_a_full_disk(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = training.start_training(project, QUICK).folder
    job = journals.JournalWriter(folder, ordered_s_ago=0.0)
    job.say(journals.started(pid=4711))
    lock = FileLock(folder / LOCK_FILE)
    assert lock.acquire()
    ended: list[int] = []

    def kill(_folder: Path, pid: int) -> bool:
        ended.append(pid)
        lock.release()
        return True

    def full(_path: Path, _data: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(training.processes, "kill_pid", kill)
    monkeypatch.setattr(training.processes, "wait_until_gone", lambda _folder, _pid, *, timeout_s: bool(ended))
    with monkeypatch.context() as disk:
        disk.setattr(training.control, "send", full)
        training.discard_run(project, 1)
    assert ended == [4711]
    assert project.runs() == []
    assert not folder.exists()


def test_best_is_the_best_on_validation(project: Project) -> None:
    with pytest.raises(TLStudioError, match="No run of Insects has left a model yet"):
        find_run(project, "best")
    judged = [sample.id for sample in project.dataset().samples if sample.split is Split.VAL]
    record_run(project, 1, wrong={judged[0]: 2})
    record_run(project, 2)
    record_run(project, 3, wrong={judged[0]: 2, judged[1]: 2})
    assert find_run(project, "best").number == 2
    assert find_run(project, "03").number == 3
    with pytest.raises(TLStudioError, match=r"no run 7\. Its runs: 1, 2, 3\."):
        find_run(project, 7)


def test_a_run_without_a_model_cannot_be_used(project: Project) -> None:
    _interrupted(project)
    with pytest.raises(TLStudioError, match=r"Run 1 has left no model\. It says: Interrupted"):
        usable_run(project, 1)
