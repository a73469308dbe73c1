"""The runs of the Train panel and what can be asked of them, fed with recorded journals."""

import msgspec

from tests.journals import states, until
from tests.unit.ui.train.conftest import run_of
from tlstudio.domain.events import Acknowledged, StepTrained, Validated
from tlstudio.domain.jobs import Command
from tlstudio.domain.run_state import RunState, Status, apply
from tlstudio.ui.train.viewmodel import TrainModel


class TestRuns:
    def test_the_newest_run_is_selected_and_a_new_one_takes_over(self, model: TrainModel) -> None:
        model.board.show_runs([run_of(1), run_of(2)])
        assert model.board.selected == 2
        model.board.select(1)
        model.board.show_runs([run_of(1), run_of(2)])
        assert model.board.selected == 1
        model.board.show_runs([run_of(1), run_of(2), run_of(3, status=Status.WAITING, balanced=None)])
        assert model.board.selected == 3

    def test_a_removed_run_is_forgotten(self, model: TrainModel) -> None:
        model.board.show_runs([run_of(1), run_of(2)])
        model.board.overlay(2, True)
        model.board.observe(2, states("quick")[-1])
        model.board.show_runs([run_of(1)])
        assert (model.board.selected, model.board.overlaid, model.board.states) == (1, [], {})

    def test_rows_are_made_again_where_something_is_new_and_not_where_runs_are_only_read_again(self, model: TrainModel) -> None:
        board = model.board
        board.show_runs([run_of(1), run_of(300)])
        before = {row.number: row for row in board.rows}
        board.show_runs([run_of(1), run_of(300)])
        assert all(row is before[row.number] for row in board.rows)
        board.overlay(1, True)
        rows = {row.number: row for row in board.rows}
        assert rows[1].is_overlaid
        assert rows[300] is before[300]
        board.show_runs([run_of(300)])
        board.show_runs([run_of(1, status=Status.FAILED), run_of(300)])
        assert {row.number: row.is_overlaid for row in board.rows} == {1: False, 300: False}

    def test_at_most_four_runs_lie_beside_the_selected_one(self, model: TrainModel) -> None:
        model.board.show_runs([run_of(number) for number in range(1, 8)])
        for number in range(1, 7):
            model.board.overlay(number, True)
        assert model.board.overlaid == [3, 4, 5, 6]
        model.board.overlay(4, False)
        assert model.board.overlaid == [3, 5, 6]

    def test_a_ticked_run_keeps_its_colour_while_others_come_and_go(self, model: TrainModel) -> None:
        board = model.board
        board.show_runs([run_of(number) for number in range(1, 8)])
        for number in (1, 2, 5):
            board.overlay(number, True)
        before = dict(board.places)
        assert len(set(before.values())) == 3
        board.overlay(1, False)
        board.overlay(7, True)
        assert {number: board.places[number] for number in (2, 5)} == {number: before[number] for number in (2, 5)}
        assert len(set(board.places.values())) == 3

    def test_the_reference_is_the_best_otherrun_of(self, model: TrainModel) -> None:
        model.board.show_runs([run_of(1, balanced=0.95), run_of(2, balanced=0.99), run_of(3, balanced=0.9, status=Status.FAILED)])
        model.board.select(2)
        assert model.board.reference.number == 1
        model.board.overlay(1, True)
        assert model.board.reference is None

    def test_only_journals_that_are_looked_at_are_read(self, model: TrainModel) -> None:
        model.board.show_runs(
            [run_of(1, balanced=0.95), run_of(2, balanced=0.5), run_of(3), run_of(4, status=Status.FAILED, balanced=None), run_of(5)]
        )
        assert {run.number for run in model.board.needed()} == {5, 1, 4}
        model.board.observe(4, states("failed")[-1])
        assert {run.number for run in model.board.needed()} == {5, 1}


class TestControls:
    def _at(self, model: TrainModel, state: RunState) -> None:
        model.board.show_runs([run_of(1, status=Status.RUNNING, balanced=None)])
        model.board.observe(1, state)

    def test_nothing_can_be_stopped_while_nothing_runs(self, model: TrainModel) -> None:
        assert model.controls.can_start
        assert not model.controls.can_pause
        assert not model.controls.can_stop
        assert not model.controls.can_discard

    def test_a_running_run_can_be_paused_stopped_and_discarded(self, model: TrainModel) -> None:
        self._at(model, until("balanced", StepTrained, count=90))
        controls = model.controls
        assert (controls.can_pause, controls.can_stop, controls.can_discard) == (True, True, True)
        assert (controls.can_start, controls.can_continue) == (False, False)

    def test_a_paused_run_can_be_continued(self, model: TrainModel) -> None:
        self._at(model, msgspec.structs.replace(until("balanced", StepTrained, count=90), status=Status.PAUSED, acknowledged="pause"))
        assert model.controls.can_continue
        assert not model.controls.can_pause

    def test_a_run_told_to_pause_and_at_once_to_go_on_can_be_paused_again(self, model: TrainModel) -> None:
        state = until("balanced", StepTrained, count=90)
        self._at(model, apply(apply(state, Acknowledged(command="pause")), Acknowledged(command="run")))
        assert model.controls.can_pause

    def test_a_run_that_is_stopping_is_left_to_it(self, model: TrainModel) -> None:
        self._at(model, apply(until("balanced", StepTrained, count=90), Acknowledged(command="stop")))
        assert not model.controls.can_pause
        assert not model.controls.can_stop

    def test_a_finished_run_gives_the_start_button_back(self, model: TrainModel) -> None:
        self._at(model, states("quick")[-1])
        assert model.controls.can_start

    def test_there_is_nothing_to_start_without_a_network(self) -> None:
        assert not TrainModel().controls.can_start


class TestAsked:
    def test_what_a_run_was_asked_for_is_shown_before_it_answers(self, model: TrainModel) -> None:
        running = until("balanced", Validated, count=6)
        model.board.show_runs([run_of(7, status=Status.RUNNING)])
        model.hear(7, running)
        model.ask(model.board.runs[0], Command.PAUSE)
        assert not model.controls.can_pause
        assert "Pausing" in model.subject
        model.hear(7, running)
        assert not model.controls.can_pause, "another step is no answer"
        paused = msgspec.structs.replace(running, status=Status.PAUSED)
        model.hear(7, paused)
        assert model.controls.can_continue
        model.ask(model.board.runs[0], Command.RUN)
        assert not model.controls.can_continue
        model.hear(7, running)
        assert model.controls.can_pause
        model.hear(7, paused)
        assert model.controls.can_continue, "an old wish is not asked again"
