"""Golden pixels of what microscopes write: channels, stacks, time, tiles, large files; made by tifffile, expected by hand."""

import io

import numpy as np
import numpy.typing as npt
import pytest
import tifffile

from tlstudio.datasets.decode import decode_image
from tlstudio.domain.intensity import IntensityRule
from tlstudio.errors import TLStudioError

RANGE = IntensityRule()
RANDOM = np.random.default_rng(5)
PLANES = RANDOM.integers(0, 65_536, (2, 3, 5, 20, 24)).astype(np.uint16)
"""Time, depth, channel, height, width."""


def tiff(values: npt.NDArray[np.generic], **options: object) -> bytes:
    buffer = io.BytesIO()
    tifffile.imwrite(buffer, values, **options)
    return buffer.getvalue()


def shown(values: npt.NDArray[np.uint16]) -> npt.NDArray[np.int64]:
    """16 bits as 8: the nearest of v / 257."""
    return (values.astype(np.int64) + 128) // 257


def as_colours(channels: npt.NDArray[np.integer]) -> npt.NDArray[np.integer]:
    """[C, H, W] as [H, W, 3]: the first three are red, green, blue; a missing third is black."""
    rgb = np.zeros((*channels.shape[1:], 3), channels.dtype)
    for index, channel in enumerate(channels[:3]):
        rgb[..., index] = channel
    return rgb


@pytest.mark.parametrize(
    ("axes", "values", "format"),
    [
        ("CYX", PLANES[0, 0, :3], "TIFF, 3 channels"),
        ("CYX", PLANES[0, 0, :2], "TIFF, 2 channels"),
        ("CYX", PLANES[0, 0], "TIFF, 3 of 5 channels"),
        ("ZCYX", PLANES[0], "TIFF, 3 of 5 channels, first of 3"),
        ("CZYX", PLANES[0].swapaxes(0, 1), "TIFF, 3 of 5 channels, first of 3"),
        ("TCZYX", PLANES.swapaxes(1, 2), "TIFF, 3 of 5 channels, first of 6"),
        ("TZCYX", PLANES, "TIFF, 3 of 5 channels, first of 6"),
        ("CTYX", PLANES[:, 0].swapaxes(0, 1), "TIFF, 3 of 5 channels, first of 2"),
    ],
)
@pytest.mark.parametrize("kind", [np.uint16, np.uint8])
def test_ome_channels_become_red_green_and_blue(axes: str, values: npt.NDArray[np.uint16], format: str, kind: type) -> None:
    data = tiff(values.astype(kind), ome=True, metadata={"axes": axes}, photometric="minisblack")
    first = values[tuple(slice(None) if axis in "CYX" else 0 for axis in axes)].astype(kind)
    decoded = decode_image(data, RANGE)
    assert decoded.format == format
    assert np.array_equal(decoded.pixels, as_colours(first if kind is np.uint8 else shown(first)))


def test_one_channel_of_a_stack_is_grey() -> None:
    data = tiff(PLANES[0, :, 0], ome=True, metadata={"axes": "ZYX"}, photometric="minisblack")
    decoded = decode_image(data, RANGE)
    assert decoded.format == "TIFF, first of 3"
    assert np.array_equal(decoded.pixels, np.repeat(shown(PLANES[0, 0, 0])[..., None], 3, axis=2))


@pytest.mark.parametrize("kind", [np.uint16, np.uint8, np.float32])
def test_imagej_hyperstacks(kind: type) -> None:
    stack = PLANES[:, :, :2]
    data = tiff((stack / 65_535).astype(kind) if kind is np.float32 else stack.astype(kind), imagej=True, metadata={"axes": "TZCYX"})
    decoded = decode_image(data, RANGE)
    assert decoded.format == "TIFF, 2 channels, first of 6"
    expected = as_colours(stack[0, 0].astype(kind) if kind is np.uint8 else shown(stack[0, 0]))
    assert np.abs(decoded.pixels - expected.astype(int)).max() <= (kind is np.float32)
    assert not decoded.pixels[..., 2].any()


def test_imagej_colours_stay_colours() -> None:
    colours = RANDOM.integers(0, 256, (4, 20, 24, 3), dtype=np.uint8)
    decoded = decode_image(tiff(colours, imagej=True), RANGE)
    assert decoded.format == "TIFF, first of 4"
    assert np.array_equal(decoded.pixels, colours[0])


@pytest.mark.parametrize("layout", ["contig", "separate"])
@pytest.mark.parametrize("number", [2, 3, 5, 9])
@pytest.mark.parametrize("kind", [np.uint16, np.uint8])
def test_samples_that_are_no_colours(layout: str, number: int, kind: type) -> None:
    channels = RANDOM.integers(0, np.iinfo(kind).max + 1, (number, 20, 24)).astype(kind)
    values = channels if layout == "separate" else np.moveaxis(channels, 0, -1)
    decoded = decode_image(tiff(values, photometric="minisblack", planarconfig=layout), RANGE)
    assert decoded.format == (f"TIFF, {number} channels" if number <= 3 else f"TIFF, 3 of {number} channels")
    assert np.array_equal(decoded.pixels, as_colours(channels if kind is np.uint8 else shown(channels)))


