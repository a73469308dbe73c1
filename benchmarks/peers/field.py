"""The common ground of the cases: data, weights and the settings that each peer was tuned to."""

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import psutil

from benchmarks.material import shared
from benchmarks.peers.task import Setting, Task, divide

_TUNED = Path(__file__).with_name("tuned.json")
_STATS = {"mean": (0.5, 0.5, 0.5), "std": (0.5, 0.5, 0.5)}


@contextmanager
def divided(
    data: str, *, seed: int, num_images: int | None = None, shares: tuple[float, float, float] = (0.7, 0.15, 0.15)
) -> Iterator[tuple[Path, int]]:
    """A folder with train/, val/ and test/ of a shared data set, and how many images train.

    Ends the program where the data is not here.
    """
    folder = shared()
    if folder is None:
        raise SystemExit("the real data is not here; TLSTUDIO_SHARED names its folder")
    with tempfile.TemporaryDirectory() as scratch:
        into = Path(scratch) / data
        yield into, divide(folder / "data" / data, into, seed=seed, num_images=num_images, shares=shares)


def task(folder: Path, *, trains: str, epochs: int, seed: int, size_px: int = 224) -> Task:
    """MobileNetV2 with real weights, the same file for all."""
    root = shared()
    assert root is not None
    return Task(
        folder=str(folder),
        network="mobilenetv2_100",
        weights=str(root / "weights" / "mobilenetv2_100.qat_in1k" / "model.safetensors"),
        arguments={"pad_type": "same"},
        size_px=size_px,
        epochs=epochs,
        trains=trains,
        seed=seed,
        threads=num_threads(),
        **_STATS,
    )


def tuned(wanted: Task, peer: str) -> Task:
    """The task in tier T: with what `tune` found to be fastest for this peer; where it was not tuned, with what is usual on a processor."""
    found = json.loads(_TUNED.read_text(encoding="utf-8")) if _TUNED.exists() else {}
    setting = Setting(tier="T", **found.get(f"{peer} {wanted.trains}", {"channels_last": True, "workers": num_threads()}))
    return replace(wanted, setting=setting)


def num_threads() -> int:
    """Physical cores that this process may use, as TL Studio counts them."""
    cores = psutil.cpu_count(logical=False) or os.cpu_count() or 1
    return max(1, min(cores, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else cores))
