"""Golden pixels of DICOM files: worked out here from the formulas of the standard (PS3.3 C.11.1, C.11.2.1.2, C.7.6.3.1)."""

import math
import struct
from fractions import Fraction

import imagecodecs
import numpy as np
import numpy.typing as npt
import pytest
from pydicom import uid
from pydicom.dataset import Dataset
from pydicom.pixels.encoders import RLELosslessEncoder

from tests.dicom_files import dicom
from tlstudio.datasets.decode import MAX_PIXELS, Decoded, decode_image
from tlstudio.domain.intensity import IntensityRule
from tlstudio.errors import TLStudioError

RANGE = IntensityRule()
HALF = Fraction(1, 2)
STORED = np.array([[0, 1, 900, 1000], [1024, 1064, 1100, 4095]], np.uint16)
SCENE = np.random.default_rng(2).integers(0, 4096, (18, 23)).astype(np.uint16)
COLOURS = np.random.default_rng(3).integers(0, 256, (18, 23, 3), dtype=np.uint8)


def shown(data: bytes, rule: IntensityRule = RANGE) -> npt.NDArray[np.uint8]:
    """The grey of a file, after a look that all three channels agree."""
    pixels = decode_image(data, rule).pixels
    assert (pixels == pixels[..., :1]).all()
    return pixels[..., 0]


def half_up(value: float | Fraction) -> int:
    return min(255, max(0, math.floor(value + HALF)))


def linear(number: float, window_centre: float, window_width: float) -> int:
    """PS3.3 C.11.2.1.2.1 with ymin 0 and ymax 255, in fractions."""
    value, centre, width = Fraction(number), Fraction(window_centre), Fraction(window_width)
    if value <= centre - HALF - (width - 1) / 2:
        return 0
    if value > centre - HALF + (width - 1) / 2:
        return 255
    return half_up(((value - (centre - HALF)) / (width - 1) + HALF) * 255)


def by(rule: object, values: npt.NDArray[np.generic]) -> npt.NDArray[np.uint8]:
    return np.array([[rule(float(value)) for value in row] for row in values], np.uint8)  # type: ignore[operator]


@pytest.mark.parametrize(("centre", "width"), [(40, 400), (-600, 1500), (0.5, 2), (1000, 1), (50, 80.5)])
def test_the_files_window_is_applied_after_the_rescale(centre: float, width: float) -> None:
    data = dicom(STORED, bits=12, RescaleSlope=1, RescaleIntercept=-1024, WindowCenter=centre, WindowWidth=width)
    assert np.array_equal(shown(data), by(lambda value: linear(value, centre, width), STORED.astype(int) - 1024))


def test_the_first_of_several_windows_counts() -> None:
    data = dicom(STORED, bits=12, WindowCenter=[1000, 40], WindowWidth=[500, 80])
    assert np.array_equal(shown(data), by(lambda value: linear(value, 1000, 500), STORED))


def test_exact_and_curved_windows() -> None:
    exact = dicom(STORED, bits=12, WindowCenter=1000, WindowWidth=300, VOILUTFunction="LINEAR_EXACT")
    assert np.array_equal(shown(exact), by(lambda value: half_up((Fraction(value - 1000) / 300 + HALF) * 255), STORED))
    curved = dicom(STORED, bits=12, WindowCenter=1000, WindowWidth=300, VOILUTFunction="SIGMOID")
    assert np.array_equal(shown(curved), by(lambda value: half_up(255 / (1 + math.exp(-4 * (value - 1000) / 300))), STORED))


def test_without_a_window_the_stored_bits_are_the_range() -> None:
    assert np.array_equal(shown(dicom(STORED, bits=12)), by(lambda value: half_up(value * 255 / 4095), STORED))
    signed = np.array([[-2048, -1024, 0, 2047]], np.int16)
    data = dicom(signed, bits=12, RescaleSlope=2, RescaleIntercept=100)
    assert np.array_equal(shown(data), by(lambda value: half_up((value + 2048) * 255 / 4095), signed))
    deep = np.array([[0, 2**31, 2**32 - 1]], np.uint32)
    assert shown(dicom(deep)).tolist() == [[0, 128, 255]]


