"""Thumbnails that are gone are made again while one looks; files that changed keep none."""

import shutil
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.gui.conftest import Window
from tlstudio import paths
from tlstudio.datasets.thumbnails import ThumbnailStore
from tlstudio.domain.progress import Stop
from tlstudio.domain.samples import Sample
from tlstudio.operations import thumbnails
from tlstudio.project.project import Project
from tlstudio.ui.thumbnails import Wish


def has_picture(window: Window, id: int) -> bool:
    assert window.workspace.dataset is not None
    return window.workspace.thumbnails.get(Wish(window.workspace.dataset.by_id[id].content_hash, 90)) is not None


def test_a_cleared_cache_fills_again(window: Window, insects: Path) -> None:
    shutil.rmtree(paths.cache_dir() / "thumbnails")
    panel = window.open(insects)
    ids = list(panel.grid.state.ids)
    window.until(lambda: all(has_picture(window, id) for id in ids))


def test_a_file_that_changed_gets_none_and_nothing_spins(window: Window, insects: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[int] = []
    really = thumbnails.make_missing

    def make_missing(project: Project, store: ThumbnailStore, samples: Iterable[Sample], *, stop: Stop) -> int:
        wanted = list(samples)
        tried.extend(sample.id for sample in wanted)
        return really(project, store, wanted, stop=stop)

    monkeypatch.setattr(thumbnails, "make_missing", make_missing)
    shutil.rmtree(paths.cache_dir() / "thumbnails")
    changed = insects.parent / "Insects images" / "ants" / "ants_000.png"
    changed.write_bytes((insects.parent / "Insects images" / "bees" / "bees_001.png").read_bytes())
    panel = window.open(insects)
    first, *others = panel.grid.state.ids
    window.until(lambda: all(has_picture(window, id) for id in others))
    window.idle()
    assert not has_picture(window, first)
    window.qtbot.wait(600)
    window.idle()
    assert sorted(tried) == sorted([first, *others]), "each was tried once"
