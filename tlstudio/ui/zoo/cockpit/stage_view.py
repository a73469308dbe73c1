"""The network as its stages, from the input to the head; a click on a stage freezes up to it, or opens it."""

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from tlstudio.ui.words import tr
from tlstudio.ui.zoo.cockpit.captions import told
from tlstudio.ui.zoo.cockpit.places import Places, places_of
from tlstudio.ui.zoo.cockpit.stage_paint import BADGE_PX, LINE_PX, NUM_LINES, paint_boxes, paint_columns, paint_runs
from tlstudio.ui.zoo.cockpit.stages import StageBox

_WORDS_PX = BADGE_PX + NUM_LINES * LINE_PX
_LEAST_BOXES_PX, _MOST_BOXES_PX = 96, 230


class StageView(QWidget):
    """Paints what it was given; the words of every stage are its accessible description."""

    freeze_wanted = Signal(int)
    """How many stages, from the input on, shall stay as they are."""
    laid_out = Signal()
    """The boxes stand elsewhere."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._boxes: tuple[StageBox, ...] = ()
        self._hovered = -1
        self.setMouseTracking(True)
        self.setAccessibleName(tr("The network"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.fit_to(0)

    def show_boxes(self, boxes: tuple[StageBox, ...]) -> None:
        """Exactly these."""
        self._boxes = boxes
        self.setAccessibleDescription("; ".join(told(box) for box in boxes))
        self.laid_out.emit()
        self.update()

    @property
    def boxes(self) -> tuple[StageBox, ...]:
        """What is shown."""
        return self._boxes

    @property
    def places(self) -> Places:
        """Where the boxes stand now."""
        return places_of(self.width(), len(self._boxes))

    def fit_to(self, page_px: int) -> None:
        """As high as a page of a height has room for: by the page alone, so that nothing moves when stages are opened."""
        boxes = min(_MOST_BOXES_PX, max(_LEAST_BOXES_PX, page_px // 2 - 250))
        self.setFixedHeight(boxes + _WORDS_PX)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.laid_out.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._boxes:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        tall, places = self.height() - _WORDS_PX, self.places
        paint_boxes(painter, self._boxes, places, tall, hovered=self._hovered)
        if places.has_columns:
            paint_columns(painter, self._boxes, places, tall)
        else:
            paint_runs(painter, self._boxes, places, tall, self.width())
        painter.end()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover(self._at(event.position().x()))

    def leaveEvent(self, event: QEvent) -> None:
        self._hover(-1)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        place = self._at(event.position().x())
        if event.button() is Qt.MouseButton.LeftButton and 0 <= place < len(self._boxes) - 1:
            is_kept = self._boxes[place].state in ("cached", "frozen")
            self.freeze_wanted.emit(place if is_kept else place + 1)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            place = self._at(event.pos().x())
            QToolTip.showText(event.globalPos(), told(self._boxes[place]) if place >= 0 else "", self)
            return True
        return super().event(event)

    def _at(self, x: float) -> int:
        """The box at a place, or -1."""
        places = self.places
        edges = zip(places.lefts, places.widths, strict=True)
        return next((index for index, (left, width) in enumerate(edges) if left <= x < left + width), -1)

    def _hover(self, place: int) -> None:
        place = place if place < len(self._boxes) - 1 else -1
        if place != self._hovered:
            self._hovered = place
            self.setCursor(Qt.CursorShape.PointingHandCursor if place >= 0 else Qt.CursorShape.ArrowCursor)
            self.update()