def test_the_projects_window_is_in_rescaled_units_and_wins() -> None:
    data = dicom(STORED, bits=12, RescaleSlope=1, RescaleIntercept=-1024, WindowCenter=40, WindowWidth=400)
    rule = IntensityRule(kind="window", low=-124, high=76)
    assert np.array_equal(shown(data, rule), by(lambda value: half_up((value + 124) * 255 / 200), STORED.astype(int) - 1024))


def test_percentiles_are_those_of_the_image_and_win_over_its_window() -> None:
    rule = IntensityRule(kind="percentiles", low=25, high=75)
    low, high = (Fraction(float(np.percentile(STORED, percent))) for percent in (25, 75))
    expected = by(lambda value: half_up((Fraction(value) - low) * 255 / (high - low)), STORED)
    for more in ({}, {"RescaleSlope": 2, "RescaleIntercept": -1024}, {"WindowCenter": 900, "WindowWidth": 10}):
        np.testing.assert_array_equal(shown(dicom(STORED, bits=12, **more), rule), expected)
    inverted = dicom(STORED, bits=12, PhotometricInterpretation="MONOCHROME1")
    np.testing.assert_array_equal(shown(inverted, rule), 255 - expected)


def test_eight_bits_ignore_the_projects_window_but_not_their_own() -> None:
    values = np.array([[0, 100, 128, 255]], np.uint8)
    window = IntensityRule(kind="window", low=0, high=50)
    assert shown(dicom(values), window).tolist() == [[0, 100, 128, 255]]
    own = dicom(values, WindowCenter=128, WindowWidth=64)
    assert np.array_equal(shown(own, window), by(lambda value: linear(value, 128, 64), values))


def test_monochrome1_is_inverted_after_the_window() -> None:
    data = dicom(STORED, bits=12, WindowCenter=1000, WindowWidth=500, PhotometricInterpretation="MONOCHROME1")
    assert np.array_equal(shown(data), 255 - by(lambda value: linear(value, 1000, 500), STORED).astype(int))


def test_bits_above_the_stored_ones_are_overlays_and_not_brightness() -> None:
    data = dicom(STORED | np.uint16(0xF000), bits=12)
    assert np.array_equal(shown(data), by(lambda value: half_up(value * 255 / 4095), STORED))


def test_one_bit() -> None:
    bits = np.packbits(np.array([[1, 0, 1, 1, 0, 0, 0, 1]], np.uint8), bitorder="little")
    data = dicom(bits.reshape(1, 1), BitsAllocated=1, BitsStored=1, HighBit=0, Columns=8)
    assert shown(data).tolist() == [[255, 0, 255, 255, 0, 0, 0, 255]]


def test_float_pixels() -> None:
    values = np.array([[-1.0, 0.0, 0.5, 2.0]], np.float32)
    header = {"Rows": 1, "Columns": 4, "SamplesPerPixel": 1, "PhotometricInterpretation": "MONOCHROME2", "BitsAllocated": 32}
    data = dicom(None, FloatPixelData=values.tobytes(), sop_class=uid.ParametricMapStorage, **header)
    assert shown(data).tolist() == [[0, 0, 128, 255]]
    assert shown(data, IntensityRule(kind="window", low=-1, high=2)).tolist() == [[0, 85, 128, 255]]


@pytest.mark.parametrize("syntax", [uid.ImplicitVRLittleEndian, uid.ExplicitVRLittleEndian])
def test_colour_stays(syntax: str) -> None:
    assert np.array_equal(decode_image(dicom(COLOURS, syntax=syntax), RANGE).pixels, COLOURS)
    planes = dicom(np.ascontiguousarray(np.moveaxis(COLOURS, 2, 0)).reshape(18, 23, 3), syntax=syntax, PlanarConfiguration=1)
    assert np.array_equal(decode_image(planes, RANGE).pixels, COLOURS)


