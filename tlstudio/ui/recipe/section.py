"""Settings under a heading that folds; closed, it tells in one line what is not as the recipe has it."""

from collections.abc import Collection, Mapping, Sequence

from PySide6.QtCore import QPointF, QRectF, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QPainter, QPaintEvent, Qt
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from tlstudio.ui.recipe.setting_row import SettingRow
from tlstudio.ui.theme import SPACE_1, SPACE_3, SPACE_4
from tlstudio.ui.widgets.icon import icon_pixmap
from tlstudio.ui.widgets.text import ElidedText
from tlstudio.ui.words import tr

_ARROW_PX = 14


class SectionHeader(QPushButton):
    """The heading: a click, Space, Enter or the arrow keys open and close it."""

    turned = Signal(bool)

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(title, parent)
        self.setProperty("look", "section")
        self.setCheckable(True)
        self.setAutoDefault(False)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(title)
        self.clicked.connect(self.turned)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """As in a tree: right opens, left closes."""
        wanted = {Qt.Key.Key_Right: True, Qt.Key.Key_Left: False}.get(Qt.Key(event.key()))
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) or event.matches(QKeySequence.StandardKey.InsertParagraphSeparator):
            wanted = not self.isChecked()
        if wanted is None:
            super().keyPressEvent(event)
        elif wanted != self.isChecked():
            self.click()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        pixmap = icon_pixmap("down", token="muted", size_px=_ARROW_PX, ratio=self.devicePixelRatioF())
        painter = QPainter(self)
        painter.translate(QPointF(_ARROW_PX / 2, self.height() / 2))
        painter.rotate(0 if self.isChecked() else -90)
        place = QRectF(-_ARROW_PX / 2, -_ARROW_PX / 2, _ARROW_PX, _ARROW_PX)
        painter.drawPixmap(place, pixmap, QRectF(pixmap.rect()))
        painter.end()


class Section(QWidget):
    """`opened` is a person's wish. Without a heading its settings are always shown."""

    opened = Signal(bool)

    def __init__(self, title: str, rows: Sequence[SettingRow], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = title
        self._rows = tuple(rows)
        self._is_open = self._is_headed = False
        self._found: Collection[str] | None = None
        self._summary = ""
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.header = SectionHeader(title)
        self.header.turned.connect(self.opened)
        column.addWidget(self.header)
        self.summary = ElidedText(role="small", by_parts=False)
        line = QHBoxLayout()
        line.setContentsMargins(_ARROW_PX + 6, 0, 0, 0)
        line.addWidget(self.summary, 1)
        column.addLayout(line)
        self.body = QWidget()
        self._column = QVBoxLayout(self.body)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(SPACE_4)
        for row in self._rows:
            self._column.addWidget(row)
        column.addWidget(self.body)
        self._render(())

    @property
    def ids(self) -> tuple[str, ...]:
        """The settings it has, in their order."""
        return tuple(row.spec.id for row in self._rows)

    def set_open(self, is_open: bool) -> None:
        """Open or close it without telling anybody."""
        self._is_open = is_open

    def set_headed(self, is_headed: bool) -> None:
        """With or without its heading."""
        self._is_headed = is_headed

    def show_settings(
        self, shown: Collection[str], *, changed: Mapping[str, str], refused: Mapping[str, str], found: Collection[str] | None
    ) -> None:
        """`shown`: ids that mean something now; `changed` and `refused`: words by id. `found`: only these, and opened for them."""
        self._found = found
        told = [refused[id] for id in self.ids if id in refused and id in shown]
        self.summary.set_role("bad" if told else "small")
        self._summary = " · ".join(told or [changed[id] for id in self.ids if id in changed and id in shown])
        self._render(shown)

    def _render(self, shown: Collection[str]) -> None:
        visible = {id for id in self.ids if id in shown and (self._found is None or id in self._found)}
        for row in self._rows:
            row.setVisible(row.spec.id in visible)
        is_open = self._is_open or not self._is_headed or self._found is not None
        self.header.setVisible(self._is_headed)
        self.header.setChecked(is_open)
        self.body.setVisible(is_open)
        self._column.setSpacing(SPACE_4 if self._is_headed else SPACE_3 - 2)
        self._column.setContentsMargins(0, SPACE_1 if self._is_headed else 0, 0, SPACE_4 if self._is_headed else 0)
        self.summary.set_text(self._summary)
        self.summary.setVisible(bool(self._summary) and not is_open)
        state = tr("open") if is_open else tr("closed")
        self.header.setAccessibleDescription(tr("{state}. {summary}", state=state, summary=self._summary) if self._summary else state)
        self.setVisible(bool(visible))
