"""How a classified image is shown: the class and its probability below the picture."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFontMetrics, QPainter

from tlstudio.ui import theme
from tlstudio.ui.tasks.painter import Verdict
from tlstudio.ui.words import percent, tr

_LINE_PX = 18
_BAR_PX = 5
_LEAST_RIGHT = 0.42
_OPENS = " ▾"
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class ClassificationPainter:
    """Class and probability in words and numbers; a bar only repeats them."""

    verdict_height_px = 2 * _LINE_PX + 6
    answer_height_px = _LINE_PX + _BAR_PX + 8

    def paint_verdict(self, painter: QPainter, area: QRectF, verdict: Verdict, *, is_label_hovered: bool) -> None:
        """Two lines: prediction and truth, file and today's label."""
        first = QRectF(area.left(), area.top() + 4, area.width(), _LINE_PX)
        second = first.translated(0, _LINE_PX)
        painter.setFont(theme.font())
        truth = ("", "") if verdict.is_right else (verdict.truth, f" {percent(verdict.truth_probability, 0)}")
        predicted = (verdict.predicted, f" {percent(verdict.probability, 0)}")
        _paint_pair(painter, first, predicted, truth, inks=("text", "muted"))
        if verdict.file:
            self._paint_file(painter, second, verdict, is_label_hovered)
        else:
            painter.setPen(theme.color("muted"))
            painter.drawText(second, _LEFT, _elided(painter, tr("no longer in the project"), second.width()))

    def label_area(self, area: QRectF, verdict: Verdict) -> QRectF:
        """The right end of the second line."""
        if not verdict.file:
            return QRectF()
        width = min(area.width() * 0.55, QFontMetrics(theme.font()).horizontalAdvance(_label(verdict)) + 2)
        return QRectF(area.right() - width, area.top() + 4 + _LINE_PX, width, _LINE_PX)

    def verdict_words(self, verdict: Verdict) -> str:
        """For the screen reader and the tool tip."""
        file = verdict.file or tr("no longer in the project")
        label = tr("labelled {label}", label=verdict.label) if verdict.label else tr("without a label")
        parts = [file, tr("predicted {answer}", answer=_share(verdict.predicted, verdict.probability))]
        if not verdict.is_right:
            parts.append(tr("true class {answer}", answer=_share(verdict.truth, verdict.truth_probability)))
        return ", ".join([*parts, label] if verdict.is_changed else parts)

    def paint_answer(self, painter: QPainter, area: QRectF, name: str, probability: float) -> None:
        """Class on the left, probability on the right, a bar below."""
        line = QRectF(area.left(), area.top() + 4, area.width(), _LINE_PX)
        painter.setFont(theme.font(weight=500))
        _paint_pair(painter, line, (name, ""), ("", percent(probability, 0)), inks=("text", "muted"))
        bar = QRectF(area.left(), line.bottom() + 3, area.width(), _BAR_PX)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("sunk"))
        painter.drawRoundedRect(bar, 2.5, 2.5)
        painter.setBrush(theme.color("accent"))
        painter.drawRoundedRect(QRectF(bar.left(), bar.top(), max(_BAR_PX, bar.width() * probability), _BAR_PX), 2.5, 2.5)

    def answer_words(self, file: str, name: str, probability: float) -> str:
        """For the screen reader and the tool tip."""
        return tr("{file}: {answer}", file=file, answer=_share(name, probability))

    def _paint_file(self, painter: QPainter, line: QRectF, verdict: Verdict, is_label_hovered: bool) -> None:
        label = self.label_area(QRectF(line.left(), line.top() - _LINE_PX - 4, line.width(), 0), verdict)
        room = line.adjusted(0, 0, -label.width() - 8, 0)
        painter.setPen(theme.color("muted"))
        painter.drawText(room, _LEFT, _elided(painter, verdict.file, room.width(), Qt.TextElideMode.ElideMiddle))
        painter.save()
        font = painter.font()
        font.setUnderline(is_label_hovered)
        font.setWeight(font.Weight.DemiBold if verdict.is_changed else font.Weight.Normal)
        painter.setFont(font)
        painter.setPen(theme.color("good_text" if verdict.is_changed else "accent"))
        painter.drawText(label, _RIGHT, _with_end(painter, _label_name(verdict), _OPENS, label.width() + 1))
        painter.restore()


def _share(name: str, probability: float) -> str:
    return f"{name} {percent(probability, 0)}"


def _label(verdict: Verdict) -> str:
    return _label_name(verdict) + _OPENS


def _label_name(verdict: Verdict) -> str:
    mark = "✓ " if verdict.is_changed else ""
    return f"{mark}{verdict.label or tr('no label')}"


def _paint_pair(painter: QPainter, line: QRectF, left: tuple[str, str], right: tuple[str, str], *, inks: tuple[str, str]) -> None:
    """Names with their figures. The left one keeps its room; the right one gets what is left, but a good part of the line."""
    metrics = QFontMetrics(painter.font())
    wanted = metrics.horizontalAdvance("".join(right))
    least = line.width() * _LEAST_RIGHT
    right_width = min(wanted, max(least, line.width() - metrics.horizontalAdvance("".join(left)) - 8))
    room = line.width() - right_width - (8 if wanted else 0)
    painter.setPen(theme.color(inks[0]))
    painter.drawText(line, _LEFT, _with_end(painter, *left, room))
    painter.setPen(theme.color(inks[1]))
    painter.drawText(line, _RIGHT, _with_end(painter, *right, right_width + 1))


def _with_end(painter: QPainter, name: str, end: str, width: float) -> str:
    """Where there is no room for both, the name is shortened; a figure is never."""
    return _elided(painter, name, width - QFontMetrics(painter.font()).horizontalAdvance(end)) + end


def _elided(painter: QPainter, text: str, width: float, mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight) -> str:
    return QFontMetrics(painter.font()).elidedText(text, mode, int(width))
