"""Which found files are new, and under which root they are kept: linked where they lie, or copied into the project."""

import filecmp
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from blake3 import blake3

from tlstudio.datasets.scan import FoundFile
from tlstudio.domain.samples import Root, Sample
from tlstudio.project import layout
from tlstudio.project.project import Project


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

    def _at(self, found: FoundFile, file: Path, path: str) -> Candidate:
        sample = self._known.get(str(file))
        unchanged = sample is not None and is_unchanged(sample, file)
        return Candidate(found=found, file=file, path=path, known=sample, is_unchanged=unchanged)


class CopyingPlacement(Placement):
    """Copied files: `images/<source's name>/…`; a copy that is there is never overwritten."""

    def __init__(self, project: Project, source: Path, root: Root) -> None:
        super().__init__(project, Path(root.path) / source.name, root)
        self._from = source

    def candidate(self, found: FoundFile) -> Candidate:
        """Copies first, so that what is decoded is what is kept."""
        target, is_there = _free_place(self._from / found.path, self._source / found.path)
        if not is_there:
            copy_whole(self._from / found.path, target)
        return self._at(found, target, target.relative_to(self.root.path).as_posix())


def place(project: Project, source: Path, *, copy: bool) -> Placement:
    """Where the images of `source` go; the root is made where it is missing."""
    if copy:
        folder = project.folder / layout.IMAGES
        folder.mkdir(mode=0o700, exist_ok=True)
        return CopyingPlacement(project, source, project.add_root(folder, copied=True))
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
