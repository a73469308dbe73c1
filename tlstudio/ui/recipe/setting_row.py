"""One setting: its name, its control, and its sentence where there is room for it."""

from collections.abc import Collection

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from tlstudio.domain.setting_spec import Kind, SettingSpec, Value
from tlstudio.ui.recipe.editors import EDITORS, ChoiceEditor, limits
from tlstudio.ui.theme import SPACE_1, SPACE_2
from tlstudio.ui.widgets.text import ElidedText, Text
from tlstudio.ui.words import say


class SettingRow(QWidget):
    """Reports what was entered; says below itself where that was refused."""

    edited = Signal(str, object)
    """Id of the setting and the value that is wanted."""

    def __init__(self, spec: SettingSpec, *, with_sentence: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.spec = spec
        self.setToolTip(say(spec.sentence))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_1)
        is_wide = spec.kind is Kind.NUMBERS
        row = QVBoxLayout() if is_wide else QHBoxLayout()
        row.setSpacing(SPACE_1 if is_wide else SPACE_2)
        self.label = ElidedText(say(spec.label), role="muted")
        self.editor = EDITORS[spec.kind](spec)
        row.addWidget(self.label, 1)
        row.addWidget(self.editor)
        column.addLayout(row)
        self.refusal = Text(limits(spec), role="bad", wrap=True)
        self.refusal.hide()
        column.addWidget(self.refusal)
        self.sentence = Text(say(spec.sentence), role="tiny", wrap=True)
        self.sentence.setVisible(with_sentence)
        column.addWidget(self.sentence)
        self.editor.edited.connect(lambda value: self.edited.emit(spec.id, value))
        self.editor.unreadable.connect(self.refuse)

    def show_value(self, value: Value) -> None:
        """Show what the recipe has."""
        self.refusal.hide()
        self.editor.show_value(value)

    def set_control_width(self, width_px: int) -> None:
        """Another width than the usual one."""
        self.editor.control.setFixedWidth(width_px)

    def offer(self, values: Collection[str]) -> None:
        """Of a choice, leave only these."""
        if isinstance(self.editor, ChoiceEditor):
            self.editor.offer(values)

    def refuse(self) -> None:
        """Say what may be entered; the recipe is as it was."""
        self.refusal.show()
