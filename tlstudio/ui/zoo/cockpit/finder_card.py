"""The learning-rate finder: its curve, the suggested rate as a dashed line, and the button that takes it over."""

from collections.abc import Callable, Sequence
from math import log10

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from tlstudio.domain.rate_finder import HIGHEST_RATE, LOWEST_RATE
from tlstudio.ui.plots.curves import CurveSpec, Mark
from tlstudio.ui.plots.live_plot import LivePlot
from tlstudio.ui.theme import SPACE_3, SPACE_4
from tlstudio.ui.widgets.buttons import button
from tlstudio.ui.widgets.text import Text
from tlstudio.ui.words import duration, tr
from tlstudio.ui.zoo.cockpit.finding import seconds
from tlstudio.ui.zoo.cockpit.rate_finding import RateFinding
from tlstudio.ui.zoo.cockpit.rates import rate_words
from tlstudio.ui.zoo.cockpit.viewmodel import CockpitModel

_LOSS = "loss"
_LOW, _HIGH = round(log10(LOWEST_RATE)), round(log10(HIGHEST_RATE))
_LEAST_PX = 44
"""Between two words below the plot."""
_HEIGHT_PX = 236


class FinderCard(LivePlot):
    """Renders a `RateFinding` for the proposal of a `CockpitModel`."""

    edited = Signal(str, object)
    """Id of a setting and the value that is wanted."""

    def __init__(self, finding: RateFinding, is_sound: Callable[[], bool] = lambda: True, parent: QWidget | None = None) -> None:
        empty = tr("The loss at each rate appears here.")
        super().__init__(tr("Learning-rate finder"), y_name=tr("Loss"), empty_text=empty, parent=parent)
        self._finding = finding
        self._is_sound = is_sound
        self._model = CockpitModel()
        self.setMinimumHeight(_HEIGHT_PX)
        self.body.setContentsMargins(SPACE_4, SPACE_4, SPACE_4, SPACE_4)  # as the cards around it
        self.set_curves([CurveSpec(id=_LOSS, label=tr("loss"), color="training")])
        self.set_x(float(_LOW), float(_HIGH), _ticks, _words, name=tr("Learning rate"))
        self.run = button(tr("Run"), small=True, on_click=self._on_run)
        self.stop = button(tr("Stop"), kind="danger", small=True, name=tr("Stop the learning-rate finder"), on_click=finding.stop)
        self.head.addWidget(self.run)
        self.head.addWidget(self.stop)
        foot = QHBoxLayout()
        foot.setSpacing(SPACE_3)
        self.words = Text(role="small", wrap=True)
        self.use = button(tr("Use this rate"), small=True, on_click=self._on_use)
        foot.addWidget(self.words, 1)
        foot.addWidget(self.use)
        self.body.addLayout(foot)
        finding.changed.connect(self._show)
        self._show()

    def show_model(self, model: CockpitModel) -> None:
        """The proposal that would be tried."""
        self._model = model
        self._show()

    def _show(self) -> None:
        found, recipe = self._finding.model, self._model.recipe
        needed_s = seconds(self._model.known, recipe)
        self.run.setText(tr("Run") if needed_s is None else tr("Run, {time}", time=duration(needed_s)))
        self.run.setAccessibleName(tr("Run the learning-rate finder"))
        self.run.setEnabled(needed_s is not None and self._finding.can_start)
        self.run.setVisible(not found.is_running)
        self.stop.setVisible(found.is_running)
        self.words.setText(found.words(recipe))
        self.use.setVisible(found.can_use(recipe))
        self.set_points(_LOSS, *found.curve)
        rate = found.suggested
        self.set_marks([] if rate is None else [Mark(log10(rate), tr("{rate} suggested", rate=rate_words(rate)))])

    def _on_run(self) -> None:
        if self._is_sound() and self._model.recipe is not None:
            self._finding.start(self._model.recipe)

    def _on_use(self) -> None:
        for id, value in self._finding.model.changes(self._model.recipe).items():
            self.edited.emit(id, value)


def _words(power: float) -> str:
    return tr("Rate {rate}", rate=rate_words(10.0**power))


def _ticks(width_px: int) -> Sequence[tuple[float, str]]:
    """Powers of ten, all in one notation, every second one where there is no room for all."""
    step = 1 if width_px >= (_HIGH - _LOW) * _LEAST_PX else 2
    return [(float(power), f"1e{power}") for power in range(_LOW, _HIGH + 1, step)]