def test_luma_and_chroma_become_colours() -> None:
    ybr = np.array([[[76, 85, 255], [150, 44, 21], [128, 128, 128]]], np.uint8)
    expected = [
        [
            [
                half_up(y + 1.402 * (r - 128)),
                half_up(y - 0.344136 * (b - 128) - 0.714136 * (r - 128)),
                half_up(y + 1.772 * (b - 128)),
            ]
            for y, b, r in ybr[0].tolist()
        ]
    ]
    assert np.array_equal(decode_image(dicom(ybr, PhotometricInterpretation="YBR_FULL"), RANGE).pixels, expected)


def test_palette() -> None:
    indexes = np.array([[0, 1, 2, 7]], np.uint8)
    palette = {"Red": [10, 200, 0], "Green": [20, 0, 100], "Blue": [30, 0, 255]}
    tags: dict[str, object] = {"PhotometricInterpretation": "PALETTE COLOR"}
    for name, values in palette.items():
        tags[f"{name}PaletteColorLookupTableDescriptor"] = [3, 0, 16]
        tags[f"{name}PaletteColorLookupTableData"] = struct.pack("<3H", *(value * 257 for value in values))
    # an index beyond the table takes its last entry
    assert decode_image(dicom(indexes, **tags), RANGE).pixels.tolist() == [[[10, 20, 30], [200, 0, 0], [0, 100, 255], [0, 100, 255]]]


def test_first_of_several_frames_is_taken_and_said() -> None:
    frames = np.stack([SCENE, SCENE[::-1], SCENE[:, ::-1]])
    decoded = decode_image(dicom(frames, bits=12, NumberOfFrames=3), RANGE)
    assert decoded.format == "DICOM, first of 3"
    assert np.array_equal(decoded.pixels[..., 0], by(lambda value: half_up(value * 255 / 4095), SCENE))


def test_enhanced_files_say_it_frame_by_frame() -> None:
    def groups(intercept: float, centre: float) -> Dataset:
        frame, transformation, window = Dataset(), Dataset(), Dataset()
        transformation.RescaleSlope, transformation.RescaleIntercept = 1, intercept
        window.WindowCenter, window.WindowWidth = centre, 400
        frame.PixelValueTransformationSequence, frame.FrameVOILUTSequence = [transformation], [window]
        return frame

    frames = np.stack([STORED, STORED])
    data = dicom(frames, bits=12, NumberOfFrames=2, PerFrameFunctionalGroupsSequence=[groups(-1024, 40), groups(0, 9)])
    assert np.array_equal(shown(data), by(lambda value: linear(value, 40, 400), STORED.astype(int) - 1024))


def test_a_table_may_take_the_place_of_slope_and_intercept() -> None:
    table = Dataset()
    table.LUTDescriptor, table.LUTData, table.ModalityLUTType = [4, 0, 16], struct.pack("<4H", 0, 10_000, 30_000, 65_535), "US"
    data = dicom(np.array([[0, 1, 2, 3]], np.uint16), bits=12, ModalityLUTSequence=[table])
    assert shown(data).tolist() == [[0, half_up(10_000 / 257), half_up(30_000 / 257), 255]]


GREY_FRAMES = {
    uid.JPEGLosslessSV1: lambda: imagecodecs.ljpeg_encode(SCENE, bitspersample=12),
    uid.JPEGLossless: lambda: imagecodecs.jpeg8_encode(SCENE, bitspersample=12, lossless=True),
    uid.JPEGLSLossless: lambda: imagecodecs.jpegls_encode(SCENE),
    uid.JPEG2000Lossless: lambda: imagecodecs.jpeg2k_encode(SCENE, codecformat="j2k", reversible=True, bitspersample=12),
    uid.HTJ2KLossless: lambda: imagecodecs.htj2k_encode(SCENE),
    uid.RLELossless: lambda: RLELosslessEncoder.encode(
        SCENE.tobytes(),
        rows=18,
        columns=23,
        samples_per_pixel=1,
        bits_allocated=16,
        bits_stored=12,
        pixel_representation=0,
        photometric_interpretation="MONOCHROME2",
        number_of_frames=1,
        index=0,
    ),
}


