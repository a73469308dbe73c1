"""Weight packs: a plain zip, stored and not deflated, in which every byte of a set is proved by a hash."""

import re
import stat
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec
from blake3 import blake3

from tlstudio import __version__, files
from tlstudio.domain.networks import WeightsCard
from tlstudio.domain.packs import PACK_MANIFEST, PACK_VERSION, PackedFile, PackedSet, PackManifest
from tlstudio.errors import TLStudioError
from tlstudio.messages import Message
from tlstudio.zoo import pack_refusals as refusals
from tlstudio.zoo.header import read_header
from tlstudio.zoo.library import CARD_FILE, CARD_VERSION, TENSORS_FILE
from tlstudio.zoo.stored import stored_chunks

_CHUNK_BYTES = 1 << 20
_MAX_TEXT_BYTES = 64_000_000
"""More than any list of sets or of names of classes needs."""
_PLACE = re.compile(rf"sets/([0-9a-f]{{64}})/({re.escape(TENSORS_FILE)}|{re.escape(CARD_FILE)})")
_ENCRYPTED = 0x1
_LONG_AGO = (1980, 1, 1, 0, 0, 0)
"""The same sets make the same pack, byte by byte, whenever they are packed."""
_DAMAGED = (zipfile.BadZipFile, EOFError, ValueError, RuntimeError)
"""What the library raises for bytes that are no sound zip; `NotImplementedError` is a `RuntimeError`."""


@dataclass(frozen=True, kw_only=True)
class Source:
    """A set to pack: its card, and the file whose tensors (under `prefix`, where there is one) it is."""

    card: WeightsCard
    file: Path
    prefix: str = ""


# --- writing


def write_pack(target: Path, sources: Sequence[Source], *, written: Callable[[int], None]) -> None:
    """Write a new pack at `target`, whole or not at all; `written` is told of every piece of tensors, in bytes, and may raise to end it.

    Raises `OSError`, and `TLStudioError` where a file is no longer what its card says.
    """
    with files.atomic_file(target) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        sets = tuple(_write_set(archive, source, written) for source in sources)
        _write_text(archive, PACK_MANIFEST, PackManifest(app_version=__version__, sets=sets))


def _write_set(archive: zipfile.ZipFile, source: Source, written: Callable[[int], None]) -> PackedSet:
    place = f"sets/{source.card.hash}"
    digest, size = blake3(), 0
    with archive.open(_entry(f"{place}/{TENSORS_FILE}"), "w", force_zip64=True) as out:
        for chunk in stored_chunks(source.file, read_header(source.file), prefix=source.prefix):
            out.write(chunk)
            digest.update(chunk)
            size += len(chunk)
            written(len(chunk))
    if digest.hexdigest() != source.card.hash:
        raise refusals.changed(source.file)
    card = msgspec.structs.replace(source.card, bundled=False, added="", size_bytes=size)
    tensors = PackedFile(name=TENSORS_FILE, size_bytes=size, hash=source.card.hash)
    return PackedSet(card=card, files=(tensors, _write_text(archive, f"{place}/{CARD_FILE}", card)))


def _write_text(archive: zipfile.ZipFile, name: str, value: object) -> PackedFile:
    data = files.encode_json(value)
    archive.writestr(_entry(name), data)
    return PackedFile(name=name.rpartition("/")[2], size_bytes=len(data), hash=blake3(data).hexdigest())


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _LONG_AGO)
    entry.create_system, entry.external_attr = 3, (stat.S_IFREG | 0o644) << 16
    return entry


# --- reading


