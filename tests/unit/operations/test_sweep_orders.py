"""A sweep is ordered into the queue, measured by what was before when each trial starts, listed, and cancelled."""

import msgspec
import pytest

from tests.replayed_job import Launches
from tlstudio.domain import events as ev
from tlstudio.domain.recipe import RECIPES, NetworkPart
from tlstudio.domain.run_state import Status
from tlstudio.domain.trials import Axis, SearchKind, TrialPlan
from tlstudio.errors import TLStudioError
from tlstudio.jobs.folder import read_job
from tlstudio.operations import queueing, tpe, trial_starts, trials
from tlstudio.project import recorder
from tlstudio.project.project import Project

RECIPE = RECIPES["balanced"].build(NetworkPart(architecture="mobilenetv4_conv_small"))
PLAN = TrialPlan(axes=(Axis(setting="learning_rate", values=(1e-4, 3e-4, 1e-3, 3e-3)),))


class Trials(Launches):
    """Trials that say the curve they are told to."""

    def train(self, *curve: float, pruned: ev.Pruned | None = None) -> None:
        """Start the next trial and let it reach `curve`."""
        assert queueing.start_next(self.project) is not None
        job = self.jobs[-1]
        job.play(until=ev.Started)
        for epoch, share in enumerate((0.4, *curve)):
            loss = 1 - share
            job.write(ev.Validated(step=8 * epoch, epoch=epoch, loss=loss, accuracy=share, balanced_accuracy=share, is_best=True))
        best = max(curve)
        summary = ev.Summary(accuracy=best, balanced_accuracy=best, loss=1 - best, best_step=8, seconds=1.0, checkpoint="best")
        job.write(ev.Finished(summary=summary, early=pruned is not None, pruned=pruned))
        job.die()
        recorder.ingest(self.project)


@pytest.fixture
def launches(project: Project, monkeypatch: pytest.MonkeyPatch) -> Trials:
    launches = Trials(project, "balanced")
    monkeypatch.setattr(queueing, "launch", launches)
    return launches


def rivals(project: Project, number: int) -> tuple[tuple[float, ...], ...]:
    job = read_job(project.folder / f"runs/{number:04d}")
    assert job.trial is not None
    return job.trial.rivals


def test_trials_wait_at_the_end_of_the_queue_in_their_order(project: Project) -> None:
    queueing.enqueue(project, [RECIPE])
    ordered = trials.order_sweep(project, RECIPE, PLAN)
    assert (ordered.sweep, ordered.runs) == (1, (2, 3, 4, 5))
    assert queueing.order(project) == [1, 2, 3, 4, 5]
    assert trials.order_sweep(project, RECIPE, PLAN).sweep == 2
    (first, second) = trials.sweeps(project)
    assert [row.values for row in first.trials] == [(1e-4,), (3e-4,), (1e-3,), (3e-3,)]
    assert [row.run for row in second.trials] == [6, 7, 8, 9]
    assert first.best is None
    assert trials.trials_of(project, [1, 3])[3].number == 2
    assert 1 not in trials.trials_of(project, [1, 3])


def test_a_trial_is_measured_by_those_that_were_over_when_it_started(project: Project, launches: Trials) -> None:
    trials.order_sweep(project, RECIPE, PLAN)
    assert rivals(project, 1) == ()
    launches.train(0.5, 0.6)
    launches.train(0.7, 0.8, 0.9)
    launches.train(0.1, 0.2, pruned=ev.Pruned(epoch=2, num_rivals=3))
    launches.train(0.5)
    assert rivals(project, 2) == ((0.5, 0.6),)
    assert rivals(project, 4) == ((0.5, 0.6), (0.7, 0.8, 0.9)), "one that was pruned does not lower the bar"
    found = trials.find_sweep(project, 1)
    assert found.best is not None
    assert (found.best.number, found.best.balanced_accuracy) == (2, 0.9)
    assert [row.pruned is not None for row in found.trials] == [False, False, True, False]
    assert found.num_over == 4


