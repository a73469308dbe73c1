"""packaging/starter: views that come again, a training that goes on where it was killed, and a starter that is whole or not there."""

import errno
import os
import signal
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


def _teachers(scripts: dict[str, Any]) -> dict[str, Any]:
    chance = torch.Generator().manual_seed(0)
    card = WeightsCard(hash="0", architecture="eye", name="Eye", preprocessing=Preprocessing(), num_classes=5)
    weight = torch.randn(5, 3, generator=chance)
    return {"eye": scripts["teachers"].Teacher(network=_Eye(), weight=weight, bias=torch.zeros(5), card=card)}


@pytest.fixture
def taught(scripts: dict[str, Any], photographs: Path) -> dict[str, Any]:
    """Teachers and their lessons, as `learn` takes them."""
    teachers = _teachers(scripts)
    lessons = scripts["lessons"].Lessons(scripts["views"].load(photographs, size_px=SIZE_PX), teachers=teachers)
    return {"teachers": teachers, "lessons": lessons}


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
    teachers, lessons = taught["teachers"], taught["lessons"]
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
    assert len(list(distil.learn(begun, **taught, folder=tmp_path / "begun"))) == 3


def test_a_training_killed_on_the_way_ends_with_the_same_student(scripts: dict[str, Any], taught: Any, tmp_path: Path) -> None:
    distil, plan = scripts["distil"], _plan(scripts)
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
    steps = distil.learn(_plan(scripts), **taught, folder=tmp_path / "slow")
    assert next(steps).samples == 16
    assert distil.num_studied(tmp_path / "slow") == 16


@pytest.mark.parametrize("keep", [0, 5, 100_000], ids=["empty", "no header", "cut short"])
def test_a_damaged_state_is_told_with_what_to_do(scripts: dict[str, Any], taught: Any, tmp_path: Path, keep: int) -> None:
    distil, plan = scripts["distil"], _plan(scripts)
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
        return inputs.work_folder(tmp_path, masters=_teachers(scripts), photographs=pictures)

    first = folder()
    assert folder() == first
    source = inputs.inspect.getsource
    for changed in ("views", "lessons", "distil", "teachers"):
        with monkeypatch.context() as patch:
            patch.setattr(inputs.inspect, "getsource", lambda module, changed=changed: source(module) + "#" * (module.__name__ == changed))
            assert folder() != first


def _judgement(scripts: dict[str, Any]) -> Any:
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


