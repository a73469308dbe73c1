"""From thickness to a photograph: how light, contrast method, focus and camera turn a scene into pixels."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from fields import Field, blur, halved, slope, smooth_noise
from shapes import Scene

METHODS = ("bright", "phase", "stained", "relief")
BLURRED = 0.15
"""Share of images that are badly focused."""
STAINS = ((0.55, 1.0, 0.42), (0.30, 1.0, 0.74), (1.0, 0.62, 0.36))
"""Absorption of red, green and blue by crystal violet, safranin and methylene blue, about."""


@dataclass(frozen=True, kw_only=True)
class Slide:
    """What all images of one slide share: preparation, light and camera."""

    number: int
    method: str
    light: npt.NDArray[np.float64]
    """Colour of the empty field, [3], 0..1."""
    stain: npt.NDArray[np.float64]
    """Absorption by thickness, [3]."""
    contrast: float
    vignette: float
    tilt: tuple[float, float]
    noise: float
    dirt: float
    relief_angle: float


def make_slide(number: int, random: np.random.Generator) -> Slide:
    """A slide by its number: methods take turns, everything else is drawn."""
    method = METHODS[number % len(METHODS)]
    level = {"bright": 0.70, "phase": 0.55, "relief": 0.57, "stained": 0.80}[method] + random.uniform(-0.05, 0.05)
    warm = random.uniform(-1, 1)
    green = random.uniform(0.0, 0.06) if method in ("phase", "relief") else random.uniform(-0.02, 0.02)
    light = level * np.array([1 + 0.07 * warm, 1 + green, 1 - 0.09 * warm])
    stain = np.array(STAINS[number // len(METHODS) % len(STAINS)]) if method == "stained" else np.ones(3)
    return Slide(
        number=number,
        method=method,
        light=light,
        stain=stain,
        contrast=random.uniform(0.9, 1.2),
        vignette=random.uniform(0.06, 0.32),
        tilt=(random.normal(0, 0.05), random.normal(0, 0.05)),
        noise=random.uniform(0.008, 0.018),
        dirt=random.uniform(0.3, 1.5),
        relief_angle=random.uniform(0, 2 * np.pi),
    )


def photograph(scene: Scene, slide: Slide, random: np.random.Generator) -> npt.NDArray[np.uint8]:
    """uint8[S, S, 3] with S half the scene's size."""
    defocus = 0.5 + abs(random.normal(0, 0.9)) + (random.uniform(1.5, 4.0) if random.random() < BLURRED else 0.0)
    swing = random.choice([-1.0, 1.0], p=(0.25, 0.75))
    transmitted = np.ones((scene.size, scene.size, 3))
    for layer, extra in zip(scene.layers, (0.0, 1.6, 4.0), strict=True):
        if layer.any():
            transmitted *= _seen(layer / 16.0, slide, defocus + extra, swing)
    dirt = blur(scene.opaque, 0.8 + defocus * 0.6)
    transmitted *= np.exp(-0.9 * np.clip(dirt, 0, 1.5))[..., None] * (1 + 0.10 * _rings(scene.opaque, defocus))[..., None]
    image = transmitted * _illumination(scene.size, slide, random)
    small = np.stack([halved(blur(image[..., channel], 0.75 + 0.12 * abs(channel - 1))) for channel in range(3)], axis=-1)
    return _camera(small, slide, random)


def _seen(thickness: Field, slide: Slide, defocus: float, swing: float) -> Field:
    """Factor on the light, [H, W, 3]."""
    sharp = blur(thickness, defocus)
    contrast = slide.contrast
    match slide.method:
        case "stained":
            mottled = sharp + 0.15 * (blur(thickness, 0.7) - blur(thickness, 2.5))
            factor = np.exp(-1.05 * contrast * np.clip(mottled, 0, None)[..., None] * slide.stain)
            return factor * (1 + 0.22 * swing * _becke(thickness, defocus + 0.5))[..., None]
        case "phase":
            halo = blur(thickness, 11.0 + defocus) - 0.55 * blur(thickness, 24.0)
            return np.clip(1 - 0.62 * contrast * np.tanh(1.5 * sharp) + 1.15 * contrast * halo, 0.12, 2.2)[..., None]
        case "relief":
            relief = slope(blur(thickness, defocus * 0.7 + 0.6), slide.relief_angle)
            return np.clip(1 + 1.9 * contrast * np.tanh(1.6 * relief) - 0.07 * sharp, 0.1, 2.2)[..., None]
    edges = _becke(thickness, defocus + 0.8)
    return np.clip(np.exp(-0.20 * contrast * sharp) * (1 + 0.95 * contrast * swing * edges), 0.1, 2.2)[..., None]


def _becke(thickness: Field, defocus: float) -> Field:
    """The bright and dark lines of slightly defocused edges: a curvature of the thickness."""
    return np.tanh(2.6 * (blur(thickness, defocus) - blur(thickness, 1.7 * defocus + 1.6)))


def _rings(dirt: Field, defocus: float) -> Field:
    return blur(dirt, 1.5 + defocus) - blur(dirt, 3.5 + 2 * defocus)


def _illumination(size: int, slide: Slide, random: np.random.Generator) -> Field:
    """The empty field, [H, W, 3]: vignette, tilt and slow unevenness, a little different in each image."""
    y, x = np.mgrid[:size, :size] / size - 0.5
    centre = random.normal(0, 0.06, 2)
    radius = np.hypot(x - centre[0], y - centre[1])
    field = 1 - slide.vignette * (radius / 0.7) ** 2.2
    field += (slide.tilt[0] + random.normal(0, 0.03)) * x * 2 + (slide.tilt[1] + random.normal(0, 0.03)) * y * 2
    field += 0.012 * smooth_noise(random, (size, size), size / 12) + 0.008 * smooth_noise(random, (size, size), 5)
    exposure = random.normal(1.0, 0.03)
    colour = slide.light * (1 + random.normal(0, 0.008, 3))
    return exposure * field[..., None] * colour


def _camera(image: Field, slide: Slide, random: np.random.Generator) -> npt.NDArray[np.uint8]:
    """Photon and read noise, slightly correlated as after demosaicing."""
    shape = image.shape[:2]
    grain = np.stack([smooth_noise(random, shape, 0.62) for _ in range(3)], axis=-1)
    shared = smooth_noise(random, shape, 0.55)[..., None]
    noisy = image + slide.noise * np.sqrt(np.clip(image, 0.02, None)) * (0.75 * shared + 0.5 * grain)
    return (np.clip(noisy, 0, 1) * 255 + 0.5).astype(np.uint8)
