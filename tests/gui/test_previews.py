"""Thumbnails that are gone are made again while one looks; files that changed keep none."""

import shutil
from pathlib import Path

from tests.gui.conftest import Window
from tlstudio import paths
from tlstudio.ui.thumbnails import Wish


def has_picture(window: Window, id: int) -> bool:
    assert window.workspace.dataset is not None
    return window.workspace.thumbnails.get(Wish(window.workspace.dataset.by_id[id].content_hash, 90)) is not None


def test_a_cleared_cache_fills_again(window: Window, insects: Path) -> None:
    shutil.rmtree(paths.cache_dir() / "thumbnails")
    panel = window.open(insects)
    ids = list(panel.grid.state.ids)
    window.until(lambda: all(has_picture(window, id) for id in ids), timeout=30_000)


def test_a_file_that_changed_gets_none_and_nothing_spins(window: Window, insects: Path) -> None:
    shutil.rmtree(paths.cache_dir() / "thumbnails")
    changed = insects.parent / "Insects images" / "ants" / "ants_000.png"
    changed.write_bytes((insects.parent / "Insects images" / "bees" / "bees_001.png").read_bytes())
    panel = window.open(insects)
    first, *others = panel.grid.state.ids
    window.until(lambda: all(has_picture(window, id) for id in others), timeout=30_000)
    window.idle()
    assert not has_picture(window, first)
    window.qtbot.wait(600)
    assert window.workspace.background.is_idle
