"""One setting that the trials of a sweep differ in: which one, and its values."""

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QCheckBox, QLineEdit, QVBoxLayout, QWidget

from tlstudio.domain.abilities import Abilities
from tlstudio.domain.recipe import Recipe
from tlstudio.domain.recipe_settings import SETTINGS
from tlstudio.domain.setting_spec import Kind, SettingSpec
from tlstudio.domain.trials import Axis
from tlstudio.ui.theme import SPACE_1
from tlstudio.ui.train import trial_values
from tlstudio.ui.widgets.elided_combo import ElidedCombo
from tlstudio.ui.widgets.quiet_wheel import ignore_wheel
from tlstudio.ui.widgets.text import Text
from tlstudio.ui.words import say, tr


class AxisRow(QWidget):
    """A list of settings with a field for numbers below it, or ticks for choices; `changed` says that something else is meant."""

    changed = Signal()

    def __init__(self, place: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setting = ElidedCombo()
        self.setting.setAccessibleName(tr("Setting {number} of the sweep", number=place))
        ignore_wheel(self.setting)
        self.setting.activated.connect(self._on_setting)
        self.field = QLineEdit()
        self.field.setAccessibleName(tr("Values of setting {number} of the sweep", number=place))
        self.field.textEdited.connect(self.changed)
        self.ticks: dict[str, QCheckBox] = {}
        self._recipe: Recipe | None = None
        self._abilities: Abilities | None = None
        self.problem = Text(role="bad", wrap=True)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(SPACE_1)
        self._column.addWidget(self.setting)
        self._column.addWidget(self.field)
        self._column.addWidget(self.problem)
        self.field.hide()
        self.problem.hide()

    @property
    def spec(self) -> SettingSpec | None:
        """The setting that is chosen."""
        return SETTINGS.get(self.setting.currentData() or "")

    def show_recipe(self, recipe: Recipe, *, taken: set[str], first: str = "", abilities: Abilities | None = None) -> None:
        """Offer what means something in `recipe`, with what its network allows, and is not taken; what was chosen stays where it may."""
        self._recipe, self._abilities = recipe, abilities
        wanted = [spec for spec in trial_values.offered(recipe, abilities) if spec.id not in taken]
        before = self.setting.currentData() or first
        with QSignalBlocker(self.setting):
            self.setting.clear()
            self.setting.addItem(tr("One more setting") if taken else tr("Choose a setting"), "")
            for spec in wanted:
                self.setting.addItem(say(spec.label), spec.id)
            self.setting.setCurrentIndex(max(0, self.setting.findData(before)))
        if (self.spec.id if self.spec is not None else "") != self.field.property("of"):
            self._suggest()

    def forget(self) -> None:
        """Another project: nothing is chosen, and values are suggested anew."""
        self.setting.clear()
        self.field.setProperty("of", None)

    def axis(self) -> Axis | None:
        """What was entered; None where no setting is chosen. Raises `ValueError` where it cannot be read."""
        spec = self.spec
        if spec is None:
            return None
        if spec.kind is Kind.CHOICE:
            return Axis(setting=spec.id, values=tuple(value for value, tick in self.ticks.items() if tick.isChecked()))
        return trial_values.read(spec, self.field.text())

    def show_problem(self) -> None:
        """Say below the field what of it cannot be read."""
        words = self._why()
        self.problem.setText(words)
        self.problem.setVisible(bool(words))

    def _why(self) -> str:
        """Why what was entered is no axis; empty where it is one."""
        try:
            self.axis()
        except ValueError:
            spec, text = self.spec, self.field.text().strip()
            if spec is None or spec.kind is Kind.CHOICE:
                return tr("Tick at least one.")
            if "," in text:
                return tr("“{text}” cannot be read as numbers. Write decimals as in 0.001, and a space between values.", text=text)
            return tr("“{text}” cannot be read as numbers.", text=text) if text else tr("Name at least one value.")
        return ""

    def _on_setting(self, _row: int) -> None:
        self._suggest()
        self.changed.emit()

    def _suggest(self) -> None:
        spec = self.spec
        for tick in self.ticks.values():
            tick.deleteLater()
        self.ticks = {}
        self.field.setProperty("of", spec.id if spec is not None else "")
        self.field.setVisible(spec is not None and spec.kind is not Kind.CHOICE)
        if spec is None or self._recipe is None:
            return
        self.field.setAccessibleName(tr("Values of {setting}", setting=say(spec.label)))
        self.field.setText(trial_values.written(spec, trial_values.suggested(spec, self._recipe)))
        self.field.setCursorPosition(0)
        if spec.kind is Kind.CHOICE:
            for value in trial_values.choices(spec, self._abilities):
                self._add_tick(spec, value)

    def _add_tick(self, spec: SettingSpec, value: str) -> None:
        words = trial_values.word(spec, value)
        tick = self.ticks[value] = QCheckBox(words)
        tick.setAccessibleName(tr("{setting}: {value}", setting=say(spec.label), value=words))
        tick.setChecked(True)
        tick.toggled.connect(self.changed)
        self._column.addWidget(tick)