def test_without_pruning_and_over_other_numbers_of_epochs_nobody_is_a_rival(project: Project, launches: Trials) -> None:
    trials.order_sweep(project, RECIPE, msgspec.structs.replace(PLAN, prunes=False))
    for _ in range(4):
        launches.train(0.9, 0.9, 0.9)
    assert rivals(project, 4) == ()
    trials.order_sweep(project, RECIPE, TrialPlan(axes=(Axis(setting="epochs", values=(5, 6)),)))
    launches.train(0.9, 0.9)
    launches.train(0.9, 0.9)
    assert rivals(project, 6) == ()


def test_what_is_left_of_a_sweep_is_cancelled_and_nothing_else(project: Project, launches: Trials) -> None:
    trials.order_sweep(project, RECIPE, PLAN)
    queueing.enqueue(project, [RECIPE])
    launches.train(0.5)
    assert trials.cancel_rest(project, 1) == [2, 3, 4]
    assert queueing.order(project) == [5]
    found = trials.find_sweep(project, 1)
    assert ([row.status for row in found.trials], found.num_trials) == ([Status.FINISHED], 4)
    with pytest.raises(TLStudioError, match="has no sweep 7"):
        trials.cancel_rest(project, 7)


def test_a_sweep_that_makes_no_trials_queues_nothing(project: Project) -> None:
    with pytest.raises(TLStudioError, match=r"That makes no trials: .*between 1 and 1000"):
        trials.order_sweep(project, RECIPE, TrialPlan(axes=(Axis(setting="epochs", values=(5000,)),)))
    assert project.runs() == []


# --- TPE

RANGE = TrialPlan(axes=(Axis(setting="learning_rate", low=1e-5, high=1.0, is_log=True),), kind=SearchKind.TPE, num_trials=12)


def test_tpe_says_which_extra_it_needs(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tpe, "is_installed", lambda: False)
    with pytest.raises(TLStudioError, match="not installed") as refused:
        trials.order_sweep(project, RECIPE, RANGE)
    assert "tlstudio[optuna]" in refused.value.hint.text()
    assert project.runs() == []


def test_a_trial_takes_the_recipe_that_is_suggested_when_it_starts(
    project: Project, launches: Trials, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[list[tuple[float, float]]] = []

    def suggest(plan: TrialPlan, told: list, *, number: int) -> dict[str, float]:
        asked.append([(recipe.finetune.learning_rate, value) for recipe, value in told])
        return {"learning_rate": 0.25 / number}

    monkeypatch.setattr(tpe, "is_installed", lambda: True)
    monkeypatch.setattr(tpe, "suggest", suggest)
    trials.order_sweep(project, RECIPE, RANGE)
    launches.train(0.5)
    launches.train(0.75)
    assert asked == [[], [(0.25, 0.5)]]
    assert [row.values for row in trials.find_sweep(project, 1).trials][:2] == [(0.25,), (0.125,)]
    drawn_by_chance = trials.find_sweep(project, 1).trials[2].values
    monkeypatch.setattr(tpe, "is_installed", lambda: False)
    launches.train(0.5)
    assert trials.find_sweep(project, 1).trials[2].values == drawn_by_chance, "the extra is gone: by chance, as it was ordered"


def test_tpe_comes_near_the_best_value() -> None:
    told: list = []
    setting = trial_starts.combined
    for number in range(1, 25):
        recipe, _applied = setting(RECIPE, tpe.suggest(RANGE, told, number=number))
        assert recipe.finetune is not None
        distance = abs(recipe.finetune.learning_rate - 3e-3) / 3e-3
        told.append((recipe, 1 / (1 + distance)))
    late = [value for _recipe, value in told[12:]]
    assert sum(late) / len(late) > sum(value for _recipe, value in told[:4]) / 4
