"""packaging/starter: views that come again, a training that goes on where it was killed, and a starter that is whole or not there."""

import os
import subprocess
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file

from tlstudio import files
from tlstudio.domain.networks import Preprocessing, WeightsCard

STARTER = Path(__file__).resolve().parents[2] / "packaging" / "starter"
SIZE_PX = 32
ARCHITECTURE = "mobilenetv4_conv_small_035"


@pytest.fixture
def scripts(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """The script's modules, small enough for a test."""
    before = set(sys.modules)
    monkeypatch.syspath_prepend(str(STARTER))
    import distil
    import lessons
    import publish
    import teachers
    import views

    for module in (lessons, distil):
        monkeypatch.setattr(module, "CHUNK", 16)
        monkeypatch.setattr(module, "WINDOW", 2)
    monkeypatch.setattr(distil, "BATCH", 16)
    monkeypatch.setattr(distil, "_CHECKPOINT_EVERY", 2)
    yield {"distil": distil, "lessons": lessons, "publish": publish, "teachers": teachers, "views": views}
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


def _teachers(scripts: dict[str, Any]) -> dict[str, Any]:
    chance = torch.Generator().manual_seed(0)
    card = WeightsCard(hash="0", architecture="eye", name="Eye", preprocessing=Preprocessing(), num_classes=5)
    weight = torch.randn(5, 3, generator=chance)
    return {"eye": scripts["teachers"].Teacher(network=_Eye(), weight=weight, bias=torch.zeros(5), card=card)}


@pytest.fixture
def taught(scripts: dict[str, Any], photographs: Path) -> tuple[dict[str, Any], Any]:
    """Teachers and their lessons."""
    teachers = _teachers(scripts)
    return teachers, scripts["lessons"].Lessons(scripts["views"].load(photographs, size_px=SIZE_PX), teachers)


def _plan(scripts: dict[str, Any]) -> Any:
    return scripts["distil"].Plan(architecture=ARCHITECTURE, size_px=SIZE_PX, num_samples=96)


def test_a_view_is_the_same_every_time_and_another_for_another_number(scripts: dict[str, Any], photographs: Path) -> None:
    views = scripts["views"]
    first, again = (views.load(photographs, size_px=SIZE_PX) for _ in range(2))
    for number in range(13):
        view = first.view(number)
        assert (view.shape, view.dtype) == ((3, SIZE_PX, SIZE_PX), torch.uint8)
        assert torch.equal(view, again.view(number))
    assert len({first.view(number).numpy().tobytes() for number in range(13)}) == 13


def test_views_of_one_photograph_differ_in_colour_and_some_have_none(scripts: dict[str, Any], tmp_path: Path) -> None:
    folder = tmp_path / "one colour"
    folder.mkdir()
    Image.new("RGB", (60, 60), (200, 120, 40)).save(folder / "plain.png")
    photographs = scripts["views"].load(folder, size_px=SIZE_PX)
    colours = {tuple(photographs.view(number)[:, 0, 0].tolist()) for number in range(60)}
    assert (200, 120, 40) in colours
    assert len(colours) > 20
    assert any(max(colour) - min(colour) <= 1 for colour in colours)


def test_lessons_hold_what_the_teacher_answers_to_the_same_view(scripts: dict[str, Any], taught: Any, photographs: Path) -> None:
    teachers, lessons = taught
    lesson = lessons.take(3, torch.tensor([20, 3, 31]))
    pictures = scripts["views"].load(photographs, size_px=SIZE_PX)
    views = torch.stack([pictures.view(3 * 16 + row) for row in (20, 3, 31)])
    assert torch.equal(lesson.images, views)
    assert torch.equal(lesson.answers["eye"], teachers["eye"].features(views))


def test_a_training_studies_every_view_of_its_window_and_moves_on(scripts: dict[str, Any]) -> None:
    plan = _plan(scripts)
    firsts = [plan.lessons(step)[0] for step in range(plan.num_steps)]
    assert firsts == [0, 0, 1, 1, 2, 2]
    assert plan.num_views == 4 * 16
    rows = torch.cat([plan.lessons(step)[1] for step in range(plan.num_steps)])
    assert rows.min() < 16 <= rows.max() < 32
    assert not torch.equal(rows[:16], rows[16:32])


def test_a_training_begins_with_weights_that_are_given(scripts: dict[str, Any], taught: Any, tmp_path: Path) -> None:
    distil = scripts["distil"]
    _publish(scripts, tmp_path / "starter")
    begun = distil.Plan(
        architecture=ARCHITECTURE, size_px=SIZE_PX, num_samples=96, seed=1, begin_with=tmp_path / "starter" / "model.safetensors"
    )
    given, ours = load_file(begun.begin_with), distil.new_student(begun).backbone.state_dict()
    assert all(torch.equal(tensor.float(), ours[name].float()) for name, tensor in given.items())
    assert len(list(distil.learn(begun, *taught, tmp_path / "begun"))) == 3


def test_a_training_killed_on_the_way_ends_with_the_same_student(scripts: dict[str, Any], taught: Any, tmp_path: Path) -> None:
    distil, plan = scripts["distil"], _plan(scripts)
    whole = list(distil.learn(plan, *taught, tmp_path / "whole"))
    assert [step.samples for step in whole] == [32, 64, 96]
    list(islice(distil.learn(plan, *taught, tmp_path / "killed"), 1))
    assert [step.samples for step in distil.learn(plan, *taught, tmp_path / "killed")] == [64, 96]
    ends = [distil.student_of(plan, tmp_path / name / distil.CHECKPOINT).state_dict() for name in ("whole", "killed")]
    assert all(torch.equal(ends[0][name], ends[1][name]) for name in ends[0])


def _publish(scripts: dict[str, Any], out: Path) -> None:
    plan = _plan(scripts)
    student = scripts["distil"].new_student(plan)
    scripts["publish"].publish(student, plan, _teachers(scripts), scores={"flowers5": 0.5}, out=out)


def test_a_fault_at_any_moment_leaves_the_old_starter_or_the_new_one(scripts: dict[str, Any], tmp_path: Path) -> None:
    out = tmp_path / "resources" / "starter"
    _publish(scripts, out)
    (out / "model.safetensors").write_bytes(b"the old one")
    operation = 0
    while True:
        operation += 1
        files.fail_at(operation)
        try:
            _publish(scripts, out)
        except OSError:
            pass
        else:
            break
        finally:
            files.fail_at(None)
        assert (out / "model.safetensors").read_bytes() == b"the old one"
        assert os.listdir(out.parent) == ["starter"]
    assert operation > 10
    assert os.listdir(out.parent) == ["starter"]
    assert load_file(out / "model.safetensors")


def test_a_publication_that_breaks_between_its_last_steps_is_undone_or_mended_by_the_next(
    scripts: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "resources" / "starter"
    _publish(scripts, out)
    replace, tries = os.replace, []

    def break_once(source: Path, target: Path) -> None:
        if Path(target) == out and not tries:
            tries.append(target)
            raise OSError("the disk is gone")
        replace(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", break_once)
        with pytest.raises(OSError, match="the disk is gone"):
            _publish(scripts, out)
    assert os.listdir(out.parent) == ["starter"]
    assert load_file(out / "model.safetensors")
    os.rename(out, out.with_name(".starter-old"))
    _publish(scripts, out)
    assert os.listdir(out.parent) == ["starter"]


def test_without_its_inputs_it_says_which_and_changes_nothing(tmp_path: Path) -> None:
    out, shared = tmp_path / "starter", tmp_path / "nothing here"
    command = [sys.executable, str(STARTER / "make.py"), "--shared", str(shared), "--work", str(tmp_path / "work"), "--out", str(out)]
    ended = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert ended.returncode == 1
    assert "These inputs are missing" in ended.stderr
    assert "natural1000" in ended.stderr
    assert "vit_tiny_patch16_224" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert not out.exists()
