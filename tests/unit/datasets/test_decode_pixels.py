"""Golden pixels: what each kind of file must become, worked out by hand."""

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import tifffile
from PIL import Image, ImageCms

from tlstudio.datasets.decode import decode_image
from tlstudio.domain.intensity import IntensityRule

RANGE = IntensityRule()
RGB = np.array([[[255, 0, 0], [0, 255, 0]], [[0, 0, 255], [10, 20, 30]], [[200, 100, 50], [255, 255, 255]]], np.uint8)


def encoded(image: Image.Image, format: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format, **options)
    return buffer.getvalue()


def tiff(values: npt.NDArray[np.generic], **options: object) -> bytes:
    buffer = io.BytesIO()
    tifffile.imwrite(buffer, values, **options)
    return buffer.getvalue()


def png16(values: npt.NDArray[np.uint16], colour_type: int, *, key: bytes = b"") -> bytes:
    """A 16-bit PNG written by hand: uint16[H, W, C]."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    height, width = values.shape[:2]
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 16, colour_type, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + (chunk(b"tRNS", key) if key else b"") + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def pixels(data: bytes, rule: IntensityRule = RANGE) -> npt.NDArray[np.uint8]:
    return decode_image(data, rule).pixels


def grey(values: object) -> npt.NDArray[np.uint8]:
    return np.repeat(np.asarray(values, np.uint8)[..., None], 3, axis=2)


@pytest.mark.parametrize("format", ["PNG", "TIFF", "BMP", "PPM"])
def test_plain_colours_are_kept(format: str) -> None:
    decoded = decode_image(encoded(Image.fromarray(RGB), format), RANGE)
    assert np.array_equal(decoded.pixels, RGB)
    assert (decoded.width_px, decoded.height_px) == (2, 3)
    assert decoded.pixels.dtype == np.uint8
    assert decoded.pixels.flags.writeable


def test_lossless_webp_and_grey() -> None:
    assert np.array_equal(pixels(encoded(Image.fromarray(RGB), "WEBP", lossless=True)), RGB)
    assert np.array_equal(pixels(encoded(Image.fromarray(RGB[..., 0]), "PNG")), grey(RGB[..., 0]))


def test_one_bit_becomes_black_and_white() -> None:
    image = Image.fromarray(np.array([[0, 255], [255, 0]], np.uint8)).convert("1")
    for format in ("PNG", "TIFF", "BMP"):
        assert np.array_equal(pixels(encoded(image, format)), grey([[0, 255], [255, 0]]))


def test_tiff_where_zero_is_white() -> None:
    values = np.array([[0, 255, 100]], np.uint8)
    assert np.array_equal(pixels(tiff(values, photometric="miniswhite")), grey([[255, 0, 155]]))
    assert np.array_equal(pixels(tiff(values.astype(np.uint16) * 257, photometric="miniswhite")), grey([[255, 0, 155]]))


def test_palette_with_transparent_entry_lies_on_white() -> None:
    image = Image.fromarray(np.array([[0, 1, 2]], np.uint8), "L").convert("P")
    image.putpalette([10, 20, 30, 200, 0, 0, 0, 0, 200])
    assert np.array_equal(pixels(encoded(image, "PNG")), [[[10, 20, 30], [200, 0, 0], [0, 0, 200]]])
    data = encoded(image, "PNG", transparency=bytes([255, 0, 128]))
    # 128/255 of (0, 0, 200) on white: round((0*128 + 255*127) / 255) = 127, round((200*128 + 255*127) / 255) = 227
    assert np.array_equal(pixels(data), [[[10, 20, 30], [255, 255, 255], [127, 127, 227]]])
    assert np.array_equal(pixels(encoded(image, "GIF", transparency=1)), [[[10, 20, 30], [255, 255, 255], [0, 0, 200]]])


@pytest.mark.parametrize("format", ["PNG", "TIFF"])
def test_alpha_lies_on_white(format: str) -> None:
    rgba = np.array([[[100, 0, 200, 255], [100, 0, 200, 0], [100, 0, 200, 51]]], np.uint8)
    # alpha 51 is a fifth: 100/5 + 255*4/5 = 224, 204, 244
    assert np.array_equal(pixels(encoded(Image.fromarray(rgba), format)), [[[100, 0, 200], [255, 255, 255], [224, 204, 244]]])
    la = np.array([[[100, 255], [100, 0], [100, 51]]], np.uint8)
    assert np.array_equal(pixels(encoded(Image.fromarray(la, "LA"), format)), grey([[100, 255, 224]]))


def test_transparent_colour_lies_on_white() -> None:
    data = encoded(Image.fromarray(RGB), "PNG", transparency=(10, 20, 30))
    assert pixels(data)[1, 1].tolist() == [255, 255, 255]
    assert pixels(data)[0, 0].tolist() == [255, 0, 0]
    assert np.array_equal(pixels(encoded(Image.fromarray(RGB[..., 0]), "PNG", transparency=10))[1, 1], [255, 255, 255])


SIXTEEN = np.array([[0, 128, 129, 257 * 7 + 128, 257 * 7 + 129, 65535]], np.uint16)
SIXTEEN_AS_8 = [0, 0, 1, 7, 8, 255]


def test_sixteen_bit_grey_rounds_rather_than_clips() -> None:
    big = SIXTEEN.astype(">u2")
    for data in (
        encoded(Image.fromarray(SIXTEEN), "PNG"),
        png16(SIXTEEN[..., None], 0),
        tiff(SIXTEEN),
        tiff(big, byteorder=">"),
        tiff(SIXTEEN, compression="zlib", predictor=True),
        tiff(SIXTEEN, compression="lzw"),
        b"P5 6 1 65535\n" + big.tobytes(),
    ):
        assert np.array_equal(pixels(data), grey([SIXTEEN_AS_8]))


def test_sixteen_bit_colour_keeps_its_depth_until_the_rule() -> None:
    values = np.stack([SIXTEEN, SIXTEEN[:, ::-1], SIXTEEN], axis=-1)
    expected = np.stack([[SIXTEEN_AS_8], [SIXTEEN_AS_8[::-1]], [SIXTEEN_AS_8]], axis=-1)
    for data in (
        png16(values, 2),
        tiff(values, photometric="rgb"),
        tiff(np.moveaxis(values, 2, 0), photometric="rgb", planarconfig="separate"),
    ):
        assert np.array_equal(pixels(data), expected)
    window = IntensityRule(kind="window", low=0, high=510)
    assert pixels(png16(values, 2), window)[0, 1].tolist() == [64, 255, 64]  # 128/2 = 64; above the window: 255


def test_window_maps_low_to_black_and_high_to_white() -> None:
    values = np.array([[999, 1000, 1255, 1510, 1511]], np.uint16)
    window = IntensityRule(kind="window", low=1000, high=1510)
    expected = grey([[0, 0, 128, 255, 255]])  # 127.5 rounds up
    assert np.array_equal(pixels(png16(values[..., None], 0), window), expected)
    assert np.array_equal(pixels(tiff(values), window), expected)
    assert np.array_equal(pixels(tiff(values.astype(np.float32)), window), expected)
    assert np.array_equal(pixels(tiff(values.astype(np.int32)), window), expected)


def test_window_leaves_eight_bits_and_alpha_alone() -> None:
    window = IntensityRule(kind="window", low=0, high=100)
    assert np.array_equal(pixels(encoded(Image.fromarray(RGB), "PNG"), window), RGB)
    grey_alpha = np.array([[[50, 0], [50, 65535], [50, 257 * 51]]], np.uint16)
    assert np.array_equal(pixels(png16(grey_alpha, 4), window), grey([[255, 128, 230]]))  # 128/5 + 255*4/5 = 229.6


def test_sixteen_bit_transparent_colour() -> None:
    assert np.array_equal(pixels(png16(SIXTEEN[..., None], 0, key=struct.pack(">H", 0)))[0, 0], [255, 255, 255])


def test_float_tiff() -> None:
    values = np.array([[-1.0, 0.0, 0.5, 1.0, 7.0, np.nan, np.inf, -np.inf]])
    for kind in (np.float16, np.float32, np.float64):
        assert np.array_equal(pixels(tiff(values.astype(kind))), grey([[0, 0, 128, 255, 255, 0, 255, 0]]))
    colours = np.stack([values, values, values], axis=-1).astype(np.float32)
    assert np.array_equal(pixels(tiff(colours, photometric="rgb")), grey([[0, 0, 128, 255, 255, 0, 255, 0]]))


def test_integers_take_their_whole_range() -> None:
    assert np.array_equal(pixels(tiff(np.array([[0, 2**31, 2**32 - 1]], np.uint32))), grey([[0, 128, 255]]))
    assert np.array_equal(pixels(tiff(np.array([[-(2**31), 0, 2**31 - 1]], np.int32))), grey([[0, 128, 255]]))
    assert np.array_equal(pixels(tiff(np.array([[-32768, 0, 32767]], np.int16))), grey([[0, 128, 255]]))
    assert np.array_equal(pixels(tiff(np.array([[-128, 0, 127]], np.int8))), grey([[0, 128, 255]]))


def test_cmyk_without_a_profile() -> None:
    inks = np.array([[[0, 0, 0, 0], [255, 0, 0, 0], [0, 255, 255, 0], [0, 0, 0, 255], [0, 0, 0, 128]]], np.uint8)
    expected = [[[255, 255, 255], [0, 255, 255], [255, 0, 0], [0, 0, 0], [127, 127, 127]]]
    assert np.array_equal(pixels(encoded(Image.fromarray(inks, "CMYK"), "TIFF")), expected)


@pytest.mark.parametrize("transform", [0, 2])
def test_cmyk_and_ycck_jpeg_are_not_negatives(transform: int) -> None:
    """Adobe's CMYK JPEGs store inverted inks; YCCK also turns the colours. Both must come out the right way round."""
    inks = np.zeros((16, 16, 4), np.uint8)
    inks[..., 1] = 200  # magenta
    data = encoded(Image.fromarray(inks, "CMYK"), "JPEG", quality=95)
    if transform == 2:
        import imagecodecs

        ycck = imagecodecs.jpeg8_encode(np.uint8(255) - inks, colorspace="CMYK", outcolorspace="YCCK", level=95)
        data = bytes(ycck)
    middle = pixels(data)[8, 8].astype(int)
    assert np.abs(middle - [255, 55, 255]).max() <= 4


