"""`tlstudio sweep` says which trials chance alone may have put below the best one, as the window does."""

import json
from contextlib import closing
from pathlib import Path

import pytest

from tests.recorded import make_project, manifest_of, record_run, write_job
from tlstudio.cli.main import main
from tlstudio.domain.jobs import PREDICTIONS_FILE, TrainJob
from tlstudio.domain.manifest import manifest_hash
from tlstudio.domain.splits import Split
from tlstudio.domain.trials import Axis, Trial, TrialPlan

_PLAN = TrialPlan(axes=(Axis(setting="learning_rate", values=(1e-4, 1e-3, 1e-2, 1e-1)),))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Four trials of a sweep: one that errs on nothing, one on a single image, one on all of them, and one that left no answers."""
    folder = tmp_path / "Insects"
    with closing(make_project(folder, num_per_class=20, splits="tvvvvvvvvv")) as project:
        manifest = manifest_of(project)
        judged = {entry.sample: (entry.label + 1) % len(manifest.classes) for entry in manifest.of(Split.VAL)}
        one = dict(list(judged.items())[:1])
        for number, wrong in enumerate((one, {}, judged, judged), 1):
            record_run(project, number, recipe="balanced", wrong=wrong)
            trial = Trial(sweep=1, number=number, num_trials=4, plan=_PLAN)
            write_job(project, folder / f"runs/{number:04d}", TrainJob(manifest_hash=manifest_hash(manifest.encode()), trial=trial))
        (folder / "runs" / "0004" / PREDICTIONS_FILE).unlink()
    return folder


def test_a_trial_that_errs_on_one_image_more_is_within_chance_and_those_not_compared_are_counted(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["sweep", str(folder)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[-2].startswith("Best: trial 2 (run 2, balanced), ")
    assert lines[-1] == "Within chance of it, judged on the same images: trial 1; not compared: 1"


@pytest.mark.expects_log
@pytest.mark.parametrize(
    ("run", "words"), [(3, "Within chance of it, judged on the same images: trial 1; not compared: 2"), (2, "Not compared: 3")]
)
def test_whose_answers_could_not_be_read_is_said_also_of_the_best(
    folder: Path, capsys: pytest.CaptureFixture[str], run: int, words: str
) -> None:
    file = folder / f"runs/{run:04d}" / PREDICTIONS_FILE
    file.write_bytes(file.read_bytes()[:100])
    assert main(["sweep", str(folder)]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == f"{words}; answers that could not be read: trial {run}"


def test_a_script_reads_the_runs(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sweep", str(folder), "--json"]) == 0
    (leads,) = json.loads(capsys.readouterr().out)["leads"]
    assert leads == {"run": 2, "apart": [3], "near": [1], "not_compared": [4], "unread": []}
