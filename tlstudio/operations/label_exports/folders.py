"""Labels as folders: `train/bees/slide_03/img.png`, as most programs read them, this one too."""

import itertools
import os
import re
import shutil
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from tlstudio import files
from tlstudio.domain.dataset import Dataset
from tlstudio.domain.progress import Progress, Report
from tlstudio.domain.samples import Sample
from tlstudio.messages import message
from tlstudio.operations.label_exports import Exported, taken

_FORBIDDEN = re.compile(r'[\x00-\x1f<>:"/\\|?*]+')
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d|thumbs\.db|desktop\.ini|__macosx)(\..*)?$", re.IGNORECASE)
_REPORT_EVERY = 50


class FolderExporter:
    """Copies the images, or makes hard links. Everything is put together in a hidden folder beside the target, renamed at the end."""

    def write(self, dataset: Dataset, target: Path, *, link: bool, report: Report) -> Exported:
        """Images without a class or a split have no folder and are left out."""
        if target.exists() and (not target.is_dir() or any(target.iterdir())):
            raise taken(target)
        plan = _Plan(dataset)
        placed = list(plan.places())
        building = target.with_name(f".{target.name}.{os.getpid()}.tmp")
        building.mkdir()
        try:
            for number, (sample, place) in enumerate(placed, 1):
                _put(dataset.file_of(sample), building / place, link=link)
                if number % _REPORT_EVERY == 0 or number == len(placed):
                    report(Progress(what=message("labels.writing", "Writing images"), done=number, total=len(placed)))
            if target.exists():
                target.rmdir()
            os.replace(building, target)
        finally:
            shutil.rmtree(building, ignore_errors=True)
        files.sync_folder(target.parent)
        return Exported(target=target, num_images=len(placed), num_left_out=len(dataset.ready) - len(placed), renamed=plan.renamed)


class _Plan:
    """Which image goes where, without two in one place, also where a system does not tell capitals apart."""

    def __init__(self, dataset: Dataset) -> None:
        self.renamed: dict[str, str] = {}
        self._dataset = dataset
        self._classes: dict[str, str] = {}
        self._groups: dict[str, str] = {}
        self._taken: set[str] = set()

    def places(self) -> Iterator[tuple[Sample, str]]:
        """Each image with its path inside the target, in the order of their ids."""
        samples = [sample for sample in self._dataset.ready if sample.class_id is not None and sample.split is not None]
        folders = [self._folder_of(sample) for sample in samples]
        for folder in folders:
            parts = folder.split("/")
            self._taken |= {"/".join(parts[:depth]).casefold() for depth in range(1, len(parts) + 1)}
        for sample, folder in zip(samples, folders, strict=True):
            yield sample, self._free(f"{folder}/{_FORBIDDEN.sub(' ', sample.name)}")

    def _folder_of(self, sample: Sample) -> str:
        class_name = self._dataset.class_by_id[sample.class_id or ""].name
        groups = sample.group.split("/") if sample.group else []
        parts = [self._named(class_name, self._classes), *(self._named(group, self._groups) for group in groups)]
        return "/".join((str(sample.split), *parts))

    def _named(self, name: str, folders: dict[str, str]) -> str:
        """A folder of its own for each name; told where it differs from the name."""
        if name not in folders:
            used = {folder.casefold() for folder in folders.values()}
            folders[name] = _first_free(folder_name(name), "", used)
            if folders[name] != name:
                self.renamed[name] = folders[name]
        return folders[name]

    def _free(self, place: str) -> str:
        stem, suffix = os.path.splitext(unicodedata.normalize("NFC", place))
        free = _first_free(stem, suffix, self._taken)
        self._taken.add(free.casefold())
        return free


def _first_free(stem: str, suffix: str, used: set[str]) -> str:
    """`stem` and `suffix`, with a number between them where that is taken. `used`: names in lower case."""
    names = (f"{stem}{suffix}" if number == 1 else f"{stem} ({number}){suffix}" for number in itertools.count(1))
    return next(name for name in names if name.casefold() not in used)


def folder_name(name: str) -> str:
    """A name that every system takes for a folder and none hides."""
    tidy = " ".join(_FORBIDDEN.sub(" ", unicodedata.normalize("NFC", name)).split()).strip(" .")
    return f"{tidy}_" if _RESERVED.match(tidy) else tidy or "_"


def _put(source: Path, place: Path, *, link: bool) -> None:
    """A hard link, or a copy that is on the disk when this returns. Raises `OSError`."""
    place.parent.mkdir(parents=True, exist_ok=True)
    if link:
        os.link(os.path.realpath(source), place)
        return
    with open(source, "rb") as read, open(place, "xb") as written:
        shutil.copyfileobj(read, written)
        written.flush()
        os.fsync(written.fileno())
