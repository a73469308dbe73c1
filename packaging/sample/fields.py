"""Small tools on float fields [H, W]: blurs, smooth noise, slopes. Edges wrap round, so callers keep a margin."""

from functools import lru_cache

import numpy as np
import numpy.typing as npt

Field = npt.NDArray[np.float64]


@lru_cache(maxsize=4)
def _frequencies(height: int, width: int) -> tuple[Field, Field]:
    return np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None, :]


def blur(field: Field, sigma_px: float) -> Field:
    """Gaussian blur."""
    if sigma_px <= 0:
        return field
    fy, fx = _frequencies(*field.shape)
    kernel = np.exp(-2 * (np.pi * sigma_px) ** 2 * (fy**2 + fx**2))
    return np.fft.irfft2(np.fft.rfft2(field) * kernel, s=field.shape)


def smooth_noise(random: np.random.Generator, shape: tuple[int, int], sigma_px: float) -> Field:
    """Noise of one length scale, mean 0, standard deviation 1."""
    field = blur(random.standard_normal(shape), sigma_px)
    return (field - field.mean()) / (field.std() + 1e-12)


def slope(field: Field, angle: float) -> Field:
    """Derivative along `angle` (radians)."""
    dy, dx = np.gradient(field)
    return dx * np.cos(angle) + dy * np.sin(angle)


def halved(field: Field) -> Field:
    """Mean of 2 x 2 blocks."""
    height, width = field.shape
    return field.reshape(height // 2, 2, width // 2, 2).mean(axis=(1, 3))
