"""packaging/starter: views that come again, and a training that goes on where it was killed."""

from itertools import islice
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image
from safetensors.torch import load_file

from tests.engine.starter.conftest import ARCHITECTURE, SIZE_PX, plan_of, publish, teachers_of


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
    teachers, lessons = taught["teachers"], taught["lessons"]
    lesson = lessons.take(3, torch.tensor([20, 3, 31]))
    pictures = scripts["views"].load(photographs, size_px=SIZE_PX)
    views = torch.stack([pictures.view(3 * 16 + row) for row in (20, 3, 31)])
    assert torch.equal(lesson.images, views)
    assert torch.equal(lesson.answers["eye"], teachers["eye"].features(views))


def test_a_training_studies_every_view_of_its_window_and_moves_on(scripts: dict[str, Any]) -> None:
    plan = plan_of(scripts)
    firsts = [plan.lessons(step)[0] for step in range(plan.num_steps)]
    assert firsts == [0, 0, 1, 1, 2, 2]
    assert plan.num_views == 4 * 16
    rows = torch.cat([plan.lessons(step)[1] for step in range(plan.num_steps)])
    assert rows.min() < 16 <= rows.max() < 32
    assert not torch.equal(rows[:16], rows[16:32])


def test_a_training_begins_with_weights_that_are_given(scripts: dict[str, Any], taught: Any, tmp_path: Path) -> None:
    distil = scripts["distil"]
    publish(scripts, tmp_path / "starter")
    begun = distil.Plan(
        architecture=ARCHITECTURE, size_px=SIZE_PX, num_samples=96, seed=1, begin_with=tmp_path / "starter" / "model.safetensors"
    )
    given, ours = load_file(begun.begin_with), distil.new_student(begun).backbone.state_dict()
    assert all(torch.equal(tensor.float(), ours[name].float()) for name, tensor in given.items())
    assert len(list(distil.learn(begun, **taught, folder=tmp_path / "begun"))) == 3


def test_a_training_killed_on_the_way_ends_with_the_same_student(scripts: dict[str, Any], taught: Any, tmp_path: Path) -> None:
    distil, plan = scripts["distil"], plan_of(scripts)
    whole = list(distil.learn(plan, **taught, folder=tmp_path / "whole"))
    assert [step.samples for step in whole] == [32, 64, 96]
    list(islice(distil.learn(plan, **taught, folder=tmp_path / "killed"), 1))
    assert distil.num_studied(tmp_path / "killed") == 32
    assert [step.samples for step in distil.learn(plan, **taught, folder=tmp_path / "killed")] == [64, 96]
    ends = [distil.student_of(plan, tmp_path / name / distil.CHECKPOINT).state_dict() for name in ("whole", "killed")]
    assert all(torch.equal(ends[0][name], ends[1][name]) for name in ends[0])


def test_where_steps_take_long_it_is_saved_by_time(
    scripts: dict[str, Any], taught: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    distil = scripts["distil"]
    monkeypatch.setattr(distil, "_CHECKPOINT_S", 0.0)
    steps = distil.learn(plan_of(scripts), **taught, folder=tmp_path / "slow")
    assert next(steps).samples == 16
    assert distil.num_studied(tmp_path / "slow") == 16


@pytest.mark.parametrize("keep", [0, 5, 100_000], ids=["empty", "no header", "cut short"])
def test_a_damaged_state_is_told_with_what_to_do(scripts: dict[str, Any], taught: Any, tmp_path: Path, keep: int) -> None:
    distil, plan = scripts["distil"], plan_of(scripts)
    list(islice(distil.learn(plan, **taught, folder=tmp_path), 1))
    checkpoint = tmp_path / distil.CHECKPOINT
    checkpoint.write_bytes(checkpoint.read_bytes()[:keep])
    for read in (
        lambda: distil.num_studied(tmp_path),
        lambda: distil.student_of(plan, checkpoint),
        lambda: list(distil.learn(plan, **taught, folder=tmp_path)),
    ):
        with pytest.raises(ValueError, match=r"checkpoint\.safetensors is cut short or damaged .* remove it"):
            read()


def test_other_rules_inputs_or_teachers_work_in_another_folder(
    scripts: dict[str, Any], photographs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inputs, pictures = scripts["inputs"], scripts["views"].load(photographs, size_px=SIZE_PX)

    def folder() -> Path:
        return inputs.work_folder(tmp_path, masters=teachers_of(scripts), photographs=pictures)

    first = folder()
    assert folder() == first
    source = inputs.inspect.getsource
    for changed in ("views", "lessons", "distil", "teachers"):
        with monkeypatch.context() as patch:
            patch.setattr(inputs.inspect, "getsource", lambda module, changed=changed: source(module) + "#" * (module.__name__ == changed))
            assert folder() != first
