"""Which found files are new, and under which root they are kept: linked where they lie, or copied into the project."""

import filecmp
import itertools
import os
import shutil
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from blake3 import blake3

from tlstudio.datasets.scan import FoundFile
from tlstudio.domain.samples import Root, Sample
from tlstudio.project import layout
from tlstudio.project.project import Project


class Keep(StrEnum):
    """What becomes of the files of an import."""

    LINK = "link"
    """They stay where they are."""
    COPY = "copy"
    MOVE = "move"
    """They go into the project; for a source that is the program's own."""


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A file of the import. `path` is relative to the root of its placement."""

    found: FoundFile
    file: Path
    path: str
    known: Sample | None
    """The sample it is already."""
    is_unchanged: bool
    """Whether it is known and need not be decoded again."""
    is_new_copy: bool = False
    """Whether this import has just put `file` there."""


class Placement:
    """Linked files: samples lie under the source itself, or under a root that holds it already."""

    def __init__(self, project: Project, source: Path, root: Root) -> None:
        self.root = root
        self._source = source
        self._prefix = source.relative_to(root.path).as_posix()
        dataset = project.dataset()
        self._known = {str(dataset.file_of(sample)): sample for sample in dataset.samples}

    def candidate(self, found: FoundFile) -> Candidate:
        """What is to be done with a found file. Raises `OSError` where a copy cannot be made."""
        path = found.path if self._prefix == "." else f"{self._prefix}/{found.path}"
        return self._at(found, self._source / found.path, path)

    def forget(self, candidates: Iterable[Candidate]) -> None:
        """Nothing was put anywhere for them."""

    def _at(self, found: FoundFile, file: Path, path: str) -> Candidate:
        sample = self._known.get(str(file))
        unchanged = sample is not None and is_unchanged(sample, file)
        return Candidate(found=found, file=file, path=path, known=sample, is_unchanged=unchanged)


class CopyingPlacement(Placement):
    """Copied or moved files: `images/<source's name>/…`; a copy that is there is never overwritten."""

    def __init__(self, project: Project, source: Path, root: Root, *, moves: bool) -> None:
        super().__init__(project, Path(root.path) / source.name, root)
        self._from = source
        self._moves = moves

    def candidate(self, found: FoundFile) -> Candidate:
        """Copies first, so that what is decoded is what is kept."""
        target, is_there = _free_place(self._from / found.path, self._source / found.path)
        if not is_there and self._moves:
            target.parent.mkdir(parents=True, exist_ok=True)
            os.replace(self._from / found.path, target)
        elif not is_there:
            copy_whole(self._from / found.path, target)
        candidate = self._at(found, target, target.relative_to(self.root.path).as_posix())
        return candidate if is_there else replace(candidate, is_new_copy=True)

    def forget(self, candidates: Iterable[Candidate]) -> None:
        """Take away what was put there for images that did not come in after all."""
        for candidate in candidates:
            if candidate.is_new_copy and candidate.known is None:
                candidate.file.unlink(missing_ok=True)
                with suppress(OSError):
                    for folder in itertools.takewhile(lambda folder: folder != Path(self.root.path), candidate.file.parents):
                        folder.rmdir()  # raises where something else is in it


def place(project: Project, source: Path, keep: Keep) -> Placement:
    """Where the images of `source` go; the root is made where it is missing."""
    if keep is not Keep.LINK:
        folder = project.folder / layout.IMAGES
        folder.mkdir(mode=0o700, exist_ok=True)
        return CopyingPlacement(project, source, project.add_root(folder, copied=True), moves=keep is Keep.MOVE)
    for root in project.dataset().roots:
        if source.is_relative_to(root.path):
            return Placement(project, source, root)
    return Placement(project, source, project.add_root(source, copied=False))


def is_unchanged(sample: Sample, file: Path) -> bool:
    """Whether the bytes are still those the sample speaks of. A file that could not be decoded is never called unchanged."""
    if not sample.width_px:
        return False
    try:
        return blake3(max_threads=1).update_mmap(file).hexdigest() == sample.content_hash
    except OSError:
        return False


def _free_place(source: Path, target: Path) -> tuple[Path, bool]:
    """A path for the copy, and whether the same bytes are there already."""
    number = 1
    place = target
    while place.exists():
        if filecmp.cmp(source, place, shallow=False):
            return place, True
        number += 1
        place = target.with_name(f"{target.stem} ({number}){target.suffix}")
    return place, False


def copy_whole(source: Path, target: Path) -> None:
    """Copy so that `target` is whole or not there. Raises `OSError`."""
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{os.getpid()}.tmp")
    try:
        shutil.copyfile(source, temporary)
        os.replace(temporary, target)
    finally:
        temporary.unlink(missing_ok=True)
