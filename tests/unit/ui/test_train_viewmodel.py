"""The Train panel's state, fed with recorded journals and without a window."""

import msgspec
import pytest

from tests.journals import states, until
from tlstudio.domain.dataset import Dataset
from tlstudio.domain.events import (
    Acknowledged,
    BackboneUnfrozen,
    DeviceLooked,
    Failed,
    HeadSolved,
    PlanFixed,
    Progressed,
    Resumed,
    RolledBack,
    StepTrained,
    Summary,
    Validated,
)
from tlstudio.domain.jobs import Command
from tlstudio.domain.networks import Preprocessing, WeightsCard
from tlstudio.domain.recipe import RECIPES, NetworkPart
from tlstudio.domain.run_state import RunState, Status, apply
from tlstudio.domain.runs import Run
from tlstudio.domain.samples import Class, Sample, SampleState
from tlstudio.domain.splits import Split, SplitPlan
from tlstudio.messages import message
from tlstudio.ui.train.curve_kinds import beside, curve_kinds
from tlstudio.ui.train.curve_sources import Feed, Points
from tlstudio.ui.train.run_curves import Clock, across_of, clock_of, marks_of
from tlstudio.ui.train.run_rows import clock, run_row
from tlstudio.ui.train.status_words import busy_words, seconds_left
from tlstudio.ui.train.viewmodel import TrainModel

NETWORK = NetworkPart(architecture="resnet18", weights="ab" * 32)
CARD = WeightsCard(hash="ab" * 32, architecture="resnet18", name="ResNet-18 (a1)", preprocessing=Preprocessing(), num_classes=1000)


def _run(number: int, *, status: Status = Status.FINISHED, balanced: float | None = 0.9, recipe: str = "quick") -> Run:
    summary = None
    if balanced is not None:
        summary = Summary(accuracy=balanced, balanced_accuracy=balanced, loss=0.25, best_step=0, seconds=52.0, checkpoint="c")
    built = RECIPES[recipe].build(NETWORK)
    return Run(number=number, recipe=built, weights_name=CARD.name, created_at=0.0, status=status, summary=summary)


def _dataset(num_train: int = 843) -> Dataset:
    def sample(id: int, split: Split) -> Sample:
        return Sample(
            id=id, root=1, path=f"{id}.png", content_hash="", width_px=1, height_px=1, format="PNG",
            state=SampleState.READY, class_id="a", split=split,
        )  # fmt: skip

    samples = tuple(sample(id, Split.TRAIN) for id in range(num_train))
    return Dataset(samples=samples, classes=(Class(id="a", name="ants", position=0),), roots=(), plan=SplitPlan())


@pytest.fixture
def model() -> TrainModel:
    result = TrainModel()
    result.dataset = _dataset()
    result.choice.cards = (CARD,)
    result.choice.choose_network(NETWORK)
    return result


