"""Damaged images of twelve formats through the decoder process: how many are read, refused, crash it or take too long.

    python -m benchmarks.fuzz_decoder [--files 10000] [--seed 11] [--keep FOLDER]

The same seed makes the same files. Beside the twelve formats of the table stand the variants that other code reads: progressive,
in four inks, with a palette, tiled, in channels, compressed.
"""

import argparse
import io
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import tifffile
from PIL import Image

from benchmarks.results import machine, say
from tests.dicom_files import dicom
from tlstudio.datasets.decoder import DecoderPool, Inspected
from tlstudio.domain.intensity import IntensityRule

SCENE = np.random.default_rng(3).integers(0, 256, (40, 48, 3), dtype=np.uint8)
DEEP = SCENE.astype(np.uint16) * 257
CRASHED, TOO_SLOW = "image.crashed", "image.too_slow"
_LIES = (b"\xff\xff\xff\xff", b"\0\0\0\0", b"\x7f\xff\xff\xff", b"\0\0\0\x80", b"\xff\xff", b"\0\1", b"\xff\xfe")


@dataclass(kw_only=True)
class Row:
    """What became of the damaged files of one format; seconds are from one answer to the next."""

    files: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    slowest_s: float = 0.0

    def add(self, answer: Inspected, seconds: float) -> None:
        self.files += 1
        self.reasons["read" if answer.reason is None else answer.reason.id] += 1
        self.slowest_s = max(self.slowest_s, seconds)

    @property
    def refused(self) -> int:
        return self.files - self.reasons["read"] - self.reasons[CRASHED] - self.reasons[TOO_SLOW]


def saved(format: str, mode: str = "RGB", **options: object) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(SCENE).convert(mode).save(buffer, format, **options)
    return buffer.getvalue()


def tiff(values: np.ndarray, **options: object) -> bytes:
    buffer = io.BytesIO()
    tifffile.imwrite(buffer, values, **options)
    return re.sub(rb"urn:uuid:[0-9a-f-]{36}", b"urn:uuid:" + b"0" * 36, buffer.getvalue())  # OME-XML is given a new one each time


def sound_files() -> dict[str, list[bytes]]:
    """Small valid files of each format, one or several that different code reads."""
    import imagecodecs
    from pydicom import uid

    frames = [Image.fromarray(np.roll(SCENE, shift, axis=0)) for shift in range(3)]
    deep_png = imagecodecs.png_encode(DEEP)
    channels = {"ome": True, "metadata": {"axes": "ZCYX"}, "photometric": "minisblack"}
    grey, window = DEEP[..., 0] >> 4, {"bits": 12, "RescaleIntercept": -1024, "RescaleSlope": 1, "WindowCenter": 40, "WindowWidth": 400}
    wavelet = imagecodecs.jpeg2k_encode(grey, codecformat="j2k", reversible=True, bitspersample=12)
    return {
        "JPEG": [saved("JPEG"), saved("JPEG", progressive=True, exif=Image.Exif().tobytes()), saved("JPEG", "CMYK")],
        "PNG": [saved("PNG"), saved("PNG", "P", transparency=3), saved("PNG", save_all=True, append_images=frames)],
        "PNG16": [bytes(deep_png)],
        "WebP": [saved("WEBP"), saved("WEBP", lossless=True), saved("WEBP", save_all=True, append_images=frames)],
        "BMP": [saved("BMP"), saved("BMP", "P")],
        "GIF": [saved("GIF"), saved("GIF", save_all=True, append_images=frames)],
        "TIFF": [saved("TIFF", compression="tiff_lzw"), saved("TIFF"), tiff(SCENE, tile=(16, 16), compression="zlib", photometric="rgb")],
        "TIFF16": [
            tiff(DEEP, photometric="rgb"),
            tiff(DEEP, compression="zlib", predictor=True, photometric="rgb"),
            tiff(np.moveaxis(DEEP, 2, 0)[None], **channels),
            tiff(DEEP[..., 0].astype(np.float32), bigtiff=True),
        ],
        "PNM": [saved("PPM"), b"P5 8 8 65535\n" + DEEP[:8, :8, 0].tobytes()],
        "JPEG 2000": [saved("JPEG2000"), saved("JPEG2000", no_jp2=True)],
        "AVIF": [saved("AVIF")],
        "DICOM": [
            dicom(grey, **window, PatientID="fuzz"),
            dicom(SCENE),
            dicom(grey, frame=wavelet, syntax=uid.JPEG2000Lossless, **window),
            dicom(grey, frame=imagecodecs.jpegls_encode(grey), syntax=uid.JPEGLSLossless, **window),
            dicom(grey, frame=imagecodecs.ljpeg_encode(grey, bitspersample=12), syntax=uid.JPEGLosslessSV1, **window),
        ],
    }


