"""One way to take a model away: what it is for, how it stands, and the button that makes it."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from tlstudio.domain.exporters import ExporterSpec
from tlstudio.ui.theme import SPACE_1, SPACE_2
from tlstudio.ui.use.export_texts import ExportView
from tlstudio.ui.widgets.badge import Badge
from tlstudio.ui.widgets.buttons import button
from tlstudio.ui.widgets.card import Card
from tlstudio.ui.widgets.notice import Notice
from tlstudio.ui.widgets.progress_strip import ProgressStrip
from tlstudio.ui.widgets.text import Text
from tlstudio.ui.words import say, tr


class ExportCard(Card):
    """Renders an `ExportView`."""

    export_asked = Signal()
    show_asked = Signal()
    stop_asked = Signal()

    def __init__(self, spec: ExporterSpec, parent: QWidget | None = None) -> None:
        super().__init__(spacing=SPACE_1, parent=parent)
        title = say(spec.title)
        self.setAccessibleName(tr("Export as {format}", format=title))
        row = QHBoxLayout()
        row.setSpacing(SPACE_2)
        row.addWidget(Text(title, role="strong"))
        row.addStretch(1)
        self.badge = Badge()
        row.addWidget(self.badge)
        self.show_button = button(
            tr("Show in folder"), kind="link", on_click=self.show_asked.emit, name=tr("Show {format} in folder", format=title)
        )
        row.addWidget(self.show_button)
        self.export_button = button(tr("Export…"), on_click=self.export_asked.emit, small=True, name=tr("Export as {format}", format=title))
        row.addWidget(self.export_button)
        self.sentence = Text(say(spec.sentence), role="muted", wrap=True)
        self.words = Text(role="fine", wrap=True)
        self.progress = ProgressStrip(tr("Progress of the export"))
        self.notice = Notice(can_close=False, is_narrow=True)
        self.again_button = button(
            tr("Export again…"), kind="quiet", on_click=self.export_asked.emit, name=tr("Export as {format} again", format=title)
        )
        self.body.addLayout(row)
        for part in (self.sentence, self.words, self.progress, self.notice):
            self.body.addWidget(part)
        again = QHBoxLayout()
        # Its text stands under the other lines, not its invisible frame.
        again.setContentsMargins(-5, 0, 0, 0)
        again.addWidget(self.again_button)
        again.addStretch(1)
        self.body.addLayout(again)
        self.progress.stop_requested.connect(self.stop_asked)
        self.show_view(ExportView())

    def show_view(self, view: ExportView) -> None:
        """Show how the export stands."""
        self.badge.show_state(view.badge, tone=view.tone)
        self.badge.setVisible(bool(view.badge))
        self.show_button.setVisible(view.can_show)
        self.export_button.setVisible(not view.is_busy and not view.can_show)
        self.again_button.setVisible(view.can_show)
        self.words.setText(view.words)
        self.words.setVisible(bool(view.words))
        if view.progress is None:
            self.progress.finish()
        else:
            self.progress.show_fraction(view.fraction, view.progress)
        if view.failure is None:
            self.notice.clear()
        else:
            self.notice.show_error(view.failure)
