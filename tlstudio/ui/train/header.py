"""The top of the Train panel: what is going on, the buttons that fit to it, and a thin bar."""

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QProgressBar, QVBoxLayout, QWidget

from tlstudio.domain.run_state import Status
from tlstudio.domain.runs import Run
from tlstudio.ui.theme import SPACE_3
from tlstudio.ui.train.run_rows import recipe_name
from tlstudio.ui.train.viewmodel import Controls, TrainModel
from tlstudio.ui.widgets.badge import Badge
from tlstudio.ui.widgets.header import PanelHeader
from tlstudio.ui.words import tr

_TONES = {Status.PAUSED: "warn", Status.WAITING: "neutral"}
"""Of the badge; a run at work has the accent."""

_NARROW_PX = 900
"""Below it words are shortened, so that state and time left keep their room."""


class TrainHeader(QWidget):
    """Renders a `TrainModel`; each button reports itself."""

    start_wanted = Signal()
    pause_wanted = Signal()
    continue_wanted = Signal()
    stop_wanted = Signal()
    discard_wanted = Signal()
    evaluate_wanted = Signal()
    queue_wanted = Signal()
    seeds_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_3)
        self.row = PanelHeader(tr("Train"))
        self.badge = Badge(tone="accent")
        self._badge_words = self._badge_short = ""
        self.row.add_left(self.badge)
        self.pause = self.row.add_button(tr("Pause"), on_click=self.pause_wanted.emit)
        self.stop = self.row.add_button(tr("Stop and keep best"), on_click=self.stop_wanted.emit)
        self.discard = self.row.add_button(tr("Discard"), "danger", on_click=self.discard_wanted.emit)
        self.evaluate = self.row.add_button(tr("Evaluate"), on_click=self.evaluate_wanted.emit)
        self.proceed = self.row.add_button(tr("Continue"), "primary", on_click=self.continue_wanted.emit)
        self.seeds = self.row.add_button(tr("Three seeds"), on_click=self.seeds_wanted.emit)
        self.queue = self.row.add_button(tr("Queue another run"), "primary", on_click=self.queue_wanted.emit)
        self.start = self.row.add_button(tr("Start training"), "primary", on_click=self.start_wanted.emit)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(tr("Progress of the run"))
        column.addWidget(self.row)
        column.addWidget(self.bar)

    def show_model(self, model: TrainModel) -> None:
        """Show how things stand."""
        run, controls = model.board.active, model.controls
        is_busy = run is not None or model.is_starting
        self.badge.setVisible(run is not None)
        if run is not None:
            self._badge_words = tr("● Run {number} · {recipe}", number=run.number, recipe=recipe_name(run))
            self._badge_short = tr("● Run {number}", number=run.number)
            self.badge.show_state(self.badge.text(), tone=_TONES.get(model.board.status(run), "accent"))
            self._fit()
        self.row.set_subject(model.subject, short=model.short_subject, lead=model.subject_lead)
        self.pause.setVisible(is_busy and not controls.can_continue)
        self.pause.setEnabled(controls.can_pause)
        self.proceed.setVisible(controls.can_continue)
        for button, can in ((self.stop, controls.can_stop), (self.discard, controls.can_discard)):
            button.setVisible(is_busy)
            button.setEnabled(can)
        for button, can in ((self.start, controls.can_start), (self.seeds, controls.can_repeat)):
            button.setVisible(not is_busy)
            button.setEnabled(can)
        self.seeds.setToolTip(_about_seeds(controls))
        # Paused, the way on is "Continue": one primary button at a time.
        self.queue.setVisible(is_busy and not controls.can_continue)
        self.queue.setEnabled(controls.can_queue)
        self._show_evaluate(model.board.run(model.board.selected))
        self._show_bar(model.fraction, is_busy)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Say it in fewer words where there is little room; under the mouse, and to a screen reader, it is whole."""
        is_narrow = self.width() < _NARROW_PX
        whole = tr("Queue another run")
        self.queue.setText(tr("Queue another") if is_narrow else whole)
        self.queue.setToolTip(whole if is_narrow else "")
        self.evaluate.setText(tr("Evaluate") if is_narrow and self.stop.isVisibleTo(self) else self.evaluate.accessibleName())
        self.badge.setText(self._badge_short if is_narrow else self._badge_words)
        self.badge.setToolTip(self._badge_words if is_narrow else "")
        self.badge.setAccessibleName(self._badge_words)

    def _show_evaluate(self, run: Run | None) -> None:
        self.evaluate.setVisible(run is not None and run.is_usable)
        if run is not None:
            whole = tr("Evaluate run {number}", number=run.number)
            self.evaluate.setAccessibleName(whole)
            self.evaluate.setToolTip(whole)
            self._fit()

    def _show_bar(self, fraction: float | None, is_busy: bool) -> None:
        self.bar.setVisible(is_busy)
        self.bar.setRange(0, 0 if fraction is None else 1000)
        if fraction is not None and self.bar.value() != round(1000 * fraction):
            self.bar.setUpdatesEnabled(False)  # else Qt paints it at once, ahead of all that is new beside it
            self.bar.setValue(round(1000 * fraction))
            self.bar.setUpdatesEnabled(True)


def _about_seeds(controls: Controls) -> str:
    """What three seeds are for, or why they would say nothing."""
    if controls.can_start and not controls.can_repeat:
        return tr("Every seed comes to the same result: a head that is solved on fixed features leaves nothing to chance.")
    return tr("Trains this recipe with three seeds, one after the other, and says how much of the result is luck.")
