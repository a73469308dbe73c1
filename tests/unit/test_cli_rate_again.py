"""The command that `tlstudio find-rate` ends with trains what was tried, with the rate that was found."""

import shlex
from pathlib import Path

import msgspec
import pytest

from tests.recorded import make_project
from tlstudio.cli import find_rate
from tlstudio.cli.main import main
from tlstudio.domain import events as ev
from tlstudio.domain.recipe import Recipe
from tlstudio.domain.run_state import RunState, Status
from tlstudio.errors import TLStudioError
from tlstudio.jobs.launch import StartedJob
from tlstudio.messages import message
from tlstudio.operations import training
from tlstudio.project.project import Project

_RATE = 2.5e-4
_ASKED = "--recipe thorough --network resnet18 --weights none --seed 5 --device cpu"
_SET = "--set epochs=7 --set learning_rate=3e-3 --set stage_rates=1e-3,7e-4 --set precision=fp32"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    make_project(tmp_path / "Wild bees").close()
    return tmp_path / "Wild bees"


@pytest.fixture
def tried(monkeypatch: pytest.MonkeyPatch) -> list[Recipe]:
    """Recipes that rates were tried on, and then those that were trained."""
    recipes: list[Recipe] = []

    def find(_project: Project, recipe: Recipe) -> StartedJob:
        recipes.append(recipe)
        return StartedJob(number=1, folder=Path(), process=None)  # type: ignore[arg-type]

    def train(_project: Project, recipe: Recipe, **_more: object) -> StartedJob:
        recipes.append(recipe)
        raise TLStudioError(message("test.enough", "Enough."), message("test.enough.hint", "It was only asked for."))

    found = RunState(status=Status.FINISHED, found=ev.RateFound(rate=_RATE))
    monkeypatch.setattr(find_rate, "start_finding", find)
    monkeypatch.setattr(find_rate, "watch", lambda *_arguments, **_more: found)
    monkeypatch.setattr(training, "start_training", train)
    return recipes


@pytest.mark.parametrize("asked", [f"{_ASKED} {_SET}", "--set seed=3 --set device=cpu", ""])
def test_every_option_is_in_it(folder: Path, tried: list[Recipe], capsys: pytest.CaptureFixture[str], asked: str) -> None:
    assert main(["find-rate", str(folder), *shlex.split(asked)]) == 0
    program, *again = shlex.split(capsys.readouterr().out.partition("Train with it: ")[2])
    assert program == "tlstudio"
    assert main(again) == 3
    before, after = tried
    assert before.finetune is not None
    factor = _RATE / before.finetune.learning_rate
    rates = tuple(rate * factor for rate in before.finetune.stage_rates)
    assert after == msgspec.structs.replace(
        before, finetune=msgspec.structs.replace(before.finetune, learning_rate=_RATE, stage_rates=rates)
    )
