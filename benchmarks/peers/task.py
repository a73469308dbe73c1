"""What every contestant is asked to do, and what it answers: both travel as JSON between processes."""

import json
import random
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

SPLITS = ("train", "val", "test")
_SUFFIXES = {".jpg", ".jpeg", ".png", ".bmp"}


@dataclass(frozen=True, kw_only=True)
class Setting:
    """How a peer is tuned; the defaults are those of tier D."""

    tier: str = "D"
    bf16: bool = False
    channels_last: bool = False
    workers: int = 0
    batch_size: int = 32


@dataclass(frozen=True, kw_only=True)
class Task:
    """One training. `folder` holds train/CLASS/, val/CLASS/ and test/CLASS/; `weights` is a safetensors file of timm's names."""

    folder: str
    network: str
    weights: str | None
    arguments: dict[str, Any]
    size_px: int
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    epochs: int
    trains: str
    """head, last (the last stage with the head), or all."""
    seed: int
    threads: int
    setting: Setting = field(default_factory=Setting)

    def write(self, file: Path) -> None:
        """Where the peer's process reads it."""
        file.write_text(json.dumps(asdict(self)), encoding="utf-8")


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a contestant measured of itself, and what was seen of it from outside."""

    name: str
    seconds: float
    """From when its libraries are loaded until its model is trained and has answered the validation images.

    Of TL Studio the whole job: also ordering it, starting its process, the answers for test and the files of a run.
    """
    wall_s: float
    """The same with the start of the process."""
    num_images: int
    """Training images that went through it, all epochs together."""
    accuracy: float
    """On test/, 0..1; NaN where it was not asked."""
    peak_mb: float
    """Largest resident memory of its processes together."""
    cpu_s: float
    """Seconds of processors: of a peer from when its libraries are loaded until its model is trained, of TL Studio of its whole process."""

    trained_s: float | None = None
    """Of TL Studio, what `seconds` is of a peer."""

    @property
    def images_per_s(self) -> float:
        """Training images a second."""
        return self.num_images / self.seconds


def divide(
    source: Path, into: Path, *, seed: int, num_images: int | None = None, shares: tuple[float, float, float] = (0.7, 0.15, 0.15)
) -> int:
    """Links to the images of `source`, divided by class, which is the name of the folder they lie in; returns how many train."""
    rng = random.Random(seed)
    classes = _by_class(source)
    per_class = None if num_images is None else max(3, num_images // len(classes))
    num_train = 0
    for name, files in sorted(classes.items()):
        rng.shuffle(files)
        files = files[:per_class]
        val_from, test_from = round(shares[0] * len(files)), round((shares[0] + shares[1]) * len(files))
        for split, part in zip(SPLITS, (files[:val_from], files[val_from:test_from], files[test_from:]), strict=True):
            _link(part, into / split / name, source=source)
        num_train += val_from
    return num_train


def _by_class(source: Path) -> dict[str, list[Path]]:
    found: dict[str, list[Path]] = {}
    for file in sorted(source.rglob("*")):
        if file.suffix.lower() in _SUFFIXES:
            found.setdefault(file.parent.name, []).append(file)
    return found


def _link(files: Iterable[Path], folder: Path, *, source: Path) -> None:
    """Named with the folders above the class, if there are any: sets of several sources have the same name twice."""
    folder.mkdir(parents=True, exist_ok=True)
    for file in files:
        above = file.relative_to(source).parts[:-2]
        (folder / "_".join((*above, file.name))).symlink_to(file.resolve())
