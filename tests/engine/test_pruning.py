"""A trial of a sweep that is worse than those before it ends early; a trial that was interrupted decides as one that was not."""

from pathlib import Path

import msgspec
import pytest

from tests.engine.folders import events_of, manifest_of, state_of, write_training
from tlstudio.domain import events as ev
from tlstudio.domain.jobs import JOB_FILE, TrainJob
from tlstudio.domain.pruning import GRACE_EPOCHS, Curve
from tlstudio.domain.recipe import FineTunePart, NetworkPart, Recipe
from tlstudio.domain.run_state import RunState, Status
from tlstudio.domain.trials import Axis, Trial, TrialPlan
from tlstudio.engine import worker
from tlstudio.engine.finetune import FineTuning
from tlstudio.jobs.outcome import words

EPOCHS = 6
RECIPE = Recipe(
    name="balanced",
    network=NetworkPart(architecture="test_resnet", input_size_px=64),
    finetune=FineTunePart(epochs=EPOCHS, batch_size=8, patience=0, learning_rate=1e-6),
)
OUT_OF_REACH: tuple[Curve, ...] = ((1.01,) * EPOCHS,) * 3
WITHIN_REACH: tuple[Curve, ...] = ((0.0,) * EPOCHS,) * 3


class Trained:
    """Trains a trial against rivals that stand in its order."""

    def __init__(self, images: Path, project: Path) -> None:
        self.images, self.project = images, project
        self.manifest = manifest_of(images)
        self.number = 0

    def order(self, rivals: tuple[Curve, ...]) -> Path:
        self.number += 1
        folder = write_training(self.project, RECIPE, self.manifest, images=self.images, number=self.number)
        plan = TrialPlan(axes=(Axis(setting="learning_rate", values=(1e-6, 1e-3)),))
        trial = Trial(sweep=1, number=self.number, num_trials=9, plan=plan, rivals=rivals)
        job = msgspec.json.decode((folder / JOB_FILE).read_bytes(), type=TrainJob)
        (folder / JOB_FILE).write_bytes(msgspec.json.encode(msgspec.structs.replace(job, trial=trial)))
        return folder

    def train(self, rivals: tuple[Curve, ...]) -> tuple[Path, RunState]:
        folder = self.order(rivals)
        assert worker.run_job(folder) == 0
        return folder, state_of(folder)


@pytest.fixture
def trained(make_images, tmp_path: Path) -> Trained:
    return Trained(make_images({"bars": 20, "discs": 20}), tmp_path / "project")


def test_a_hopeless_trial_ends_after_its_grace_and_keeps_its_best(trained: Trained) -> None:
    folder, state = trained.train(OUT_OF_REACH)
    assert state.status is Status.FINISHED
    assert state.pruned == ev.Pruned(epoch=GRACE_EPOCHS, num_rivals=3)
    assert state.ended_early
    assert state.validations[-1].epoch == GRACE_EPOCHS
    assert words(state).text() == "Pruned at epoch 3: worse than the median of 3 earlier trials"
    assert state.summary is not None
    assert (folder / "predictions/predictions.safetensors").is_file()


def test_one_that_is_good_enough_goes_to_the_end(trained: Trained) -> None:
    _folder, state = trained.train(WITHIN_REACH)
    assert state.pruned is None
    assert not state.ended_early
    assert state.validations[-1].epoch == EPOCHS


def test_an_interrupted_trial_decides_as_one_that_was_not(trained: Trained, monkeypatch: pytest.MonkeyPatch) -> None:
    _folder, straight = trained.train(OUT_OF_REACH)
    folder = trained.order(OUT_OF_REACH)
    whole = FineTuning.validate

    def killed(tuning: FineTuning):
        if tuning.epoch == 2:
            raise SystemExit(9)
        yield from whole(tuning)

    monkeypatch.setattr(FineTuning, "validate", killed)
    with pytest.raises(SystemExit):
        worker.run_job(folder)
    monkeypatch.setattr(FineTuning, "validate", whole)
    assert worker.run_job(folder) == 0
    again = state_of(folder)
    assert again.attempt == 2
    assert [event.from_step for event in events_of(folder) if isinstance(event, ev.Resumed)] == [again.validations[2].step]
    assert again.pruned == straight.pruned is not None
    assert list(again.validations) == list(straight.validations)


def test_one_that_was_killed_after_its_last_look_is_pruned_all_the_same(trained: Trained, monkeypatch: pytest.MonkeyPatch) -> None:
    """The checkpoint was written and the ending was not: the next attempt has nothing to train any more."""
    from tlstudio.engine import train_job

    folder = trained.order(OUT_OF_REACH)

    def killed(*_arguments: object) -> None:
        raise SystemExit(9)

    whole = train_job._predict
    monkeypatch.setattr(train_job, "_predict", killed)
    with pytest.raises(SystemExit):
        worker.run_job(folder)
    monkeypatch.setattr(train_job, "_predict", whole)
    assert worker.run_job(folder) == 0
    state = state_of(folder)
    assert state.attempt == 2
    assert state.pruned == ev.Pruned(epoch=GRACE_EPOCHS, num_rivals=3)
    assert state.validations[-1].epoch == GRACE_EPOCHS