class TestRecipe:
    def test_the_first_recipe_is_the_one_that_takes_seconds(self, model: TrainModel) -> None:
        assert model.choice.recipe == RECIPES["quick"].build(NETWORK)

    def test_a_setting_changes_the_recipe_that_would_be_trained(self, model: TrainModel) -> None:
        model.choice.choose_recipe("balanced")
        model.choice.change("epochs", 30)
        assert model.choice.recipe.finetune.epochs == 30
        assert model.choice.num_changed == 1

    def test_a_setting_changed_by_hand_stays_when_another_recipe_is_chosen(self, model: TrainModel) -> None:
        model.choice.change("seed", 7)
        model.choice.choose_recipe("balanced")
        model.choice.change("epochs", 30)
        model.choice.choose_recipe("quick")
        assert model.choice.recipe.seed == 7
        assert model.choice.num_changed == 1

    def test_a_value_that_is_the_recipes_own_counts_as_no_change(self, model: TrainModel) -> None:
        model.choice.change("seed", 7)
        model.choice.change("seed", 0)
        assert model.choice.num_changed == 0
        model.choice.change("input_size_px", 128)
        model.choice.change("input_size_px", None)
        assert model.choice.num_changed == 0

    def test_a_refused_value_leaves_the_recipe_alone(self, model: TrainModel) -> None:
        model.choice.change("seed", 7)
        with pytest.raises(ValueError, match="seed"):
            model.choice.change("seed", -1)
        assert model.choice.recipe.seed == 7

    def test_reset_takes_back_every_change(self, model: TrainModel) -> None:
        model.choice.change("seed", 7)
        model.choice.reset()
        assert model.choice.recipe == RECIPES["quick"].build(NETWORK)

    def test_an_input_size_does_not_go_over_to_another_network(self, model: TrainModel) -> None:
        model.choice.change("input_size_px", 384)
        model.choice.choose_network(NetworkPart(architecture="resnet50"))
        assert model.choice.recipe.network.input_size_px is None

    def test_random_weights_are_known_as_such(self, model: TrainModel) -> None:
        assert not model.choice.has_random_weights
        assert model.choice.network_name == "ResNet-18 (a1)"
        model.choice.choose_network(NetworkPart(architecture="resnet50"))
        assert model.choice.has_random_weights
        assert model.choice.network_name == "resnet50"


class TestRuns:
    def test_the_newest_run_is_selected_and_a_new_one_takes_over(self, model: TrainModel) -> None:
        model.board.show_runs([_run(1), _run(2)])
        assert model.board.selected == 2
        model.board.select(1)
        model.board.show_runs([_run(1), _run(2)])
        assert model.board.selected == 1
        model.board.show_runs([_run(1), _run(2), _run(3, status=Status.WAITING, balanced=None)])
        assert model.board.selected == 3

    def test_a_removed_run_is_forgotten(self, model: TrainModel) -> None:
        model.board.show_runs([_run(1), _run(2)])
        model.board.overlay(2, True)
        model.board.observe(2, states("quick")[-1])
        model.board.show_runs([_run(1)])
        assert (model.board.selected, model.board.overlaid, model.board.states) == (1, [], {})

    def test_at_most_four_runs_lie_beside_the_selected_one(self, model: TrainModel) -> None:
        model.board.show_runs([_run(number) for number in range(1, 8)])
        for number in range(1, 7):
            model.board.overlay(number, True)
        assert model.board.overlaid == [3, 4, 5, 6]
        model.board.overlay(4, False)
        assert model.board.overlaid == [3, 5, 6]

    def test_a_ticked_run_keeps_its_colour_while_others_come_and_go(self, model: TrainModel) -> None:
        board = model.board
        board.show_runs([_run(number) for number in range(1, 8)])
        for number in (1, 2, 5):
            board.overlay(number, True)
        before = dict(board.places)
        assert len(set(before.values())) == 3
        board.overlay(1, False)
        board.overlay(7, True)
        assert {number: board.places[number] for number in (2, 5)} == {number: before[number] for number in (2, 5)}
        assert len(set(board.places.values())) == 3

    def test_the_reference_is_the_best_other_run(self, model: TrainModel) -> None:
        model.board.show_runs([_run(1, balanced=0.95), _run(2, balanced=0.99), _run(3, balanced=0.9, status=Status.FAILED)])
        model.board.select(2)
        assert model.board.reference.number == 1
        model.board.overlay(1, True)
        assert model.board.reference is None

    def test_only_journals_that_are_looked_at_are_read(self, model: TrainModel) -> None:
        model.board.show_runs(
            [_run(1, balanced=0.95), _run(2, balanced=0.5), _run(3), _run(4, status=Status.FAILED, balanced=None), _run(5)]
        )
        assert {run.number for run in model.board.needed()} == {5, 1, 4}
        model.board.observe(4, states("failed")[-1])
        assert {run.number for run in model.board.needed()} == {5, 1}


class TestControls:
    def _at(self, model: TrainModel, state: RunState) -> None:
        model.board.show_runs([_run(1, status=Status.RUNNING, balanced=None)])
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


