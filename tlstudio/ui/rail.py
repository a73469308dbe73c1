"""The left rail: the project, the five steps with their state, the device and the settings."""

from collections.abc import Iterable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QFrame, QVBoxLayout, QWidget

from tlstudio.ui.panels import PanelSpec
from tlstudio.ui.rail_item import RailItem
from tlstudio.ui.theme import RAIL_WIDTH, SPACE_1, SPACE_2, SPACE_3, SPACE_5
from tlstudio.ui.widgets.text import ElidedText
from tlstudio.ui.words import say, tr


class Rail(QFrame):
    """Tells the whole state of a project at a glance; `chosen` carries a panel's id."""

    chosen = Signal(str)

    def __init__(self, panels: Iterable[PanelSpec], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("look", "rail")
        self.setFixedWidth(RAIL_WIDTH)
        self.setAccessibleName(tr("Steps"))
        self._items: dict[str, RailItem] = {}
        self._group = QButtonGroup(self)
        self._group.setExclusive(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE_3, SPACE_5, SPACE_3, SPACE_3)
        column.setSpacing(SPACE_1)
        self.name = ElidedText(role="heading")
        self.place = ElidedText(role="tiny", mode=Qt.TextElideMode.ElideMiddle)
        head = QVBoxLayout()
        head.setContentsMargins(SPACE_2, 0, SPACE_2, SPACE_5)
        head.setSpacing(2)
        head.addWidget(self.name)
        head.addWidget(self.place)
        column.addLayout(head)
        steps = [spec for spec in panels if spec.is_step]
        self._steps = [spec.id for spec in steps]
        for spec in steps:
            column.addWidget(self._add(spec))
        column.addStretch(1)
        self.device = RailItem("device", tr("This computer"))
        self.device.setCheckable(False)
        self.device.clicked.connect(lambda: self.chosen.emit("settings"))
        column.addWidget(self.device)
        for spec in (spec for spec in panels if not spec.is_step):
            column.addWidget(self._add(spec))

    def show_project(self, name: str, place: str) -> None:
        """Whose state it is."""
        for id in self._steps:
            self._items[id].setEnabled(True)
        self.name.set_text(name)
        self.place.set_text(place)

    def show_no_project(self) -> None:
        """Only what stands below the steps can be reached."""
        self.show_project(tr("TL Studio"), tr("No project is open"))
        for id in self._steps:
            self._items[id].setEnabled(False)

    def show_line(self, panel: str, line: str, mark: str) -> None:
        """The second line of a step and its mark: "", "ok", "warn", "busy" or "paused"."""
        if panel in self._items:
            self._items[panel].show_state(line, mark)

    def show_device(self, name: str, line: str) -> None:
        """What trainings run on."""
        self.device.set_title(name)
        self.device.show_state(line, "")

    def choose(self, panel: str) -> None:
        """Mark a step as the one that is shown."""
        self._items[panel].setChecked(True)

    def item(self, panel: str) -> RailItem:
        """The button of a step."""
        return self._items[panel]

    def _add(self, spec: PanelSpec) -> RailItem:
        item = RailItem(spec.icon, say(spec.title))
        item.show_state(say(spec.sentence), "")
        item.clicked.connect(lambda _checked=False: self.chosen.emit(spec.id))
        self._group.addButton(item)
        self._items[spec.id] = item
        return item
