"""A plot as a file: picture, drawing or numbers."""

import csv
import io
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QWidget

from tlstudio import files
from tlstudio.errors import TLStudioError
from tlstudio.messages import message
from tlstudio.ui import theme
from tlstudio.ui.plots.curves import CurveSpec
from tlstudio.ui.plots.series import Numbers, Series
from tlstudio.ui.plots.smoothing import Line

_PNG_SCALE = 2.0
_CAPTION_PX, _CAPTION_LEFT_PX = 24, 12


def png(widget: QWidget, caption: str) -> bytes:
    """The widget as it looks below its caption, if any, at twice its size."""
    image = QImage(_size(widget, caption) * _PNG_SCALE, QImage.Format.Format_ARGB32)
    image.setDevicePixelRatio(_PNG_SCALE)
    image.fill(theme.color("surface"))
    painter = QPainter(image)
    _caption(painter, widget, caption)
    widget.render(painter, QPoint(0, _caption_px(caption)))
    painter.end()
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")
    return bytes(data.data())


def svg(widget: QWidget, title: str, caption: str) -> bytes:
    """The widget as lines and text that a drawing program can change."""
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    size = _size(widget, caption)
    generator.setSize(size)
    generator.setViewBox(QRect(QPoint(), size))
    generator.setTitle(title)
    painter = QPainter(generator)
    painter.fillRect(QRect(QPoint(), size), theme.color("surface"))
    _caption(painter, widget, caption)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    widget.render(painter, QPoint(0, _caption_px(caption)), renderFlags=QWidget.RenderFlag.DrawChildren)
    painter.end()
    return bytes(data.data())


def _caption_px(caption: str) -> int:
    return _CAPTION_PX if caption else 0


def _size(widget: QWidget, caption: str) -> QSize:
    return QSize(widget.width(), widget.height() + _caption_px(caption))


def _caption(painter: QPainter, widget: QWidget, caption: str) -> None:
    """Above the widget: what it is of."""
    painter.setFont(theme.font(theme.SMALL))
    painter.setPen(theme.color("muted"))
    area = QRect(_CAPTION_LEFT_PX, 0, widget.width() - 2 * _CAPTION_LEFT_PX, _caption_px(caption))
    painter.drawText(area, Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignLeft, caption)


@dataclass(frozen=True)
class Places:
    """How the places across a plot are told in a table."""

    names: tuple[str, ...]
    """Of the columns."""
    of: Callable[[CurveSpec, float], tuple[str, ...] | None]
    """What stands in them for a point of a curve; None for a point that is only drawn."""


POSITIONS = Places(("position",), lambda _spec, x: (f"{x:.10g}",))


def table(places: Places, curves: Mapping[CurveSpec, Line], unit: str = "") -> bytes:
    """All points of all curves as CSV: curve, where it is, value, and how it is drawn where it is smoothed.

    A very long curve has the lowest and highest point of each stretch.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    is_smoothed = any(line.smoothed is not None for line in curves.values())
    value = f"value ({unit})" if unit else "value"
    writer.writerow(["curve", *places.names, value, *(["smoothed"] if is_smoothed else [])])
    for spec, line in curves.items():
        if not len(line.raw):
            continue
        xs, ys = line.raw.points()
        smoothed = [""] * len(xs) if line.smoothed is None else [f"{value:.10g}" for value in _at(line.smoothed, xs)]
        for x, y, as_drawn in zip(xs.tolist(), ys.tolist(), smoothed, strict=True):
            place = places.of(spec, x)
            if place is not None:
                writer.writerow([_harmless(spec.label), *place, f"{y:.10g}", *([as_drawn] if is_smoothed else [])])
    return text.getvalue().encode()


def _at(series: Series, xs: Numbers) -> Numbers:
    """The curve at each of `xs`; between two points where it is too long for all of them to be held."""
    held_xs, held_ys = series.points()
    return held_ys if series.is_exact else np.interp(xs, held_xs, held_ys)


def _harmless(text: str) -> str:
    """A spreadsheet takes a cell that begins so for a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text


def save(path: Path, data: bytes) -> None:
    """Write the file whole or not at all. Raises `TLStudioError`."""
    try:
        files.write_bytes(path, data)
    except OSError as error:
        raise TLStudioError(
            message("plot.not_saved", "{file} could not be written.", file=path.name),
            message(
                "plot.not_saved.hint", "The plot is as it was ({reason}). Choose another folder.", reason=error.strerror or os.fspath(path)
            ),
        ) from error
