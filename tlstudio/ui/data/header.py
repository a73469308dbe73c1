"""The head of the Data panel: search, Import, Split, and the one button that trains."""

from PySide6.QtCore import QPoint, Signal
from PySide6.QtWidgets import QMenu, QWidget

from tlstudio.ui.widgets.header import PanelHeader
from tlstudio.ui.widgets.search_field import SearchField
from tlstudio.ui.words import tr


class DataHeader(PanelHeader):
    """Reports what is wanted."""

    searched = Signal(str)
    import_wanted = Signal(bool)
    """True: copy the images into the project."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Data"), parent)
        self.search = SearchField(tr("Search names, notes and classes"), hint=tr("Search names, notes…"))
        self.search.searched.connect(self.searched)
        self.add_widget(self.search)
        self.import_button = self.add_button(tr("Import…"), on_click=self._show_import_menu)
        self.split = self.add_button(tr("Split…"))
        self.train = self.add_button(tr("Train a first model"), kind="primary")

    def _show_import_menu(self) -> None:
        menu = QMenu(self)
        menu.addAction(tr("Link a folder (its images stay where they are)…"), lambda: self.import_wanted.emit(False))
        menu.addAction(tr("Copy a folder into the project…"), lambda: self.import_wanted.emit(True))
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.import_button.mapToGlobal(QPoint(0, self.import_button.height() + 4)))
