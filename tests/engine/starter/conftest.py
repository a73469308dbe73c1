"""The scripts in packaging/starter, small enough for a test, with a teacher that looks at mean colours."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from tlstudio.domain.networks import Preprocessing, WeightsCard

STARTER = Path(__file__).resolve().parents[3] / "packaging" / "starter"
SIZE_PX = 32
ARCHITECTURE = "mobilenetv4_conv_small_035"


@pytest.fixture
def scripts(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """The script's modules, small enough for a test."""
    before = set(sys.modules)
    monkeypatch.syspath_prepend(str(STARTER))
    import cards
    import distil
    import inputs
    import lessons
    import make
    import probe
    import publish
    import teachers
    import views

    for module in (lessons, distil):
        monkeypatch.setattr(module, "CHUNK", 16)
        monkeypatch.setattr(module, "WINDOW", 2)
    monkeypatch.setattr(distil, "BATCH", 16)
    monkeypatch.setattr(distil, "_CHECKPOINT_EVERY", 2)
    yield {module.__name__: module for module in (cards, distil, inputs, lessons, make, probe, publish, teachers, views)}
    for name in set(sys.modules) - before:
        if getattr(sys.modules[name], "__file__", None) and str(STARTER) in str(sys.modules[name].__file__):
            del sys.modules[name]


@pytest.fixture
def photographs(tmp_path: Path) -> Path:
    folder = tmp_path / "photographs"
    folder.mkdir()
    random = np.random.default_rng(0)
    for number in range(6):
        Image.fromarray(random.integers(0, 256, (60, 80, 3), np.uint8)).save(folder / f"{number}.png")
    return folder


class _Eye(torch.nn.Module):
    """A teacher's network that looks at mean colours."""

    def features(self, images: torch.Tensor) -> torch.Tensor:
        return images.float().mean((1, 2)) / 255


def teachers_of(scripts: dict[str, Any]) -> dict[str, Any]:
    chance = torch.Generator().manual_seed(0)
    card = WeightsCard(hash="0", architecture="eye", name="Eye", preprocessing=Preprocessing(), num_classes=5)
    weight = torch.randn(5, 3, generator=chance)
    return {"eye": scripts["teachers"].Teacher(network=_Eye(), weight=weight, bias=torch.zeros(5), card=card)}


@pytest.fixture
def taught(scripts: dict[str, Any], photographs: Path) -> dict[str, Any]:
    """Teachers and their lessons, as `learn` takes them."""
    teachers = teachers_of(scripts)
    lessons = scripts["lessons"].Lessons(scripts["views"].load(photographs, size_px=SIZE_PX), teachers=teachers)
    return {"teachers": teachers, "lessons": lessons}


def plan_of(scripts: dict[str, Any]) -> Any:
    return scripts["distil"].Plan(architecture=ARCHITECTURE, size_px=SIZE_PX, num_samples=96)


def judgement_of(scripts: dict[str, Any]) -> Any:
    return scripts["cards"].Judgement(
        scores={"flowers5": 0.5, "neu_det": 0.75},
        num_images={"flowers5": 1_670, "neu_det": 1_800},
        random=0.25,
        teachers={"eye": 0.875},
        time_share=0.151,
        yardstick="`eye` at 224 px",
        sample=0.58,
        random_sample=0.26,
        num_photographs=1_234,
    )


def publish(scripts: dict[str, Any], out: Path) -> None:
    plan = plan_of(scripts)
    student = scripts["distil"].new_student(plan)
    scripts["publish"].publish(
        student, plan, teachers=teachers_of(scripts), judged=judgement_of(scripts), work=out.parents[1] / "work", out=out
    )


def make(shared: Path, work: Path, out: Path) -> str:
    """What the script says when it is refused."""
    command = [sys.executable, str(STARTER / "make.py"), "--shared", str(shared), "--work", str(work), "--out", str(out)]
    ended = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert ended.returncode == 1
    assert "Traceback" not in ended.stderr
    return ended.stderr
