"""One small control for each kind of setting: it shows a value and reports another one."""

from collections.abc import Callable, Collection

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from tlstudio.domain.setting_spec import Kind, SettingSpec, Value
from tlstudio.ui.recipe.numbers import read_number
from tlstudio.ui.widgets.elided_combo import ElidedCombo
from tlstudio.ui.widgets.quiet_wheel import ignore_wheel
from tlstudio.ui.words import say, tr

WIDTH_PX = 132


class Editor(QWidget):
    """Base of the controls: `edited` carries a value that may still be refused; `unreadable` says that the text is none."""

    edited = Signal(object)
    unreadable = Signal()

    def __init__(self, control: QWidget, spec: SettingSpec, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.spec = spec
        self.control = control
        control.setAccessibleName(say(spec.label))
        control.setAccessibleDescription(say(spec.sentence))
        if spec.kind is not Kind.NUMBERS:
            control.setFixedWidth(WIDTH_PX)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(control)
        self.setFocusProxy(control)

    def show_value(self, value: Value) -> None:
        """Show a value without telling anybody."""
        raise NotImplementedError

    def show_most(self, most: int) -> None:
        """What None is called, where it is all of so many."""

    def finish(self) -> None:
        """Report what is being typed, as if the control were left: a click on a button does not take the focus."""


class ChoiceEditor(Editor):
    """A list of words."""

    def __init__(self, spec: SettingSpec, parent: QWidget | None = None) -> None:
        self._box = ElidedCombo()
        super().__init__(self._box, spec, parent)
        ignore_wheel(self._box)
        self.offer({choice.value for choice in spec.choices})
        self._box.activated.connect(lambda row: self.edited.emit(self._box.itemData(row)))

    def offer(self, values: Collection[str]) -> None:
        """Only these of the setting's choices."""
        wanted = [choice for choice in self.spec.choices if choice.value in values]
        if [choice.value for choice in wanted] != [self._box.itemData(row) for row in range(self._box.count())]:
            with QSignalBlocker(self._box):
                self._box.clear()
                for choice in wanted:
                    self._box.addItem(say(choice.label), choice.value)

    def show_value(self, value: Value) -> None:
        with QSignalBlocker(self._box):
            row = self._box.findData(value)
            if row < 0:
                # Such as a second graphics card, named in a recipe of the terminal, or what the network does not allow.
                words = next((say(choice.label) for choice in self.spec.choices if choice.value == value), str(value))
                self._box.addItem(words, value)
                row = self._box.count() - 1
            self._box.setCurrentIndex(row)


class TextEditor(Editor):
    """A field that is read when Enter is pressed or it is left."""

    def __init__(
        self, spec: SettingSpec, *, read: Callable[[str], Value], write: Callable[[Value], str], parent: QWidget | None = None
    ) -> None:
        self._field = QLineEdit()
        super().__init__(self._field, spec, parent)
        self._read, self._write = read, write
        self._shown = ""
        self._field.setAlignment(Qt.AlignmentFlag.AlignLeft)
        if spec.automatic is not None:
            self._field.setPlaceholderText(say(spec.automatic))
        self._field.editingFinished.connect(self.finish)

    def show_value(self, value: Value) -> None:
        self._shown = "" if value is None else self._write(value)
        if self._field.text() == self._shown:
            return
        with QSignalBlocker(self._field):
            self._field.setText(self._shown)
            self._field.setCursorPosition(0)

    def show_most(self, most: int) -> None:
        if self.spec.automatic is not None:
            self._field.setPlaceholderText(tr("{all} of {n}", all=say(self.spec.automatic), n=most) if most else say(self.spec.automatic))

    def finish(self) -> None:
        text = self._field.text().strip()
        if text == self._shown:
            return
        try:
            value = None if not text and self.spec.automatic is not None else self._read(text)
        except ValueError:
            # The value that stands, typed again, is news now.
            self._shown = text
            self.unreadable.emit()
        else:
            self._shown = text
            self.edited.emit(value)


def _whole(text: str) -> int:
    value = read_number(text)
    if value != int(value):
        raise ValueError(text)
    return int(value)


def _share(text: str) -> float:
    return round(read_number(text.rstrip("% ")) / 100, 6)


def _numbers(text: str) -> tuple[float, ...]:
    return tuple(read_number(part) for part in text.replace(";", " ").replace(", ", " ").split())


EDITORS: dict[Kind, Callable[[SettingSpec], Editor]] = {
    Kind.CHOICE: ChoiceEditor,
    Kind.WHOLE: lambda spec: TextEditor(spec, read=_whole, write=lambda value: f"{value}"),
    Kind.NUMBER: lambda spec: TextEditor(spec, read=read_number, write=lambda value: f"{value:g}"),
    Kind.SHARE: lambda spec: TextEditor(spec, read=_share, write=lambda value: f"{value * 100:g} %"),
    Kind.NUMBERS: lambda spec: TextEditor(spec, read=_numbers, write=lambda value: "  ".join(f"{item:g}" for item in value)),
}


def limits(spec: SettingSpec, most: int = 0) -> str:
    """What may be entered, in words; `most` is less than the setting's own limit where it is named."""
    if spec.kind is Kind.SHARE:
        return tr("A share from {low} to {high} %.", low=f"{spec.minimum * 100:g}", high=f"{spec.maximum * 100:g}")
    if spec.kind is Kind.NUMBERS:
        return tr("Positive numbers with a space between them.")
    if spec.kind is Kind.WHOLE:
        return tr("A whole number from {low} to {high}.", low=f"{spec.minimum:.0f}", high=f"{most or spec.maximum:.0f}")
    return tr("A number from {low} to {high}.", low=f"{spec.minimum:g}", high=f"{spec.maximum:g}")
