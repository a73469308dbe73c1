"""The red band over the panels while the disk refuses edits: they are kept, tried again, and never left without a question."""

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from tlstudio.ui.edit_queue import EditQueue
from tlstudio.ui.theme import SPACE_2, SPACE_5
from tlstudio.ui.widgets.confirm import confirm
from tlstudio.ui.widgets.notice import Notice
from tlstudio.ui.words import say, tr, tr_n


class UnsavedBand(QObject):
    """Renders an `EditQueue`; the shell gives `notice` its place."""

    def __init__(self, queue: EditQueue, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._queue = queue
        self.notice = Notice(can_close=False)
        self.notice.setObjectName("band")
        self.notice.layout().setContentsMargins(SPACE_5, SPACE_2, SPACE_5, SPACE_2)
        queue.refused_changed.connect(self._show)

    def holds_back(self, parent: QWidget, go_on: Callable[[], object]) -> bool:
        """Ask before edits that are only in memory are lost; True where there are any. `go_on` is called on agreement."""
        number = self._queue.num_refused
        if not number:
            return False

        def leave() -> None:
            self._queue.drop()
            go_on()

        confirm(
            parent,
            tr_n("Lose a change that is not saved?", "Lose {n} changes that are not saved?", number),
            tr("The disk does not take them. What was saved before is safe."),
            yes=tr("Lose them"),
            on_yes=leave,
        )
        return True

    def _show(self) -> None:
        refusal = self._queue.refusal
        if refusal is None:
            self.notice.clear()
            return
        kept = tr("Your changes are kept here and tried again every few seconds. What was saved before is safe; leave the window open.")
        self.notice.show_words(
            tr_n("1 change is not saved yet.", "{n} changes are not saved yet.", self._queue.num_refused),
            f"{say(refusal.title)} {kept}",
            tone="bad",
            details=refusal.details,
            button_text=tr("Try now"),
            on_click=self._queue.try_now,
        )
