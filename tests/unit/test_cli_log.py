"""What a training leaves in a log: each state once, a line an epoch, nothing that only a screen understands."""

import re
from contextlib import closing
from pathlib import Path

import pytest

from tests import journals
from tests.recorded import make_project
from tests.replayed_job import ReplayedJob
from tlstudio.cli.epoch_lines import EpochLines
from tlstudio.cli.terminal import Terminal
from tlstudio.cli.watching import watch
from tlstudio.domain import events as ev
from tlstudio.domain.run_state import Status, apply


def test_every_epoch_is_told_once_with_its_figures_and_no_state_twice(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with closing(make_project(tmp_path / "P")) as project:
        job = ReplayedJob(project, 1, "balanced")
        job.finish()
        assert watch(job.folder, Terminal()).status is Status.FINISHED
    out, err = capsys.readouterr()
    lines = err.splitlines()
    epochs = [line for line in lines if line.startswith("Epoch ")]
    looks = [look.epoch for look in journals.states("balanced")[-1].validations if look.epoch]
    assert [int(line.split()[1]) for line in epochs] == looks
    figures = r"Epoch \d+ of 14: loss \d\.\d{3}, validation loss \d\.\d{3}, accuracy [\d.]+ %, balanced [\d.]+ %(, the best so far)?"
    assert all(re.fullmatch(figures, line) for line in epochs)
    assert len(set(lines)) == len(lines)
    assert out == ""
    assert not re.search(r"[\x00-\x09\x0b-\x1f]", err), "a log has no control characters"


def test_epochs_that_are_trained_again_after_going_back_are_told_again() -> None:
    state = journals.until("balanced", ev.Validated, count=4)
    lines = EpochLines()
    assert [line.split(":")[0] for line in lines.new(state)] == ["Head", "Epoch 1 of 14", "Epoch 2 of 14", "Epoch 3 of 14"]
    assert list(lines.new(state)) == []
    last = state.validations[-1]
    back = apply(state, ev.RolledBack(step=last.step + 1, to_step=state.validations[-2].step, share=0.5))
    assert list(lines.new(back)) == []
    again = apply(back, ev.Validated(step=last.step, epoch=3, loss=None, accuracy=0.5, balanced_accuracy=0.25, is_best=False))
    (line,) = lines.new(again)
    assert line.startswith("Epoch 3 of 14: ")
    assert line.endswith("accuracy 50.0 %, balanced 25.0 %")
