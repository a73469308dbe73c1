"""Sets of weights into one file for another computer: those of the library, of a folder or file, or published ones."""

import shutil
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from tlstudio.domain.networks import NetworkSpec, PretrainedSpec
from tlstudio.domain.packs import PACK_SUFFIX
from tlstudio.domain.progress import Progress, Report, Stop, ignore
from tlstudio.errors import TLStudioError
from tlstudio.messages import message
from tlstudio.operations import downloading, weights
from tlstudio.operations.label_exports import taken
from tlstudio.operations.outputs import checked_output
from tlstudio.zoo import catalogue
from tlstudio.zoo import pack_refusals as refusals
from tlstudio.zoo.catalogue import published
from tlstudio.zoo.finite import refuse_not_finite
from tlstudio.zoo.header import read_header
from tlstudio.zoo.library import Library
from tlstudio.zoo.packs import Source, write_pack

_SPARE_BYTES = 16_000_000
_USUAL_NAME = f"weights{PACK_SUFFIX}"


def checked_target(path: Path) -> Path:
    """The absolute file to write, which must not be there yet. Raises `TLStudioError`."""
    target = checked_output(path, name=_USUAL_NAME)
    if target.exists():
        raise taken(target)
    return target


def source_in_library(text: str) -> Source | None:
    """The set that is here by that name or hash, proved by its hash; None where there is none. Raises `TLStudioError`."""
    if not weights.called(text):
        return None
    card = weights.find_weights(text)
    return Source(card=card, file=Library().file_of(card.hash))


def source_in_files(path: Path, *, architecture: str | None = None) -> Source:
    """The set in a file or folder that the importer recognises; nothing is stored. Raises `TLStudioError`."""
    found = weights.inspect_certain(path, architecture=architecture)
    file = Path(found.file)
    refuse_not_finite(file, read_header(file))
    return Source(card=found.proposal, file=file, prefix=found.prefix)


def sources_in_folder(
    path: Path, *, architecture: str | None = None, left_out: Callable[[Path, str], None] = lambda _path, _why: None
) -> list[Source]:
    """All sets in a folder, such as a cache of downloads; one for a file or the folder of one.

    `left_out` is told of each of several that cannot be used, with the reason. Raises `TLStudioError`.
    """
    return [source_in_files(item.path, architecture=architecture) for item in weights.sets_at(path, left_out=left_out)]


def find_published(text: str) -> tuple[NetworkSpec, PretrainedSpec] | None:
    """The published set that timm calls `text`, such as resnet18.a1_in1k; without a tag timm's own choice. None where there is none."""
    name, _, tag = text.partition(".")
    network = catalogue.load().by_name.get(name)
    if network is None:
        return None
    usual = next((item for item in network.pretrained if item.hub_id), None)
    chosen = published(network, tag) if tag else usual
    return (network, chosen) if chosen is not None and chosen.hub_id else None


def source_published(network: NetworkSpec, chosen: PretrainedSpec, *, report: Report = ignore, stop: Stop | None = None) -> Source:
    """That set, fetched from where it is published: the one thing of this program that needs a connection. Raises `TLStudioError`."""
    folder = downloading.fetch(chosen.hub_id, report=report, stop=stop)
    source = source_in_files(folder, architecture=network.name)
    card = msgspec.structs.replace(source.card, source=chosen.hub_id, licence=source.card.licence or chosen.licence)
    return Source(card=card, file=source.file, prefix=source.prefix)


def unknown(text: str) -> TLStudioError:
    """Nothing here and nothing published is called so."""
    return TLStudioError(
        message(
            "packs.unknown", "There are no weights called {text}: not on this computer, not as a file, not published for timm.", text=text
        ),
        message("packs.unknown.hint", "`tlstudio weights list` shows what is here; published sets are called like resnet18.a1_in1k."),
    )


def pack_weights(sources: Sequence[Source], target: Path, *, report: Report = ignore, stop: Stop | None = None) -> bool:
    """Write `sources`, each set once, into a new pack; False where it was stopped. Nothing half-written stays.

    Raises `TLStudioError`.
    """
    target = checked_target(target)
    once = list({source.card.hash: source for source in sources}.values())
    total = sum(source.card.size_bytes for source in once)
    done, began = 0, time.monotonic()

    def on_written(num_bytes: int) -> None:
        nonlocal done
        if stop is not None and stop.is_set():
            raise _StoppedError
        done += num_bytes
        per_second = done / max(time.monotonic() - began, 1e-6)
        what = message("packs.packing", "Packing")
        report(Progress(what=what, done=min(done, total), total=total, per_second=per_second, in_bytes=True))

    try:
        _require_room(target, total + _SPARE_BYTES)
        write_pack(target, once, written=on_written)
    except _StoppedError:
        return False
    except OSError as error:
        raise refusals.not_written(target, error) from error
    return True


class _StoppedError(Exception):
    """Leaves the file half written, so that it is taken away."""


def _require_room(target: Path, needed: int) -> None:
    free = shutil.disk_usage(target.parent).free
    if free < needed:
        raise refusals.no_room(target, needed=needed, free=free)
