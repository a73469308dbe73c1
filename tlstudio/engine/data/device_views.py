"""A whole batch of training views at once, on the device that the squares lie on: rule 2 of `datasets.training_views`.

Pillow's resampling is linear and the same for rows and columns, so a view is two matrix products: weights of rows, then of columns,
with the part and the mirroring in the weights, which are made on the device from five numbers an image. The filter is as wide as
Pillow's where images shrink (antialiased). In contrast to Pillow nothing is rounded between the two products; a value may differ from
its by a level or two.
"""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from tlstudio.datasets.training_views import GREY, Change

FILTERS = ("bilinear", "bicubic")
_AT_ONCE = 128
"""Images; of more, weights and squares in f32 would take gigabytes."""


def device_views(squares: Tensor, changes: Sequence[Change], *, size_px: int, interpolation: str) -> Tensor:
    """uint8[N, S, S, 3] of squares uint8[N, C, 3, C] (rows, channels, columns), both on the same device."""
    parts = [
        _views(squares[start : start + _AT_ONCE], changes[start : start + _AT_ONCE], size_px, interpolation)
        for start in range(0, len(squares), _AT_ONCE)
    ]
    return torch.cat(parts) if parts else squares.new_empty((0, size_px, size_px, 3))


def _views(squares: Tensor, changes: Sequence[Change], size_px: int, interpolation: str) -> Tensor:
    number, side = squares.shape[:2]
    edges = np.array([(*change.part, change.is_mirrored) for change in changes], np.float32)
    left, top, right, bottom, mirrored = _sent(edges, squares.device).unbind(1)
    across = _weights(left, right, side=side, size_px=size_px, interpolation=interpolation)
    down = _weights(top, bottom, side=side, size_px=size_px, interpolation=interpolation)
    across = torch.where(mirrored[:, None, None] > 0, across.flip(1), across)
    rows = torch.bmm(down, squares.reshape(number, side, 3 * side).float())
    made = torch.bmm(rows.view(number, size_px * 3, side), across.transpose(1, 2)).view(number, size_px, 3, size_px)
    made = made.permute(0, 1, 3, 2).round_().clamp_(0, 255)
    if changes[0].colours is not None:
        made = _recoloured(made, np.array([change.colours for change in changes], np.float32))
    return made.to(torch.uint8, memory_format=torch.contiguous_format)


def _weights(first: Tensor, last: Tensor, *, side: int, size_px: int, interpolation: str) -> Tensor:
    """f32[N, S, C]: shares of a line's C pixels in the S that are made of those from `first` f32[N] to before `last` f32[N]."""
    pixels = torch.arange(side, device=first.device, dtype=torch.float32)
    scale = ((last - first) / size_px)[:, None, None]
    centres = first[:, None, None] + (torch.arange(size_px, device=first.device, dtype=torch.float32)[:, None] + 0.5) * scale
    distance = ((pixels + 0.5 - centres) / scale.clamp(min=1.0)).abs()
    weights = (1 - distance).clamp(min=0) if interpolation == "bilinear" else _cubic(distance)
    weights = weights * ((pixels >= first[:, None, None]) & (pixels < last[:, None, None]))
    return weights / weights.sum(dim=2, keepdim=True)


def _cubic(distance: Tensor) -> Tensor:
    """Keys' (1981) kernel with a = -1/2, which Pillow and torch take."""
    near = (1.5 * distance - 2.5) * distance * distance + 1
    far = ((-0.5 * distance + 2.5) * distance - 4) * distance + 2
    return torch.where(distance < 1, near, torch.where(distance < 2, far, 0.0))


def _recoloured(images: Tensor, colours: np.ndarray) -> Tensor:
    """f32[N, S, S, 3] by factors f32[N, 3], as `training_views.recoloured` does one image."""
    brightness, contrast, saturation = _sent(colours, images.device)[:, :, None, None].unbind(1)
    grey = torch.from_numpy(GREY).to(images.device)
    means = images.mean(dim=(1, 2)) @ grey
    identity = torch.eye(3, device=images.device)
    matrices = contrast * brightness * (saturation * identity + (1 - saturation) * grey[:, None])
    shift = (1 - contrast) * brightness * means[:, None, None]
    values = torch.baddbmm(shift, images.reshape(len(images), -1, 3), matrices)
    return values.add_(0.5).floor_().clamp_(0, 255).view(images.shape)


def _sent(values: np.ndarray, device: torch.device) -> Tensor:
    """To the device, without waiting for what it computes."""
    tensor = torch.from_numpy(values)
    return tensor.pin_memory().to(device, non_blocking=True) if device.type == "cuda" else tensor