def test_embedded_profile_is_turned_into_srgb() -> None:
    """A profile that swaps nothing but has another gamma must brighten or darken; sRGB's own must change nothing."""
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    image = Image.fromarray(RGB)
    assert np.array_equal(pixels(encoded(image, "PNG", icc_profile=srgb)), RGB)
    assert np.array_equal(pixels(encoded(image, "PNG", icc_profile=b"no profile at all")), RGB)
    linear = _linear_profile(srgb)
    half = Image.new("RGB", (2, 2), (55, 55, 55))
    for format in ("PNG", "TIFF", "WEBP"):
        options = {"lossless": True} if format == "WEBP" else {}
        turned = pixels(encoded(half, format, icc_profile=linear, **options))
        # linear 55/255 = 0.2157; as sRGB 1.055 * 0.2157 ** (1 / 2.4) - 0.055 = 0.502 -> 128
        assert np.abs(turned.astype(int) - 128).max() <= 1


def _linear_profile(srgb: bytes) -> bytes:
    """sRGB's primaries with straight tone curves: the curves of the profile replaced by gamma 1."""
    data = bytearray(srgb)
    (count,) = struct.unpack_from(">I", data, 128)
    for index in range(count):
        name, offset, size = struct.unpack_from(">4sII", data, 132 + 12 * index)
        if name in (b"rTRC", b"gTRC", b"bTRC"):
            data[offset : offset + size] = (b"curv" + bytes(8)).ljust(size, b"\0")
    return bytes(data)


