"""The leak gate: training is refused while training and test share a unit, mended by one button, overridden only on purpose."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from tests.recorded import make_project, record_run
from tlstudio import files
from tlstudio.cli import train
from tlstudio.cli.evaluate import report_lines
from tlstudio.cli.main import main
from tlstudio.cli.terminal import EXIT_REFUSED
from tlstudio.datasets.fingerprints import FINGERPRINT_VERSION
from tlstudio.domain.findings import Finding, Fix, Severity, TrainingBlockedError
from tlstudio.domain.fingerprints import NearCopy
from tlstudio.domain.jobs import JOB_FILE, TrainJob
from tlstudio.domain.recipe import RECIPES, NetworkPart
from tlstudio.domain.run_state import RunState
from tlstudio.domain.samples import NewSample
from tlstudio.domain.splits import Split, SplitPlan
from tlstudio.jobs.folder import read_job
from tlstudio.jobs.launch import StartedJob
from tlstudio.operations import health, training
from tlstudio.operations.evaluating import evaluate_run
from tlstudio.operations.splitting import split, split_again
from tlstudio.project.project import Project
from tlstudio.ui.evaluate.texts import cautions

QUICK = RECIPES["quick"].build(NetworkPart(architecture="test_resnet"))
TRAIN, VAL, TEST = Split


@pytest.fixture(autouse=True)
def _no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    def launch(folder: Path, *, warm: object = None, notes: tuple[object, ...] = ()) -> StartedJob:
        return StartedJob(number=int(folder.name), folder=folder, process=None, notes=notes)  # type: ignore[arg-type]

    monkeypatch.setattr(training, "launch", launch)


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """Ants and bees, twelve each in every part, with nothing in common."""
    opened = Project.create(tmp_path / "Insects")
    root = opened.add_root(tmp_path / "photos", copied=False)
    new = [image(f"{name}_{part}_{number}", name, part) for name in ("ants", "bees") for part in Split for number in range(12)]
    opened.add_samples(root, new, given_splits=True)
    yield opened
    opened.close()


def image(name: str, class_name: str, part: Split | None, *, group: str | None = None, content: str = "") -> NewSample:
    return NewSample(
        path=f"{name}.png",
        content_hash=content or name,
        width_px=1,
        height_px=1,
        format="PNG",
        class_name=class_name,
        split=part,
        group=group,
    )


def add(project: Project, *new: NewSample) -> None:
    project.add_samples(project.dataset().roots[0], list(new), given_splits=any(item.split for item in new))


def relate(project: Project, *pairs: tuple[str, str]) -> None:
    near = [NearCopy(first=min(pair), second=max(pair), likeness=0.99) for pair in pairs]
    project.look_alikes.add({}, near, version=FINGERPRINT_VERSION)


def found(project: Project) -> dict[str, Finding]:
    return {finding.check: finding for finding in health.findings(project)}


def parts(project: Project) -> dict[str, Split | None]:
    return {sample.path.removesuffix(".png"): sample.split for sample in project.dataset().samples}


LEAKS = {
    "straddling_copies": lambda project: add(project, image("twin", "ants", TEST, content="ants_train_3")),
    "straddling_near_copies": lambda project: relate(project, ("ants_train_3", "ants_test_5")),
    "straddling_groups": lambda project: add(
        project, image("one", "bees", TRAIN, group="hive 7"), image("two", "bees", TEST, group="hive 7")
    ),
}


@pytest.mark.parametrize("kind", LEAKS)
def test_a_leak_blocks_until_its_button_is_pressed(project: Project, kind: str) -> None:
    assert health.blocking(project) == []
    LEAKS[kind](project)
    before = project.dataset().samples
    [finding] = health.blocking(project)
    assert (finding.check, finding.severity, finding.fix, len(finding.samples)) == (kind, Severity.BLOCKS, Fix.MOVE_TOGETHER, 2)
    with pytest.raises(TrainingBlockedError) as refused:
        training.start_training(project, QUICK)
    assert finding.title.text() in str(refused.value)
    assert refused.value.can_be_mended
    assert project.runs() == []
    change = health.mend_leaks(project, refused.value.findings)
    assert change.words is not None
    assert change.words.text() == "1 image moved to training"
    assert health.blocking(project) == []
    assert training.start_training(project, QUICK).number == 1
    project.undo()
    assert project.dataset().samples == before


def test_what_validation_and_test_share_is_warned_of_and_leaves_the_test_clean(project: Project) -> None:
    relate(project, ("ants_val_3", "ants_test_5"))
    finding = found(project)["straddling_near_copies"]
    assert finding.severity is Severity.WARNS
    training.start_training(project, QUICK)
    health.fix(project, finding)
    assert parts(project)["ants_test_5"] is VAL


def test_near_copies_on_one_side_are_told_and_do_no_harm(project: Project) -> None:
    relate(project, ("ants_train_3", "ants_train_5"))
    finding = found(project)["near_copies"]
    assert (finding.severity, finding.title.text()) == (Severity.TELLS, "1 near copy of another image")
    assert training.start_training(project, QUICK).number == 1


def test_one_button_moves_whatever_hangs_together(project: Project) -> None:
    add(project, image("one", "bees", TEST, group="hive"), image("two", "bees", VAL, group="hive"))
    relate(project, ("one", "ants_train_1"))
    assert {finding.check for finding in health.blocking(project)} == {"straddling_near_copies"}
    health.mend_leaks(project, health.blocking(project))
    assert (parts(project)["one"], parts(project)["two"]) == (TRAIN, TRAIN)
    assert not {"straddling_groups", "straddling_near_copies"} & found(project).keys()


def test_slides_that_all_lie_on_both_sides_are_divided_as_wholes_so_that_something_is_left_to_judge(tmp_path: Path) -> None:
    project = Project.create(tmp_path / "Slides")
    try:
        root = project.add_root(tmp_path / "slides", copied=False)
        cells = itertools.cycle(Split)
        new = [
            image(f"s{slide}_{number}", "ab"[number % 2], next(cells), group=f"slide {slide}")
            for slide in range(12)
            for number in range(10)
        ]
        project.add_samples(root, new, given_splits=True)
        [finding] = health.blocking(project)
        assert finding.title.text() == "12 groups lie in more than one split: slide 0, slide 1, slide 2 …"
        health.fix(project, finding)
        assert health.blocking(project) == []
        dataset = project.dataset()
        assert all(len({sample.split for sample in unit}) == 1 for unit in dataset.units)
        assert all(dataset.num_by_split[part] >= 20 for part in Split)
    finally:
        project.close()


def test_who_trains_all_the_same_finds_it_in_the_run(project: Project) -> None:
    for leak in LEAKS.values():
        leak(project)
    started = training.start_training(project, QUICK, override="the copies are on purpose")
    job = read_job(started.folder)
    assert isinstance(job, TrainJob)
    assert (job.override, job.num_shared) == ("the copies are on purpose", {TEST: 3})
    assert project.runs()[0].override == "the copies are on purpose"


def test_a_new_division_keeps_units_whole_and_follows_what_a_person_placed(project: Project) -> None:
    relate(project, ("ants_train_1", "ants_test_1"), ("ants_test_1", "bees_val_1"))
    add(project, *(image(f"burst_{number}", "bees", None, group="burst") for number in range(6)))
    split(project)
    split_again(project, SplitPlan(seed=4))
    now = parts(project)
    assert len({now["ants_train_1"], now["ants_test_1"], now["bees_val_1"]}) == 1
    assert len({now[f"burst_{number}"] for number in range(6)}) == 1
    assert health.blocking(project) == []


def test_the_report_of_such_a_run_says_so_in_words(tmp_path: Path) -> None:
    project = make_project(tmp_path / "Insects")
    try:
        folder = project.folder / "runs" / f"{record_run(project, 1).number:04d}"
        honest = evaluate_run(project, 1)
        job = read_job(folder)
        files.write_json(folder / JOB_FILE, msgspec.structs.replace(job, override="on purpose", num_shared={TEST: 3}))
        judged = evaluate_run(project, 1)
        assert (honest.num_shared, judged.num_shared, evaluate_run(project, 1, VAL).num_shared) == (0, 3, 0)
        assert "training shared 3 of these images (copies, near copies or groups): the figures are too good" in "\n".join(
            report_lines(judged)
        )
        assert "shared" not in "\n".join(report_lines(honest))
        assert cautions(judged).startswith("training shared 3 of these images: too good")
        assert "shared" not in cautions(honest)
    finally:
        project.close()


@pytest.mark.parametrize("more", [["--mend-leaks"], ["--override", "a look at the figures"]])
def test_the_terminal_refuses_mends_and_takes_a_deliberate_word(
    project: Project, more: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    LEAKS["straddling_near_copies"](project)
    project.close()
    monkeypatch.setattr(train, "watch", lambda *_arguments, **_more: RunState())
    order = ["train", str(project.folder), "--network", "test_resnet", "--device", "cpu"]
    assert main(order) == EXIT_REFUSED
    refused = capsys.readouterr().err
    assert "1 picture lies in more than one split as near copies" in refused
    assert "--mend-leaks" in refused
    main([*order, *more])
    again = Project.open(project.folder)
    try:
        [run] = again.runs()
        assert bool(run.override) is (more[0] == "--override")
        assert bool(health.blocking(again)) is (more[0] == "--override")
    finally:
        again.close()
