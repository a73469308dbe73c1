"""What was found, one below the other: how grave, what and why, a few of the images, the button. Scrolls where it is long."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLayout, QScrollArea, QVBoxLayout, QWidget

from tlstudio.domain.dataset import Dataset
from tlstudio.domain.findings import Finding, Fix, Severity
from tlstudio.ui.theme import SPACE_1, SPACE_2, SPACE_3, SPACE_4
from tlstudio.ui.thumbnails import Thumbnails
from tlstudio.ui.widgets.badge import Badge
from tlstudio.ui.widgets.buttons import button
from tlstudio.ui.widgets.text import Text, rule
from tlstudio.ui.widgets.thumb_row import ThumbRow
from tlstudio.ui.words import say, tr

TONES = {Severity.BLOCKS: "bad", Severity.WARNS: "warn", Severity.TELLS: "neutral"}
NUM_PICTURES = 5
_NUM_IN_NARROW = 2
_NARROW_PX = 900


class FindingList(QScrollArea):
    """Renders findings in the columns of one grid, as high as they are or as there is room for."""

    images_wanted = Signal(object)
    """A `Finding`."""
    fix_wanted = Signal(object)
    decline_wanted = Signal(object)
    """A `Finding` that only proposes something: the person says no."""

    def __init__(self, thumbnails: Thumbnails, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._thumbnails = thumbnails
        self._room_px = 320
        self._writable = False
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._content = QWidget()
        self.setWidget(self._content)

    def show_findings(self, findings: Sequence[Finding], dataset: Dataset | None, *, writable: bool) -> None:
        """Show these; the place one has scrolled to stays."""
        self._writable = writable
        for row in self._content.findChildren(ThumbRow):
            row.let_go()
        place = self.verticalScrollBar().value()
        self._content = QWidget()
        self._content.installEventFilter(self)
        grid = QGridLayout(self._content)
        # Else words that wrap claim the height they would have in a much narrower column.
        grid.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)
        grid.setContentsMargins(0, 0, SPACE_3, SPACE_1)
        grid.setHorizontalSpacing(SPACE_4)
        grid.setVerticalSpacing(SPACE_2)
        grid.setColumnStretch(1, 1)
        for number, finding in enumerate(findings):
            grid.addWidget(rule(), 2 * number, 0, 1, 5)
            self._add_row(grid, 2 * number + 1, finding, dataset)
        self.setWidget(self._content)
        self._content.show()
        self._narrow()
        self._fit()
        self.verticalScrollBar().setValue(place)

    def set_room(self, room_px: int) -> None:
        """It may be this high."""
        self._room_px = room_px
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._narrow()
        self._fit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The fonts, and with them the height, may come after the first layout."""
        if event.type() is QEvent.Type.LayoutRequest:
            self._fit()
        return False

    def _narrow(self) -> None:
        """Where there is little room, pictures give way to words."""
        num = _NUM_IN_NARROW if self.width() < _NARROW_PX else NUM_PICTURES
        for row in self._content.findChildren(ThumbRow):
            row.set_most(num)

    def _fit(self) -> None:
        layout = self._content.layout()
        if layout is not None and layout.hasHeightForWidth():
            height = layout.totalHeightForWidth(self.viewport().width())
            self._content.resize(self.viewport().width(), height)
            self.setFixedHeight(min(self._room_px, height))

    def _add_row(self, grid: QGridLayout, at: int, finding: Finding, dataset: Dataset | None) -> None:
        middle = Qt.AlignmentFlag.AlignVCenter
        title = say(finding.title)
        words = QVBoxLayout()
        words.setSpacing(1)
        words.addWidget(Text(title, role="strong", wrap=True))
        words.addWidget(Text(say(finding.why), role="muted", wrap=True))
        words.addStretch(1)
        grid.addWidget(Badge(_severity_word(finding.severity), tone=TONES[finding.severity]), at, 0, Qt.AlignmentFlag.AlignTop)
        grid.addLayout(words, at, 1)
        contents = _contents(finding, dataset)
        if contents:
            grid.addWidget(ThumbRow(self._thumbnails, contents, name=tr("Some of the images: {what}", what=title)), at, 2, middle)
        if finding.samples:
            name = tr("Show images: {what}", what=title)
            show = button(tr("Show images"), kind="link", name=name, on_click=lambda: self.images_wanted.emit(finding))
            grid.addWidget(show, at, 3, middle)
        if finding.fix is not Fix.NONE:
            grid.addLayout(self._buttons(finding, title), at, 4)

    def _buttons(self, finding: Finding, title: str) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(SPACE_2)
        row.addStretch(1)
        if finding.fix.can_be_declined:
            no = button(tr("Not groups"), kind="link", on_click=lambda: self.decline_wanted.emit(finding))
            no.setEnabled(self._writable)
            row.addWidget(no)
        text = _fix_words(finding.fix)
        name = tr("{fix}: {what}", fix=text, what=title)
        mend = button(text, small=True, name=name, on_click=lambda: self.fix_wanted.emit(finding))
        mend.setEnabled(self._writable)
        row.addWidget(mend)
        return row


def _contents(finding: Finding, dataset: Dataset | None) -> list[str]:
    """The first few pictures, each once: copies look alike, and unreadable files like nothing."""
    if dataset is None:
        return []
    found: dict[str, None] = {}
    for id in finding.samples:
        sample = dataset.by_id.get(id)
        if sample is not None and sample.width_px:
            found[sample.content_hash] = None
        if len(found) == NUM_PICTURES:
            break
    return list(found)


def _severity_word(severity: Severity) -> str:
    return {Severity.BLOCKS: tr("blocks"), Severity.WARNS: tr("warns"), Severity.TELLS: tr("note")}[severity]


def _fix_words(fix: Fix) -> str:
    return {
        Fix.MOVE_TOGETHER: tr("Move them together"),
        Fix.SET_ASIDE: tr("Set aside"),
        Fix.READ_AGAIN: tr("Read again"),
        Fix.USE_GROUPS: tr("Use these groups"),
        Fix.BRIGHTNESS: tr("Brightness…"),
        Fix.USE_BURSTS: tr("Keep bursts together"),
    }[fix]