def mutated(data: bytes, random: np.random.Generator) -> bytes:
    """One of the ways files get damaged: flipped bits, overwritten, cut, removed, repeated or swapped parts, lying numbers."""
    damaged = bytearray(data)
    place, other = (int(item) for item in random.integers(len(data), size=2))
    length = int(random.integers(1, 64))
    match int(random.integers(8)):
        case 0:
            for spot in random.integers(0, len(data), int(random.integers(1, 20))):
                damaged[spot] ^= 1 << int(random.integers(8))
        case 1:
            damaged[place : place + length] = random.bytes(length)
        case 2:
            del damaged[place:]
        case 3:
            del damaged[place : place + length]
        case 4:
            damaged[place:place] = damaged[place : place + length] * int(random.integers(1, 30))
        case 5:  # numbers in headers: sizes, lengths, offsets
            head = int(random.integers(min(len(data), 600)))
            lie = _LIES[int(random.integers(len(_LIES)))]
            damaged[head : head + len(lie)] = lie
        case 6:
            damaged[place : place + length] = bytes(length)
        case 7:  # a part of the file stands where another should
            damaged[place : place + length] = damaged[other : other + length]
    return bytes(damaged)


def written(folder: Path, number: int, seed: int) -> Iterator[tuple[str, Path]]:
    """The format and the file of `number` damaged files, the formats in turn."""
    random = np.random.default_rng(seed)
    sound = sound_files()
    names = list(sound)
    for index in range(number):
        name = names[index % len(names)]
        variants = sound[name]
        path = folder / f"{index:05d} {name}.img"
        path.write_bytes(mutated(variants[index // len(names) % len(variants)], random))
        yield name, path


def fuzz(folder: Path, number: int, seed: int) -> dict[str, Row]:
    """Write the files to `folder`, send them through one decoder process. Raises `ValueError` for an answer that is none."""
    files = list(written(folder, number, seed))
    rows = {name: Row() for name, _ in files}
    with DecoderPool(IntensityRule(), workers=1) as pool:
        list(pool.inspect([files[0][1]]))  # so that its start is on nobody's account
        before = time.monotonic()
        for (name, path), answer in zip(files, pool.inspect(path for _, path in files), strict=True):
            now = time.monotonic()
            if answer.path != path or bool(answer.thumbnail) is (answer.reason is not None):
                raise ValueError(f"{path.name}: {answer}")
            rows[name].add(answer, now - before)
            before = now
    return rows


def table(rows: dict[str, Row]) -> str:
    """Markdown."""
    lines = ["| format | files | read | refused | crashed | over 10 s | slowest |", "|---|---|---|---|---|---|---|"]
    total = Row()
    for row in rows.values():
        total.files, total.slowest_s = total.files + row.files, max(total.slowest_s, row.slowest_s)
        total.reasons += row.reasons
    for name, row in {**rows, "all": total}.items():
        read, crashed, slow = row.reasons["read"], row.reasons[CRASHED], row.reasons[TOO_SLOW]
        lines.append(f"| {name} | {row.files} | {read} | {row.refused} | {crashed} | {slow} | {row.slowest_s:.2f} s |")
    reasons = ", ".join(f"{name} {number}" for name, number in total.reasons.most_common() if name != "read")
    return "\n".join([*lines, "", f"Refused as: {reasons}."])


def main(arguments: list[str]) -> int:
    """Print the table; 1 where a file crashed the decoder or took too long."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fuzz_decoder")
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--keep", type=Path, help="where the damaged files stay")
    options = parser.parse_args(arguments)
    say(machine())
    with tempfile.TemporaryDirectory() as folder:
        place = options.keep or Path(folder)
        place.mkdir(parents=True, exist_ok=True)
        rows = fuzz(place, options.files, options.seed)
    say(table(rows))
    return 1 if any(row.reasons[CRASHED] or row.reasons[TOO_SLOW] for row in rows.values()) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
