"""The classes of a project as a menu, for correcting a label where the mistake is seen."""

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QMenu, QWidget

from tlstudio.domain.samples import Class
from tlstudio.ui.words import tr


def class_menu(parent: QWidget, classes: Sequence[Class], choose: Callable[[str], object]) -> QMenu:
    """A menu that calls `choose` with the id of a class; it deletes itself when it closes. The number keys stand beside the first nine."""
    menu = QMenu(parent)
    menu.setAccessibleName(tr("Class of the selected images"))
    for item in classes:
        key = f"\t{item.position + 1}" if item.position < 9 else ""
        menu.addAction(f"{item.name}{key}", lambda class_id=item.id: choose(class_id))
    menu.aboutToHide.connect(menu.deleteLater)
    return menu
