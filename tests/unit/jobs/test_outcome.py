"""A job says where it stands in plain words."""

import msgspec
import pytest

from tests.unit.jobs.journals import PLAN, SUMMARY, phase, started, step
from tlstudio.domain import events as ev
from tlstudio.domain.run_state import RunState, Status, apply
from tlstudio.jobs.outcome import words
from tlstudio.messages import message

FAILED = ev.Failed(title=message("x", "The weights {file} are cut short.", file="a.safetensors"), hint=message("y", "Import them again."))

LOOKED = ev.NetworkLooked(name="ViT-Tiny", number=2, total=5, done=312, num_images=1204, share=0.4)
RANKED = ev.NetworkRanked(
    weights="ab",
    architecture="resnet18",
    name="ResNet-18",
    balanced=(0.9, 0.8, 0.9),
    plain=(0.9, 0.8, 0.9),
    penalties=(1.0, 1.0, 0.1),
    num_images=1204,
    num_cached=0,
    images_per_second=100.0,
)


def after(*events: ev.AnyEvent) -> RunState:
    state = RunState()
    for event in events:
        state = apply(state, event)
    return state


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ((), "Waiting to start"),
        ((started(),), "Starting"),
        ((started(), phase("libraries")), "Loading PyTorch"),
        ((started(), phase("load", 843), ev.Progressed(done=120)), "Reading images 120 of 843"),
        ((started(), phase("features", 40), ev.Progressed(done=40)), "Looking at images 40 of 40"),
        ((started(), phase("rank")), "Looking what is known already"),
        ((started(), phase("rank"), LOOKED), "Network 2 of 5, ViT-Tiny: image 312 of 1204"),
        ((started(), phase("rank"), RANKED, ev.Stopped()), "Stopped; the networks that were ranked are kept"),
        ((started(), phase("head")), "Training the new head"),
        ((started(), ev.PlanFixed(plan=PLAN), phase("finetune", 50), step(31)), "Running 62 %"),
        ((started(), phase("finetune", 50), ev.Acknowledged(command="pause")), "Pausing"),
        ((started(), phase("finetune", 50), ev.Acknowledged(command="stop")), "Stopping, the best is kept"),
        ((started(), ev.Paused(step=4)), "Paused"),
        ((started(), ev.Paused(step=4), ev.Continued(step=4), phase("finetune", 50), step(5)), "Running 10 %"),
        ((started(), ev.Finished(summary=SUMMARY)), "Done"),
        ((started(), ev.Finished(summary=SUMMARY, early=True)), "Done, stopped early: validation no longer improved"),
        ((started(), ev.Finished(num_failed=1)), "Done, 1 image could not be read"),
        ((started(), ev.Finished(num_failed=2)), "Done, 2 images could not be read"),
        ((started(), ev.Stopped(summary=SUMMARY)), "Stopped, best kept"),
        ((started(), ev.FileSaved(output="csv", num_bytes=9, hash="0"), ev.Stopped()), "Stopped; the table holds what was done"),
        ((started(), ev.Stopped()), "Stopped before there was anything to keep"),
        ((started(), ev.Cancelled()), "Cancelled"),
        ((started(), FAILED), "Failed: The weights a.safetensors are cut short."),
    ],
)
def test_each_state_has_its_words(events: tuple[ev.AnyEvent, ...], expected: str) -> None:
    assert words(after(*events)).text() == expected


def test_why_it_failed_is_said_in_the_language_of_the_sentence_around_it() -> None:
    assert words(after(started(), FAILED)).words == {"title": FAILED.title}


def test_an_interruption_says_where() -> None:
    state = msgspec.structs.replace(after(started(), phase("finetune", 50), step(17)), status=Status.INTERRUPTED)
    assert words(state).text() == "Interrupted at step 17, can continue"
    assert words(RunState(status=Status.INTERRUPTED)).text() == "Interrupted, can continue"


def test_no_state_is_without_words() -> None:
    assert all(words(RunState(status=status)).text() for status in Status)
