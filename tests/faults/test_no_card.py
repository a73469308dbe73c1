"""F31: no graphics card, a driver that is too old for it, or a card that is too old: the processor trains, and the run says so."""

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
import torch

from tests.conftest import MakeImages
from tests.engine.folders import manifest_of, state_of, write_training
from tlstudio.domain.recipe import FineTunePart, NetworkPart, Recipe
from tlstudio.domain.run_state import Status
from tlstudio.engine import build, worker
from tlstudio.engine.device import Device
from tlstudio.processor import processor_name

RECIPE = Recipe(
    name="balanced",
    network=NetworkPart(architecture="test_resnet", input_size_px=64),
    finetune=FineTunePart(epochs=1, batch_size=8, patience=0),
    seed=5,
)


def no_card(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch._C, "_cuda_getDeviceCount", lambda: 0, raising=False)


def old_driver(monkeypatch: pytest.MonkeyPatch) -> None:
    def count() -> int:
        warnings.warn("CUDA initialization: The NVIDIA driver on your system is too old (found version 9000).", stacklevel=1)
        return 0

    monkeypatch.setattr(torch._C, "_cuda_getDeviceCount", count, raising=False)


def old_card(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only where the device is chosen: torch itself would look for more of the card."""
    honest = build.choose

    def choose(wanted: str, **how: Any) -> Device:
        with monkeypatch.context() as card:
            card.setattr(torch.cuda, "is_available", lambda: True)
            card.setattr(torch.cuda, "device_count", lambda: 1)
            card.setattr(torch.cuda, "get_device_capability", lambda _index: (5, 2))
            return honest(wanted, **how)

    monkeypatch.setattr(build, "choose", choose)


@pytest.mark.filterwarnings("ignore:CUDA initialization")
@pytest.mark.parametrize(
    ("fault", "reason"),
    [(no_card, "no usable graphics card was found"), (old_driver, "no usable graphics card was found"), (old_card, "the card is too old")],
)
@pytest.mark.parametrize("asked", ["cuda:0", "auto"])
def test_the_processor_trains_and_the_run_says_so(
    make_images: MakeImages,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    fault: Callable[[pytest.MonkeyPatch], None],
    reason: str,
    asked: str,
) -> None:
    images = make_images({"bars": 10, "discs": 10})
    recipe = msgspec.structs.replace(RECIPE, device=asked)
    folder = write_training(tmp_path / "project", recipe, manifest_of(images), images=images)
    fault(monkeypatch)
    assert worker.run_job(folder) == 0
    state = state_of(folder)
    assert state.status is Status.FINISHED
    assert state.plan is not None
    assert (state.plan.device, state.plan.device_name) == ("cpu", processor_name())
    said = [f"cuda:0 cannot be used ({reason}); the processor is used instead."] if asked == "cuda:0" else []
    assert [warning.text() for warning in state.warnings] == said
