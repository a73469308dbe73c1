"""Numbered views of a folder of photographs: strong random crops, flips and mixtures, the same for the same number every time."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torchvision.transforms.v2 import functional as pictures

SEED = 20_261
SIZE_PX = 224
"""What the teachers see; the student sees the same view made smaller, so that both answer the same question (Beyer et al. 2022)."""
_AREA = (0.08, 1.0)
_LOG_ASPECT = np.log(4 / 3)
_MIXED_EVERY = 3


@dataclass(frozen=True, kw_only=True, eq=False)
class Photographs:
    """Decoded photographs uint8[3, H, W], in the order of their names."""

    pixels: tuple[Tensor, ...]

    def view(self, number: int) -> Tensor:
        """uint8[3, SIZE_PX, SIZE_PX]: view `number`.

        Every third is a mixture, by turns CutMix (Yun et al. 2019) and mixup (Zhang et al. 2018).
        """
        chance = np.random.Generator(np.random.Philox(key=[SEED, number]))
        count = len(self.pixels)
        order = np.random.Generator(np.random.Philox(key=[SEED + 1, number // count])).permutation(count)
        view = _crop(self.pixels[order[number % count]], chance)
        if number % _MIXED_EVERY:
            return view
        other = _crop(self.pixels[int(chance.integers(count))], chance)
        return _pasted(view, other, chance) if number % (2 * _MIXED_EVERY) else _blended(view, other, chance)


def load(folder: Path) -> Photographs:
    """All pictures of a folder. Raises `OSError` where one cannot be read, `ValueError` where there is none."""
    found = sorted(path for path in folder.iterdir() if path.suffix.lower() in (".jpg", ".jpeg", ".png"))
    if not found:
        raise ValueError(f"{folder} holds no photographs")
    return Photographs(pixels=tuple(_read(path) for path in found))


def smaller(views: Tensor, size_px: int) -> Tensor:
    """uint8[N, 3, S, S] to uint8[N, 3, size_px, size_px], antialiased."""
    return pictures.resize(views, [size_px, size_px], antialias=True)


def _read(path: Path) -> Tensor:
    with Image.open(path) as file:
        return torch.from_numpy(np.array(file.convert("RGB"))).permute(2, 0, 1).contiguous()


def _crop(picture: Tensor, chance: np.random.Generator) -> Tensor:
    """A random part of 8 to 100 % of the area, mirrored half of the time ("Inception crop", Szegedy et al. 2015)."""
    _, height, width = picture.shape
    area = height * width * chance.uniform(*_AREA)
    aspect = np.exp(chance.uniform(-_LOG_ASPECT, _LOG_ASPECT))
    tall = min(height, max(1, round(float(np.sqrt(area / aspect)))))
    wide = min(width, max(1, round(float(np.sqrt(area * aspect)))))
    top, left = int(chance.integers(height - tall + 1)), int(chance.integers(width - wide + 1))
    view = pictures.resized_crop(picture, top, left, tall, wide, [SIZE_PX, SIZE_PX], antialias=True)
    return pictures.horizontal_flip(view) if chance.random() < 0.5 else view


def _pasted(view: Tensor, other: Tensor, chance: np.random.Generator) -> Tensor:
    """A rectangle of another view, its area uniform in 0..1."""
    side = round(SIZE_PX * float(np.sqrt(chance.random())))
    top, left = (int(chance.integers(SIZE_PX - side + 1)) for _ in range(2))
    view = view.clone()
    view[:, top : top + side, left : left + side] = other[:, top : top + side, left : left + side]
    return view


def _blended(view: Tensor, other: Tensor, chance: np.random.Generator) -> Tensor:
    share = chance.random()
    return (view.float() * share + other.float() * (1 - share)).round().to(torch.uint8)