@pytest.mark.parametrize("syntax", GREY_FRAMES, ids=lambda syntax: uid.UID(syntax).name)
def test_lossless_compression_changes_no_pixel(syntax: str) -> None:
    tags = {"bits": 12, "RescaleSlope": 1, "RescaleIntercept": -1024, "WindowCenter": 40, "WindowWidth": 3000}
    packed = dicom(SCENE, frame=GREY_FRAMES[syntax](), syntax=syntax, **tags)
    assert np.array_equal(shown(packed), shown(dicom(SCENE, **tags)))
    assert np.array_equal(shown(packed), by(lambda value: linear(value, 40, 3000), SCENE.astype(int) - 1024))


def test_lossless_compression_of_colours() -> None:
    lossless = {
        uid.JPEG2000Lossless: imagecodecs.jpeg2k_encode(COLOURS, codecformat="j2k", reversible=True, mct=False),
        uid.JPEGLosslessSV1: imagecodecs.jpeg8_encode(COLOURS, lossless=True, colorspace="RGB", outcolorspace="RGB"),
        uid.RLELossless: RLELosslessEncoder.encode(
            COLOURS.tobytes(),
            rows=18,
            columns=23,
            samples_per_pixel=3,
            bits_allocated=8,
            bits_stored=8,
            pixel_representation=0,
            photometric_interpretation="RGB",
            number_of_frames=1,
            index=0,
            planar_configuration=0,
        ),
    }
    for syntax, frame in lossless.items():
        assert np.array_equal(decode_image(dicom(COLOURS, frame=frame, syntax=syntax), RANGE).pixels, COLOURS), uid.UID(syntax).name
    turned = imagecodecs.jpeg2k_encode(COLOURS, codecformat="j2k", reversible=True, mct=True)
    data = dicom(COLOURS, frame=turned, syntax=uid.JPEG2000Lossless, PhotometricInterpretation="YBR_RCT")
    assert np.array_equal(decode_image(data, RANGE).pixels, COLOURS)


def test_jpeg_is_shown_in_its_colours() -> None:
    flat = np.full((16, 16, 3), (200, 60, 30), np.uint8)
    usual = imagecodecs.jpeg8_encode(flat, level=98)
    data = dicom(flat, frame=usual, syntax=uid.JPEGBaseline8Bit, PhotometricInterpretation="YBR_FULL_422")
    assert np.abs(decode_image(data, RANGE).pixels[8, 8].astype(int) - (200, 60, 30)).max() <= 3
    deep = imagecodecs.jpeg8_encode(np.full((16, 16), 3000, np.uint16), bitspersample=12, level=98)
    grey = dicom(np.zeros((16, 16), np.uint16), frame=deep, syntax=uid.JPEGExtended12Bit, bits=12)
    assert abs(int(shown(grey)[8, 8]) - half_up(3000 * 255 / 4095)) <= 1


def refused(data: bytes) -> TLStudioError:
    with pytest.raises(TLStudioError) as caught:
        decode_image(data, RANGE)
    return caught.value


def test_compressions_that_are_not_read_are_named() -> None:
    film = dicom(COLOURS, frame=b"\0\0\1\xb3" * 9, syntax=uid.MPEG2MPML)
    assert refused(film).title.text() == "The DICOM file is compressed as “MPEG2 Main Profile / Main Level”, which cannot be read here."
    deflated = dicom(STORED, syntax=uid.DeflatedExplicitVRLittleEndian)
    assert "Deflated" in refused(deflated).title.text()


