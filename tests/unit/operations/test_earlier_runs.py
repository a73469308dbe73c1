"""What earlier runs took corrects what is expected of the next one, within bounds, and only where network and machine are the same."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from tests.journals import events
from tests.recorded import make_project
from tlstudio import processor
from tlstudio.domain import events as ev
from tlstudio.domain.jobs import JOURNAL_FILE
from tlstudio.domain.journal import JournalLine, encode_line
from tlstudio.domain.recipe import RECIPES, NetworkPart, Recipe
from tlstudio.domain.run_state import Status
from tlstudio.domain.runs import Run
from tlstudio.engine.device import choose
from tlstudio.operations import estimates, preferences
from tlstudio.operations.starting import environment_for
from tlstudio.project.project import Project
from tlstudio.ui.zoo.cockpit import known

RECIPE = RECIPES["balanced"].build(NetworkPart(architecture="resnet18"))
LOADING_S = 9.0
PLAN = next(event.plan for event, _time in events("balanced") if isinstance(event, ev.PlanFixed))
HEAD = next(event for event, _time in events("balanced") if isinstance(event, ev.HeadSolved))
SUMMARY = ev.Summary(accuracy=1.0, balanced_accuracy=1.0, loss=0.0, best_step=0, seconds=1.0, checkpoint="c")


@pytest.fixture
def project(tmp_path: Path, home: Path) -> Iterator[Project]:
    made = make_project(tmp_path / "Insects")
    yield made
    made.close()


def run_that_took(
    project: Project, number: int, work_s: float, *, recipe: Recipe = RECIPE, epochs: int | None = None, num_cached: int = 0, **plan: object
) -> Run:
    """A finished run in its folder; all images but `num_cached` were new, loading libraries took `LOADING_S`."""
    device, sizes = choose("cpu", threads=environment_for(project).threads), estimates.size_of(project.dataset())
    known = {"device": str(device.torch_device), "device_name": device.name, "threads": device.threads}
    counts = {"num_train": sizes.num_train, "num_val": sizes.num_val, "num_test": sizes.num_test}
    fixed = msgspec.structs.replace(PLAN, **{**known, **counts, **plan})
    assert recipe.finetune is not None
    last = recipe.finetune.epochs if epochs is None else epochs
    looked = ev.Validated(step=9, epoch=last, loss=1.0, accuracy=0.5, balanced_accuracy=0.5, is_best=True)
    head = msgspec.structs.replace(HEAD, num_cached=num_cached)
    told: list[tuple[ev.AnyEvent, float]] = [
        (ev.Started(attempt=1, pid=1), 0.0),
        (ev.PhaseStarted(phase="libraries", total=None, silence_limit_s=1e9), 0.0),
        (ev.PhaseStarted(phase="load", total=None, silence_limit_s=1e9), LOADING_S),
        (ev.PlanFixed(plan=fixed), LOADING_S),
        (head, LOADING_S),
        (looked, LOADING_S + work_s),
        (ev.Finished(summary=SUMMARY), LOADING_S + work_s),
    ]
    run = Run(number=number, recipe=recipe, weights_name="", created_at=0.0, status=Status.FINISHED, summary=SUMMARY)
    folder = project.folder / run.folder_name
    folder.mkdir(parents=True)
    lines = (encode_line(JournalLine(seq=seq, time=1000.0 + at, event=event)) for seq, (event, at) in enumerate(told))
    (folder / JOURNAL_FILE).write_bytes(b"".join(lines))
    return run


def first(project: Project, recipe: Recipe = RECIPE) -> float:
    """Seconds of work that are expected where nothing is known of earlier runs."""
    found = estimates.estimate(recipe, project.dataset())
    return found.total_s - found.start_s


def test_the_next_run_is_expected_to_take_what_the_last_ones_took(project: Project) -> None:
    work_s = first(project)
    runs = [run_that_took(project, number, share * work_s) for number, share in enumerate((2.0, 0.1, 1.5, 2.0, 1.6), 1)]
    found = estimates.estimate(RECIPE, project.dataset(), runs, folder=project.folder)
    assert found.total_s == pytest.approx(LOADING_S + 1.6 * work_s), "the median of the last three, after a start as theirs"
    assert found.low_s < found.total_s - found.start_s < found.high_s
    assert found.is_known
    warm = estimates.estimate(RECIPE, project.dataset(), runs, folder=project.folder, is_warm=True)
    assert warm.total_s < 1 + 1.6 * work_s, "where a process waits nothing is loaded"


def test_a_good_neighbour_learns_of_its_earlier_runs_too(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processor, "num_threads", lambda: 4)
    preferences.change(good_neighbour=True)
    run = run_that_took(project, 1, 2 * first(project))
    found = estimates.estimate(RECIPE, project.dataset(), [run], folder=project.folder)
    assert found.total_s == pytest.approx(LOADING_S + 2 * first(project))
    preferences.change(good_neighbour=False)
    assert estimates.estimate(RECIPE, project.dataset(), [run], folder=project.folder).num_earlier == 0, "it had a thread less"


def test_runs_that_knew_all_features_do_not_make_the_others_look_faster(project: Project) -> None:
    sizes, work_s = estimates.size_of(project.dataset()), first(project)
    slow = run_that_took(project, 1, 2 * work_s)
    known = [run_that_took(project, number, 0.5 * work_s, num_cached=sizes.num_images) for number in (2, 3, 4)]
    found = estimates.estimate(RECIPE, project.dataset(), [slow, *known], folder=project.folder)
    assert found.total_s == pytest.approx(LOADING_S + 2 * work_s)


def test_models_expects_what_train_expects(project: Project) -> None:
    runs = [run_that_took(project, 1, 2 * first(project))]
    found = known.read(RECIPE.network, project.dataset(), RECIPE.device, runs=runs, folder=project.folder)
    other = RECIPES["quick"].build(RECIPE.network)
    for recipe in (RECIPE, other):
        assert found.expect(recipe).total_s == estimates.estimate(recipe, project.dataset(), runs, folder=project.folder).total_s
    assert found.expect(RECIPE).num_earlier == 1


def test_a_wild_run_counts_within_bounds(project: Project) -> None:
    work_s = first(project)
    runs = [run_that_took(project, 1, 50 * work_s)]
    found = estimates.estimate(RECIPE, project.dataset(), runs, folder=project.folder)
    assert found.total_s == pytest.approx(LOADING_S + 3 * work_s)


def test_a_run_that_stopped_early_is_measured_by_the_epochs_it_trained(project: Project) -> None:
    whole = estimates.estimate(RECIPE, project.dataset())
    assert RECIPE.finetune is not None
    short_s = first(project) - (RECIPE.finetune.epochs - 2) * whole.epoch_s
    runs = [run_that_took(project, 1, short_s, epochs=2)]
    found = estimates.estimate(RECIPE, project.dataset(), runs, folder=project.folder)
    assert found.total_s == pytest.approx(LOADING_S + first(project))


@pytest.mark.parametrize("plan", [{"device_name": "another"}, {"threads": 64}, {"device": "cuda:0"}, {"processes": 2}])
def test_another_machine_says_nothing_of_this_one(project: Project, plan: dict[str, object]) -> None:
    runs = [run_that_took(project, 1, 2 * first(project), **plan)]
    found, without = (estimates.estimate(RECIPE, project.dataset(), runs, folder=folder) for folder in (project.folder, None))
    assert (found.total_s, found.num_earlier) == (without.total_s, 0)


def test_another_network_says_nothing_of_this_one(project: Project) -> None:
    other = RECIPES["balanced"].build(NetworkPart(architecture="resnet50"))
    runs = [run_that_took(project, 1, 2 * first(project), recipe=other)]
    found, without = (estimates.estimate(RECIPE, project.dataset(), runs, folder=folder) for folder in (project.folder, None))
    assert (found.total_s, found.num_earlier) == (without.total_s, 0)
