"""The Sweep part of the recipe card: up to three settings with their values, how many trials that is and how long they take."""

import msgspec
from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QSpinBox, QVBoxLayout, QWidget

from tlstudio.domain.abilities import Abilities, refusals
from tlstudio.domain.recipe import Recipe
from tlstudio.domain.trials import MOST_TRIALS, SearchKind, TrialPlan, draw
from tlstudio.errors import TLStudioError
from tlstudio.operations import tpe
from tlstudio.ui.recipe.editors import WIDTH_PX
from tlstudio.ui.theme import SPACE_1, SPACE_2
from tlstudio.ui.train.axis_row import AxisRow
from tlstudio.ui.train.trial_options import TrialOptions
from tlstudio.ui.train.trial_values import FIRST
from tlstudio.ui.widgets.buttons import button
from tlstudio.ui.widgets.quiet_wheel import ignore_wheel
from tlstudio.ui.widgets.scroll_column import ScrollColumn
from tlstudio.ui.widgets.segmented import Segmented
from tlstudio.ui.widgets.text import Text, rule
from tlstudio.ui.words import say, tr, tr_n

MOST_SETTINGS = 3
_FIRST_NUMBER = 8
_WAIT_MS = 150
_SETTLED_MS = 1000


class TrialPlanner(QWidget):
    """Closed until somebody wants it; reports the plan that was made, and what it would train."""

    wanted = Signal(object)
    """A `TrialPlan`."""
    meant = Signal(object)
    """The recipes of what is entered now, a tuple; empty where it makes none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._recipe: Recipe | None = None
        self._abilities: Abilities | None = None
        self._is_fresh = False
        """Opened a moment ago: what is said or shown above it later moves it down again, and it is scrolled to again."""
        self._num_trials = 0
        self.words = Text(tr("Trains this recipe with several values of a few settings and says which were best."), role="muted", wrap=True)
        self.door = button(tr("Plan a sweep"), kind="link", flush=True, on_click=self._toggle)
        self.door.setCheckable(True)
        self.axes = [AxisRow(place) for place in range(1, MOST_SETTINGS + 1)]
        self.kind = Segmented(tr("How trials are chosen"))
        self._offer(SearchKind.GRID, tr("Grid"), tr("Every combination of the values."))
        self._offer(SearchKind.RANDOM, tr("Random"), tr("By chance: few trials see more values of the setting that matters."))
        if tpe.is_installed():
            self._offer(SearchKind.TPE, tr("TPE"), tr("The first trials by chance, each later one by what those before it came to."))
        self.number = QSpinBox()
        self.number.setAccessibleName(tr("Number of trials"))
        self.number.setRange(1, MOST_TRIALS)
        self.number.setValue(_FIRST_NUMBER)
        self.number.setFixedWidth(WIDTH_PX)
        self.number.lineEdit().setTextMargins(SPACE_2, 0, 0, 0)
        ignore_wheel(self.number)
        self.options = TrialOptions()
        self.problem = Text(role="warn", wrap=True)
        self.time = Text(role="muted", wrap=True)
        self.queue = button(tr("Queue trials"), on_click=self._on_queue)
        self.body = QWidget()
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_WAIT_MS)
        self._pause.timeout.connect(self._tell)
        self._build()
        for row in self.axes:
            row.changed.connect(self._show)
        self.kind.chosen.connect(lambda _id: self._show())
        self.number.valueChanged.connect(lambda _number: self._show())
        self.options.changed.connect(self._show)

    def show_recipe(self, recipe: Recipe | None, abilities: Abilities | None = None) -> None:
        """What the trials would differ from, and what its network allows where that is known."""
        self._recipe, self._abilities = recipe, abilities
        if recipe is not None:
            self.options.show_recipe(recipe)
        self.door.setEnabled(recipe is not None)
        if self.door.isChecked():
            self._show()

    def show_time(self, words: str) -> None:
        """How long the trials take."""
        self.time.setText(words)

    def close_body(self) -> None:
        """The sweep is ordered."""
        if self.door.isChecked():
            self.door.click()

    def forget(self) -> None:
        """Another project: what was entered was meant for the one before."""
        self.close_body()
        self.options.forget()
        self.kind.choose(SearchKind.GRID)
        self.number.setValue(_FIRST_NUMBER)
        for row in self.axes:
            row.forget()

    def _offer(self, kind: SearchKind, name: str, sentence: str) -> None:
        self.kind.add(kind, name)
        self.kind.segment(kind).setToolTip(sentence)
        self.kind.segment(kind).setAccessibleDescription(sentence)

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_1)
        column.addWidget(rule())
        column.addSpacing(SPACE_2)
        column.addWidget(Text(tr("Sweep"), role="strong"))
        column.addWidget(self.words)
        inside = QVBoxLayout(self.body)
        inside.setContentsMargins(0, SPACE_1, 0, 0)
        inside.setSpacing(SPACE_2)
        for row in self.axes:
            inside.addWidget(row)
        hint = tr("Values with a space between them, or a range such as 0.0001 : 0.01.")
        inside.addWidget(Text(hint, role="muted", wrap=True))
        inside.addWidget(self.kind)
        number = QHBoxLayout()
        self._number_words = Text(tr("Trials"))
        number.addWidget(self._number_words)
        number.addStretch(1)
        number.addWidget(self.number)
        inside.addLayout(number)
        for widget in (self.options, self.problem, self.time, self.queue):
            inside.addWidget(widget)
        column.addWidget(self.body)
        doors = QHBoxLayout()
        doors.setContentsMargins(0, 0, 0, 0)
        doors.addWidget(self.door)
        doors.addStretch(1)
        column.addLayout(doors)
        self.body.hide()

    def _toggle(self) -> None:
        is_open = self._is_fresh = self.door.isChecked()
        self.body.setVisible(is_open)
        self.door.setText(tr("Close") if is_open else tr("Plan a sweep"))
        self.door.setAccessibleName(tr("Close the sweep") if is_open else tr("Plan a sweep"))
        if is_open:
            self._show()
            QTimer.singleShot(0, self, self.reveal)  # once everything has its place
            QTimer.singleShot(_SETTLED_MS, self, self._settle)

    def reveal(self) -> None:
        """Scroll the card so far that what was opened is seen."""
        parent = self.parentWidget()
        while parent is not None and not isinstance(parent, ScrollColumn):
            parent = parent.parentWidget()
        if parent is not None:
            parent.reveal(self)
            parent.reveal(self.door)
            parent.verticalScrollBar().rangeChanged.connect(self._on_moved, Qt.ConnectionType.UniqueConnection)

    @Slot(int, int)
    def _on_moved(self, _low: int, _high: int) -> None:
        if self._is_fresh:
            QTimer.singleShot(0, self, self.reveal)

    def _settle(self) -> None:
        self._is_fresh = False

    def _show(self) -> None:
        """Everything that follows from what is entered."""
        recipe = self._recipe
        if recipe is None:
            return
        taken: set[str] = set()
        for place, row in enumerate(self.axes):
            row.show_recipe(recipe, taken=taken, first="" if place else FIRST, abilities=self._abilities)
            row.show_problem()
            row.setVisible(place == 0 or self.axes[place - 1].spec is not None)
            taken |= {row.spec.id} if row.spec is not None else set()
        for widget in (self.number, self._number_words):
            widget.setVisible(self.kind.current() != SearchKind.GRID)
        recipes, problem = self._recipes(recipe)
        self._num_trials = len(recipes)
        self.problem.setText(problem)
        self.problem.setVisible(bool(problem))
        self.queue.setText(tr_n("Queue 1 trial", "Queue {n} trials", len(recipes)) if recipes else tr("Queue trials"))
        self.queue.setAccessibleName(self.queue.text())
        self.queue.setEnabled(len(recipes) > 1 and self._refusal(recipes) is None)
        self._pause.start()

    def _plan(self) -> TrialPlan:
        """What is entered. Raises `ValueError`."""
        axes = tuple(axis for row in self.axes if (axis := row.axis()) is not None)
        kind = SearchKind(self.kind.current())
        number = MOST_TRIALS if kind is SearchKind.GRID else self.number.value()
        return TrialPlan(axes=axes, kind=kind, num_trials=number, seed=self.options.seed.value(), prunes=self.options.prunes.isChecked())

    def _recipes(self, recipe: Recipe) -> tuple[tuple[Recipe, ...], str]:
        if self.axes[0].spec is None:
            return (), ""
        try:
            plan = self._plan()
        except ValueError:
            return (), self._why()
        try:
            drawn = draw(msgspec.structs.replace(recipe, seed=plan.seed), plan)
        except ValueError:
            return (), tr("None of these values is one that the setting can have.")
        refusal = self._refusal(drawn.recipes)
        if refusal is not None:
            return drawn.recipes, say(refusal.title)
        if len(drawn.recipes) == 1 and not drawn.refused:
            return drawn.recipes, tr("One trial is no sweep: name at least two values.")
        left_out = tr_n("1 combination is left out: a value is outside its limits.", "{n} combinations are left out.", len(drawn.refused))
        return drawn.recipes, left_out if drawn.refused else ""

    def _refusal(self, recipes: tuple[Recipe, ...]) -> TLStudioError | None:
        """Why one of the trials cannot be trained with this network."""
        if self._abilities is None:
            return None
        return next((error for recipe in recipes for error in refusals(recipe, self._abilities).values()), None)

    def _why(self) -> str:
        """Why what is entered is no plan."""
        try:
            axes = [axis for row in self.axes if (axis := row.axis()) is not None]
            TrialPlan(axes=tuple(axes), kind=SearchKind.RANDOM)
        except ValueError:
            return ""  # said at the field
        return tr("That is more than {most} combinations. Name fewer values, or take random ones.", most=MOST_TRIALS)

    def _tell(self) -> None:
        recipes: tuple[Recipe, ...] = ()
        if self._recipe is not None and self.door.isChecked():
            recipes, _problem = self._recipes(self._recipe)
        self.meant.emit(recipes)

    def _on_queue(self) -> None:
        self.wanted.emit(self._plan())