class TestWords:
    def test_before_a_start_it_says_what_would_be_trained_and_guesses_no_time(self, model: TrainModel) -> None:
        assert model.subject == "843 training images · ResNet-18 (a1)"

    def test_a_time_is_said_only_when_the_same_training_was_done_before(self, model: TrainModel) -> None:
        model.board.show_runs([_run(5)])
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

    def test_a_paused_run_says_no_rate(self) -> None:
        state = msgspec.structs.replace(until("balanced", Validated, count=6), status=Status.PAUSED)
        assert busy_words(state) == "Paused in epoch 5 of 14 · CPU, 2 threads"

    def test_a_row_says_how_a_run_ended(self) -> None:
        row = run_row(_run(7), states("balanced")[-1])
        assert (row.title, row.model, row.recipe) == ("Run 7", "ResNet-18 (a1)", "Quick")
        assert (row.balanced_text, row.loss_text, row.time_text) == ("98.2 %", "0.082", "0:47")
        assert row.state == "Done, stopped early: validation no longer improved"
        assert row.tone == "good"

    def test_a_failed_row_says_why(self) -> None:
        row = run_row(_run(3, status=Status.FAILED, balanced=None), states("failed")[-1])
        assert row.state == "Failed: Not enough memory: it needs 26 GB and 24 GB are free."
        assert (row.tone, row.balanced_text, row.loss_text) == ("bad", "–", "–")

    def test_a_failed_row_has_no_figures_although_it_was_judged(self) -> None:
        state = apply(until("balanced", Validated, count=6), Failed(title=message("x", "Oh."), hint=message("y", "Try.")))
        row = run_row(_run(3, status=Status.FAILED, balanced=None), state)
        assert (row.balanced_text, row.loss_text) == ("–", "–")

    def test_a_running_row_shows_its_best_so_far(self) -> None:
        row = run_row(_run(1, status=Status.RUNNING, balanced=None), until("balanced", Validated, count=6))
        assert row.balanced_text == "97.0 %"
        assert row.state == "Running 35 %"

    def test_random_weights_are_named_in_the_table(self) -> None:
        run = msgspec.structs.replace(_run(1), weights_name="")
        assert run_row(run, None).model == "resnet18 (random weights)"

    def test_a_clock(self) -> None:
        assert [clock(s) for s in (4.4, 52, 171, 3727)] == ["0:04", "0:52", "2:51", "1:02:07"]


def feed_of(kind: str, line: str) -> Feed:
    return Feed(next(item.source for item in curve_kinds()[kind].lines if item.spec.id == line))


def news(feed: Feed, state: RunState) -> tuple[bool, Points]:
    return feed.news(state, across_of(state))


def whole(kind: str, line: str, state: RunState) -> Points:
    return news(feed_of(kind, line), state)[1]


