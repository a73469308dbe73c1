"""Weight packs for tests: sound ones of small sets, and the same with something in them that is not as it should be."""

import stat
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from blake3 import blake3
from weights_files import SMALL, save, tensors

from tlstudio.domain.networks import Preprocessing, WeightsCard
from tlstudio.domain.packs import PACK_MANIFEST
from tlstudio.zoo.packs import Source, write_pack
from tlstudio.zoo.stored import hash_file


def source(folder: Path, name: str, *, values: dict[str, np.ndarray] | None = None, seed: int = 0, **card: Any) -> Source:
    """A set to pack: small random weights unless `values` says otherwise."""
    file = save(folder / f"{name}.safetensors", tensors(num_classes=0, seed=seed) if values is None else values)
    given = {"architecture": SMALL, "num_classes": 0, "licence": "mit", "label_names": ("ants", "bees"), **card}
    return Source(
        card=WeightsCard(hash=hash_file(file), name=name, preprocessing=Preprocessing(), size_bytes=file.stat().st_size, **given), file=file
    )


def pack(file: Path, *sources: Source) -> Path:
    """A sound pack."""
    write_pack(file, sources, written=lambda _num: None)
    return file


def two_sets(folder: Path) -> Path:
    """A pack of the sets "First" and "Second"."""
    made = folder / "made"
    return pack(folder / "two.tlweights", source(made, "First", seed=1), source(made, "Second", seed=2))


def repacked(
    file: Path,
    *,
    manifest: Callable[[dict[str, Any]], object] = lambda _values: None,
    replace: dict[str, bytes] | None = None,
    leave_out: str = "",
    add: tuple[str, bytes] | None = None,
    mode: int = stat.S_IFREG | 0o644,
    compression: int = zipfile.ZIP_STORED,
) -> Path:
    """The same zip written anew, its checksums right, with what a forger would change. Entries are named by a part of their name."""
    with zipfile.ZipFile(file) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    values = msgspec.json.decode(entries[PACK_MANIFEST])
    manifest(values)
    entries[PACK_MANIFEST] = msgspec.json.encode(values)
    for part, data in (replace or {}).items():
        entries[next(name for name in entries if part in name)] = data
    target = file.with_name("forged.tlweights")
    with zipfile.ZipFile(target, "w", compression) as archive:
        for name, data in entries.items():
            if not leave_out or leave_out not in name:
                archive.writestr(name, data)
        if add is not None:
            entry = zipfile.ZipInfo(add[0])
            entry.create_system, entry.external_attr = 3, mode << 16
            archive.writestr(entry, add[1])
    return target


def reseal(values: dict[str, Any], index: int, *, card: dict[str, Any]) -> bytes:
    """Change the card of a set in the manifest's `values`, with a proof that fits; the bytes of its card.json."""
    packed = values["sets"][index]
    packed["card"] |= card
    data = msgspec.json.encode(packed["card"])
    packed["files"][1] |= {"size_bytes": len(data), "hash": blake3(data).hexdigest()}
    return data
