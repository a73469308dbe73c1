"""F29, F30, F34: a card or a memory that gives way in the middle is a matter of words and of going on, never of lost work."""

from pathlib import Path

import msgspec
import pytest
import torch
from torch import Tensor

from tests.conftest import MakeImages
from tests.engine.folders import events_of, manifest_of, state_of, write_training
from tests.faults.test_job_kill import result_of
from tlstudio.domain import events as ev
from tlstudio.domain.recipe import FineTunePart, NetworkPart, Recipe
from tlstudio.domain.run_state import RunState, Status, apply
from tlstudio.engine import failures, finetune, worker
from tlstudio.engine.build import Training
from tlstudio.engine.finetune import FineTuning

RECIPE = Recipe(
    name="balanced",
    network=NetworkPart(architecture="test_resnet", input_size_px=64),
    finetune=FineTunePart(epochs=3, batch_size=8, learning_rate=3e-3, patience=0),
    augmentation="light",
    seed=5,
)
OUT_OF_MEMORY = torch.OutOfMemoryError(
    "CUDA out of memory. Tried to allocate 2.50 GiB. GPU 0 has a total capacity of 23.64 GiB of which 812.00 MiB is free. "
    "Including non-PyTorch memory, this process has 22.8 GiB memory in use."
)
ASSERT = RuntimeError("CUDA error: device-side assert triggered\nCUDA kernel errors might be asynchronously reported at some other call.")


@pytest.fixture
def images(make_images: MakeImages) -> Path:
    return make_images({"bars": 20, "discs": 20})


@pytest.fixture(autouse=True)
def told_at_every_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finetune, "_TELL_EVERY_S", 0.0)


class Breaks:
    """The way back fails at one step with an error, once or for more than so many images at a time."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, error: Exception, *, at_step: int, above: int = 0) -> None:
        honest = FineTuning._backward

        def backward(tuning: FineTuning, batch: object) -> Tensor:
            if tuning.step == at_step and tuning.plan.micro_batch > above:
                raise error
            return honest(tuning, batch)  # type: ignore[arg-type]

        monkeypatch.setattr(FineTuning, "_backward", backward)


def trained(images: Path, project: Path) -> Path:
    return write_training(project, RECIPE, manifest_of(images), images=images)


def test_out_of_memory_at_a_step_halves_the_micro_batch_and_comes_to_the_same_result(
    images: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = trained(images, tmp_path / "whole")
    assert worker.run_job(whole) == 0
    Breaks(monkeypatch, OUT_OF_MEMORY, at_step=4, above=2)
    folder = trained(images, tmp_path / "short")
    assert worker.run_job(folder) == 0
    state, expected = state_of(folder), state_of(whole)
    assert state.plan is not None
    assert (state.plan.micro_batch, state.plan.batch_size) == (2, 8)
    assert [warning.text() for warning in state.warnings][-1].startswith(
        "There was not enough memory for 4 images at a time; it goes on with 2"
    )
    assert [item.step for item in state.steps] == [item.step for item in expected.steps]
    assert [item.loss for item in state.steps] == pytest.approx([item.loss for item in expected.steps], rel=0.02, abs=1e-3)


def test_memory_that_does_not_suffice_for_one_image_is_told_with_numbers(
    images: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Breaks(monkeypatch, OUT_OF_MEMORY, at_step=4)
    folder = trained(images, tmp_path / "short")
    assert worker.run_job(folder) == worker.EXIT_FAILED
    failure = state_of(folder).failure
    assert failure is not None
    assert failure.title.text() == "There was not enough memory for this job: 2.5 GB more were needed at once, 812 MB were free."


@pytest.mark.parametrize(
    ("error", "asked"),
    [
        (
            RuntimeError(
                "[enforce fail at alloc_cpu.cpp:127] . DefaultCPUAllocator: can't allocate memory: you tried to allocate 822083584 bytes."
            ),
            "784 MB",
        ),
        (MemoryError("Unable to allocate 3.20 GiB for an array with shape (20, 1000) and data type float32"), "3.2 GB"),
    ],
)
def test_main_memory_that_does_not_suffice_is_told_with_numbers(error: Exception, asked: str) -> None:
    title = failures.of(error).title.text()
    assert f"{asked} more were needed at once, " in title
    assert title.endswith(" were free.")


def test_a_memory_error_without_numbers_is_told_without_them() -> None:
    assert failures.of(MemoryError()).title.text() == "There was not enough memory for this job."


def test_a_card_that_is_lost_ends_the_job_which_goes_on_from_its_checkpoint(
    images: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = trained(images, tmp_path / "whole")
    assert worker.run_job(whole) == 0
    folder = trained(images, tmp_path / "lost")
    with monkeypatch.context() as card:
        Breaks(card, ASSERT, at_step=6)
        assert worker.run_job(folder) == worker.EXIT_FAILED
    state = state_of(folder)
    assert state.failure is not None
    assert state.failure.title.text() == "The graphics card stopped answering (CUDA error: device-side assert triggered)."
    assert "on the processor" in state.failure.hint.text()
    assert state.can_continue
    assert worker.run_job(folder) == 0
    assert any(isinstance(event, ev.Resumed) and event.from_step > 0 for event in events_of(folder))
    assert result_of(folder) == result_of(whole)


def test_a_card_that_is_lost_before_anything_was_saved_lets_the_run_begin_again(
    images: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = trained(images, tmp_path / "lost")
    with monkeypatch.context() as card:
        Breaks(card, ASSERT, at_step=0)
        assert worker.run_job(folder) == worker.EXIT_FAILED
    assert state_of(folder).can_continue
    assert worker.run_job(folder) == 0
    assert state_of(folder).status is Status.FINISHED


def test_a_run_of_a_card_is_known_to_be_one(images: Path, tmp_path: Path) -> None:
    folder = trained(images, tmp_path / "project")
    assert worker.run_job(folder) == 0
    state = state_of(folder)
    assert not state.was_on_card
    assert state.plan is not None
    there: RunState = apply(state, ev.PlanFixed(plan=msgspec.structs.replace(state.plan, device="cuda:0")))
    assert there.was_on_card


def test_a_hung_card_is_given_up_within_ninety_seconds() -> None:
    limit = Training.silence_limit_s.fget  # type: ignore[attr-defined]

    class OnACard:
        device = type("Card", (), {"is_cuda": True})()

    assert limit(OnACard()) <= 85.0
