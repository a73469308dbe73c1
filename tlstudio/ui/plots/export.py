"""A plot as a file: picture, drawing or numbers."""

import csv
import io
import os
from collections.abc import Mapping
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QPoint, QRect, QSize
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QWidget

from tlstudio import files
from tlstudio.errors import TLStudioError
from tlstudio.messages import message
from tlstudio.ui import theme
from tlstudio.ui.plots.series import Series

_PNG_SCALE = 2.0


def png(widget: QWidget) -> bytes:
    """The widget as it looks, at twice its size."""
    image = QImage(widget.size() * _PNG_SCALE, QImage.Format.Format_ARGB32)
    image.setDevicePixelRatio(_PNG_SCALE)
    image.fill(theme.color("surface"))
    painter = QPainter(image)
    widget.render(painter, QPoint())
    painter.end()
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")
    return bytes(data.data())


def svg(widget: QWidget, title: str) -> bytes:
    """The widget as lines and text that a drawing program can change."""
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setSize(QSize(widget.width(), widget.height()))
    generator.setViewBox(QRect(0, 0, widget.width(), widget.height()))
    generator.setTitle(title)
    painter = QPainter(generator)
    painter.fillRect(widget.rect(), theme.color("surface"))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    widget.render(painter, QPoint(), renderFlags=QWidget.RenderFlag.DrawChildren)
    painter.end()
    return bytes(data.data())


def table(x_name: str, curves: Mapping[str, Series]) -> bytes:
    """All points of all curves as CSV: curve, x, value. A very long curve has the lowest and highest point of each stretch."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(["curve", x_name, "value"])
    for name, series in curves.items():
        xs, ys = series.points() if len(series) else ([], [])
        writer.writerows([_harmless(name), f"{x:.10g}", f"{y:.10g}"] for x, y in zip(xs, ys, strict=True))
    return text.getvalue().encode()


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
