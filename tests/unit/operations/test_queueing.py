"""The queue of runs: ordered on the images as they are now, started one after the other, kept where the program ends."""

from pathlib import Path

import msgspec
import pytest

from tests.replayed_job import Launches
from tlstudio.domain.jobs import MANIFEST_FILE, QUEUED_FILE, Command
from tlstudio.domain.manifest import Manifest
from tlstudio.domain.recipe import RECIPES, NetworkPart, Recipe
from tlstudio.domain.run_state import Status
from tlstudio.errors import TLStudioError
from tlstudio.jobs.watcher import read_state
from tlstudio.operations import edits, queueing, repeats, training
from tlstudio.operations.runs import list_runs
from tlstudio.project import recorder
from tlstudio.project.project import Project

RECIPE = RECIPES["quick"].build(NetworkPart(architecture="mobilenetv4_conv_small"))


@pytest.fixture
def launches(project: Project, monkeypatch: pytest.MonkeyPatch) -> Launches:
    launches = Launches(project, "quick")
    monkeypatch.setattr(queueing, "launch", launches)
    return launches


def seeds(number: int) -> list[Recipe]:
    return [msgspec.structs.replace(RECIPE, seed=seed) for seed in range(number)]


def test_runs_start_in_turn_and_only_when_the_one_before_is_over(project: Project, launches: Launches) -> None:
    numbers, _notes = queueing.enqueue(project, seeds(3))
    assert numbers == [1, 2, 3]
    assert [run.status for run in project.runs()] == [Status.QUEUED] * 3
    first = queueing.start_next(project)
    assert first is not None
    assert first.number == 1
    launches.jobs[0].play(3)
    assert queueing.start_next(project) is None
    launches.jobs[0].finish()
    recorder.ingest(project)
    second = queueing.start_next(project)
    assert second is not None
    assert second.number == 2
    assert queueing.order(project) == [3]
    launches.jobs[1].die()


def test_a_queued_run_is_told_as_that_by_its_folder_and_survives_the_program(project: Project) -> None:
    queueing.enqueue(project, seeds(2))
    folder = project.folder / "runs/0001"
    assert read_state(folder).status is Status.QUEUED
    place = project.folder
    project.close()
    again = Project.open(place)
    recorder.ingest(again)
    assert [run.status for run in list_runs(again)] == [Status.QUEUED] * 2
    assert queueing.order(again) == [1, 2]
    again.close()


