"""The frozen list of samples a job works on: one JSON line each, itself hashed."""

from collections.abc import Iterable

import msgspec
from blake3 import blake3

from tlstudio.domain.intensity import IntensityRule
from tlstudio.domain.splits import Split

LABEL = "label"


class ManifestClass(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the run's own class table: index -> id -> name, never derived from anything again."""

    index: int
    id: str
    name: str


class ManifestAnnotation(msgspec.Struct, frozen=True, kw_only=True):
    """An annotation with its class as an index into the manifest's class table."""

    kind: str
    class_index: int | None = None
    payload: msgspec.Raw | None = None


class ManifestEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One sample: where it is (relative to a root), what it holds, what part it plays."""

    sample: int
    root: int
    path: str
    content_hash: str
    annotations: tuple[ManifestAnnotation, ...] = ()
    group: str | None = None
    split: Split | None = None
    fold: int | None = None
    """Which part of a cross-validation it is in; None in other jobs."""

    @property
    def label(self) -> int | None:
        """Class index of the image as a whole; None where it has none."""
        return next((item.class_index for item in self.annotations if item.kind == LABEL), None)


class ManifestHeader(msgspec.Struct, frozen=True, kw_only=True):
    """The first line of a manifest file."""

    version: int = 1
    classes: tuple[ManifestClass, ...]
    intensity: IntensityRule
    num_entries: int


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """Classes and entries; order is the order of sample ids."""

    classes: tuple[ManifestClass, ...]
    entries: tuple[ManifestEntry, ...]
    intensity: IntensityRule = IntensityRule()

    def of(self, split: Split) -> tuple[ManifestEntry, ...]:
        """The entries of one split, in order."""
        return tuple(entry for entry in self.entries if entry.split is split)

    def encode(self) -> bytes:
        """The file's bytes: a header line, then one line an entry."""
        header = ManifestHeader(classes=self.classes, intensity=self.intensity, num_entries=len(self.entries))
        lines: Iterable[msgspec.Struct] = (header, *self.entries)
        return b"".join(msgspec.json.encode(line) + b"\n" for line in lines)

    @staticmethod
    def decode(data: bytes) -> "Manifest":
        """The reverse of `encode`. Raises `ValueError` where a line is not valid or some are missing."""
        first, *rest = data.splitlines()
        header = msgspec.json.decode(first, type=ManifestHeader)
        decoder = msgspec.json.Decoder(ManifestEntry)
        entries = tuple(decoder.decode(line) for line in rest)
        if len(entries) != header.num_entries:
            raise ValueError(f"manifest has {len(entries)} entries, its header says {header.num_entries}")
        return Manifest(classes=header.classes, entries=entries, intensity=header.intensity)


def judged_on(manifest: Manifest) -> str:
    """blake3 of what validation asks, hex: each image's content with the class it should be given, whatever their order and paths."""
    classes = [item.id for item in manifest.classes]
    asked = sorted((entry.content_hash, "" if entry.label is None else classes[entry.label]) for entry in manifest.of(Split.VAL))
    return blake3(msgspec.json.encode(asked)).hexdigest()


def manifest_hash(data: bytes) -> str:
    """blake3 of the encoded manifest, hex."""
    return blake3(data).hexdigest()
