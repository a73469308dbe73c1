"""How weights that are not here get here: one command on a computer with internet, to be copied."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from tlstudio.domain.packs import PACK_SUFFIX
from tlstudio.ui.theme import SPACE_1, SPACE_2
from tlstudio.ui.widgets.breaking_text import BreakingText
from tlstudio.ui.widgets.buttons import button
from tlstudio.ui.widgets.text import Text
from tlstudio.ui.words import tr
from tlstudio.ui.zoo.rows import ZooRow

COMMAND = f"tlstudio weights pack {{name}} --out {{name}}{PACK_SUFFIX}"
TORCHVISION_COMMAND = "python -c \"import torchvision; torchvision.models.get_model('{name}', weights='{tag}')\""
"""For the networks of torchvision, which keeps their weights itself."""


class GetIt(QWidget):
    """Shown where a published set of weights is not on this computer."""

    copied = Signal(str)
    """The command that is on the clipboard now."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._command = ""
        self.command = BreakingText(role="strong")
        self.copy = button(tr("Copy"), kind="plain", small=True, on_click=self._on_copy, name=tr("Copy the command"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_1)
        column.addWidget(Text(tr("On a computer with internet:"), role="muted"))
        row = QHBoxLayout()
        row.setSpacing(SPACE_2)
        row.addWidget(self.command, 1)
        row.addWidget(self.copy, 0, Qt.AlignmentFlag.AlignTop)
        column.addLayout(row)
        self.then = Text(role="muted", wrap=True)
        column.addWidget(self.then)

    def show_row(self, row: ZooRow) -> None:
        """The command for the weights of this row."""
        self.setVisible(row.card is None and row.published is not None)
        library, _, name = row.network.name.rpartition("/")
        if library:
            self._command = TORCHVISION_COMMAND.format(name=name, tag=row.tag.upper())
            self.then.setText(tr("Then bring the .pth file that it names here and drop it on this window."))
        else:
            self._command = COMMAND.format(name=row.hub_name)
            self.then.setText(tr("Then bring the file here and drop it on this window."))
        self.command.set_text(self._command)

    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self._command)
        self.copied.emit(self._command)
