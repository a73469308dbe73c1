"""packaging/starter: what is published is whole or not there, and its card tells what is known."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from safetensors.torch import load_file

from tests.engine.starter.conftest import ARCHITECTURE, SIZE_PX, STARTER, judgement_of, make, publish, teachers_of
from tlstudio import files


def test_a_fault_at_any_moment_leaves_the_old_starter_or_the_new_one(scripts: dict[str, Any], tmp_path: Path) -> None:
    out = tmp_path / "resources" / "starter"
    publish(scripts, out)
    (out / "model.safetensors").write_bytes(b"the old one")
    operation = 0
    while True:
        operation += 1
        files.fail_at(operation)
        try:
            publish(scripts, out)
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
    publish(scripts, out)
    replace, tries = os.replace, []

    def break_once(source: Path, target: Path) -> None:
        if Path(target) == out and not tries:
            tries.append(target)
            raise OSError("the disk is gone")
        replace(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", break_once)
        with pytest.raises(OSError, match="the disk is gone"):
            publish(scripts, out)
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
    told = make(tmp_path / "nothing here", work, out)
    assert "These inputs are missing" in told
    assert (out / "model.safetensors").read_bytes() == b"the old one"
    assert os.listdir(out.parent) == ["starter"]
    assert not any(path.is_file() for path in work.rglob("*"))


def test_the_card_for_people_tells_what_is_known_and_nothing_else(
    scripts: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cards, given = scripts["cards"], tmp_path / "first.safetensors"
    given.write_bytes(b"weights")

    def text(begin_with: Path | None) -> str:
        plan = scripts["distil"].Plan(architecture=ARCHITECTURE, size_px=SIZE_PX, num_samples=96, begin_with=begin_with)
        card = cards.card_for_the_program(b"", plan=plan, teachers=teachers_of(scripts))
        return f"{card.name} {card.source} " + cards.card_for_people(
            5_000_000, plan=plan, teachers=teachers_of(scripts), judged=judgement_of(scripts)
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
