"""The one question that is a dialog: before something is destroyed."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QWidget

from tlstudio.ui.words import tr


def confirm(parent: QWidget, question: str, sentence: str, *, yes: str, on_yes: Callable[[], object]) -> QMessageBox:
    """Ask over `parent`; `on_yes` is called when the person agrees. Does not wait. Cancel is what Enter and Esc choose."""
    box = QMessageBox(QMessageBox.Icon.NoIcon, "", question, QMessageBox.StandardButton.NoButton, parent)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setInformativeText(sentence)
    box.setTextFormat(Qt.TextFormat.PlainText)
    agree = box.addButton(yes, QMessageBox.ButtonRole.DestructiveRole)
    agree.setProperty("kind", "danger")
    agree.setAccessibleName(yes)
    cancel = box.addButton(tr("Cancel"), QMessageBox.ButtonRole.RejectRole)
    cancel.setAccessibleName(tr("Cancel"))
    box.setDefaultButton(cancel)
    box.setEscapeButton(cancel)
    agree.clicked.connect(lambda: on_yes())
    box.open()
    return box
