"""Numbered views of a folder of photographs: strong random crops, flips, changes of colour and mixtures, the same for the same number."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torchvision.transforms.v2 import functional as pictures

SEED = 20_262
_SIDE = (0.2, 1.0)
"""Square root of the share of a photograph's area that a view shows."""
_LOG_ASPECT = np.log(4 / 3)
_TURNED, _COLOURED, _GREY, _NEGATIVE = 0.15, 0.5, 0.15, 0.07
"""How often a view is turned by quarters, changed in colour, made grey, made a negative."""
_MIXED_EVERY = 3
_YIQ = np.array([[0.299, 0.587, 0.114], [0.596, -0.274, -0.322], [0.211, -0.523, 0.312]])
"""Brightness and two axes of colour (NTSC), of red, green and blue."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Photographs:
    """Decoded photographs uint8[3, H, W], in the order of their names, and the side of their views in pixels."""

    pixels: tuple[Tensor, ...]
    size_px: int

    def view(self, number: int) -> Tensor:
        """uint8[3, size_px, size_px]: view `number`.

        Every third is a mixture, by turns CutMix (Yun et al. 2019) and mixup (Zhang et al. 2018).
        """
        chance = np.random.Generator(np.random.Philox(key=[SEED, number]))
        count = len(self.pixels)
        order = np.random.Generator(np.random.Philox(key=[SEED + 1, number // count])).permutation(count)
        view = _looked_at(self.pixels[order[number % count]], self.size_px, chance)
        if number % _MIXED_EVERY:
            return view
        other = _looked_at(self.pixels[int(chance.integers(count))], self.size_px, chance)
        return _pasted(view, other, chance) if number % (2 * _MIXED_EVERY) else _blended(view, other, chance)


def load(folder: Path, *, size_px: int) -> Photographs:
    """All pictures of a folder. Raises `OSError` where one cannot be read, `ValueError` where there is none."""
    found = sorted(path for path in folder.iterdir() if path.suffix.lower() in (".jpg", ".jpeg", ".png"))
    if not found:
        raise ValueError(f"{folder} holds no photographs")
    return Photographs(pixels=tuple(_read(path) for path in found), size_px=size_px)


def _read(path: Path) -> Tensor:
    with Image.open(path) as file:
        return torch.from_numpy(np.array(file.convert("RGB"))).permute(2, 0, 1).contiguous()


def _looked_at(picture: Tensor, size_px: int, chance: np.random.Generator) -> Tensor:
    return _coloured(_crop(picture, size_px, chance), chance)


def _crop(picture: Tensor, size_px: int, chance: np.random.Generator) -> Tensor:
    """A random part, mirrored half of the time ("Inception crop", Szegedy et al. 2015), sometimes turned."""
    _, height, width = picture.shape
    area = height * width * chance.uniform(*_SIDE) ** 2
    aspect = np.exp(chance.uniform(-_LOG_ASPECT, _LOG_ASPECT))
    tall = min(height, max(1, round(float(np.sqrt(area / aspect)))))
    wide = min(width, max(1, round(float(np.sqrt(area * aspect)))))
    top, left = int(chance.integers(height - tall + 1)), int(chance.integers(width - wide + 1))
    view: Tensor = pictures.resized_crop(picture, top, left, tall, wide, [size_px, size_px], antialias=True)
    if chance.random() < _TURNED:
        view = view.rot90(int(chance.integers(1, 4)), (1, 2))
    return view.flip(2) if chance.random() < 0.5 else view


def _coloured(view: Tensor, chance: np.random.Generator) -> Tensor:
    """One affine map of all colours: hue turned, saturation, contrast and brightness changed; crops of one photograph share its colours,
    and without the change a student can tell by them what its teachers will say."""
    grey, negative, changed = chance.random() < _GREY, chance.random() < _NEGATIVE, chance.random() < _COLOURED
    if not (grey or negative or changed):
        return view
    angle, saturation, contrast, brightness = 0.0, 1.0, 1.0, 0.0
    if changed:
        angle, saturation = chance.normal(0, 0.5), chance.uniform(0.3, 1.7)
        contrast, brightness = chance.uniform(0.5, 1.5), chance.uniform(-0.2, 0.2)
    saturation = 0.0 if grey else saturation
    turn = saturation * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    change = np.linalg.inv(_YIQ) @ np.block([[np.ones((1, 1)), np.zeros((1, 2))], [np.zeros((2, 1)), turn]]) @ _YIQ
    contrast = -contrast if negative else contrast
    matrix = torch.from_numpy(contrast * change).float()
    middle = 255 * (0.5 + brightness)
    colours: Tensor = torch.tensordot(matrix, view.float() - 127.5, dims=1) + middle
    return colours.round_().clamp_(0, 255).to(torch.uint8)


def _pasted(view: Tensor, other: Tensor, chance: np.random.Generator) -> Tensor:
    """A rectangle of another view, its area uniform in 0..1."""
    size_px = view.shape[-1]
    side = round(size_px * float(np.sqrt(chance.random())))
    top, left = (int(chance.integers(size_px - side + 1)) for _ in range(2))
    view = view.clone()
    view[:, top : top + side, left : left + side] = other[:, top : top + side, left : left + side]
    return view


def _blended(view: Tensor, other: Tensor, chance: np.random.Generator) -> Tensor:
    share = chance.random()
    return (view.float() * share + other.float() * (1 - share)).round().to(torch.uint8)
