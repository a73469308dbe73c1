"""Training in spite of a finding that blocks it: a reason must be given, and stays with the run."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from tlstudio.ui.theme import SPACE_2
from tlstudio.ui.widgets.buttons import button
from tlstudio.ui.words import tr


class OverrideRow(QWidget):
    """Hidden until a start was blocked; `wanted` carries the reason."""

    wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE_2)
        self.reason = QLineEdit()
        self.reason.setAccessibleName(tr("Reason to train all the same"))
        self.reason.setPlaceholderText(tr("Reason to train all the same; it is written into the run"))
        self.train = button(tr("Train all the same"), kind="danger", on_click=self._on_train)
        self.train.setEnabled(False)
        row.addWidget(self.reason, 1)
        row.addWidget(self.train)
        self.reason.textChanged.connect(lambda text: self.train.setEnabled(bool(text.strip())))
        self.reason.returnPressed.connect(self._on_train)
        self.hide()

    def _on_train(self) -> None:
        reason = self.reason.text().strip()
        if reason:
            self.hide()
            self.wanted.emit(reason)