def test_a_missing_third_channel_is_black_under_every_rule() -> None:
    channels = np.array([[[-4.0, 0.0, 4.0]], [[4.0, 0.0, -4.0]]], np.float32)
    data = tiff(channels, ome=True, metadata={"axes": "CYX"}, photometric="minisblack")
    pixels = decode_image(data, IntensityRule(kind="window", low=-4, high=4)).pixels
    assert pixels.tolist() == [[[0, 255, 0], [128, 128, 0], [255, 0, 0]]]


@pytest.mark.parametrize("options", [{"bigtiff": True}, {"tile": (16, 16)}, {"tile": (16, 16), "compression": "zlib", "bigtiff": True}])
@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
def test_large_and_tiled_files(options: dict[str, object], kind: type) -> None:
    grey = PLANES[0, 0, 0].astype(kind)
    expected = grey if kind is np.uint8 else shown(grey)
    assert np.array_equal(decode_image(tiff(grey, **options), RANGE).pixels, np.repeat(expected[..., None], 3, axis=2))
    channels = PLANES[0, 0].astype(kind)
    data = tiff(channels, ome=True, metadata={"axes": "CYX"}, photometric="minisblack", **options)
    assert np.array_equal(decode_image(data, RANGE).pixels, as_colours(channels if kind is np.uint8 else shown(channels)))


def test_twelve_bits_that_say_so_in_several_pages() -> None:
    values = np.stack([PLANES[0, 0, 0] >> 4, PLANES[0, 0, 1] >> 4])
    decoded = decode_image(tiff(values, photometric="minisblack"), IntensityRule(kind="window", low=0, high=4095))
    assert decoded.format == "TIFF, first of 2"
    expected = (values[0].astype(int) * 255 * 2 + 4095) // (2 * 4095)
    assert np.array_equal(decoded.pixels[..., 0], expected)


@pytest.mark.parametrize(
    "description",
    [
        "<OME><Pixels",
        "<OME><Image/></OME>",
        "ImageJ=1.54\nchannels=x\n",
        "ImageJ=1.54\nchannels=9\n",
        "<!DOCTYPE a [<!ENTITY b 'c'>]><OME>&b;</OME>",
    ],
)
def test_a_damaged_description_costs_nothing(description: str) -> None:
    values = PLANES[0, 0, :2].astype(np.uint8)
    data = tiff(values, photometric="minisblack", description=description, metadata=None)
    decoded = decode_image(data, RANGE)
    assert decoded.format == "TIFF, first of 2"
    assert np.array_equal(decoded.pixels[..., 0], values[0])


def test_channels_in_other_files_are_not_looked_for() -> None:
    description = (
        '<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06"><Image ID="Image:0"><Pixels DimensionOrder="XYCZT" SizeC="2" '
        'SizeT="1" SizeX="24" SizeY="20" SizeZ="1" Type="uint8"><TiffData FirstC="0" IFD="0"><UUID FileName="a.tif">urn:uuid:1</UUID>'
        '</TiffData><TiffData FirstC="1" IFD="0"><UUID FileName="/etc/passwd">urn:uuid:2</UUID></TiffData></Pixels></Image></OME>'
    )
    values = PLANES[0, 0, :2].astype(np.uint8)
    decoded = decode_image(tiff(values, photometric="minisblack", description=description, metadata=None), RANGE)
    assert np.array_equal(decoded.pixels, np.repeat(values[0][..., None], 3, axis=2))


def test_what_is_too_large_is_refused_before_it_is_unpacked() -> None:
    wide = tiff(np.zeros((16, 16), np.uint8), bigtiff=True, compression="zlib")
    page = tifffile.TiffFile(io.BytesIO(wide)).pages.first
    data = bytearray(wide)
    for name in ("ImageWidth", "ImageLength"):
        place = page.tags[name].valueoffset
        data[place : place + 2] = (50_000).to_bytes(2, "little")
    with pytest.raises(TLStudioError) as refused:
        decode_image(bytes(data), RANGE)
    assert refused.value.title.id in ("image.too_many_pixels", "image.bomb")


def test_thousands_of_samples_a_pixel_are_refused_before_they_are_unpacked() -> None:
    data = tiff(np.zeros((512, 512, 9000), np.uint8), photometric="minisblack", planarconfig="contig", compression="zlib")
    assert len(data) < 2**24
    with pytest.raises(TLStudioError) as refused:
        decode_image(data, RANGE)
    assert refused.value.title.id == "image.memory"
