"""Cross-validation through the real job: what it computes, what it does not look at, and that copies do not flatter it."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
import pytest
from PIL import Image

from tests.engine.folders import events_of, state_of
from tlstudio.domain.events import FoldJudged, PhaseStarted
from tlstudio.domain.folds import FoldPlan
from tlstudio.domain.jobs import JOB_FILE, MANIFEST_FILE, RECIPE_FILE, Command, Control, CrossValidateJob
from tlstudio.domain.manifest import Manifest, manifest_hash
from tlstudio.domain.recipe import HeadPart, NetworkPart, decode_recipe
from tlstudio.domain.report import CrossValidationReport
from tlstudio.domain.run_state import Status
from tlstudio.domain.splits import Split
from tlstudio.engine import worker
from tlstudio.engine.build import build
from tlstudio.engine.data.features import Features
from tlstudio.engine.gate import Gate
from tlstudio.engine.head import Rows, solve
from tlstudio.engine.job import read_job
from tlstudio.jobs.launch import StartedJob
from tlstudio.operations import crossvalidating
from tlstudio.operations.importing import import_data
from tlstudio.project.project import Project

NETWORK = NetworkPart(architecture="test_resnet", input_size_px=64)


@pytest.fixture(autouse=True)
def no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    def launch(folder: Path, *, warm: object = None, notes: object = ()) -> StartedJob:
        return StartedJob(number=int(folder.name), folder=folder, process=None)  # type: ignore[arg-type]

    monkeypatch.setattr(crossvalidating, "launch", launch)


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    opened = Project.create(tmp_path / "Survey")
    yield opened
    opened.close()


def order(project: Project, plan: FoldPlan | None = None) -> Path:
    return crossvalidating.start_cross_validation(project, NETWORK, plan or FoldPlan(), device="cpu").folder


def judged(folder: Path) -> CrossValidationReport:
    assert worker.run_job(folder) == 0
    report = crossvalidating.report_of(folder, state_of(folder))
    assert report is not None
    return report


def features_of(folder: Path) -> Features:
    """Those the job had, from the cache."""
    training = build(read_job(folder, gate=Gate(), history=()))
    steps = training.feature_pass().run(training.entries)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            features: Features = end.value
            assert features.num_cached == len(training.entries)
            return features


def solved(train: Rows, validation: Rows, penalties: tuple[float, ...], num_classes: int) -> tuple[np.ndarray, np.ndarray, float]:
    steps = solve(train, validation, num_classes=num_classes, penalties=penalties)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value.weight, end.value.bias, end.value.penalty


def test_folds_are_judged_by_linear_heads_whatever_the_recipe_says(project: Project, make_images) -> None:
    import_data(project, make_images({"discs": 15, "bars": 15}))
    plain, other = order(project), order(project)
    recipe = decode_recipe((other / RECIPE_FILE).read_bytes())
    (other / RECIPE_FILE).write_bytes(msgspec.json.encode(msgspec.structs.replace(recipe, head=HeadPart(kind="mlp", hidden=8))))
    assert judged(other) == judged(plain)


def test_it_is_what_plain_loops_over_the_folds_compute(project: Project, make_images) -> None:
    import_data(project, make_images({"discs": 23, "bars": 30, "rings": 18}))
    folder = order(project, FoldPlan(num_folds=4, seed=3))
    report = judged(folder)
    features = features_of(folder)
    folds = np.array([entry.fold for entry in features.entries])
    accuracies, confusion = [], np.zeros((3, 3), int)
    for fold in range(4):
        inner, chooser, mine = (folds != fold) & (folds != (fold + 1) % 4), folds == (fold + 1) % 4, folds == fold
        rows = [Rows(features=features.values[part], targets=features.targets[part]) for part in (inner, chooser, ~mine, mine)]
        *_, penalty = solved(rows[0], rows[1], HeadPart().penalties, 3)
        weight, bias, _ = solved(rows[2], rows[3], (penalty,), 3)
        answers = (features.values[mine] @ weight.T + bias).argmax(axis=1)
        truth = features.targets[mine]
        accuracies.append(sum(int(a == b) for a, b in zip(answers, truth, strict=True)) / len(truth))
        for a, b in zip(truth, answers, strict=True):
            confusion[a, b] += 1
        assert report.folds[fold].penalty == penalty
        assert (report.folds[fold].num_train, report.folds[fold].num_images) == (int((~mine).sum()), int(mine.sum()))
    assert [item.accuracy for item in report.folds] == pytest.approx(accuracies)
    assert report.accuracy.value == pytest.approx(sum(accuracies) / 4)
    assert np.array_equal(report.confusion, confusion)
    assert report.accuracy.low < report.accuracy.value < report.accuracy.high
    assert report.class_names == ("bars", "discs", "rings")
    num_train_val = sum(sample.split is not Split.TEST for sample in project.dataset().ready)
    assert report.num_images == num_train_val < 71


def test_the_test_set_is_not_even_listed(project: Project, make_images) -> None:
    import_data(project, make_images({"discs": 20, "bars": 20}))
    manifest = Manifest.decode((order(project) / MANIFEST_FILE).read_bytes())
    assert {entry.split for entry in manifest.entries} == {Split.TRAIN, Split.VAL}
    assert project.num_openings() == 0


def make_planted(folder: Path, *, num_pictures: int = 40, num_copies: int = 4) -> Path:
    """Noise whose class is drawn by lot, each picture several times: there is nothing to be learned but the pictures themselves."""
    random = np.random.default_rng(5)
    for picture in range(num_pictures):
        name = ("heads", "tails")[picture % 2]
        (folder / name).mkdir(parents=True, exist_ok=True)
        pixels = random.integers(0, 256, (8, 8, 3)).astype(np.uint8)
        image = Image.fromarray(pixels).resize((64, 64), Image.Resampling.NEAREST)
        for copy in range(num_copies):
            image.save(folder / name / f"{picture:02d}-{copy}.png")
    return folder


def test_copies_do_not_flatter_the_figure(project: Project, tmp_path: Path) -> None:
    import_data(project, make_planted(tmp_path / "planted"))
    folder = order(project)
    honest = judged(folder)
    assert honest.num_units == honest.num_images / 4
    assert honest.accuracy.value < 0.75, "half is right by lot"
    assert honest.accuracy.low < 0.5 < honest.accuracy.high
    assert honest.pooled_accuracy < 0.75

    # The same images dealt one by one, as whoever does not know of copies would: nearly everything has been seen before.
    naive = project.folder / "crossvalidations" / "0002"
    shutil.copytree(folder, naive, ignore=shutil.ignore_patterns("journal.jsonl", "job.lock"))
    manifest = Manifest.decode((folder / MANIFEST_FILE).read_bytes())
    entries = tuple(msgspec.structs.replace(entry, fold=number % 5) for number, entry in enumerate(manifest.entries))
    data = msgspec.structs.replace(manifest, entries=entries).encode()
    (naive / MANIFEST_FILE).write_bytes(data)
    job = CrossValidateJob(manifest_hash=manifest_hash(data), num_units=len(entries))
    (naive / JOB_FILE).write_bytes(msgspec.json.encode(job))
    assert judged(naive).accuracy.value > 0.9


def test_it_stops_when_told_and_keeps_no_figure(project: Project, make_images) -> None:
    import_data(project, make_images({"discs": 20, "bars": 20}))
    for number, command in enumerate((Command.STOP, Command.CANCEL), 1):
        folder = order(project)
        (folder / "control.json").write_bytes(msgspec.json.encode(Control(command=command)))
        assert worker.run_job(folder) == 0
        assert folder.name == f"{number:04d}"
        state = state_of(folder)
        assert state.status is (Status.STOPPED if command is Command.STOP else Status.CANCELLED)
        assert crossvalidating.report_of(folder, state) is None
    assert crossvalidating.latest(project) is None


def test_an_image_that_cannot_be_read_is_left_out_and_counted(project: Project, make_images) -> None:
    images = make_images({"discs": 25, "bars": 25})
    import_data(project, images)
    folder = order(project)
    gone = next(sample for sample in project.dataset().ready if sample.split is Split.TRAIN)
    (images / gone.path).unlink()
    report = judged(folder)
    state = state_of(folder)
    assert state.num_failed == 1
    assert report.num_images == sum(sample.split is not Split.TEST for sample in project.dataset().ready) - 1


def test_what_is_shown_on_the_way_and_afterwards(project: Project, make_images) -> None:
    import_data(project, make_images({"discs": 20, "bars": 20}))
    folder = order(project)
    report = judged(folder)
    events = events_of(folder)
    assert [event.phase for event in events if isinstance(event, PhaseStarted)][-2:] == ["features", "folds"]
    assert [event.fold for event in events if isinstance(event, FoldJudged)] == [0, 1, 2, 3, 4]
    latest = crossvalidating.latest(project)
    assert latest is not None
    assert (latest.number, latest.network, latest.report) == (1, NETWORK, report)


def test_an_attempt_after_an_interrupted_one_judges_again_and_says_the_same(project: Project, make_images) -> None:
    import_data(project, make_images({"discs": 20, "bars": 20}))
    folder = order(project)
    report = judged(folder)
    journal = folder / "journal.jsonl"
    lines = journal.read_bytes().splitlines(keepends=True)
    last = max(number for number, line in enumerate(lines) if b'"fold_judged"' in line)
    journal.write_bytes(b"".join(lines[:last]))
    assert len(state_of(folder).folds) == 4
    assert judged(folder) == report
    state = state_of(folder)
    assert (state.attempt, len(state.folds), state.status) == (2, 5, Status.FINISHED)