def test_it_trains_on_the_labels_of_when_it_was_queued(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    queueing.enqueue(project, seeds(1))
    order = project.folder / "runs/0001" / MANIFEST_FILE
    before = order.read_bytes()
    dataset = project.dataset()
    one, another = dataset.samples[0], dataset.classes[-1]
    edits.set_class(project, [one.id], another.id)
    started: list[Path] = []
    monkeypatch.setattr(queueing, "launch", lambda folder, *, warm: started.append(folder))
    queueing.start_next(project)
    assert started == [order.parent]
    assert order.read_bytes() == before
    labels = {entry.sample: entry.label for entry in Manifest.decode(before).entries}
    assert labels[one.id] == 0


def test_a_later_run_can_be_put_first(project: Project, launches: Launches) -> None:
    queueing.enqueue(project, seeds(3))
    queueing.move(project, 3, before=1)
    assert queueing.order(project) == [3, 1, 2]
    queueing.move(project, 3, before=None)
    assert queueing.order(project) == [1, 2, 3]
    started = queueing.start_next(project)
    assert started is not None
    with pytest.raises(TLStudioError, match="does not wait"):
        queueing.move(project, 1, before=2)
    launches.jobs[0].die()


def test_discarding_takes_it_out_of_the_queue_at_once(project: Project) -> None:
    queueing.enqueue(project, seeds(2))
    training.discard_run(project, 1)
    assert queueing.order(project) == [2]
    assert [run.number for run in project.runs()] == [2]


def test_a_run_that_waits_cannot_be_paused(project: Project) -> None:
    queueing.enqueue(project, seeds(1))
    with pytest.raises(TLStudioError, match="waits in the queue"):
        training.send_command(project, 1, Command.PAUSE)


def test_one_whose_weights_are_gone_lets_the_next_one_through(project: Project, launches: Launches) -> None:
    queueing.enqueue(project, seeds(2))
    row = project.runs()[0]
    gone = msgspec.structs.replace(row.recipe, network=NetworkPart(architecture="mobilenetv4_conv_small", weights="f" * 64))
    first = next(run for run in project.runs() if run.number == 1)
    project.record_run(msgspec.structs.replace(first, recipe=gone))
    with pytest.raises(TLStudioError, match="not on this computer"):
        queueing.start_next(project)
    assert not (project.folder / "runs/0001" / QUEUED_FILE).exists()
    assert queueing.order(project) == [2]


def test_runs_that_differ_in_their_seed_alone_are_summed_up(project: Project, launches: Launches) -> None:
    queueing.enqueue(project, [*seeds(2), msgspec.structs.replace(RECIPE, seed=5, class_balance="weighted")])
    for number in range(3):
        queueing.start_next(project)
        launches.jobs[number].finish()
        recorder.ingest(project)
    found = repeats.repeats_of(project, 1)
    assert found is not None
    assert found.runs == (1, 2)
    assert found.mean == pytest.approx(0.9594, abs=1e-4)
    assert found.deviation == 0.0
    assert repeats.repeats_of(project, 3) is None


def test_a_seed_counts_once_and_a_run_that_was_stopped_does_not_count(project: Project, launches: Launches) -> None:
    queueing.enqueue(project, [*seeds(2), RECIPE, msgspec.structs.replace(RECIPE, seed=7)])
    for number in range(4):
        queueing.start_next(project)
        launches.jobs[number].finish()
        recorder.ingest(project)
    stopped = next(run for run in project.runs() if run.number == 4)
    project.record_run(msgspec.structs.replace(stopped, status=Status.STOPPED))
    for number, counted in ((1, (1, 2)), (2, (2, 3)), (3, (2, 3))):
        found = repeats.repeats_of(project, number)
        assert found is not None
        assert found.runs == counted
    assert repeats.repeats_of(project, 4) is None


def test_the_same_seed_twice_is_no_repetition(project: Project, launches: Launches) -> None:
    queueing.enqueue(project, [RECIPE, RECIPE])
    for number in range(2):
        queueing.start_next(project)
        launches.jobs[number].finish()
        recorder.ingest(project)
    assert repeats.repeats_of(project, 1) is None


def test_seeds_that_a_recipe_has_had_are_left_out(project: Project) -> None:
    queueing.enqueue(project, [msgspec.structs.replace(RECIPE, seed=1), msgspec.structs.replace(RECIPE, seed=0, class_balance="weighted")])
    first, notes = queueing.enqueue_seeds(project, RECIPE, 2)
    assert notes[0].text() == "This recipe has had seed 1: these runs train with seeds 0, 2."
    second, _notes = queueing.enqueue_seeds(project, RECIPE, 2)
    recipes = {run.number: run.recipe for run in project.runs()}
    assert [recipes[number].seed for number in (*first, *second)] == [0, 2, 3, 4]
    assert all(msgspec.structs.replace(recipes[number], seed=0) == RECIPE for number in (*first, *second))


def test_after_labels_were_changed_no_seed_was_had(project: Project) -> None:
    queueing.enqueue(project, seeds(3))
    dataset = project.dataset()
    edits.set_class(project, [dataset.samples[0].id], dataset.classes[-1].id)
    numbers, notes = queueing.enqueue_seeds(project, RECIPE, 2)
    assert [run.recipe.seed for run in project.runs() if run.number in numbers] == [0, 1]
    assert not any("has had seed" in note.text() for note in notes)
