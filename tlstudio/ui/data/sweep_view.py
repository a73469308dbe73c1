"""One image large, the classes with their keys beside it, and how many are left."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from tlstudio.ui import theme
from tlstudio.ui.data.sweep_class import SweepClass
from tlstudio.ui.data.viewmodel import ClassRow
from tlstudio.ui.theme import SPACE_1, SPACE_2, SPACE_3, SPACE_4, SPACE_5
from tlstudio.ui.thumbnails import Thumbnails
from tlstudio.ui.widgets.badge import Badge
from tlstudio.ui.widgets.buttons import button
from tlstudio.ui.widgets.card import Card
from tlstudio.ui.widgets.covering import Covering
from tlstudio.ui.widgets.empty_state import EmptyState
from tlstudio.ui.widgets.picture import Picture, whole
from tlstudio.ui.widgets.scroll_column import ScrollColumn
from tlstudio.ui.widgets.text import ElidedText, Text, rule
from tlstudio.ui.words import number, tr, tr_n

_SIDE_PX = 216
_ON = (Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter)
_BACK = (Qt.Key.Key_Left, Qt.Key.Key_Up, Qt.Key.Key_Backspace)


class SweepView(QWidget):
    """Covers the panel while it is open. The keys of classes, undo and setting aside come from the table of actions."""

    class_wanted = Signal(str)
    stepped = Signal(int)
    closed = Signal()

    def __init__(self, thumbnails: Thumbnails, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Sweep"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._thumbnails = thumbnails
        self.picture = Picture(thumbnails, square=False)
        self.name = ElidedText(role="heading")
        self.tag = Badge(tone="accent")
        self.left = Text(role="figure")
        self.place = Text(role="small")
        self.end = EmptyState(tr("That was the last image"), "", icon="check")
        self.classes: dict[str, SweepClass] = {}
        self._rows: list[ClassRow] = []
        self._lay_out()
        self.covering = Covering(self)

    def show_classes(self, rows: Sequence[ClassRow]) -> None:
        """The classes there are."""
        if list(rows) == self._rows:
            return
        self._rows = list(rows)
        for line in self.classes.values():
            self._list.removeWidget(line)
            line.deleteLater()
        self.classes = {row.id: SweepClass(row) for row in rows}
        for id, line in self.classes.items():
            line.clicked.connect(lambda _checked=False, id=id: self.class_wanted.emit(id))
            self._list.addWidget(line)

    def show_image(self, content_hash: str, *, name: str, class_id: str | None) -> None:
        """Show one image with its name and its class."""
        self.picture.show_content(content_hash, name=name)
        self.name.set_text(name)
        self.tag.setText(self.classes[class_id].row.name if class_id in self.classes else tr("no class"))
        for id, line in self.classes.items():
            line.setChecked(id == class_id)
        self.tag.show()
        self._pages.setCurrentWidget(self.picture)

    def show_end(self, *, num_without: int) -> None:
        """Every image was shown; so many of them have no class."""
        self.name.set_text("")
        self.tag.hide()
        for line in self.classes.values():
            line.setChecked(False)
        rest = (
            tr_n("1 of them has no class.", "{n} of them have no class.", num_without) if num_without else tr("All of them have a class.")
        )
        self.end.set_words(tr("That was the last image"), rest + " " + tr("The left arrow goes back, Esc ends the sweep."))
        self._pages.setCurrentWidget(self.end)

    def show_place(self, *, num_left: int, total: int) -> None:
        """How many there are from this one on, of how many."""
        self.left.setText(number(num_left))
        self.place.setText(tr("left of {total}", total=number(total)))

    def prepare(self, content_hashes: Sequence[str]) -> None:
        """What comes next is to be there when it comes."""
        self._thumbnails.want(self, [whole(item) for item in content_hashes])

    def put_away(self) -> None:
        """Show the panel again."""
        if not self.isHidden():
            self.hide()
            self.closed.emit()

    def showEvent(self, event: QShowEvent) -> None:
        """The keys are its own also when its panel comes to the front again."""
        super().showEvent(event)
        self.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.put_away()
        elif event.key() in _ON:
            self.stepped.emit(1)
        elif event.key() in _BACK:
            self.stepped.emit(-1)
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(self.rect(), theme.color("ground"))

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(SPACE_3)
        head.addWidget(self.name, 1)
        head.addWidget(self.tag)
        head.addWidget(button(tr("End"), name=tr("End the sweep"), on_click=self.put_away, small=True))
        self._pages = QStackedLayout()
        self._pages.addWidget(self.picture)
        self._pages.addWidget(self.end)
        middle = QVBoxLayout()
        middle.setSpacing(SPACE_3)
        middle.addLayout(head)
        middle.addLayout(self._pages, 1)
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE_5, SPACE_4, SPACE_5, SPACE_4)
        row.setSpacing(SPACE_4)
        row.addLayout(middle, 1)
        row.addWidget(self._side())

    def _side(self) -> Card:
        side = Card(margin=14, spacing=SPACE_3)
        side.setFixedWidth(_SIDE_PX)
        count = QHBoxLayout()
        count.setSpacing(SPACE_2)
        count.addWidget(self.left)
        count.addWidget(self.place, 1, Qt.AlignmentFlag.AlignBottom)
        side.body.addLayout(count)
        side.body.addWidget(rule())
        scroll = ScrollColumn(spacing=2, margin=0)
        scroll.setAccessibleName(tr("Classes"))
        self._list = QVBoxLayout()
        self._list.setSpacing(2)
        scroll.column.addLayout(self._list)
        scroll.column.addStretch(1)
        side.body.addWidget(scroll, 1)
        side.body.addWidget(rule())
        side.body.addLayout(_keys())
        return side


def _keys() -> QGridLayout:
    """What the other keys do."""
    grid = QGridLayout()
    grid.setHorizontalSpacing(SPACE_2)
    grid.setVerticalSpacing(SPACE_1 + 2)
    grid.setColumnStretch(1, 1)
    rows = (
        (tr("→"), tr("Skip")),
        (tr("←"), tr("Back")),
        (tr("Ctrl+Z"), tr("Undo")),
        (tr("0"), tr("No class")),
        (tr("Del"), tr("Set aside")),
        (tr("Esc"), tr("End")),
    )
    for place, (key, words) in enumerate(rows):
        grid.addWidget(Badge(key), place, 0, Qt.AlignmentFlag.AlignLeft)
        grid.addWidget(Text(words, role="small"), place, 1)
    return grid
