"""Curves of a recorded run: what is drawn where, bit by bit, and beside another run."""

import msgspec
import pytest

from tests.journals import states, until
from tlstudio.domain.events import BackboneUnfrozen, DeviceLooked, HeadSolved, PlanFixed, Resumed, RolledBack, StepTrained
from tlstudio.domain.run_state import RunState, apply
from tlstudio.ui.train.curve_kinds import beside, curve_kinds
from tlstudio.ui.train.curve_sources import Feed, Points
from tlstudio.ui.train.run_curves import Clock, across_of, clock_of, marks_of


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

    def test_epochs_that_were_ordered_but_never_trained_take_no_room(self) -> None:
        ended, begun = states("balanced")[-1], until("balanced", StepTrained, count=80)
        assert across_of(ended).high == 11, "stopped early, of 14"
        plan = ended.plan
        assert plan is not None
        ordered = msgspec.structs.replace(plan, num_epochs=300, num_steps=300 * 8)
        assert across_of(msgspec.structs.replace(ended, plan=ordered)).high == 11
        assert across_of(msgspec.structs.replace(begun, plan=ordered)).high == 20, "under way it has room for what comes next"

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
        assert level.xs == [across_of(tuned).low, 11.0]
        assert beside(loss, tuned, across_of(head)).ys == [0.082, 0.082]
        assert beside(rate, head, across_of(tuned)).xs == [], "a head that was solved has no learning rate"
        assert len(beside(rate, tuned, across_of(tuned)).xs) == 88

    def test_before_the_plan_is_known_there_is_nothing_to_draw(self) -> None:
        state = until("balanced", PlanFixed)
        assert not whole("loss", "training", state).xs
        assert not whole("loss", "validation", state).xs
