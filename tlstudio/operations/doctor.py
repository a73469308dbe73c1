"""What this computer and this installation offer, and what is missing. Reads and tries; loads neither torch nor Qt."""

import importlib.metadata
import os
import platform
import tempfile
from collections.abc import Callable, Iterator
from enum import StrEnum
from pathlib import Path

import msgspec

from tlstudio import __version__, files, paths
from tlstudio.domain.events import Progressed
from tlstudio.domain.journal import JournalLine, decode_line, encode_line
from tlstudio.domain.memory import gigabytes
from tlstudio.errors import BugError, TLStudioError
from tlstudio.messages import Message, message
from tlstudio.operations import devices

NEEDED = ("torch", "torchvision", "timm", "safetensors", "onnx", "onnxruntime", "onnxscript", "numpy", "Pillow", "scikit-learn", "apsw")
_WINDOW = ("PySide6-Essentials", "pyqtgraph")
_LEAST_MEMORY = 4_000_000_000
_LEAST_DISK = 2_000_000_000


class Verdict(StrEnum):
    """GOOD is as it should be; NOTE is worth knowing; BAD keeps something from working."""

    GOOD = "good"
    NOTE = "note"
    BAD = "bad"


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was looked at."""

    id: str
    title: Message
    value: Message
    verdict: Verdict = Verdict.GOOD


class DoctorReport(msgspec.Struct, frozen=True, kw_only=True):
    """All of them."""

    rows: tuple[Row, ...]

    @property
    def is_sound(self) -> bool:
        """Whether nothing is bad."""
        return all(row.verdict is not Verdict.BAD for row in self.rows)


def examine() -> DoctorReport:
    """Look at everything; takes about a second."""
    return DoctorReport(rows=tuple(row for part in _PARTS for row in part()))


def _program() -> Iterator[Row]:
    value = message(
        "doctor.program.value",
        "{version} with Python {python} on {system}",
        version=__version__,
        python=platform.python_version(),
        system=platform.platform(),
    )
    yield Row(id="program", title=message("doctor.program", "TL Studio"), value=value)


def _libraries() -> Iterator[Row]:
    title = message("doctor.libraries", "Libraries")
    found, missing = [], []
    for name in (*NEEDED, *_WINDOW):
        try:
            found.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            missing.append(name)
    yield Row(id="libraries", title=title, value=message("doctor.libraries.value", "{found}", found=", ".join(found)))
    if missing:
        value = message("doctor.libraries.missing", "missing: {names}; install TL Studio again", names=", ".join(missing))
        yield Row(id="libraries", title=title, value=value, verdict=Verdict.BAD)


def _computer() -> Iterator[Row]:
    processor = devices.cpu()
    value = message(
        "doctor.processor.value",
        "{name}, {cores} cores, {memory} GB of memory, {free} GB free",
        name=processor.name,
        cores=os.cpu_count() or 1,
        memory=gigabytes(processor.memory_bytes),
        free=gigabytes(processor.free_bytes),
    )
    enough = Verdict.GOOD if processor.memory_bytes >= _LEAST_MEMORY else Verdict.NOTE
    yield Row(id="processor", title=message("doctor.processor", "Processor"), value=value, verdict=enough)
    title = message("doctor.graphics", "Graphics card")
    cards = devices.graphics_cards()
    if not cards:
        yield Row(
            id="graphics",
            title=title,
            value=message("doctor.graphics.none", "none that can compute; the processor is used"),
            verdict=Verdict.NOTE,
        )
    for card in cards:
        text = "{name}, {memory} GB, {free} GB free, driver {driver}, device {id}"
        if devices.torch_is_for_cpu():
            text += "; not used, because the torch installed here computes on the processor only"
        value = message(
            "doctor.graphics.value",
            text,
            name=card.name,
            memory=gigabytes(card.memory_bytes),
            free=gigabytes(card.free_bytes),
            driver=card.driver,
            id=card.id,
        )
        yield Row(id="graphics", title=title, value=value, verdict=Verdict.NOTE if devices.torch_is_for_cpu() else Verdict.GOOD)


def _folders() -> Iterator[Row]:
    for id, title, folder in (
        ("projects", message("doctor.projects", "Projects"), paths.projects_dir()),
        ("settings", message("doctor.settings", "Settings"), paths.config_dir()),
        ("data", message("doctor.data", "Weights"), paths.weights_dir()),
        ("cache", message("doctor.cache", "Cache"), paths.cache_dir()),
        ("log", message("doctor.log", "Log"), paths.log_dir()),
    ):
        yield _folder(id, title, folder)


def _folder(id: str, title: Message, folder: Path) -> Row:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"x")
        status = os.statvfs(folder) if hasattr(os, "statvfs") else None
    except OSError as error:
        reason = error.strerror or str(error)
        value = message("doctor.folder.bad", "{folder} cannot be written: {reason}", folder=str(folder), reason=reason)
        return Row(id=id, title=title, value=value, verdict=Verdict.BAD)
    if status is None:
        return Row(id=id, title=title, value=message("doctor.folder.plain", "{folder}", folder=str(folder)))
    free = status.f_bavail * status.f_frsize
    value = message("doctor.folder", "{folder}, {free} GB free", folder=str(folder), free=gigabytes(free))
    return Row(id=id, title=title, value=value, verdict=Verdict.GOOD if free >= _LEAST_DISK else Verdict.NOTE)


def _resources() -> Iterator[Row]:
    from tlstudio.zoo import catalogue

    title = message("doctor.catalogue", "Catalogue of networks")
    try:
        loaded = catalogue.load()
    except BugError as error:
        yield Row(id="catalogue", title=title, value=message("doctor.catalogue.bad", "{reason}", reason=str(error)), verdict=Verdict.BAD)
    else:
        text = "{networks} networks, {sets} published sets of weights"
        value = message("doctor.catalogue.value", text, networks=len(loaded.networks), sets=loaded.num_pretrained)
        yield Row(id="catalogue", title=title, value=value)
    here = message("doctor.resource", "here")
    title = message("doctor.sample", "Sample images")
    if (paths.resources() / "sample").is_dir():
        yield Row(id="sample", title=title, value=here)
    else:
        yield Row(id="sample", title=title, value=message("doctor.sample.missing", "not in this installation"), verdict=Verdict.NOTE)
    yield from _starter(here)


def _starter(here: Message) -> Iterator[Row]:
    from tlstudio.zoo.library import STARTER_HINT, Library

    title, problem = message("doctor.starter", "Starter weights"), Library().starter_problem(verify=True)
    if problem is None:
        yield Row(id="starter", title=title, value=here)
    else:
        value = message("doctor.starter.bad", "{problem} {hint}", problem=problem, hint=STARTER_HINT)
        yield Row(id="starter", title=title, value=value, verdict=Verdict.BAD)


def _weights() -> Iterator[Row]:
    from tlstudio.operations.weights import list_weights

    title = message("doctor.weights", "Weights on this computer")
    try:
        cards = list_weights()
    except TLStudioError as error:
        yield Row(id="weights", title=title, value=error.title, verdict=Verdict.BAD)
        return
    names = ", ".join(card.name for card in cards) or "none yet"
    yield Row(
        id="weights",
        title=title,
        value=message("doctor.weights.value", "{names}", names=names),
        verdict=Verdict.GOOD if cards else Verdict.NOTE,
    )


def _network() -> Iterator[Row]:
    offline = os.environ.get("HF_HUB_OFFLINE") == "1"
    value = (
        message("doctor.offline.value", "nothing is sent and nothing is fetched")
        if offline
        else message("doctor.offline.bad", "the offline switch of a library is off")
    )
    yield Row(id="offline", title=message("doctor.offline", "Offline"), value=value, verdict=Verdict.GOOD if offline else Verdict.BAD)


def _self_test() -> Iterator[Row]:
    title = message("doctor.self_test", "Self-test")
    failed = [name for name, test in _SELF_TESTS.items() if not _passes(test)]
    if failed:
        value = message("doctor.self_test.bad", "failed: {names}", names=", ".join(failed))
        yield Row(id="self_test", title=title, value=value, verdict=Verdict.BAD)
    else:
        yield Row(id="self_test", title=title, value=message("doctor.self_test.value", "{names} work", names=", ".join(_SELF_TESTS)))


def _passes(test: Callable[[Path], bool]) -> bool:
    try:
        with tempfile.TemporaryDirectory() as folder:
            return test(Path(folder))
    except (OSError, ValueError):
        return False


def _writes(folder: Path) -> bool:
    files.write_bytes(folder / "a", b"old")
    files.write_bytes(folder / "a", b"new")
    return (folder / "a").read_bytes() == b"new"


def _locks(folder: Path) -> bool:
    first, second = files.FileLock(folder / "lock"), files.FileLock(folder / "lock")
    try:
        return first.acquire() and not second.acquire()
    finally:
        first.release()
        second.release()


def _journals(_folder: Path) -> bool:
    line = JournalLine(seq=1, time=0.0, event=Progressed(done=1))
    return decode_line(encode_line(line).rstrip(b"\n")) == line


_SELF_TESTS: dict[str, Callable[[Path], bool]] = {"safe writing": _writes, "locks": _locks, "journals": _journals}
_PARTS: tuple[Callable[[], Iterator[Row]], ...] = (_program, _libraries, _computer, _folders, _resources, _weights, _network, _self_test)
