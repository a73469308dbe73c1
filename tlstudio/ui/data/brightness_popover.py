"""Which values of deep images become black and white: a choice, two numbers and some pictures, in a small card beside its button."""

from collections.abc import Sequence

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QImage
from PySide6.QtWidgets import QDoubleSpinBox, QHBoxLayout, QVBoxLayout, QWidget

from tlstudio.domain.intensity import IntensityRule
from tlstudio.ui.theme import SPACE_2
from tlstudio.ui.widgets.buttons import button
from tlstudio.ui.widgets.card import Card
from tlstudio.ui.widgets.popup_place import show_at
from tlstudio.ui.widgets.segmented import Segmented
from tlstudio.ui.widgets.square_picture import SquarePicture
from tlstudio.ui.widgets.text import Text
from tlstudio.ui.words import tr, tr_n

NUM_PICTURES = 4
_WAIT_MS = 250
_PICTURE_PX = 92
_RANGE, _WINDOW, _PERCENTILES = "range", "window", "percentiles"
_USUAL = IntensityRule(kind="percentiles", low=0.1, high=99.9)


class BrightnessPopover(QWidget):
    """Reports `looked` whenever the choice settles, `wanted` when it is to be kept."""

    looked = Signal(object)
    wanted = Signal(object)
    """Both an `IntensityRule`; None where the numbers make none."""
    closed = Signal()

    def __init__(self, rule: IntensityRule, *, num_runs: int, writable: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
        self._rule = rule
        self._suits: IntensityRule | None = None
        self._writable = writable
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_WAIT_MS)
        self._pause.timeout.connect(lambda: self.looked.emit(self.rule()))
        self.kind = Segmented(tr("Brightness"))
        self.kind.add(_RANGE, tr("Whole range"))
        self.kind.add(_WINDOW, tr("Window"))
        self.kind.add(_PERCENTILES, tr("Each image"))
        self.kind.choose(rule.kind)
        self.low = _value(tr("Value that becomes black"), rule.low)
        self.high = _value(tr("Value that becomes white"), rule.high)
        percent = rule if rule.kind == _PERCENTILES else _USUAL
        self.dark, self.bright = (
            _percent(tr("Percentile that becomes black"), percent.low),
            _percent(tr("Percentile that becomes white"), percent.high),
        )
        self.from_images = button(tr("From the images"), small=True, on_click=self._on_from_images)
        self.from_images.setEnabled(False)
        self.pictures = [SquarePicture(name=tr("Preview"), side_px=_PICTURE_PX) for _ in range(NUM_PICTURES)]
        self.making = Text(role="small")
        self.note = Text(tr("Looking at the images…"), role="small", wrap=True)
        self.runs = Text(_about_runs(num_runs), role="small", wrap=True)
        self.runs.setVisible(num_runs > 0)
        self.keep = button(tr("Use this brightness"), kind="primary", on_click=self._on_keep)
        self._lay_out()
        self.kind.chosen.connect(self._on_changed)
        for box in (self.low, self.high, self.dark, self.bright):
            box.valueChanged.connect(self._on_changed)
        self._refresh()

    def rule(self) -> IntensityRule | None:
        """What is chosen; None where the numbers make no window."""
        kind = self.kind.current()
        if kind == _RANGE:
            return IntensityRule()
        low, high = (self.low.value(), self.high.value()) if kind == _WINDOW else (self.dark.value(), self.bright.value())
        if high <= low:
            return None
        return IntensityRule(kind="window" if kind == _WINDOW else "percentiles", low=low, high=high)

    def show_held(self, suits: IntensityRule | None, *, num_deep: int, num_looked_at: int, is_float: bool) -> None:
        """What was found in the images; `suits` is the window they would have."""
        self._suits = suits
        for box in (self.low, self.high):
            box.setDecimals(4 if is_float else 0)
        if self._rule.kind != _WINDOW and suits is not None:
            self._set(suits)
        self.from_images.setEnabled(suits is not None)
        if num_deep == 0:
            self.note.setText(tr("None of the images looked at is deeper than 8 bits: this changes nothing for them."))
        else:
            found = tr_n("1 deep image", "{n} deep images", num_deep)
            self.note.setText(_about_values(suits, found))
        for number, place in enumerate(self.pictures):
            place.setVisible(number < num_deep)
        self._say_making()
        self.looked.emit(self.rule())

    def show_pictures(self, pictures: Sequence[QImage]) -> None:
        """How some of the images look by the rule that was asked for."""
        self.making.setText("")
        for place, image in zip(self.pictures, pictures, strict=False):
            place.show_image(image)

    def open_below(self, widget: QWidget) -> None:
        """Show it below a button."""
        show_at(self, QPoint(0, widget.height() + SPACE_2), of=widget)
        self.kind.segment(self.kind.current()).setFocus(Qt.FocusReason.PopupFocusReason)

    def closeEvent(self, event: QCloseEvent) -> None:
        super().closeEvent(event)
        self.closed.emit()

    def _lay_out(self) -> None:
        card = Card(tr("Brightness of deep images"), spacing=SPACE_2)
        card.setFixedWidth(440)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(card)
        sentence = tr(
            "Images with more than 8 bits are shown, learned from and predicted in 256 steps. Choose which of their values become "
            "black and white: the whole range of the type (DICOM files use their own window), one window for all images, or what "
            "each image holds, for exposures that differ."
        )
        card.body.addWidget(Text(sentence, role="muted", wrap=True))
        card.body.addWidget(self.kind)
        self._window_row = _numbers(self.low, self.high, self.from_images)
        self._percent_row = _numbers(self.dark, self.bright)
        card.body.addWidget(self._window_row)
        card.body.addWidget(self._percent_row)
        row = QHBoxLayout()
        row.setSpacing(SPACE_2)
        for picture in self.pictures:
            row.addWidget(picture)
        row.addStretch(1)
        card.body.addLayout(row)
        card.body.addWidget(self.note)
        card.body.addWidget(self.runs)
        foot = QHBoxLayout()
        foot.addWidget(self.making)
        foot.addStretch(1)
        foot.addWidget(self.keep)
        card.body.addLayout(foot)

    def _on_changed(self, _value: object = None) -> None:
        self._refresh()
        self._say_making()
        self._pause.start()

    def _say_making(self) -> None:
        """The pictures are still those of an earlier choice, or not there yet."""
        is_coming = self.rule() is not None and any(not picture.isHidden() for picture in self.pictures)
        self.making.setText(tr("Making the preview…") if is_coming else "")

    def _on_from_images(self) -> None:
        if self._suits is not None:
            self._set(self._suits)
            self.kind.choose(_WINDOW)
            self._on_changed()

    def _set(self, rule: IntensityRule) -> None:
        for box, value in ((self.low, rule.low), (self.high, rule.high)):
            box.blockSignals(True)
            box.setValue(value)
            box.blockSignals(False)

    def _refresh(self) -> None:
        rule = self.rule()
        kind = self.kind.current()
        self._window_row.setVisible(kind != _PERCENTILES)
        self._percent_row.setVisible(kind == _PERCENTILES)
        for box in (self.low, self.high):
            box.setEnabled(kind == _WINDOW)
        self.keep.setEnabled(self._writable and rule is not None and rule != self._rule)

    def _on_keep(self) -> None:
        self.wanted.emit(self.rule())
        self.close()


