"""The throw-away process that opens one PyTorch checkpoint and writes its tensors as safetensors: `python -m tlstudio convert IN OUT`.

Only `torch.load(weights_only=True)` is ever tried, once, with little memory and time (on Windows its parent watches both). An audit hook
forbids other programs, sockets and changes of other files; it stops what is tried through Python, not what native code might do. What it
says on its standard output (`domain.conversion`) and what it wrote are checked by its parent like any other foreign bytes.
"""

import os
import re
import sys
import tarfile
import warnings
import zipfile
from argparse import Namespace
from pathlib import Path
from pickle import UnpicklingError

import msgspec

from tlstudio.domain.conversion import Converted, Reading, Refusal, Refused, Said, Writing
from tlstudio.engine.state_dicts import find_state_dict
from tlstudio.engine.tensor_file import NotWritable, write_tensors

_SPARE_MEMORY_BYTES = 1 << 30
_COPIES = 2
"""The file's bytes in memory: as they are read, and as a tensor that lies in no order is put in order."""
_MAX_GROWTH = 4
"""Tied weights are written once for each name; what grows more than this claims what it does not hold."""
_SPARE_GROWTH_BYTES = 1 << 20
_CPU_LIMIT_S = 180
_BYTES_PER_CPU_S = 4_000_000
_CODE_MODULES = re.compile(r"^(posix|nt|os|sys|subprocess|builtins|__builtin__|shutil|socket|pathlib|runpy|importlib|ctypes|webbrowser)\b")
_GLOBAL = re.compile(r"GLOBAL ([\w.]+)")
_MODELS = re.compile(r"(^|\.)(nn|models?|modules?|networks?|backbones?)(\.|$)|^__main__\.")
_FORBIDDEN = (
    "socket.",
    "subprocess.",
    "os.exec",
    "os.posix_spawn",
    "os.spawn",
    "os.system",
    "os.fork",
    "ctypes.",
    "shutil.",
    "os.remove",
    "os.rename",
    "os.mkdir",
    "os.rmdir",
    "os.symlink",
    "os.link",
    "os.chmod",
    "os.chown",
    "os.truncate",
    "os.utime",
)


class _Shut(Exception):
    """Something that no reading of tensors needs was tried."""


def main(source: Path, target: Path) -> int:
    """Convert `source` into `target`; the exit code is 0 where it said how it went."""
    import torch

    warnings.simplefilter("ignore")  # of what torch thinks of the file; nobody reads them here
    answers = os.dup(1)
    os.dup2(2, 1)  # whatever prints goes to the log
    torch.set_num_threads(1)
    _limit(source.stat().st_size)
    _shut(source, target)
    _say(answers, Reading())
    _say(answers, converted(answers, source, target))
    return 0


def converted(answers: int, source: Path, target: Path) -> Said:
    """Convert without any limit and say how it went; what there is of `target` then is only whole after `Converted`."""
    try:
        refused = _look(source)
        if refused is not None:
            return refused
        found = find_state_dict(_load(source))
        if found is None:
            return Refused(reason=Refusal.NO_TENSORS)
        limit = _MAX_GROWTH * source.stat().st_size + _SPARE_GROWTH_BYTES
        write_tensors(target, found.tensors, limit_bytes=limit, report=lambda done, total: _say(answers, Writing(done=done, total=total)))
        return Converted(entry=found.entry, num_left_out=found.num_left_out)
    except NotWritable as error:
        return Refused(reason=error.reason, what=error.what)
    except MemoryError:
        return Refused(reason=Refusal.MEMORY)
    except OSError as error:
        return Refused(reason=Refusal.DISK, what=error.strerror or type(error).__name__)
    except _Shut as error:
        return Refused(reason=Refusal.CODE, what=str(error))
    except UnpicklingError as error:
        return _of_pickle(str(error))
    except Exception as error:
        # Whatever else a hostile or damaged file made the reader do: it is told to the parent, and no other way is tried.
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        if "alloc" in str(error) and "memory" in str(error):
            return Refused(reason=Refusal.MEMORY)
        return Refused(reason=Refusal.DAMAGED, what=type(error).__name__)


