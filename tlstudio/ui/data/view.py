"""The widgets of the Data panel and where they stand."""

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from tlstudio.ui.data.export_strip import ExportStrip
from tlstudio.ui.data.header import DataHeader
from tlstudio.ui.data.health_strip import HealthStrip
from tlstudio.ui.data.import_strip import ImportStrip
from tlstudio.ui.data.inspector import Inspector
from tlstudio.ui.data.live_line import LiveLine
from tlstudio.ui.data.side import Side
from tlstudio.ui.data.toolbar import USUAL, Toolbar
from tlstudio.ui.theme import SPACE_2, SPACE_4, SPACE_5
from tlstudio.ui.widgets.empty_state import EmptyState
from tlstudio.ui.widgets.notice import Notice
from tlstudio.ui.widgets.thumb_grid import ThumbGrid
from tlstudio.ui.words import tr
from tlstudio.ui.workspace import Workspace

_NARROW_PX = 1000
_HEALTH_SHARE = 0.4
"""Of the height, which the unfolded health of the data may take from the images."""
_IMAGES_PX = 500
"""What it leaves to them in a low window: the header, the cards and two rows of the grid."""


class DataView(QWidget):
    """Header, strips, and either the empty state or side card, grid and inspector."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self.header = DataHeader()
        self.notice = Notice()
        self.importing = ImportStrip(workspace)
        self.exporting = ExportStrip()
        self.health = HealthStrip(workspace.thumbnails)
        self.side = Side()
        self.toolbar = Toolbar()
        self.grid = ThumbGrid(tr("Images"), workspace.thumbnails, tile_size=USUAL)
        self.live = LiveLine()
        self.inspector = Inspector(workspace.thumbnails)
        self.empty = EmptyState(
            tr("No images yet"),
            tr("Drop a folder here. Each sub-folder becomes a class; images stay where they are and are only linked."),
            tr("Choose a folder…"),
            lambda: self.header.import_wanted.emit(False),
            icon="folder",
        )
        self.nothing = EmptyState(tr("No image matches"), tr("Choose another filter, or clear the search."), icon="search")
        self._lay_out()
        self.header.search.left.connect(self.focus_images)
        self.toolbar.chip_chosen.connect(self._on_chip)
        self.toolbar.pick_dropped.connect(self.focus_images)

    def focus_images(self) -> None:
        """Let the keys speak to the images; where none matches, to the words in their place, which hand them on."""
        if self._pages.currentWidget() is self.content:
            self._middle.currentWidget().setFocus()

    def show_page(self, *, has_images: bool, has_matches: bool) -> None:
        """The empty state, the content, or the content without a match."""
        self._pages.setCurrentWidget(self.content if has_images else self.empty)
        self._middle.setCurrentWidget(self.grid if has_matches else self.nothing)
        self.health.setVisible(has_images)

    def _on_chip(self) -> None:
        """A click goes on to the images; who walks over the chips with the keys stays there."""
        focused = QApplication.focusWidget()
        if focused is None or not self.toolbar.isAncestorOf(focused):
            self.focus_images()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """On a small screen the cards beside the grid give way to it."""
        super().resizeEvent(event)
        is_narrow = self.width() < _NARROW_PX
        self.side.setFixedWidth(172 if is_narrow else 206)
        self.inspector.setFixedWidth(204 if is_narrow else 250)
        self.health.set_room(min(round(_HEALTH_SHARE * self.height()), self.height() - _IMAGES_PX))

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE_5, SPACE_4, SPACE_5, SPACE_4)
        column.setSpacing(SPACE_2 + 2)
        for part in (self.header, self.notice, self.importing, self.exporting, self.health):
            column.addWidget(part)
        middle = QVBoxLayout()
        middle.setContentsMargins(0, 0, 0, 0)
        middle.setSpacing(SPACE_2)
        middle.addWidget(self.toolbar)
        self._middle = QStackedLayout()
        self._middle.addWidget(self.grid)
        self._middle.addWidget(self.nothing)
        middle.addLayout(self._middle, 1)
        middle.addWidget(self.live)
        self.content = QWidget()
        row = QHBoxLayout(self.content)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE_2 + 2)
        row.addWidget(self.side)
        row.addLayout(middle, 1)
        row.addWidget(self.inspector)
        self._pages = QStackedLayout()
        self._pages.addWidget(self.empty)
        self._pages.addWidget(self.content)
        column.addLayout(self._pages, 1)
