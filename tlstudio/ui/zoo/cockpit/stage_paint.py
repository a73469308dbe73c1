"""How the boxes, their badges and the figures below them are painted."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPainterPath, QPen

from tlstudio.ui import theme
from tlstudio.ui.zoo.cockpit.captions import Run, column_of, row_names, runs_of, state_words
from tlstudio.ui.zoo.cockpit.places import Places
from tlstudio.ui.zoo.cockpit.stages import StageBox

LINE_PX, BADGE_PX = 18, 26
NUM_LINES = 4
_STRIPE_PX = 7
_TONES = {"neutral": ("sunk", "muted"), "accent": ("accent_soft", "accent"), "good": ("good_soft", "good_text")}
_CENTRE = Qt.AlignmentFlag.AlignCenter


def paint_boxes(painter: QPainter, boxes: tuple[StageBox, ...], places: Places, height_px: float, *, hovered: int) -> None:
    """Boxes that stand on a line `height_px` down."""
    for index, (box, left, width) in enumerate(zip(boxes, places.lefts, places.widths, strict=True)):
        tall = max(38.0, box.height * height_px)
        _paint_box(painter, QRectF(left, height_px - tall, width, tall), box, is_hovered=index == hovered)


def paint_columns(painter: QPainter, boxes: tuple[StageBox, ...], places: Places, top: float) -> None:
    """A badge and the figures below each box, their names on the left."""
    painter.setFont(theme.font(theme.TINY))
    painter.setPen(theme.color("muted"))
    for line, name in enumerate(row_names()):
        area = QRectF(0, top + BADGE_PX + line * LINE_PX, places.lefts[0], LINE_PX)
        painter.drawText(area, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, name)
    for box, left, width in zip(boxes, places.lefts, places.widths, strict=True):
        _paint_badge(painter, QRectF(left - 2, top, width + 4, BADGE_PX), box)
        painter.setFont(theme.font(theme.TINY))
        painter.setPen(theme.color("text" if box.rate is not None or box.state == "new" else "muted"))
        for line, words in enumerate(column_of(box)):
            painter.drawText(QRectF(left - 4, top + BADGE_PX + line * LINE_PX, width + 8, LINE_PX), _CENTRE, words)


def paint_runs(painter: QPainter, boxes: tuple[StageBox, ...], places: Places, top: float, width_px: float) -> None:
    """Stages that fare alike told together, each run's words below its middle where there is room."""
    runs = runs_of(boxes)
    metrics = QFontMetricsF(theme.font(theme.TINY))
    wide = [max(metrics.horizontalAdvance(line) for line in run.lines) + 8 for run in runs]
    for run, left, room in zip(runs, _apart(runs, wide, places, width_px), wide, strict=True):
        _paint_badge(painter, QRectF(left, top, room, BADGE_PX), boxes[run.first])
        painter.setFont(theme.font(theme.TINY))
        for line, words in enumerate(run.lines):
            painter.setPen(theme.color("muted" if line else "text"))
            painter.drawText(QRectF(left, top + BADGE_PX + line * LINE_PX, room, LINE_PX), _CENTRE, words)


def _apart(runs: tuple[Run, ...], wide: list[float], places: Places, width_px: float) -> list[float]:
    """Left edges of words that should stand below the middle of their runs, pushed apart where they would touch."""
    lefts = []
    for run, room in zip(runs, wide, strict=True):
        middle = (places.lefts[run.first] + places.lefts[run.last] + places.widths[run.last]) / 2
        lefts.append(max(middle - room / 2, lefts[-1] + wide[len(lefts) - 1] if lefts else 0.0))
    limit = width_px
    for index in range(len(lefts) - 1, -1, -1):
        lefts[index] = min(lefts[index], limit - wide[index])
        limit = lefts[index]
    return lefts


def _paint_box(painter: QPainter, area: QRectF, box: StageBox, *, is_hovered: bool) -> None:
    is_kept = box.state in ("cached", "frozen")
    radius = min(float(theme.RADIUS_LARGE), area.width() / 3)
    shape = QPainterPath()
    shape.addRoundedRect(area.adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
    painter.fillPath(shape, theme.color("sunk" if box.state == "frozen" else "surface" if is_kept else "accent_soft"))
    if box.state == "cached":
        _paint_stripes(painter, shape, area)
    edge = theme.color("line" if is_kept and not is_hovered else "accent")
    painter.setPen(QPen(edge, 1))
    painter.drawPath(shape)
    _paint_name(painter, area, box)


def _paint_stripes(painter: QPainter, shape: QPainterPath, area: QRectF) -> None:
    painter.save()
    painter.setClipPath(shape)
    painter.setPen(QPen(theme.color("sunk"), _STRIPE_PX))
    step, tall = 2 * _STRIPE_PX * 1.4142, area.height()
    left = area.left() - tall
    while left < area.right():
        painter.drawLine(QPointF(left, area.top()), QPointF(left + tall, area.bottom()))
        left += step
    painter.restore()


def _paint_name(painter: QPainter, area: QRectF, box: StageBox) -> None:
    name = _fitting(area.width(), theme.font(theme.SMALL, weight=600), box.name, box.short)
    map = _fitting(area.width(), theme.font(theme.SMALL), box.map, box.map_short)
    lines = [(name, theme.font(theme.SMALL, weight=600), theme.color("text")), (map, theme.font(theme.SMALL), theme.color("muted"))]
    shown = [line for line in lines if line[0]]
    top = area.center().y() - LINE_PX * len(shown) / 2
    for place, (words, font, ink) in enumerate(shown):
        painter.setFont(font)
        painter.setPen(ink)
        painter.drawText(QRectF(area.left(), top + place * LINE_PX, area.width(), LINE_PX), _CENTRE, words)


def _fitting(width: float, font: object, *words: str) -> str:
    """The first that has room; nothing where none has."""
    metrics = QFontMetricsF(font)  # type: ignore[arg-type]
    return next((word for word in words if metrics.horizontalAdvance(word) <= width - 6), "")


def _paint_badge(painter: QPainter, area: QRectF, box: StageBox) -> None:
    words, tone = state_words(box)
    ground, ink = _TONES[tone]
    font = theme.font(theme.TINY)
    width = min(area.width(), QFontMetricsF(font).horizontalAdvance(words) + 14)
    badge = QRectF(area.center().x() - width / 2, area.center().y() - 9, width, 18)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(theme.color(ground)))
    painter.drawRoundedRect(badge, 5, 5)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setFont(font)
    painter.setPen(theme.color(ink))
    painter.drawText(badge, _CENTRE, words)
