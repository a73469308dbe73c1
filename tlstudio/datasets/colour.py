"""From any 8-bit colour mode to sRGB without transparency; part of the rule that `decode` states."""

import io
from functools import lru_cache

import numpy as np
from PIL import Image, ImageCms

_ALPHA_MODES = ("LA", "RGBA", "PA", "La", "RGBa")
_SRGB_TOLERANCE = 2
_MAX_PROFILE_BYTES = 16 * 2**20


def to_rgb(image: Image.Image, icc_profile: bytes | None) -> Image.Image:
    """`image` (any 8-bit mode of Pillow) on white, through its embedded profile, as mode RGB."""
    image = on_white(image)
    if image.mode == "LAB":
        return _from_lab(image)
    transform = _transform(icc_profile, image.mode) if icc_profile and len(icc_profile) <= _MAX_PROFILE_BYTES else None
    if transform is None:
        return image if image.mode == "RGB" else image.convert("RGB")
    turned = transform.apply(image)
    if image.mode != "L":
        return turned
    # A grey profile may leave a tint of a level or two; grey stays grey.
    return turned.getchannel("G").convert("RGB")


def on_white(image: Image.Image) -> Image.Image:
    """Mode L, RGB, CMYK or LAB: every pixel is round((c * alpha + 255 * (255 - alpha)) / 255)."""
    if image.mode == "1":
        image = _with_info(image.convert("L"), image)
    has_key = "transparency" in image.info and image.mode in ("P", "L", "RGB")
    if has_key:
        image = image.convert("LA" if image.mode == "L" else "RGBA")
    if image.mode in ("P", "RGBX", "YCbCr", "HSV"):
        return image.convert("RGB")
    if image.mode not in _ALPHA_MODES:
        return image
    if image.mode in ("La", "RGBa", "PA"):
        image = image.convert("LA" if image.mode == "La" else "RGBA")
    base = "L" if image.mode == "LA" else "RGB"
    ground = Image.new(base, image.size, "white")
    ground.paste(image.convert(base), mask=image.getchannel("A"))
    return ground


def _with_info(image: Image.Image, source: Image.Image) -> Image.Image:
    """A 1-bit file's transparent colour is 0 or 1; in grey that is 0 or 255."""
    key = source.info.get("transparency")
    if isinstance(key, int):
        image.info["transparency"] = 255 if key else 0
    return image


def _from_lab(image: Image.Image) -> Image.Image:
    lab = ImageCms.createProfile("LAB")
    converted = ImageCms.profileToProfile(image, lab, _srgb(), outputMode="RGB")
    assert converted is not None
    return converted


@lru_cache(maxsize=1)
def _srgb() -> ImageCms.ImageCmsProfile:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))


@lru_cache(maxsize=64)
def _transform(icc_profile: bytes, mode: str) -> ImageCms.ImageCmsTransform | None:
    """Relative colorimetric with black-point compensation; None where the profile is broken, of another mode, or sRGB itself."""
    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(icc_profile))
        transform = ImageCms.buildTransform(
            profile,
            _srgb(),
            mode,
            "RGB",
            renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
            flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return None
    return None if _is_srgb(transform, mode) else transform


def _is_srgb(transform: ImageCms.ImageCmsTransform, mode: str) -> bool:
    """Whether the transform moves no colour of a lattice by more than two levels: then the pixels are left as they are."""
    levels = np.linspace(0, 255, 9).round().astype(np.uint8)
    if mode == "L":
        lattice = np.arange(256, dtype=np.uint8)[None]
        before = np.repeat(lattice[..., None], 3, axis=2)
    elif mode == "RGB":
        lattice = before = np.stack(np.meshgrid(levels, levels, levels), axis=-1).reshape(1, -1, 3)
    else:
        return False
    after = np.asarray(transform.apply(Image.fromarray(lattice)))
    return bool(np.abs(after.astype(int) - before.astype(int)).max() <= _SRGB_TOLERANCE)