def test_files_without_pixels_are_called_what_they_are() -> None:
    report = refused(dicom(None, sop_class=uid.EncapsulatedPDFStorage, EncapsulatedDocument=b"%PDF-1.7"))
    assert report.title.text() == "The DICOM file holds no image: it is “Encapsulated PDF Storage”."
    assert refused(dicom(None, sop_class=uid.BasicTextSRStorage)).title.id == "image.dicom_no_picture"


def test_every_cut_is_seen() -> None:
    for data in (dicom(SCENE, bits=12), dicom(SCENE, frame=GREY_FRAMES[uid.JPEGLSLossless](), syntax=uid.JPEGLSLossless, bits=12)):
        for length in range(400, len(data) - 10, 37):
            assert refused(data[:length]).title.id in ("image.cut_short", "image.damaged"), length
        assert refused(data[: len(data) - 300]).title.id == "image.cut_short"


@pytest.mark.parametrize("rows", [40_000, 65_535])
def test_too_many_pixels_are_refused_by_the_header(rows: int) -> None:
    error = refused(dicom(STORED, Rows=rows, Columns=rows))
    assert error.title.text() == f"The image is too large: {rows} × {rows} pixels, the limit is {MAX_PIXELS // 10**6} million."


def test_a_frame_that_lies_about_its_size_is_refused_before_it_is_unpacked() -> None:
    giant = imagecodecs.jpeg2k_encode(np.zeros((4000, 4000), np.uint8), codecformat="j2k", reversible=True)
    for syntax, frame in (
        (uid.JPEG2000Lossless, giant),
        (uid.JPEGBaseline8Bit, imagecodecs.jpeg8_encode(np.zeros((4000, 4000), np.uint8))),
    ):
        assert refused(dicom(np.zeros((8, 8), np.uint8), frame=frame, syntax=syntax)).title.id == "image.damaged"


def test_slides_in_tiles_are_refused() -> None:
    slide = {"sop_class": uid.VLWholeSlideMicroscopyImageStorage, "TotalPixelMatrixColumns": 9_000, "TotalPixelMatrixRows": 8_000}
    assert refused(dicom(COLOURS, **slide)).title.id == "image.dicom_slide"
    slide["TotalPixelMatrixColumns"] = 90_000
    assert refused(dicom(COLOURS, **slide)).title.id == "image.too_many_pixels"


def seen(**tags: object) -> Decoded:
    return decode_image(dicom(STORED, bits=12, **tags), RANGE)


def test_a_patient_is_a_group_and_never_a_name() -> None:
    first = seen(PatientID="MRN 00417", PatientName="Doe^Jane", PatientBirthDate="19700101").group
    assert first == seen(PatientID=" MRN 00417 ", PatientName="Someone^Else").group
    assert first != seen(PatientID="MRN 00418").group
    assert len(first) == 12
    assert "417" not in first
    assert "doe" not in first
    for nobody in ("", "ANONYMOUS", "0", None):
        assert seen(PatientID=nobody).group == ""


def test_no_error_quotes_the_file(capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(0):
        for tags in ({"Rows": 0}, {"BitsAllocated": 13}, {"PhotometricInterpretation": "PALETTE COLOR"}, {"BitsStored": 40}):
            error = refused(dicom(STORED, PatientID="MRN-00417", PatientName="Doe^Jane", **tags))
            assert "Doe" not in repr((error.title, error.hint, error.details, error.__cause__))
            assert error.__cause__ is None or error.__cause__.__cause__ is None
    said = capfd.readouterr()
    assert "Doe" not in caplog.text + said.out + said.err
    assert "00417" not in caplog.text + said.out + said.err


def test_what_a_file_holds_is_told_in_its_units() -> None:
    values = (np.arange(4096, dtype=np.uint16)).reshape(64, 64)
    held = decode_image(dicom(values, bits=12, RescaleSlope=1, RescaleIntercept=-1024), RANGE).held
    assert held is not None
    assert (held.lowest, held.highest) == (-1024, 3071)
    assert held.low == pytest.approx(-1022, abs=2)
    assert held.quantiles[500] == pytest.approx(1023.5, abs=1)
