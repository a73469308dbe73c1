"""Where a card opens that lies over the window: where it is wanted, but whole on the screen, also when its words make it larger."""

from PySide6.QtCore import QEvent, QObject, QPoint
from PySide6.QtWidgets import QWidget


def show_at(popup: QWidget, corner: QPoint, *, of: QWidget) -> None:
    """Show a card with its upper left corner at a place of the widget that opens it, moved as far as the screen demands."""
    popup.adjustSize()
    popup.move(of.mapToGlobal(corner))
    keeper = _Keeper(popup, of)
    keeper.keep()
    popup.installEventFilter(keeper)
    popup.show()


class _Keeper(QObject):
    """Brings a card back onto the screen of the widget that opened it whenever it has another size."""

    def __init__(self, popup: QWidget, of: QWidget) -> None:
        super().__init__(popup)
        self._popup = popup
        self._of = of

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Resize:
            self.keep()
        return False

    def keep(self) -> None:
        popup, room = self._popup, self._of.screen().availableGeometry()
        left = max(room.left(), min(popup.x(), room.right() + 1 - popup.width()))
        top = max(room.top(), min(popup.y(), room.bottom() + 1 - popup.height()))
        popup.move(left, top)
