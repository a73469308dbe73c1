"""The health of the data in one line; "Review and fix" unfolds what was found, each with its images and its button."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from tlstudio.domain.dataset import Dataset
from tlstudio.domain.findings import Finding, Severity
from tlstudio.ui.data.finding_list import TONES, FindingList
from tlstudio.ui.theme import SPACE_2, SPACE_3
from tlstudio.ui.thumbnails import Thumbnails
from tlstudio.ui.widgets.badge import Badge
from tlstudio.ui.widgets.buttons import button
from tlstudio.ui.widgets.text import ElidedText, Text
from tlstudio.ui.words import say, tr


class HealthStrip(QFrame):
    """Renders findings and reports which images or which fix is wanted."""

    images_wanted = Signal(object)
    """A `Finding`."""
    fix_wanted = Signal(object)
    decline_wanted = Signal(object)
    """A `Finding` that only proposes something: the person says no."""

    def __init__(self, thumbnails: Thumbnails, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("look", "card")
        self.setAccessibleName(tr("Health of the data"))
        self._writable = True
        self._dataset: Dataset | None = None
        self.findings: list[Finding] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 6, 10, 6)
        column.setSpacing(SPACE_2)
        row = QHBoxLayout()
        row.setSpacing(SPACE_3)
        self.badge = Badge(tr("Health"))
        self.words = ElidedText(by_parts=False)
        self.waits = Text(role="muted")
        self.review = button(tr("Review and fix"), kind="link", on_click=self._on_review)
        row.addWidget(self.badge)
        row.addWidget(self.words, 1)
        row.addWidget(self.waits)
        row.addWidget(self.review)
        column.addLayout(row)
        self.list = FindingList(thumbnails)
        self.list.images_wanted.connect(self.images_wanted)
        self.list.fix_wanted.connect(self.fix_wanted)
        self.list.decline_wanted.connect(self.decline_wanted)
        self.list.hide()
        column.addWidget(self.list)

    def show_findings(self, findings: list[Finding], dataset: Dataset | None, *, writable: bool) -> None:
        """Show what was found in `dataset`; the strip says so where nothing was."""
        is_same = (findings, writable) == (self.findings, self._writable)
        self.findings, self._dataset, self._writable = findings, dataset, writable
        worst = next((severity for severity in Severity if any(item.severity is severity for item in findings)), None)
        self.badge.show_state(tr("Health"), tone="good" if worst is None else TONES[worst])
        text = " · ".join(say(item.title).rstrip(".") for item in findings)
        self.words.set_text(text or tr("Nothing stands out in these images"))
        self.waits.setText(tr("training waits for this") if worst is Severity.BLOCKS else "")
        self.review.setVisible(bool(findings))
        if not findings:
            self._unfold(False)
        elif not is_same and not self.list.isHidden():
            self._fill()

    def show_pending(self, words: str) -> None:
        """Nothing is known yet; why not."""
        self.show_findings([], None, writable=self._writable)
        self.badge.show_state(tr("Health"), tone="neutral")
        self.words.set_text(words)

    def set_room(self, room_px: int) -> None:
        """The unfolded list may be this high."""
        self.list.set_room(room_px)

    def unfold(self) -> None:
        """Show the list of findings."""
        self._unfold(bool(self.findings))

    def _on_review(self) -> None:
        self._unfold(self.list.isHidden())

    def _unfold(self, shown: bool) -> None:
        self._fill() if shown else self.list.show_findings([], None, writable=False)
        self.list.setVisible(shown)
        self.review.setText(tr("Done") if shown else tr("Review and fix"))

    def _fill(self) -> None:
        self.list.show_findings(self.findings, self._dataset, writable=self._writable)
