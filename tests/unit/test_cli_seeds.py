"""`tlstudio train --seeds` where every seed comes to the same: refused before anything is queued, in the words of the window."""

from contextlib import closing
from pathlib import Path

import pytest

from tests.recorded import make_project
from tests.unit.domain.test_recipe_chance import GIVEN
from tlstudio.cli import train
from tlstudio.cli.main import main
from tlstudio.operations.projects import open_project


def test_seeds_of_a_solved_head_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "Insects"
    make_project(folder, num_per_class=20).close()
    monkeypatch.setattr(train, "choose_network", lambda *_: GIVEN)
    assert main(["train", str(folder), "--recipe", "quick", "--seeds", "3"]) == 3
    assert "a head that is solved on fixed features leaves nothing to chance" in capsys.readouterr().err
    with closing(open_project(folder)) as project:
        assert project.runs() == []
