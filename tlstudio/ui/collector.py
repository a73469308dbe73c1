"""Python's garbage collector, run on the UI thread alone: a Qt object that a worker thread collects takes the program down."""

import gc

from PySide6.QtCore import QObject, QTimer

_EVERY_MS = 1000


class Collector(QObject):
    """Switches automatic collection off and collects in small steps between events."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        gc.disable()
        gc.freeze()  # what was made at the start stays for good and need not be walked again
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._on_timeout)
        self._timer.start(_EVERY_MS)

    def _on_timeout(self) -> None:
        young, middle, old = gc.get_count()
        limits = gc.get_threshold()
        if old > limits[2]:
            gc.collect(2)
        elif middle > limits[1]:
            gc.collect(1)
        elif young > limits[0]:
            gc.collect(0)

    def close(self) -> None:
        """Give the collector back as it was."""
        self._timer.stop()
        gc.unfreeze()
        gc.enable()