class Pack:
    """An open pack whose list of contents adds up: nothing is in it but what its manifest names, each at its own place."""

    def __init__(self, path: Path, archive: zipfile.ZipFile, manifest: PackManifest) -> None:
        self.path = path
        self.sets = manifest.sets
        self._archive = archive

    def problem(self, packed: PackedSet) -> Message | None:
        """Why a set cannot be installed, as far as its card and the sizes of its files show it; None where nothing speaks against it."""
        card = packed.card
        for name in (TENSORS_FILE, CARD_FILE):
            file, entry = packed.file(name), _find(self._archive, f"sets/{card.hash}/{name}")
            if file is None or entry is None:
                return refusals.incomplete(self.path, card.name, name)
            if entry.file_size != file.size_bytes:
                return refusals.damaged(self.path, card.name).title
        if card.version > CARD_VERSION:
            return refusals.newer_card(card.name)
        try:
            own = msgspec.json.decode(b"".join(self.chunks(packed, CARD_FILE)), type=WeightsCard)
        except TLStudioError as error:
            return error.title
        except msgspec.DecodeError:
            own = None
        tensors = packed.file(TENSORS_FILE)
        agrees = own == card and tensors is not None and (tensors.hash, tensors.size_bytes) == (card.hash, card.size_bytes)
        return None if agrees else refusals.contradicts(self.path, card.name)

    def chunks(self, packed: PackedSet, name: str = TENSORS_FILE) -> Iterator[bytes]:
        """The bytes of a file of a set, a piece at a time; ends in a refusal where they are not what was packed.

        Whoever takes the pieces must not use them before the last one has come. Raises `TLStudioError`.
        """
        file = packed.file(name)
        assert file is not None, "asked only of a set without a problem"
        digest, left = blake3(), file.size_bytes
        try:
            with self._archive.open(f"sets/{packed.card.hash}/{name}") as source:
                while left > 0 and (chunk := source.read(min(_CHUNK_BYTES, left))):
                    digest.update(chunk)
                    left -= len(chunk)
                    yield chunk
        except _DAMAGED as error:
            raise refusals.damaged(self.path, packed.card.name, str(error)) from error
        except OSError as error:
            raise refusals.unreadable(self.path, error) from error
        if left or digest.hexdigest() != file.hash:
            raise refusals.damaged(self.path, packed.card.name)


@contextmanager
def open_pack(path: Path) -> Iterator[Pack]:
    """The pack at `path`. Raises `TLStudioError` where it is none, only half of one, of a newer version, or not to be trusted."""
    try:
        if not path.is_file():  # a folder, or a pipe that would never end
            raise refusals.not_one(path)
        archive = zipfile.ZipFile(path)
    except OSError as error:
        raise refusals.unreadable(path, error) from error
    except _DAMAGED as error:
        raise _no_zip(path) from error
    with archive:
        _require_plain(path, archive)
        manifest = _read_manifest(path, archive)
        _require_only(path, archive, manifest)
        yield Pack(path, archive, manifest)


def _no_zip(path: Path) -> TLStudioError:
    with open(path, "rb") as file:
        return refusals.half(path) if file.read(4) == b"PK\x03\x04" else refusals.not_one(path)


def _require_plain(path: Path, archive: zipfile.ZipFile) -> None:
    """Every entry is a plain stored file at a place that packs have, no two are one, and together they are no more than the file."""
    names: set[str] = set()
    for entry in archive.infolist():
        is_place = entry.filename == PACK_MANIFEST or _PLACE.fullmatch(entry.filename)
        is_stored = entry.compress_type == zipfile.ZIP_STORED and entry.compress_size == entry.file_size
        is_file = stat.S_IFMT(entry.external_attr >> 16) in (0, stat.S_IFREG)
        if not (is_place and is_stored and is_file) or entry.flag_bits & _ENCRYPTED or entry.filename in names:
            raise refusals.strange(path, entry.filename)
        names.add(entry.filename)
    if sum(entry.file_size for entry in archive.infolist()) > path.stat().st_size:
        raise refusals.half(path)


def _read_manifest(path: Path, archive: zipfile.ZipFile) -> PackManifest:
    entry = _find(archive, PACK_MANIFEST)
    if entry is None or entry.file_size > _MAX_TEXT_BYTES:
        raise refusals.not_one(path)
    try:
        data = archive.read(entry)
        version = msgspec.json.decode(data, type=_Version).version
        if version > PACK_VERSION:
            raise refusals.newer(path, version)
        return msgspec.json.decode(data, type=PackManifest)
    except OSError as error:
        raise refusals.unreadable(path, error) from error
    except (*_DAMAGED, RecursionError) as error:
        raise refusals.no_manifest(path, str(error)) from error


class _Version(msgspec.Struct):
    """What every version of the manifest has."""

    version: int


def _require_only(path: Path, archive: zipfile.ZipFile, manifest: PackManifest) -> None:
    """No file that the manifest does not name, no set twice, and no text too long to be one."""
    named = {f"sets/{packed.card.hash}/{file.name}" for packed in manifest.sets for file in packed.files}
    for entry in archive.infolist():
        if entry.filename != PACK_MANIFEST and entry.filename not in named:
            raise refusals.strange(path, entry.filename)
        if entry.filename.endswith(CARD_FILE) and entry.file_size > _MAX_TEXT_BYTES:
            raise refusals.strange(path, entry.filename)
    hashes = [packed.card.hash for packed in manifest.sets]
    if not hashes or len(set(hashes)) < len(hashes):
        raise refusals.no_manifest(path, "no sets, or one of them twice")


def _find(archive: zipfile.ZipFile, name: str) -> zipfile.ZipInfo | None:
    return archive.NameToInfo.get(name)
