"""Pictures are read in lanes without asking Qt's plugins what they are: asking could stop the window for good."""

import io
import re
from pathlib import Path

import pytest
from PIL import Image

import tlstudio.ui
from tlstudio.ui.jpegs import from_jpeg

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="40" height="30"><rect width="40" height="30"/></svg>'


def test_a_jpeg_is_read() -> None:
    data = io.BytesIO()
    Image.new("RGB", (40, 30), (200, 10, 10)).save(data, "JPEG")
    image = from_jpeg(data.getvalue())
    assert (image.width(), image.height()) == (40, 30)
    assert image.pixelColor(20, 15).red() > 190


@pytest.mark.parametrize("data", [None, b"", b"no picture", SVG])
def test_everything_else_is_no_picture(data: bytes | None) -> None:
    assert from_jpeg(data).isNull()


def test_nothing_in_the_window_reads_bytes_in_another_way() -> None:
    folder = Path(tlstudio.ui.__file__).parent
    asking = [file.name for file in folder.rglob("*.py") if re.search(r"\.(fromData|loadFromData)\(", file.read_text("utf-8"))]
    assert asking == ["jpegs.py"]
