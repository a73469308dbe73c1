"""How Train says what a run does, what it did and what would be trained."""

import msgspec
import pytest

from tests.journals import states, until
from tests.unit.ui.train.conftest import run_of
from tlstudio.domain import pace
from tlstudio.domain.events import Failed, Progressed, Validated
from tlstudio.domain.run_state import Status, apply
from tlstudio.messages import message
from tlstudio.ui.train.run_rows import clock, run_row
from tlstudio.ui.train.status_words import busy_words, seconds_left
from tlstudio.ui.train.viewmodel import TrainModel


class TestWords:
    def test_before_a_start_it_says_what_would_be_trained_and_guesses_no_time(self, model: TrainModel) -> None:
        assert model.subject == "843 training images · ResNet-18 (a1)"

    def test_a_time_is_said_only_when_the_same_training_was_done_before(self, model: TrainModel) -> None:
        model.board.show_runs([run_of(5)])
        assert model.subject == "843 training images · ResNet-18 (a1) · run 5 took 52 s"
        model.choice.choose_recipe("balanced")
        assert model.subject == "843 training images · ResNet-18 (a1)"

    def test_how_many_processes_train_is_said(self) -> None:
        state = until("balanced", Progressed, count=4)
        state = msgspec.structs.replace(state, plan=msgspec.structs.replace(state.plan, processes=2, threads=1))
        assert busy_words(state).endswith("· CPU, 2 processes with 1 thread each")

    def test_while_features_are_made(self) -> None:
        state = until("balanced", Progressed, count=4)
        assert busy_words(state) == "Looking at images 128 of 397 · about 3 s left · 104 img/s · CPU, 2 threads"

    def test_while_fine_tuning(self) -> None:
        state = until("balanced", Validated, count=6)
        words = busy_words(state)
        assert words.startswith("epoch 5 of 14 · ")
        assert words.index("left") < words.index("img/s"), "a narrow window shows how long it takes before how fast it goes"
        assert seconds_left(state) == pytest.approx(sum(state.pace.epochs_s) / 3 * 9, rel=0.01)

    def test_a_paused_run_says_neither_rate_nor_device(self) -> None:
        state = msgspec.structs.replace(until("balanced", Validated, count=6), status=Status.PAUSED)
        assert busy_words(state) == "Paused in epoch 5 of 14 · the window may be closed"

    @pytest.mark.parametrize("asked", ["stop", "cancel"])
    def test_who_has_ended_a_paused_run_is_not_told_that_the_window_may_be_closed(self, asked: str) -> None:
        state = msgspec.structs.replace(until("balanced", Validated, count=6), status=Status.PAUSED, acknowledged=asked)
        assert "window" not in busy_words(state)

    @pytest.mark.parametrize(("rate", "words"), [(2.26, "2.3 img/s"), (9.96, "10.0 img/s"), (10.4, "10 img/s"), (1840.0, "1,840 img/s")])
    def test_a_slow_rate_has_a_decimal_and_a_fast_one_separators(self, monkeypatch: pytest.MonkeyPatch, rate: float, words: str) -> None:
        monkeypatch.setattr(pace, "images_per_second", lambda _state: rate)
        assert f" · {words} · " in busy_words(until("balanced", Validated, count=6))

    def test_before_anything_is_planned_no_device_is_named(self) -> None:
        assert busy_words(msgspec.structs.replace(until("balanced", Progressed, count=4), plan=None)).endswith("img/s")

    def test_a_row_says_how_a_run_ended(self) -> None:
        row = run_row(run_of(7), states("balanced")[-1])
        assert (row.title, row.model, row.recipe) == ("Run 7", "ResNet-18 (a1)", "Quick")
        assert (row.balanced_text, row.loss_text, row.time_text) == ("98.2 %", "0.082", "0:47")
        assert row.state == "Done, stopped early: validation no longer improved"
        assert row.tone == "good"

    def test_a_failed_row_says_why(self) -> None:
        row = run_row(run_of(3, status=Status.FAILED, balanced=None), states("failed")[-1])
        assert row.state == "Failed: Not enough memory: it needs 26 GB and 24 GB are free."
        assert (row.tone, row.balanced_text, row.loss_text) == ("bad", "–", "–")

    def test_a_failed_row_has_no_figures_although_it_was_judged(self) -> None:
        state = apply(until("balanced", Validated, count=6), Failed(title=message("x", "Oh."), hint=message("y", "Try.")))
        row = run_row(run_of(3, status=Status.FAILED, balanced=None), state)
        assert (row.balanced_text, row.loss_text) == ("–", "–")

    def test_a_running_row_shows_its_best_so_far(self) -> None:
        row = run_row(run_of(1, status=Status.RUNNING, balanced=None), until("balanced", Validated, count=6))
        assert row.balanced_text == "97.0 %"
        assert row.state == "Running 35 %"

    def test_random_weights_are_named_in_the_table(self) -> None:
        run = msgspec.structs.replace(run_of(1), weights_name="")
        assert run_row(run, None).model == "resnet18 (random weights)"

    def test_a_clock(self) -> None:
        assert [clock(s) for s in (4.4, 52, 171, 3727)] == ["0:04", "0:52", "2:51", "1:02:07"]


def test_a_run_that_waits_does_not_look_like_one_at_work() -> None:
    running = until("balanced", Validated, count=6)
    rows = {status: run_row(run_of(1), msgspec.structs.replace(running, status=status)) for status in Status}
    assert rows[Status.RUNNING].tone == "accent"
    assert "accent" not in {rows[status].tone for status in (Status.QUEUED, Status.WAITING, Status.PAUSED)}
