"""Images of an export: put together in a hidden folder beside the target, which takes the target's place at the end."""

import itertools
import os
import re
import shutil
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tlstudio import files
from tlstudio.domain.dataset import Dataset
from tlstudio.domain.progress import Progress, Report
from tlstudio.domain.samples import Sample
from tlstudio.messages import message
from tlstudio.operations.label_exports import taken

FORBIDDEN = re.compile(r'[\x00-\x1f<>:"/\\|?*]+')
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d|thumbs\.db|desktop\.ini|__macosx)(\..*)?$", re.IGNORECASE)
_REPORT_EVERY = 50


@contextmanager
def built(target: Path) -> Iterator[Path]:
    """The folder to fill; it becomes `target` when all went well, and is gone otherwise.

    Raises `OSError`, and `TLStudioError` where `target` holds something already.
    """
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise taken(target)
    building = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    building.mkdir()
    try:
        yield building
        if target.exists():
            target.rmdir()
        os.replace(building, target)
    finally:
        shutil.rmtree(building, ignore_errors=True)
    files.sync_folder(target.parent)


def put_images(dataset: Dataset, placed: Sequence[tuple[Sample, str]], folder: Path, *, link: bool, report: Report) -> None:
    """Each image at its path below `folder`. Raises `OSError`."""
    for number, (sample, place) in enumerate(placed, 1):
        _put(dataset.file_of(sample), folder / place, link=link)
        if number % _REPORT_EVERY == 0 or number == len(placed):
            report(Progress(what=message("labels.writing", "Writing images"), done=number, total=len(placed)))


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


def put_text(place: Path, text: str) -> None:
    """A small file that is on the disk when this returns. Raises `OSError`."""
    with open(place, "xb") as written:
        written.write(text.encode())
        written.flush()
        os.fsync(written.fileno())


def file_names(samples: Sequence[Sample]) -> dict[int, str]:
    """A name for each image by id, no two alike without their endings, also where a system does not tell capitals apart."""
    used: set[str] = set()
    names: dict[int, str] = {}
    for sample in samples:
        stem, suffix = os.path.splitext(sample.name)
        free = first_free(folder_name(stem), "", used)
        used.add(free.casefold())
        names[sample.id] = free + FORBIDDEN.sub("", suffix)
    return names


def first_free(stem: str, suffix: str, used: set[str]) -> str:
    """`stem` and `suffix`, with a number between them where that is taken. `used`: names in lower case."""
    names = (f"{stem}{suffix}" if number == 1 else f"{stem} ({number}){suffix}" for number in itertools.count(1))
    return next(name for name in names if name.casefold() not in used)


def folder_name(name: str) -> str:
    """A name that every system takes for a folder and none hides."""
    tidy = " ".join(FORBIDDEN.sub(" ", unicodedata.normalize("NFC", name)).split()).strip(" .")
    return f"{tidy}_" if _RESERVED.match(tidy) else tidy or "_"
