"""Long work in one line: a thin bar, the count, the rate, the time left, and Stop."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from tlstudio.domain.progress import Progress
from tlstudio.ui.theme import SPACE_2, SPACE_3
from tlstudio.ui.widgets.buttons import button
from tlstudio.ui.widgets.text import ElidedText
from tlstudio.ui.words import duration, number, say, size, tr


class ProgressStrip(QWidget):
    """Hidden until there is progress to show."""

    stop_requested = Signal()

    def __init__(self, name: str, *, can_stop: bool = True, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_2)
        row = QHBoxLayout()
        row.setSpacing(SPACE_3)
        self.words = ElidedText(role="muted")
        row.addWidget(self.words, 1)
        self.stop_button = button(tr("Stop"), kind="danger", small=True, on_click=self._on_stop)
        self.stop_button.setVisible(can_stop)
        row.addWidget(self.stop_button)
        column.addLayout(row)
        self.bar = QProgressBar(self)
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(name)
        column.addWidget(self.bar)
        self.hide()

    def show_progress(self, progress: Progress) -> None:
        """Show where the work stands."""
        self.show_fraction(None if not progress.total else progress.done / progress.total, progress_words(progress))

    def show_fraction(self, fraction: float | None, words: str) -> None:
        """Show a share 0..1 (None: not known, the bar moves by itself) and words."""
        self.words.set_text(words)
        self.bar.setRange(0, 0 if fraction is None else 1000)
        if fraction is not None:
            self.bar.setValue(round(1000 * fraction))
        self.show()

    def finish(self) -> None:
        """Nothing more to show."""
        self.hide()
        self.stop_button.setEnabled(True)

    def _on_stop(self) -> None:
        self.stop_button.setEnabled(False)
        self.stop_requested.emit()


def progress_words(progress: Progress) -> str:
    """ "Reading images · 412 of 1,204 · 310 a second · about 3 s left"."""
    parts = [say(progress.what)]
    shown = size if progress.in_bytes else number
    if progress.total:
        parts.append(tr("{done} of {total}", done=shown(progress.done), total=shown(progress.total)))
    elif progress.done:
        parts.append(shown(progress.done))
    if progress.per_second:
        rate = progress.per_second
        parts.append(tr("{rate} a second", rate=shown(round(rate)) if rate >= 10 else f"{rate:.1f}"))
    if progress.seconds_left is not None and progress.seconds_left >= 1:
        parts.append(tr("about {time} left", time=duration(progress.seconds_left)))
    return " · ".join(parts)
