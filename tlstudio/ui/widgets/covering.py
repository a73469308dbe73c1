"""One widget over the whole of its parent, for as long as it is open."""

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QWidget


class Covering(QObject):
    """Keeps the widget as large as its parent; it begins hidden."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self._widget = widget
        widget.parentWidget().installEventFilter(self)
        widget.hide()

    def open(self) -> None:
        """Cover the parent and take the keys."""
        self._widget.setGeometry(self._widget.parentWidget().rect())
        self._widget.show()
        self._widget.raise_()
        self._widget.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and not self._widget.isHidden():
            self._widget.setGeometry(self._widget.parentWidget().rect())
        return False
