"""The card on the right: the selected image, its class, its part, what is known of it."""

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QComboBox, QGridLayout, QLineEdit, QVBoxLayout, QWidget

from tlstudio.domain.samples import Class
from tlstudio.domain.splits import Split
from tlstudio.ui.data.viewmodel import Details, split_name
from tlstudio.ui.theme import SPACE_2, SPACE_3
from tlstudio.ui.thumbnails import Thumbnails
from tlstudio.ui.widgets.buttons import button
from tlstudio.ui.widgets.card import Card
from tlstudio.ui.widgets.picture import Picture
from tlstudio.ui.widgets.text import ElidedText, Text
from tlstudio.ui.words import tr

_MIXED = "\0mixed"


class Inspector(Card):
    """Renders `Details` and reports a wish for another class, part or note."""

    class_wanted = Signal(object)
    """A class id, or None to take the class away."""
    split_wanted = Signal(object)
    note_wanted = Signal(str)
    back_wanted = Signal()

    def __init__(self, thumbnails: Thumbnails, parent: QWidget | None = None) -> None:
        super().__init__(margin=14, spacing=SPACE_2, parent=parent)
        self.setAccessibleName(tr("Selected image"))
        self.picture = Picture(thumbnails)
        self.name = ElidedText(role="strong", mode=Qt.TextElideMode.ElideMiddle)
        self.classes = _combo(tr("Class of the selected images"))
        self.classes.activated.connect(self._on_class)
        self.splits = _combo(tr("Split of the selected images"))
        self.splits.activated.connect(self._on_split)
        self.note = QLineEdit()
        self.note.setAccessibleName(tr("Note on the image"))
        self.note.setPlaceholderText(tr("Note"))
        self.note.editingFinished.connect(self._on_note)
        self.reason = Text(role="warn", wrap=True)
        self.back = button(tr("Take back"), on_click=self.back_wanted.emit, small=True)
        self.empty = Text(tr("Select an image to see it here. Shift and Ctrl select several."), role="muted", wrap=True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._note_before = ""
        self._content = QWidget()
        self._lay_out()
        self.show_details(None, [], writable=False)

    def show_details(self, details: Details | None, classes: list[Class], *, writable: bool) -> None:
        """Show what is selected; None shows what to do instead."""
        self._content.setVisible(details is not None)
        self.empty.setVisible(details is None)
        if details is None:
            return
        self.picture.show_content(details.content_hash, name=details.title)
        self.name.set_text(details.title)
        self._fill_classes(details, classes)
        self._fill_splits(details)
        for control in (self.classes, self.splits, self.note, self.back):
            control.setEnabled(writable)
        self.splits.setEnabled(writable and not details.is_aside)
        self._show_lines(details)
        self.reason.setText(details.reason)
        self.reason.setVisible(bool(details.reason))
        self.back.setVisible(details.can_come_back)
        self.note.setVisible(details.num == 1)
        if not self.note.hasFocus() or details.note != self._note_before:
            self.note.setText(details.note)
        self._note_before = details.note

    def _lay_out(self) -> None:
        column = QVBoxLayout(self._content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_2)
        column.addWidget(self.picture)
        column.addSpacing(SPACE_2)
        column.addWidget(self.name)
        column.addWidget(self.reason)
        column.addWidget(self.back, 0, Qt.AlignmentFlag.AlignLeft)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(SPACE_3)
        self._grid.setVerticalSpacing(SPACE_2)
        self._grid.setColumnStretch(1, 1)
        for place, (label, control) in enumerate(((tr("Class"), self.classes), (tr("Split"), self.splits))):
            self._grid.addWidget(Text(label, role="muted"), place, 0)
            self._grid.addWidget(control, place, 1)
        column.addLayout(self._grid)
        column.addWidget(self.note)
        self.body.addWidget(self._content, 0, Qt.AlignmentFlag.AlignTop)
        self.body.addStretch(1)
        self.body.addWidget(self.empty)
        self.body.addStretch(1)
        self._line_widgets: list[QWidget] = []

    def _show_lines(self, details: Details) -> None:
        for widget in self._line_widgets:
            self._grid.removeWidget(widget)
            widget.hide()  # it is deleted later, and would be painted over the new lines until then
            widget.deleteLater()
        self._line_widgets = []
        for place, (label, text) in enumerate(details.lines, 2):
            value = ElidedText(text, mode=Qt.TextElideMode.ElideMiddle)
            value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            title = Text(label, role="muted")
            self._grid.addWidget(title, place, 0)
            self._grid.addWidget(value, place, 1)
            self._line_widgets += [title, value]

    def _fill_classes(self, details: Details, classes: list[Class]) -> None:
        with QSignalBlocker(self.classes):
            self.classes.clear()
            if details.is_class_mixed:
                self.classes.addItem(tr("several"), _MIXED)
            self.classes.addItem(tr("none"), None)
            for item in classes:
                self.classes.addItem(item.name, item.id)
            wanted = _MIXED if details.is_class_mixed else details.class_id
            self.classes.setCurrentIndex(_index_of(self.classes, wanted))

    def _fill_splits(self, details: Details) -> None:
        with QSignalBlocker(self.splits):
            self.splits.clear()
            if details.is_split_mixed:
                self.splits.addItem(tr("several"), _MIXED)
            elif details.split is None:
                self.splits.addItem(tr("none yet"), _MIXED)
            for split in Split:
                self.splits.addItem(split_name(split), split.value)
            wanted = _MIXED if details.is_split_mixed or details.split is None else details.split.value
            self.splits.setCurrentIndex(_index_of(self.splits, wanted))

    def _on_class(self, index: int) -> None:
        value = self.classes.itemData(index)
        if value != _MIXED:
            self.class_wanted.emit(value)

    def _on_split(self, index: int) -> None:
        value = self.splits.itemData(index)
        if value != _MIXED:
            self.split_wanted.emit(Split(value))

    def _on_note(self) -> None:
        if self.note.text().strip() != self._note_before:
            self._note_before = self.note.text().strip()
            self.note_wanted.emit(self._note_before)


def _combo(name: str) -> QComboBox:
    combo = QComboBox()
    combo.setAccessibleName(name)
    combo.setMinimumContentsLength(6)
    combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    return combo


def _index_of(combo: QComboBox, value: object) -> int:
    return next((index for index in range(combo.count()) if combo.itemData(index) == value), -1)
