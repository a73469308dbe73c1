"""The mouse on a grid of thumbnails: clicks with Shift and Ctrl, the rubber band, the menu and tool tips."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt
from PySide6.QtGui import QContextMenuEvent, QHelpEvent, QMouseEvent
from PySide6.QtWidgets import QApplication, QToolTip

if TYPE_CHECKING:
    from tlstudio.ui.widgets.thumb_grid import ThumbGrid


class ThumbMouse(QObject):
    """Listens to the grid's viewport and changes the grid's selection."""

    def __init__(self, grid: "ThumbGrid") -> None:
        super().__init__(grid)
        self.band: QRect | None = None
        """The rubber band in pixels of the content, while there is one."""
        self._grid = grid
        self._pressed: QPoint | None = None
        self._base: set[int] = set()
        self._handlers = {
            QEvent.Type.MouseButtonPress: self._press,
            QEvent.Type.MouseMove: self._move,
            QEvent.Type.MouseButtonRelease: self._release,
            QEvent.Type.MouseButtonDblClick: self._double_click,
            QEvent.Type.ToolTip: self._tool_tip,
            QEvent.Type.ContextMenu: self._menu,
        }
        grid.viewport().installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        handler = self._handlers.get(event.type())
        if handler is None:
            return False
        handler(event)
        return True

    def _at(self, position: QPoint) -> int | None:
        return self._grid.layout_now.at(position.x(), position.y() + self._grid.top())

    def _press(self, event: QMouseEvent) -> None:
        grid, state, modifiers = self._grid, self._grid.state, event.modifiers()
        grid.setFocus(Qt.FocusReason.MouseFocusReason)
        index = self._at(event.position().toPoint())
        if event.button() != Qt.MouseButton.LeftButton:
            if index is not None and state.ids[index] not in state.selected:
                state.choose(index)
                grid.tell()
            return
        self._pressed = event.position().toPoint() + QPoint(0, grid.top())
        self._base = set(state.selected) if modifiers & Qt.KeyboardModifier.ControlModifier else set()
        if index is None:
            if not modifiers and state.selected:
                state.selected = set()
                grid.tell()
        else:
            self._click(index, modifiers)

    def _click(self, index: int, modifiers: Qt.KeyboardModifier) -> None:
        state = self._grid.state
        if modifiers & Qt.KeyboardModifier.ShiftModifier:
            state.extend(index)
        elif modifiers & Qt.KeyboardModifier.ControlModifier:
            state.toggle(index)
        else:
            state.choose(index)
        self._grid.tell()

    def _move(self, event: QMouseEvent) -> None:
        if self._pressed is None:
            return
        grid, position = self._grid, event.position().toPoint()
        over = min(0, position.y()) + max(0, position.y() - grid.viewport().height())
        if over:
            grid.verticalScrollBar().setValue(grid.top() + over)
        point = position + QPoint(0, grid.top())
        if self.band is None and (point - self._pressed).manhattanLength() < QApplication.startDragDistance():
            return
        self.band = QRect(self._pressed, point).normalized()
        selected = self._base | {grid.state.ids[index] for index in grid.layout_now.within(self.band)}
        if selected != grid.state.selected:
            grid.state.selected = selected
            grid.tell()
        grid.viewport().update()

    def _release(self, _event: QMouseEvent) -> None:
        self._pressed = self.band = None
        self._grid.viewport().update()

    def _double_click(self, event: QMouseEvent) -> None:
        index = self._at(event.position().toPoint())
        if index is not None and event.button() == Qt.MouseButton.LeftButton:
            self._grid.activated.emit(self._grid.state.ids[index])

    def _tool_tip(self, event: QHelpEvent) -> None:
        index = self._at(event.pos())
        QToolTip.showText(event.globalPos(), "" if index is None else self._grid.describe(self._grid.state.ids[index]).name, self._grid)

    def _menu(self, event: QContextMenuEvent) -> None:
        self._grid.menu_requested.emit(event.globalPos())