def _load(source: Path) -> object:
    """Everything in the file, on the CPU. `Namespace` is what training scripts keep their arguments in: names and values, no behaviour."""
    import torch

    # An open file, for by its name torch would choose another reader.
    with torch.serialization.safe_globals([Namespace]), open(source, "rb") as file:
        loaded: object = torch.load(file, map_location="cpu", weights_only=True)
    return loaded


def _look(source: Path) -> Refused | None:
    """What the outside of the file already forbids."""
    with open(source, "rb") as file:
        is_archive = file.read(4) == b"PK\x03\x04"
    if is_archive:
        try:
            return _look_into(source)
        except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
            return Refused(reason=Refusal.DAMAGED, what=str(error))
    return Refused(reason=Refusal.OLD_TAR) if tarfile.is_tarfile(source) else None


def _look_into(source: Path) -> Refused | None:
    """PyTorch's archives are stored, never packed, and each byte belongs to one record."""
    with zipfile.ZipFile(source) as archive:
        records = archive.infolist()
    names = [record.filename for record in records]
    if any("/code/" in name or name.endswith("/constants.pkl") for name in names):
        return Refused(reason=Refusal.TORCHSCRIPT)
    if any(name.endswith(("/archive_format", "/models/model.json", "serialized_exported_program.json")) for name in names):
        return Refused(reason=Refusal.EXPORTED)
    if not any(name.endswith("/data.pkl") for name in names):
        return Refused(reason=Refusal.NO_TENSORS)
    is_packed = any(record.compress_type != zipfile.ZIP_STORED for record in records)
    if is_packed or sum(record.file_size for record in records) > source.stat().st_size:
        return Refused(reason=Refusal.BOMB)
    return None


def _of_pickle(words: str) -> Refused:
    """Which of the things that are not read stands in it. The words are PyTorch's own, of the first it met."""
    found = _GLOBAL.search(words)
    name = found.group(1) if found else ""
    if _CODE_MODULES.search(name):
        return Refused(reason=Refusal.CODE, what=name)
    if not name:
        return Refused(reason=Refusal.NOT_PYTORCH)
    return Refused(reason=Refusal.WHOLE_MODEL if _MODELS.search(name) else Refusal.OBJECTS, what=name)


def _limit(size_bytes: int) -> None:
    """What the operating system holds it to, where it can: memory, time, the size of what it writes, no core file."""
    if sys.platform == "win32":
        return  # the parent watches memory and time there
    import resource

    import psutil

    memory = psutil.Process().memory_info().vms + _COPIES * size_bytes + _SPARE_MEMORY_BYTES
    written = _MAX_GROWTH * size_bytes + 2 * _SPARE_GROWTH_BYTES
    limits = {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_AS: memory,
        resource.RLIMIT_FSIZE: written,
        resource.RLIMIT_CPU: _CPU_LIMIT_S + size_bytes // _BYTES_PER_CPU_S,
    }
    for kind, limit in limits.items():
        _, hard = resource.getrlimit(kind)
        limit = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
        try:
            resource.setrlimit(kind, (limit, limit))
        except (ValueError, OSError):
            continue  # macOS knows the name of one but not the limit


def _shut(source: Path, target: Path) -> None:
    """From here on no other program, no socket, and no file is written but the one that was asked for."""
    allowed = {os.fsencode(source), os.fsencode(target)}

    def watch(event: str, arguments: tuple[object, ...]) -> None:
        if event.startswith(_FORBIDDEN):
            raise _Shut(event)
        if (
            event == "open"
            and isinstance(arguments[0], str | bytes | os.PathLike)
            and os.fsencode(arguments[0]) not in allowed
            and _writes(arguments)
        ):
            raise _Shut("open")

    sys.addaudithook(watch)


def _writes(arguments: tuple[object, ...]) -> bool:
    _path, mode, flags = arguments
    by_mode = isinstance(mode, str) and any(letter in mode for letter in "wax+")
    return by_mode or (isinstance(flags, int) and bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)))


def _say(answers: int, said: Said) -> None:
    os.write(answers, msgspec.json.encode(said) + b"\n")
