"""The list of keys, shown over the window by `?` and put away by any key or click."""

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QColor, QKeyEvent, QKeySequence, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from tlstudio.ui.actions import ACTIONS, ActionSpec
from tlstudio.ui.panels import PANELS
from tlstudio.ui.theme import SPACE_2, SPACE_5
from tlstudio.ui.widgets.badge import Badge
from tlstudio.ui.widgets.card import Card
from tlstudio.ui.widgets.text import Text
from tlstudio.ui.words import say, tr


class KeysCard(QWidget):
    """Covers its window while it is there."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setAccessibleName(tr("Keys"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        card = Card(tr("Keys"))
        grid = QGridLayout()
        grid.setHorizontalSpacing(SPACE_5)
        grid.setVerticalSpacing(SPACE_2)
        for row, spec in enumerate(_shown()):
            grid.addWidget(Badge(_keys_text(spec)), row, 0, Qt.AlignmentFlag.AlignLeft)
            grid.addWidget(Text(_words(spec)), row, 1)
            grid.addWidget(Text(say(PANELS[spec.panel].title) if spec.panel else tr("everywhere"), role="small"), row, 2)
        card.body.addLayout(grid)
        card.body.addWidget(Text(tr("Any key puts this away."), role="small"))
        column = QVBoxLayout(self)
        column.addWidget(card, 0, Qt.AlignmentFlag.AlignCenter)
        window.installEventFilter(self)
        self.setGeometry(window.rect())
        self.show()
        self.raise_()
        self.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self.setGeometry(self.parentWidget().rect())
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self.close()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.close()

    def closeEvent(self, event: QEvent) -> None:
        self.deleteLater()

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(self.rect(), QColor(10, 12, 16, 110))


def _shown() -> list[ActionSpec]:
    """One row for 1–9 and one for the steps instead of fourteen."""
    left_out = {*(f"class_{number}" for number in range(2, 10)), *(f"show_{name}" for name in ("models", "train", "evaluate", "use"))}
    return [spec for spec in ACTIONS.values() if spec.id not in left_out]


def _keys_text(spec: ActionSpec) -> str:
    if spec.id == "class_1":
        return "1 – 9"
    if spec.id == "show_data":
        return "Ctrl+1 – 5"
    if not spec.call:
        return tr(spec.keys[0])
    return QKeySequence(spec.keys[0]).toString(QKeySequence.SequenceFormat.NativeText)


def _words(spec: ActionSpec) -> str:
    if spec.id == "class_1":
        return tr("Set the class of the selected images")
    if spec.id == "show_data":
        return tr("Go to a step")
    return say(spec.words)
