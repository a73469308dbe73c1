"""One setting: its name, its control, its sentence where there is room for it, and the way back where it was changed."""

from collections.abc import Collection, Iterable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from tlstudio.domain.setting_spec import Kind, SettingSpec, Value
from tlstudio.ui.recipe.editors import EDITORS, ChoiceEditor, limits
from tlstudio.ui.theme import SPACE_1, SPACE_2
from tlstudio.ui.widgets.buttons import button
from tlstudio.ui.widgets.text import ElidedText, Text
from tlstudio.ui.words import say, tr


class SettingRow(QWidget):
    """Reports what was entered; says below itself where that was refused."""

    edited = Signal(str, object)
    """Id of the setting and the value that is wanted."""
    back_wanted = Signal(str)
    """Id of the setting that is to be as its recipe has it."""

    def __init__(self, spec: SettingSpec, *, with_sentence: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.spec = spec
        self.is_refused = False
        """Whether what stands in the field is not what the recipe has."""
        self._value: Value = None
        self._most = 0
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
        self.back = button("", kind="link", flush=True, name=tr("As the recipe has it"), on_click=lambda: self.back_wanted.emit(spec.id))
        self.back.hide()
        self._links = QVBoxLayout()
        self._links.setSpacing(SPACE_1)
        self.add_link(self.back)
        column.addLayout(self._links)
        self.sentence = Text(say(spec.sentence), role="tiny", wrap=True)
        self.sentence.setVisible(with_sentence)
        column.addWidget(self.sentence)
        self.editor.edited.connect(self._on_edited)
        self.editor.unreadable.connect(self.refuse)

    def show_value(self, value: Value) -> None:
        """Show what the recipe has; what was refused stays until this setting is another one, however often the others are."""
        if self.is_refused and value == self._value:
            return
        self.is_refused, self._value = False, value
        self.refusal.hide()
        self.editor.show_value(None if self._is_too_many(value) else value)

    def show_most(self, most: int) -> None:
        """The network has so many, 0 where that is not known; more of them are all of them."""
        self._most = most
        self.editor.show_most(most)

    def show_base(self, words: str) -> None:
        """Mark it as changed and offer the way back, such as "As in Balanced: 14"; without words it is as its recipe has it."""
        self.label.set_role("accent" if words else "muted")
        self.back.setText(words)
        self.back.setVisible(bool(words))
        if words:
            self.back.setAccessibleName(tr("{setting}: {words}", setting=say(self.spec.label), words=words))

    def show_network(self, *, is_allowed: bool, problem: str) -> None:
        """Whether the network has what it needs; `problem` is why it cannot be trained as it stands."""
        self.editor.setEnabled(is_allowed)
        if problem and not self.is_refused:
            self.refusal.set_role("bad" if is_allowed else "tiny")
            self.refusal.setText(problem)
            self.refusal.show()

    def set_control_width(self, width_px: int) -> None:
        """Another width than the usual one."""
        self.editor.control.setFixedWidth(width_px)

    def add_link(self, link: QPushButton) -> None:
        """Something that helps to choose the value, below its control."""
        self._links.insertWidget(0, link, alignment=Qt.AlignmentFlag.AlignRight)

    def offer(self, values: Collection[str]) -> None:
        """Of a choice, leave only these."""
        if isinstance(self.editor, ChoiceEditor):
            self.editor.offer(values)

    def refuse(self) -> None:
        """Say what may be entered; the recipe is as it was."""
        self.is_refused = True
        self.refusal.set_role("bad")
        self.refusal.setText(limits(self.spec, self._most))
        self.refusal.show()

    def forget_refused(self) -> None:
        """Show what the recipe has, the next time it is shown."""
        self.is_refused = False

    def _on_edited(self, value: Value) -> None:
        if self._is_too_many(value):
            self.refuse()
            return
        self.is_refused = False
        self.edited.emit(self.spec.id, value)

    def _is_too_many(self, value: Value) -> bool:
        return bool(self._most) and isinstance(value, int) and value > self._most


def first_refused(rows: Iterable[SettingRow]) -> SettingRow | None:
    """The first whose field holds what was refused, once what is being typed in any of them has been read."""
    rows = list(rows)
    for row in rows:
        row.editor.finish()
    return next((row for row in rows if row.is_refused), None)


def refusal_words(setting: str, problem: str) -> str:
    """Why nothing was started."""
    return tr("Nothing was started. {setting}: {problem}", setting=setting, problem=problem)