class TestCurves:
    def test_points_arrive_bit_by_bit_and_add_up_to_the_whole(self) -> None:
        feed, xs, ys = feed_of("loss", "training"), [], []
        for state in states("balanced"):
            is_whole, points = news(feed, state)
            if is_whole:
                xs, ys = [], []
            xs += points.xs
            ys += points.ys
        found = whole("loss", "training", states("balanced")[-1])
        assert (xs, ys) == (found.xs, found.ys)
        assert len(xs) == 60 + 88
        assert xs == sorted(xs)

    def test_while_steps_come_nothing_is_sent_twice(self) -> None:
        feed = feed_of("loss", "training")
        news(feed, until("balanced", StepTrained, count=70))
        is_whole, points = news(feed, until("balanced", StepTrained, count=73))
        assert not is_whole
        assert len(points.xs) == 3

    def test_the_head_lies_left_of_where_the_backbone_was_unfrozen(self) -> None:
        state = until("balanced", StepTrained, count=80)
        across, points = across_of(state), whole("loss", "training", state)
        assert [(mark.x, mark.text) for mark in marks_of(state, across)] == [(0.0, "backbone unfrozen")]
        assert across.low < points.xs[0] < 0
        assert max(x for x in points.xs[:60]) == 0.0
        assert points.xs[-1] == pytest.approx(20 / 8)
        assert across.high == 14

    def test_what_penalties_were_tried_is_no_course_of_validation(self) -> None:
        assert not whole("loss", "validation", until("balanced", HeadSolved)).xs
        tuned = states("balanced")[-1]
        assert min(whole("loss", "validation", tuned).xs) >= 0.0

    def test_a_head_alone_is_drawn_over_the_steps_of_its_solver(self) -> None:
        state = states("quick")[-1]
        across = across_of(state)
        assert (across.low, across.high) == (0.0, 60.0)
        assert whole("loss", "training", state).xs[-1] == 60.0
        balanced = whole("balanced", "validation", state)
        assert (balanced.xs, balanced.ys) == ([60.0], [0.9594])
        loss = whole("loss", "validation", state)
        assert (loss.xs, loss.ys) == ([60.0], [0.117]), "the head that is kept"
        assert marks_of(state, across) == []
        assert across.words(12) == "Step 12 of the solver"

    def test_after_a_resume_points_that_were_taken_back_are_gone(self) -> None:
        feed = feed_of("loss", "training")
        before = until("balanced", StepTrained, count=100)
        news(feed, before)
        after = apply(before, Resumed(attempt=2, from_step=30))
        after = apply(after, BackboneUnfrozen(step=30, num_stages=2, num_trainable=5))
        after = apply(after, StepTrained(step=31, epoch=4, loss=0.5))
        is_whole, points = news(feed, after)
        assert is_whole
        assert points.xs[-1] == pytest.approx(31 / 8)
        assert points.ys[-1] == 0.5
        assert [(mark.x, mark.text) for mark in marks_of(after, across_of(after))] == [(0.0, "backbone unfrozen"), (30 / 8, "continued")]
        assert len(points.xs) == 60 + 31

    def test_every_unfreezing_and_every_way_back_is_marked_where_it_was(self) -> None:
        state = until("balanced", StepTrained, count=80)
        for event in (
            BackboneUnfrozen(step=24, num_stages=4, num_trainable=9),
            StepTrained(step=26, epoch=3, loss=0.5),
            RolledBack(step=30, to_step=16, share=0.5),
            StepTrained(step=17, epoch=2, loss=0.4),
            BackboneUnfrozen(step=24, num_stages=4, num_trainable=9),
            StepTrained(step=25, epoch=3, loss=0.4),
        ):
            state = apply(state, event)
        marks = marks_of(state, across_of(state))
        assert [(mark.x, mark.text) for mark in marks] == [(0.0, "backbone unfrozen"), (2.0, "went back"), (3.0, "4 stages")]
        assert whole("loss", "training", state).xs[-3:] == [2.0, 17 / 8, 25 / 8]

    def test_a_way_back_is_drawn_anew_however_many_steps_came_since(self) -> None:
        feed = feed_of("loss", "training")
        state = until("balanced", StepTrained, count=80)
        news(feed, state)
        state = apply(state, RolledBack(step=20, to_step=16, share=0.5))
        for step in range(17, 40):
            state = apply(state, StepTrained(step=step, epoch=2, loss=0.1))
        is_whole, points = news(feed, state)
        assert is_whole
        assert points.xs == sorted(points.xs)

    def test_a_loss_that_is_not_a_number_is_no_point(self) -> None:
        state = apply(until("balanced", StepTrained, count=70), StepTrained(step=11, epoch=2, loss=None))
        assert len(whole("loss", "training", state).xs) == 70
        for loss in (float("nan"), float("inf"), -float("inf")):
            state = apply(state, StepTrained(step=12, epoch=2, loss=loss))
        assert len(whole("loss", "training", state).xs) == 70

    def test_a_run_offers_what_it_has_values_for(self) -> None:
        def told(state: RunState) -> list[str]:
            return [kind.id for kind in curve_kinds().values() if kind.is_told(state)]

        state = until("balanced", StepTrained, count=80)
        before = told(state)
        assert {"gradient", "waiting", "load", "memory", "heat"}.isdisjoint(before)
        assert told(states("quick")[-1]) == ["loss", "balanced", "accuracy"]
        state = apply(state, StepTrained(step=21, epoch=2, loss=0.1, gradient_norm=2.5, waiting=0.0))
        state = apply(state, DeviceLooked(seconds=2.0, processor=0.5, memory_bytes=2**30))
        assert set(told(state)) - set(before) == {"gradient", "waiting", "load", "memory"}
        assert whole("memory", "memory", state).ys == [1.0]

    def test_the_machine_is_watched_over_working_time(self) -> None:
        state, feed = until("balanced", StepTrained, count=80), feed_of("load", "processor")
        for number in range(3):
            state = apply(state, DeviceLooked(seconds=2.0 * number, processor=0.5))
        assert news(feed, state)[1].xs == [0.0, 2.0, 4.0]
        state = apply(state, Resumed(attempt=2, from_step=0))
        state = apply(state, DeviceLooked(seconds=6.0, processor=0.9))
        assert news(feed, state) == (False, Points([6.0], [0.9]))
        assert clock_of(state).high == 6.0
        assert clock_of(state).words(4.0) == "After 0:04"
        assert [word for _x, word in Clock(3700.0).ticks(300)] == ["0:00", "15:00", "30:00", "45:00", "1:00:00"]

    def test_places_are_named(self) -> None:
        across = across_of(until("balanced", BackboneUnfrozen))
        assert across.words(3.0) == "Epoch 3"
        assert across.words(across.low / 2) == "New head, step 30"
        assert [word for _x, word in across.ticks(350)] == ["head", "0", "2", "4", "6", "8", "10", "12", "14"]
        assert [word for _x, word in across.ticks(150)] == ["0", "5", "10"]

    def test_two_fine_tunings_lie_on_each_other_and_a_head_is_a_level(self) -> None:
        tuned, head = states("balanced")[-1], states("quick")[-1]
        loss, balanced, rate = (curve_kinds()[id] for id in ("loss", "balanced", "rate"))
        along = beside(balanced, tuned, across_of(tuned))
        assert (along.xs[-1], along.ys[-1]) == (11.0, 0.9801)
        level = beside(balanced, head, across_of(tuned))
        assert level.ys == [0.9594, 0.9594]
        assert level.xs == [across_of(tuned).low, 14.0]
        assert beside(loss, tuned, across_of(head)).ys == [0.082, 0.082]
        assert beside(rate, head, across_of(tuned)).xs == [], "a head that was solved has no learning rate"
        assert len(beside(rate, tuned, across_of(tuned)).xs) == 88

    def test_before_the_plan_is_known_there_is_nothing_to_draw(self) -> None:
        state = until("balanced", PlanFixed)
        assert not whole("loss", "training", state).xs
        assert not whole("loss", "validation", state).xs


@pytest.mark.parametrize(
    ("changes", "words", "tip"),
    [
        ({}, "Balanced", ""),
        ({"seed": 3}, "Balanced", ""),
        ({"epochs": 30}, "Balanced, changed", "Epochs: 30"),
        ({"lora_rank": 8, "head_kind": "mlp"}, "Balanced · LoRA, two layers head", "LoRA rank: 8\nHead: two layers"),
    ],
)
def test_the_row_of_a_run_says_what_was_changed(model: TrainModel, changes: dict[str, object], words: str, tip: str) -> None:
    model.choice.choose_recipe("balanced")
    for id, value in changes.items():
        model.choice.change(id, value)
    row = run_row(msgspec.structs.replace(_run(1), recipe=model.choice.recipe), None)
    assert (row.recipe, row.changed) == (words, tip)


class TestAsked:
    def test_what_a_run_was_asked_for_is_shown_before_it_answers(self, model: TrainModel) -> None:
        running = until("balanced", Validated, count=6)
        model.board.show_runs([_run(7, status=Status.RUNNING)])
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
