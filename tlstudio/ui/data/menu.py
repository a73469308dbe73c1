"""What can be done with the selected images, as a menu."""

from functools import partial

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QMenu, QWidget

from tlstudio.domain.dataset import Dataset
from tlstudio.domain.samples import SampleState
from tlstudio.domain.splits import Split
from tlstudio.ui.data.editing import Editing
from tlstudio.ui.data.viewmodel import ordered_classes, split_name
from tlstudio.ui.words import in_menu, tr


def show_menu(parent: QWidget, place: QPoint, dataset: Dataset, ids: tuple[int, ...], *, editing: Editing, writable: bool) -> QMenu:
    """Open the menu at a place on the screen."""
    menu = QMenu(parent)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    classes = menu.addMenu(tr("Class"))
    for item in ordered_classes(dataset):
        classes.addAction(in_menu(item.name), partial(editing.set_class, item.id))
    classes.addSeparator()
    classes.addAction(tr("No class"), partial(editing.set_class, None))
    splits = menu.addMenu(tr("Split"))
    for split in Split:
        splits.addAction(split_name(split), partial(editing.set_split, split))
    menu.addSeparator()
    if all(dataset.by_id[id].state is SampleState.SET_ASIDE for id in ids if id in dataset.by_id):
        menu.addAction(tr("Take back"), editing.take_back)
    else:
        menu.addAction(tr("Set aside"), editing.set_aside)
    for action in menu.actions():
        action.setEnabled(writable)
    menu.popup(place)
    return menu