def rule_words(rule: IntensityRule) -> str:
    """What becomes black and white, in a sentence."""
    if rule.kind == _RANGE:
        return tr("The whole range becomes black to white")
    low, high = f"{rule.low:g}", f"{rule.high:g}"
    if rule.kind == _WINDOW:
        return tr("{low} becomes black, {high} white", low=low, high=high)
    return tr("What lies between {low} and {high} % of each image becomes black to white", low=low, high=high)


def _numbers(low: QWidget, high: QWidget, *more: QWidget) -> QWidget:
    widget = QWidget()
    row = QHBoxLayout(widget)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(SPACE_2)
    for part in (Text(tr("Black")), low, Text(tr("White")), high):
        row.addWidget(part)
    row.addStretch(1)
    for part in more:
        row.addWidget(part)
    return widget


def _percent(name: str, value: float) -> QDoubleSpinBox:
    box = _value(name, value)
    box.setRange(0, 100)
    box.setDecimals(1)
    box.setSingleStep(0.1)
    box.setSuffix(tr(" %"))
    box.setValue(value)
    return box


def _value(name: str, value: float) -> QDoubleSpinBox:
    box = QDoubleSpinBox()
    box.setAccessibleName(name)
    box.setRange(-1e12, 1e12)
    box.setDecimals(0 if value == int(value) else 4)
    box.setValue(value)
    box.setFixedWidth(84)
    box.setKeyboardTracking(True)
    return box


def _about_values(suits: IntensityRule | None, found: str) -> str:
    if suits is None:
        return tr("{found} looked at: all hold one value.", found=found)
    low, high = f"{suits.low:g}", f"{suits.high:g}"
    return tr("{found} looked at: 0.1 to 99.9 % of their values lie from {low} to {high}.", found=found, low=low, high=high)


def _about_runs(num: int) -> str:
    kept = tr_n(
        "1 run was trained with the present brightness and keeps it.", "{n} runs were trained with the present brightness and keep it.", num
    )
    return kept + " " + tr("Runs from now on use the new one; previews and features are made again.")
