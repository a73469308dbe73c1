"""An error or a warning where it arose: what happened, what is safe, what to do next."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QHideEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from tlstudio.errors import ClosedMeanwhileError, TLStudioError
from tlstudio.ui.theme import SPACE_1, SPACE_2, SPACE_3
from tlstudio.ui.widgets.badge import Badge
from tlstudio.ui.widgets.buttons import button
from tlstudio.ui.widgets.text import Text, set_look
from tlstudio.ui.words import say, tr

_MOST_DETAILS_PX = 140
_FRAME_PX = 12


class Notice(QFrame):
    """A strip, hidden until something is to be said. Details stand behind "Show details" and can be copied.

    `is_narrow` puts the controls below the words, for a place inside a small card. What `goes_when_left` was seen: it is gone when the
    panel is left.
    """

    def __init__(
        self, *, can_close: bool = True, is_narrow: bool = False, goes_when_left: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._goes_when_left = goes_when_left
        self.setProperty("look", "notice")
        self._on_action: Callable[[], object] | None = None
        self._on_second: Callable[[], object] | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE_3, SPACE_2, SPACE_2, SPACE_2)
        column.setSpacing(SPACE_2)
        row = QHBoxLayout()
        row.setSpacing(SPACE_3)
        column.addLayout(row)
        self.badge = Badge(tone="bad")
        row.addWidget(self.badge, 0, Qt.AlignmentFlag.AlignVCenter)
        words = QVBoxLayout()
        words.setSpacing(1)
        self.title = Text(role="strong", wrap=True)
        self.hint = Text(wrap=True)
        words.addWidget(self.title)
        words.addWidget(self.hint)
        row.addLayout(words, 1)
        self.details_button = button(tr("Show details"), kind="link", on_click=self._toggle_details)
        self.action = button("", kind="plain", on_click=self._act, small=True, name=tr("Mend it"))
        self.second = button("", kind="plain", on_click=self._act_otherwise, small=True, name=tr("Mend it in another way"))
        self.close_button = button(tr("Dismiss"), kind="quiet", on_click=self.hide)
        self.close_button.setVisible(can_close)
        controls = QHBoxLayout() if is_narrow else row
        for control in (self.details_button, self.action, self.second, self.close_button):
            controls.addWidget(control, 0, Qt.AlignmentFlag.AlignVCenter)
        if is_narrow:
            self.badge.hide()
            controls.addStretch(1)
            column.addLayout(controls)
        self._add_details(column)
        self.hide()

    def show_error(self, error: TLStudioError, *, button_text: str = "", on_click: Callable[[], object] | None = None) -> None:
        """Show what went wrong; that a project was closed while something was read from it is nothing that did."""
        if isinstance(error, ClosedMeanwhileError):
            return
        self.show_words(say(error.title), say(error.hint), tone="bad", details=error.details, button_text=button_text, on_click=on_click)

    def show_words(
        self,
        title: str,
        hint: str = "",
        *,
        tone: str = "warn",
        details: str = "",
        button_text: str = "",
        on_click: Callable[[], object] | None = None,
    ) -> None:
        """Show words in a tone: bad, warn or neutral."""
        set_look(self, tone=tone)
        self.badge.show_state(tr("Error") if tone == "bad" else tr("Note"), tone=tone)
        self.title.setText(title)
        self.hint.setText(hint)
        self.hint.setVisible(bool(hint))
        self.details.setPlainText(details)
        self.details_button.setVisible(bool(details))
        self._show_details(False)
        self._on_action = on_click
        self.action.setText(button_text)
        self.action.setAccessibleName(button_text)
        self.action.setVisible(bool(button_text))
        self.offer_second("")
        self.setAccessibleName(f"{title} {hint}".strip())
        self.show()

    def offer_second(self, text: str, on_click: Callable[[], object] | None = None) -> None:
        """Beside the button of what is shown, another one; none without a text."""
        self._on_second = on_click
        self.second.setText(text)
        self.second.setAccessibleName(text)
        self.second.setVisible(bool(text))

    def clear(self) -> None:
        """Nothing to say any more."""
        self.hide()

    def clear_error(self) -> None:
        """What went wrong was of something that is over; notes stay."""
        if self.property("tone") == "bad":
            self.clear()

    def hideEvent(self, event: QHideEvent) -> None:
        """Sent when the panel is left as well; never for what came while another panel was looked at."""
        super().hideEvent(event)
        if self._goes_when_left and not event.spontaneous():
            self.hide()

    def _add_details(self, column: QVBoxLayout) -> None:
        self.details = QPlainTextEdit(self)
        self.details.setReadOnly(True)
        self.details.setAccessibleName(tr("Details of the error"))
        self.details.document().documentLayout().documentSizeChanged.connect(self._fit_details)
        self._fit_details()
        self.copy_button: QPushButton = button(tr("Copy"), kind="link", name=tr("Copy the details"), on_click=self._copy)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self.copy_button)
        row.setContentsMargins(0, 0, 0, SPACE_1)
        column.addWidget(self.details)
        column.addLayout(row)

    def _fit_details(self, _size: object = None) -> None:
        """As high as its lines, up to a height from which it scrolls."""
        document = self.details.document()
        height = round(document.size().height() * self.details.fontMetrics().lineSpacing() + 2 * document.documentMargin())
        frame = self.details.height() - self.details.viewport().height() if self.details.isVisible() else _FRAME_PX
        self.details.setFixedHeight(min(_MOST_DETAILS_PX, height + frame))

    def _toggle_details(self) -> None:
        self._show_details(self.details.isHidden())

    def _show_details(self, shown: bool) -> None:
        self.details.setVisible(shown)
        self.copy_button.setVisible(shown)
        self.details_button.setText(tr("Hide details") if shown else tr("Show details"))

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.details.toPlainText())

    def _act(self) -> None:
        if self._on_action is not None:
            self._on_action()

    def _act_otherwise(self) -> None:
        if self._on_second is not None:
            self._on_second()