def test_grey_profile_leaves_grey_grey() -> None:
    image = Image.fromarray(np.arange(256, dtype=np.uint8)[None])
    turned = pixels(encoded(image, "PNG", icc_profile=ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()))
    assert np.array_equal(turned, grey(np.arange(256)[None]))


SCENE = np.random.default_rng(1).integers(0, 256, (24, 40, 3), dtype=np.uint8)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("format", ["JPEG", "PNG", "TIFF", "WEBP"])
def test_orientation_gives_the_pixels_of_the_turned_file(orientation: int, format: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    options: dict[str, object] = {"lossless": True} if format == "WEBP" else {}
    upright = pixels(encoded(Image.fromarray(SCENE), format, **options))
    decoded = decode_image(encoded(Image.fromarray(SCENE), format, exif=exif, **options), RANGE)
    expected = _turned(upright)[orientation]
    assert np.array_equal(decoded.pixels, expected)
    assert (decoded.height_px, decoded.width_px) == expected.shape[:2]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_of_a_deep_tiff(orientation: int) -> None:
    data = tiff(SCENE.astype(np.uint16) * 257, photometric="rgb", extratags=[(274, "H", 1, orientation, True)])
    assert np.array_equal(pixels(data), _turned(SCENE)[orientation])


def _turned(scene: npt.NDArray[np.uint8]) -> dict[int, npt.NDArray[np.uint8]]:
    across = scene.transpose(1, 0, 2)
    return {
        1: scene, 2: scene[:, ::-1], 3: scene[::-1, ::-1], 4: scene[::-1],
        5: across, 6: across[:, ::-1], 7: across[::-1, ::-1], 8: across[::-1],
    }  # fmt: skip


def test_an_orientation_outside_one_to_eight_is_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 9
    assert np.array_equal(pixels(encoded(Image.fromarray(SCENE), "PNG", exif=exif)), SCENE)


def test_first_of_several_is_taken_and_said() -> None:
    frames = [Image.new("RGB", (4, 4), colour) for colour in ("red", "lime", "blue")]
    for format in ("GIF", "TIFF", "WEBP", "PNG"):
        options: dict[str, object] = {"lossless": True} if format == "WEBP" else {}
        decoded = decode_image(encoded(frames[0], format, save_all=True, append_images=frames[1:], **options), RANGE)
        assert decoded.format.endswith("first of 3"), decoded.format
        assert decoded.pixels[0, 0].tolist() == [255, 0, 0]
    pages = tiff(np.stack([SIXTEEN, SIXTEEN + 1]), photometric="minisblack")
    assert decode_image(pages, RANGE).format == "TIFF, first of 2"
    assert np.array_equal(pixels(pages), grey([SIXTEEN_AS_8]))


def test_scaled_decoding_follows_the_same_rule(tmp_path: Path) -> None:
    smooth = Image.linear_gradient("L").resize((1600, 1200)).convert("RGB")
    exif = Image.Exif()
    exif[0x0112] = 6
    data = encoded(smooth, "JPEG", quality=95, exif=exif)
    whole, scaled = decode_image(data, RANGE), decode_image(data, RANGE, at_least_px=200)
    assert (scaled.width_px, scaled.height_px) == (whole.width_px, whole.height_px) == (1200, 1600)
    assert 200 <= min(scaled.pixels.shape[:2]) <= 400
    shrunk = np.asarray(Image.fromarray(whole.pixels).resize(scaled.pixels.shape[1::-1], Image.Resampling.BOX))
    assert np.abs(shrunk.astype(int) - scaled.pixels.astype(int)).max() <= 3


def test_content_decides_and_not_the_name(tmp_path: Path) -> None:
    path = tmp_path / "really a png.jpg"
    path.write_bytes(encoded(Image.fromarray(RGB), "PNG"))
    decoded = decode_image(path, RANGE)
    assert decoded.format == "PNG"
    assert np.array_equal(decoded.pixels, RGB)