def test_the_card_for_people_tells_what_is_known_and_nothing_else(
    scripts: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cards, given = scripts["cards"], tmp_path / "first.safetensors"
    given.write_bytes(b"weights")

    def text(begin_with: Path | None) -> str:
        plan = scripts["distil"].Plan(architecture=ARCHITECTURE, size_px=SIZE_PX, num_samples=96, begin_with=begin_with)
        card = cards.card_for_the_program(b"", plan=plan, teachers=_teachers(scripts))
        return f"{card.name} {card.source} " + cards.card_for_people(
            5_000_000, plan=plan, teachers=_teachers(scripts), judged=_judgement(scripts)
        )

    begun_random, begun_other = text(None), text(given)
    for words in (
        f"Starter ({ARCHITECTURE})",
        "1,234 photographs",
        "| 1,670 | 0.500 |",
        "0.625",
        "0.250",
        "0.875 (`eye`)",
        "0.58",
        "0.151 of",
    ):
        assert words in begun_random
    assert "--begin-with" not in begun_random
    assert "nothing more is known" in begun_other
    earlier = cards.EarlierStarter(commit="abc1234", num_samples=1_000, num_views=500, rule="of one colour")
    monkeypatch.setitem(cards.EARLIER, cards.blake3(b"weights").hexdigest()[:12], earlier)
    went_on = text(given)
    for words in (
        "its own starter before it",
        "1,096 looks in all",
        "500 views of one colour",
        "git show abc1234:",
        "has not been measured",
    ):
        assert words in went_on


def _publish(scripts: dict[str, Any], out: Path) -> None:
    plan = _plan(scripts)
    student = scripts["distil"].new_student(plan)
    scripts["publish"].publish(
        student, plan, teachers=_teachers(scripts), judged=_judgement(scripts), work=out.parents[1] / "work", out=out
    )


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


def test_a_publication_that_breaks_between_its_last_steps_is_undone(
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


_PUBLISH = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
import cards, publish
from distil import Plan, new_student
out, killed = Path(sys.argv[3]), sys.argv[4]
replace = os.replace

def die(*_arguments, **_named):
    os.kill(os.getpid(), signal.SIGKILL)

def replace_or_die(source, target):
    if killed == "between the renames" and Path(target) == out:
        die()
    replace(source, target)

os.replace = replace_or_die
cards.card_for_people = die if killed == "while writing" else lambda *_arguments, **_named: ""
plan = Plan(architecture="mobilenetv4_conv_small_035", size_px=32, num_samples=96)
publish.publish(new_student(plan), plan, teachers={}, judged=None, work=Path(sys.argv[2]), out=out)
"""


@pytest.mark.parametrize("killed", ["while writing", "between the renames"])
def test_a_kill_while_publishing_leaves_nothing_half_written_and_the_next_start_mends_it(tmp_path: Path, killed: str) -> None:
    work, out = tmp_path / "work", tmp_path / "resources" / "starter"
    out.mkdir(parents=True)
    (out / "model.safetensors").write_bytes(b"the old one")
    ended = subprocess.run([sys.executable, "-c", _PUBLISH, str(STARTER), str(work), str(out), killed], stdin=subprocess.DEVNULL)
    assert ended.returncode == -signal.SIGKILL
    assert os.listdir(out.parent) == (["starter"] if killed == "while writing" else [])
    assert any(path.name == "model.safetensors" for path in work.rglob("*")), "it died in the middle"
    told = _make(tmp_path / "nothing here", work, out)
    assert "These inputs are missing" in told
    assert (out / "model.safetensors").read_bytes() == b"the old one"
    assert os.listdir(out.parent) == ["starter"]
    assert not any(path.is_file() for path in work.rglob("*"))


def _make(shared: Path, work: Path, out: Path) -> str:
    """What the script says when it is refused."""
    command = [sys.executable, str(STARTER / "make.py"), "--shared", str(shared), "--work", str(work), "--out", str(out)]
    ended = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert ended.returncode == 1
    assert "Traceback" not in ended.stderr
    return ended.stderr


def test_without_its_inputs_it_says_which_and_changes_nothing(tmp_path: Path) -> None:
    out = tmp_path / "starter"
    told = _make(tmp_path / "nothing here", tmp_path / "work", out)
    for words in ("These inputs are missing", "natural1000", "vit_tiny_patch16_224"):
        assert words in told
    assert not out.exists()


@pytest.fixture
def hollow(scripts: dict[str, Any], tmp_path: Path) -> Path:
    """A folder where every input has its name, and nothing is in them."""
    inputs = scripts["inputs"]
    for name in ("natural1000", *inputs.SETS):
        (tmp_path / "shared" / "data" / name).mkdir(parents=True)
    for spec in scripts["teachers"].TEACHERS.values():
        (tmp_path / "shared" / "weights" / spec.file).mkdir(parents=True)
    return tmp_path / "shared"


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--architecture", "mobilenetv4_smal"), "no network called mobilenetv4_smal"),
        (("--architecture", "resnet18"), "at most 6,000,000 may ship"),
        (("--samples", "3"), "--samples must be at least"),
        (("--out", "{here}/a file/starter"), "a file"),
        (("--begin-with", "{here}/nothing.safetensors"), "nothing.safetensors"),
        ((), "vit_tiny_patch16_224"),
    ],
    ids=["misspelt", "too large", "too few", "unwritable", "no beginning", "no teacher"],
)
def test_what_cannot_work_is_refused_at_the_start_in_a_clear_word(
    scripts: dict[str, Any],
    hollow: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    options: tuple[str, ...],
    says: str,
) -> None:
    (tmp_path / "a file").write_text("in the way")
    usual = ("--shared", str(hollow), "--work", str(tmp_path / "work"), "--out", str(tmp_path / "resources" / "starter"))
    monkeypatch.setattr(sys, "argv", ["make.py", *usual, *(option.format(here=tmp_path) for option in options)])
    with pytest.raises(SystemExit) as ended:
        scripts["make"].main()
    assert says in f"{ended.value.code} {capsys.readouterr().err}"
    assert not (tmp_path / "resources" / "starter").exists()


def test_a_full_disk_is_told_with_its_place(scripts: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=f"no room left on the disk of {tmp_path}: make room first"), _clear_words(scripts, tmp_path):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _clear_words(scripts: dict[str, Any], work: Path) -> Any:
    return scripts["inputs"].clear_words(work=work, kept="The starter is as it was.")


def test_a_set_without_images_is_named(scripts: dict[str, Any], hollow: Path) -> None:
    with pytest.raises(ValueError, match="hymenoptera holds no images"):
        scripts["probe"].load_sets(Preprocessing(), hollow / "data")
