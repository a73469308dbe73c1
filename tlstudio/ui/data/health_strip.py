"""The health of the data in one line; "Review and fix" unfolds what was found, each with its images and its button."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from tlstudio.domain.findings import Finding, Fix, Severity
from tlstudio.ui.theme import SPACE_2, SPACE_3, SPACE_4
from tlstudio.ui.widgets.badge import Badge
from tlstudio.ui.widgets.buttons import button
from tlstudio.ui.widgets.text import ElidedText, Text, rule
from tlstudio.ui.words import say, tr

_TONES = {Severity.BLOCKS: "bad", Severity.WARNS: "warn", Severity.TELLS: "neutral"}


class HealthStrip(QFrame):
    """Renders findings and reports which images or which fix is wanted."""

    images_wanted = Signal(object)
    """A `Finding`."""
    fix_wanted = Signal(object)
    decline_wanted = Signal(object)
    """A `Finding` that only proposes something: the person says no."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("look", "card")
        self.setAccessibleName(tr("Health of the data"))
        self._writable = True
        self.findings: list[Finding] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 6, 10, 6)
        column.setSpacing(SPACE_2)
        row = QHBoxLayout()
        row.setSpacing(SPACE_3)
        self.badge = Badge(tr("Health"))
        self.words = ElidedText()
        self.waits = Text(role="muted")
        self.review = button(tr("Review and fix"), kind="link", on_click=self._on_review)
        row.addWidget(self.badge)
        row.addWidget(self.words, 1)
        row.addWidget(self.waits)
        row.addWidget(self.review)
        column.addLayout(row)
        self._list = QWidget()
        self._rows = QVBoxLayout(self._list)
        self._rows.setContentsMargins(0, 0, 0, SPACE_2)
        self._rows.setSpacing(SPACE_2)
        self._list.hide()
        column.addWidget(self._list)

    def show_findings(self, findings: list[Finding], *, writable: bool) -> None:
        """Show what was found; the strip says so where nothing was."""
        self.findings, self._writable = findings, writable
        worst = next((severity for severity in Severity if any(item.severity is severity for item in findings)), None)
        self.badge.show_state(tr("Health"), tone="good" if worst is None else _TONES[worst])
        text = " · ".join(say(item.title).rstrip(".") for item in findings)
        self.words.set_text(text or tr("Nothing stands out in these images"))
        self.waits.setText(tr("training waits for this") if worst is Severity.BLOCKS else "")
        self.review.setVisible(bool(findings))
        if not findings:
            self._unfold(False)
        self._rebuild()

    def _on_review(self) -> None:
        self._unfold(self._list.isHidden())

    def unfold(self) -> None:
        """Show the list of findings."""
        self._unfold(bool(self.findings))

    def _unfold(self, shown: bool) -> None:
        self._list.setVisible(shown)
        self.review.setText(tr("Done") if shown else tr("Review and fix"))

    def _rebuild(self) -> None:
        while (item := self._rows.takeAt(0)) is not None:
            if item.widget() is not None:
                item.widget().deleteLater()
        for finding in self.findings:
            self._rows.addWidget(rule())
            self._rows.addWidget(self._row(finding))

    def _row(self, finding: Finding) -> QWidget:
        widget = QWidget()
        row = QHBoxLayout(widget)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE_4)
        row.addWidget(Badge(_severity_word(finding.severity), tone=_TONES[finding.severity]), 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(1)
        words.addWidget(Text(say(finding.title), role="strong", wrap=True))
        words.addWidget(Text(say(finding.why), role="muted", wrap=True))
        row.addLayout(words, 1)
        if finding.samples:
            title = say(finding.title)
            row.addWidget(
                button(
                    tr("Show images"),
                    kind="link",
                    name=tr("Show images: {what}", what=title),
                    on_click=lambda: self.images_wanted.emit(finding),
                )
            )
        if finding.fix.can_be_declined:
            no = button(tr("Not groups"), kind="link", on_click=lambda: self.decline_wanted.emit(finding))
            no.setEnabled(self._writable)
            row.addWidget(no)
        if finding.fix is not Fix.NONE:
            mend = button(_fix_words(finding.fix), small=True, on_click=lambda: self.fix_wanted.emit(finding))
            mend.setEnabled(self._writable)
            row.addWidget(mend)
        return widget


def _severity_word(severity: Severity) -> str:
    return {Severity.BLOCKS: tr("blocks"), Severity.WARNS: tr("warns"), Severity.TELLS: tr("note")}[severity]


def _fix_words(fix: Fix) -> str:
    return {
        Fix.MOVE_TOGETHER: tr("Move them together"),
        Fix.SET_ASIDE: tr("Set aside"),
        Fix.USE_GROUPS: tr("Use these groups"),
        Fix.USE_BURSTS: tr("Keep bursts together"),
    }[fix]
