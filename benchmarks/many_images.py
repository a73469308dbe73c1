"""Many small JPEGs, all of them different and the same ones every time: class folders with equally many images each."""

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from PIL import Image

NUM_CLASSES = 100
WIDTH_PX, HEIGHT_PX = 160, 120
_COARSE = (9, 12, 3)
"""Patches of colour, drawn out smoothly: no two images look alike, and a file has about 4 kB like a small photograph."""
_QUALITY = 85


def make_images(folder: Path, number: int) -> None:
    """Write `number` images below `folder`; what is there stays as it is."""
    shares = [range(place, number, NUM_CLASSES) for place in range(NUM_CLASSES)]
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        list(pool.map(_make_class, [folder / f"class {place:03d}" for place in range(NUM_CLASSES)], shares))


def _make_class(folder: Path, numbers: range) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for number in numbers:
        coarse = np.random.default_rng(number).integers(0, 256, _COARSE, np.uint8)
        image = Image.fromarray(coarse).resize((WIDTH_PX, HEIGHT_PX), Image.Resampling.BICUBIC)
        image.save(folder / f"{number:06d}.jpg", quality=_QUALITY)
