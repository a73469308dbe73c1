"""The run table follows the journals: whoever ran the job, however it ended, and as often as one looks."""

import time

import msgspec
import pytest

from tests.unit.project.run_folders import RECIPE, STARTED, SUMMARY, at_work, order, say
from tlstudio import files
from tlstudio.domain import jobs
from tlstudio.domain.events import Failed, Finished, Pruned, Started, StepTrained
from tlstudio.domain.journal import JournalLine, encode_line
from tlstudio.domain.manifest import Manifest, judged_on
from tlstudio.domain.run_state import Status
from tlstudio.domain.runs import Run
from tlstudio.messages import message
from tlstudio.project import recorder
from tlstudio.project.project import Project


def status_of(project: Project, number: int) -> Status:
    return next(run.status for run in project.runs() if run.number == number)


def test_a_run_that_ended_while_nobody_looked_is_there_exactly_once(project: Project) -> None:
    folder = order(project, 1)
    say(folder, STARTED, Finished(summary=SUMMARY))
    assert [run.status for run in recorder.ingest(project)] == [Status.FINISHED]
    assert recorder.ingest(project) == []
    assert [(run.number, run.status, run.summary) for run in project.runs()] == [(1, Status.FINISHED, SUMMARY)]


def test_a_killed_run_is_interrupted_and_may_go_on(project: Project) -> None:
    folder = order(project, 1)
    say(folder, STARTED, StepTrained(step=1, epoch=0, loss=1.0))
    with at_work(folder):
        recorder.ingest(project)
        assert status_of(project, 1) is Status.RUNNING
    recorder.ingest(project)
    assert status_of(project, 1) is Status.INTERRUPTED
    assert recorder.ingest(project) == []
    say(folder, Started(attempt=2, pid=2), Finished(summary=SUMMARY))
    recorder.ingest(project)
    assert status_of(project, 1) is Status.FINISHED


def test_a_run_that_has_just_been_ordered_is_not_called_interrupted(project: Project) -> None:
    order(project, 1, age_s=0)
    recorder.ingest(project)
    assert status_of(project, 1) is Status.WAITING


def test_a_job_that_never_spoke_is_interrupted_in_the_end(project: Project) -> None:
    order(project, 1, age_s=recorder.START_GRACE_S + 1)
    recorder.ingest(project)
    assert status_of(project, 1) is Status.INTERRUPTED


def test_a_run_started_by_somebody_else_is_taken_in_with_all_its_words(project: Project) -> None:
    folder = order(project, 7, recorded=False)
    say(folder, STARTED, Failed(title=message("t", "No memory."), hint=message("h", "Less.")))
    recorder.ingest(project)
    (run,) = project.runs()
    assert (run.number, run.status, run.num_classes, run.weights_name, run.created_at) == (7, Status.FAILED, 2, "little", 5.0)
    assert run.recipe == RECIPE


def test_a_torn_last_line_waits_for_the_rest(project: Project) -> None:
    folder = order(project, 1)
    say(folder, STARTED)
    whole = encode_line(JournalLine(seq=1, time=0.0, event=Finished(summary=SUMMARY)))
    with open(folder / jobs.JOURNAL_FILE, "ab") as file:
        file.write(whole[:40])
    recorder.ingest(project)
    assert status_of(project, 1) is Status.INTERRUPTED
    with open(folder / jobs.JOURNAL_FILE, "ab") as file:
        file.write(whole[40:])
    recorder.ingest(project)
    assert status_of(project, 1) is Status.FINISHED


def test_a_reader_follows_the_runs_without_writing(project: Project) -> None:
    folder = order(project, 1)
    reader = Project.open(project.folder)
    say(folder, STARTED, Finished(summary=SUMMARY))
    order(project, 2, recorded=False)
    recorder.ingest(reader)
    assert [(run.number, run.status) for run in reader.runs()] == [(1, Status.FINISHED), (2, Status.INTERRUPTED)]
    assert [(run.number, run.status) for run in project.runs()] == [(1, Status.WAITING)]
    reader.close()


def test_what_an_earlier_version_did_not_record_is_looked_up_once(project: Project) -> None:
    folder = order(project, 1)
    say(folder, STARTED, Finished(summary=SUMMARY, early=True))
    recorder.ingest(project)
    (told,) = project.runs()
    assert (told.judged_on, told.ended_early) == (judged_on(Manifest.decode((folder / jobs.MANIFEST_FILE).read_bytes())), True)
    project.record_run(msgspec.structs.replace(told, judged_on=None, ended_early=False))
    assert recorder.ingest(project) == [told]
    (folder / jobs.JOURNAL_FILE).unlink()
    project.record_run(msgspec.structs.replace(told, judged_on=None))
    recorder.ingest(project)
    assert [(run.status, run.summary) for run in project.runs()] == [(Status.FINISHED, SUMMARY)]


def test_a_finished_run_whose_manifest_is_gone_is_read_once(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = order(project, 1)
    (folder / jobs.MANIFEST_FILE).unlink()
    say(folder, STARTED)
    recorder.ingest(project)
    assert project.runs()[0].judged_on is None, "it may go on, and its manifest may come back"
    say(folder, Finished(summary=SUMMARY))
    recorder.ingest(project)
    assert project.runs()[0].judged_on == ""
    monkeypatch.setattr(recorder, "fold", lambda folder: pytest.fail(f"{folder} was read again"))
    assert recorder.ingest(project) == []


def test_what_is_not_a_run_is_left_alone(project: Project) -> None:
    (project.folder / "runs/0003").mkdir()
    (project.folder / "runs/notes").mkdir()
    folder = order(project, 4, recorded=False)
    (folder / jobs.RECIPE_FILE).write_text('{"version":')
    assert recorder.ingest(project) == []


def test_a_run_whose_folder_is_gone_does_not_run_for_ever(project: Project) -> None:
    project.record_run(Run(number=3, recipe=RECIPE, weights_name="", created_at=0.0, status=Status.RUNNING))
    project.record_run(Run(number=4, recipe=RECIPE, weights_name="", created_at=0.0, status=Status.FINISHED, summary=SUMMARY))
    recorder.ingest(project)
    assert [run.status for run in project.runs()] == [Status.INTERRUPTED, Status.FINISHED]


@pytest.mark.parametrize("silent_s", [1.0, 10_000.0])
def test_where_the_lock_cannot_be_tried_a_journal_that_spoke_lately_is_believed(
    project: Project, monkeypatch: pytest.MonkeyPatch, silent_s: float
) -> None:
    folder = order(project, 1)
    line = JournalLine(seq=0, time=time.time() - silent_s, event=STARTED)
    (folder / jobs.JOURNAL_FILE).write_bytes(encode_line(line))

    def refuse(self: files.FileLock) -> bool:
        raise PermissionError("read-only medium")

    monkeypatch.setattr(files.FileLock, "is_held_elsewhere", refuse)
    expected = Status.RUNNING if silent_s < 10 else Status.INTERRUPTED
    assert recorder.read_state(folder).status is expected


def test_a_run_survives_its_row_word_for_word(project: Project) -> None:
    run = Run(
        number=9,
        recipe=RECIPE,
        weights_name="w",
        created_at=1.25,
        status=Status.STOPPED,
        summary=SUMMARY,
        num_classes=3,
        override="why not",
        judged_on="1f" * 32,
        ended_early=True,
        pruned=Pruned(epoch=3, num_rivals=4),
    )
    project.record_run(run)
    assert project.runs() == [run]
    assert msgspec.json.decode(msgspec.json.encode(project.runs()[0]), type=Run) == run
