"""What is in a dropped weight pack, for the person to agree to before anything is installed."""

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from tlstudio.domain.packs import PackContents
from tlstudio.domain.progress import Progress
from tlstudio.ui.theme import SPACE_2, SPACE_3, SPACE_4
from tlstudio.ui.widgets.badge import Badge
from tlstudio.ui.widgets.buttons import button
from tlstudio.ui.widgets.card import Card
from tlstudio.ui.widgets.progress_strip import ProgressStrip
from tlstudio.ui.widgets.scroll_column import ScrollColumn
from tlstudio.ui.widgets.text import ElidedText, Text, rule
from tlstudio.ui.words import duration, size, tr, tr_n
from tlstudio.ui.zoo.detail_card import WIDTH_PX
from tlstudio.ui.zoo.pack_row import PackRow


class PackCard(Card):
    """Renders `PackContents`; `confirmed` means: install what is new in it."""

    confirmed = Signal()
    cancelled = Signal()
    stop_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(margin=0, parent=parent)
        self.setFixedWidth(WIDTH_PX)
        self.setAccessibleName(tr("Weight pack"))
        self.file = ElidedText(role="muted")
        self.state = Badge()
        self.rows: list[PackRow] = []
        self.promise = Text(tr("Every byte is checked before a set becomes part of the library."), role="small", wrap=True)
        self.strip = ProgressStrip(tr("Installing"))
        self.strip.stop_requested.connect(self.stop_wanted)
        self.confirm = button(tr("Install"), kind="primary", on_click=self.confirmed.emit)
        self.cancel = button(tr("Cancel"), on_click=self.cancelled.emit)
        self._build()

    def show_looking(self, path: Path) -> None:
        """The pack is being looked into."""
        self.file.set_text(path.name)
        self.state.show_state(tr("Looking at it…"), tone="accent")
        self._show_rows(None)

    def show_contents(self, found: PackContents) -> None:
        """Show its sets and what pressing the button will do."""
        num_new = len(found.new)
        self.file.set_text(tr("{file} · {size}", file=Path(found.file).name, size=size(found.size_bytes)))
        self.state.show_state(tr_n("1 set", "{n} sets", len(found.items)), tone="good" if num_new else "neutral")
        self._show_rows(found)
        words = tr_n("Install 1 set", "Install {n} sets", num_new)
        self.confirm.setText(words)
        self.confirm.setAccessibleName(words)
        self.confirm.setVisible(num_new > 0)
        self._name_cancel(tr("Cancel") if num_new else tr("Close"))

    def show_progress(self, progress: Progress) -> None:
        """Sets are being copied and checked."""
        self.state.show_state(tr("Installing…"), tone="accent")
        self.confirm.hide()
        self.cancel.hide()
        share = progress.done / progress.total if progress.total else None
        words = [tr("{done} of {total}", done=size(progress.done), total=size(progress.total or 0))]
        if progress.seconds_left is not None and progress.seconds_left >= 1:
            words.append(tr("about {time} left", time=duration(progress.seconds_left)))
        self.strip.show_fraction(share, " · ".join(words))

    def _name_cancel(self, words: str) -> None:
        self.cancel.setText(words)
        self.cancel.setAccessibleName(words)

    def _show_rows(self, found: PackContents | None) -> None:
        self.strip.finish()
        self.cancel.show()
        self._name_cancel(tr("Cancel"))
        self.confirm.hide()
        while (item := self._list.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self.rows = [PackRow(item) for item in found.items] if found is not None else []
        for number, row in enumerate(self.rows):
            if number:
                self._list.addWidget(rule())
            self._list.addWidget(row)
        self.promise.setVisible(found is not None and bool(found.new))

    def _build(self) -> None:
        scroll = ScrollColumn()
        column = scroll.column
        top = QHBoxLayout()
        top.addWidget(Text(tr("Weight pack"), role="heading"), 1)
        top.addWidget(self.state)
        column.addLayout(top)
        column.addWidget(self.file)
        self._list = QVBoxLayout()
        self._list.setSpacing(SPACE_3)
        column.addLayout(self._list)
        column.addWidget(self.promise)
        column.addStretch(1)
        self.body.addWidget(scroll, 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(SPACE_2)
        buttons.addWidget(self.cancel)
        buttons.addWidget(self.confirm, 1)
        foot = QVBoxLayout()
        foot.setContentsMargins(SPACE_4, 0, SPACE_4, SPACE_4)
        foot.addWidget(self.strip)
        foot.addLayout(buttons)
        self.body.addLayout(foot)
