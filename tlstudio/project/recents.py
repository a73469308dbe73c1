"""The projects that were open lately, for the start page; one small file among this user's settings."""

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from tlstudio import files, paths
from tlstudio.domain.dataset import Dataset
from tlstudio.domain.runs import best_run
from tlstudio.log import logger
from tlstudio.project import layout

if TYPE_CHECKING:
    from tlstudio.project.project import Project

log = logger(__name__)

_FILE = "recents.json"
_KEPT = 20
_NUM_THUMBNAILS = 4


class RecentProject(msgspec.Struct, frozen=True, kw_only=True):
    """One card of the start page, as the project was when it was last closed or opened."""

    path: str
    """The project's folder."""
    id: str
    name: str
    opened_at: float
    """Seconds since the epoch."""
    num_images: int = 0
    num_classes: int = 0
    best: float | None = None
    """Balanced accuracy of the best run on validation, 0..1."""
    is_running: bool = False
    """Whether a run was under way."""
    thumbnails: tuple[str, ...] = ()
    """Content hashes of a few images, one a class first, to look up in the project's thumbnails."""


class _Recents(msgspec.Struct, frozen=True, kw_only=True):
    version: int = 1
    projects: tuple[RecentProject, ...] = ()


def load() -> list[RecentProject]:
    """The latest first; only projects that are there now. A damaged file counts as empty."""
    return [item for item in _read().projects if layout.is_project(Path(item.path))]


def card(project: "Project") -> RecentProject:
    """What the start page shows of a project, as of now."""
    dataset, runs = project.dataset(), project.runs()
    best = best_run(runs)
    return RecentProject(
        path=str(project.folder),
        id=project.id,
        name=project.name,
        opened_at=time.time(),
        num_images=len(dataset.ready),
        num_classes=len(dataset.classes),
        best=best.summary.balanced_accuracy if best and best.summary else None,
        is_running=any(run.status.is_under_way for run in runs),
        thumbnails=_thumbnails(dataset),
    )


def _thumbnails(dataset: Dataset) -> tuple[str, ...]:
    """A few images: the first of each class, then further ones."""
    firsts = {sample.class_id: sample.content_hash for sample in reversed(dataset.ready)}
    by_class = [firsts[item.id] for item in dataset.classes if item.id in firsts]
    others = (sample.content_hash for sample in dataset.ready[: 2 * _NUM_THUMBNAILS])
    return tuple(dict.fromkeys([*by_class, *others]))[:_NUM_THUMBNAILS]


def remember(project: RecentProject) -> None:
    """Put a project first. A list that cannot be written is only logged: no work depends on it."""
    _write((project, *(item for item in _read().projects if not _is_same(item.path, project.path))))


def refresh(project: RecentProject) -> None:
    """Bring a project's card up to date where it stands, if it is on the list."""
    before = _read().projects
    if any(_is_same(item.path, project.path) for item in before):
        _write(tuple(_merged(item, project) if _is_same(item.path, project.path) else item for item in before))


def _merged(old: RecentProject, new: RecentProject) -> RecentProject:
    return msgspec.structs.replace(new, opened_at=old.opened_at)


def forget(path: Path) -> None:
    """Take a project off the list; its folder stays."""
    _write(tuple(item for item in _read().projects if not _is_same(item.path, str(path))))


def _is_same(one: str, other: str) -> bool:
    return os.path.normcase(os.path.abspath(one)) == os.path.normcase(os.path.abspath(other))


def _read() -> _Recents:
    file = paths.config_dir() / _FILE
    try:
        return msgspec.json.decode(file.read_bytes(), type=_Recents)
    except FileNotFoundError:
        return _Recents()
    except (OSError, msgspec.DecodeError) as error:
        log.info("the list of recent projects starts afresh, %s: %s", file, error)
        return _Recents()


def _write(projects: tuple[RecentProject, ...]) -> None:
    file = paths.config_dir() / _FILE
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        files.write_json(file, _Recents(projects=projects[:_KEPT]))
    except OSError as error:
        log.info("the list of recent projects could not be saved: %s", error)
