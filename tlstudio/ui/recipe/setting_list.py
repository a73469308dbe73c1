"""The settings behind the door, under small headings."""

from collections.abc import Callable, Collection
from itertools import groupby

from PySide6.QtWidgets import QVBoxLayout, QWidget

from tlstudio.domain.recipe_settings import SETTINGS
from tlstudio.domain.setting_spec import GROUP_TITLES, Group
from tlstudio.ui.recipe.setting_row import SettingRow
from tlstudio.ui.theme import SPACE_2, SPACE_4
from tlstudio.ui.widgets.text import Text
from tlstudio.ui.words import say


class SettingList(QWidget):
    """Lays out the rows that `make_row` makes; a heading is shown while one of its settings is."""

    def __init__(self, make_row: Callable[[str], SettingRow], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._headings: dict[Group, tuple[Text, tuple[str, ...]]] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_4)
        behind = (spec for spec in SETTINGS.values() if spec.group is not None)
        for group, specs in groupby(behind, key=lambda spec: spec.group):
            assert group is not None
            heading = Text(say(GROUP_TITLES[group]), role="strong")
            if self._headings:
                column.addSpacing(SPACE_2)
            column.addWidget(heading)
            ids = tuple(spec.id for spec in specs)
            self._headings[group] = heading, ids
            for id in ids:
                column.addWidget(make_row(id))

    def show_headings(self, shown: Collection[str]) -> None:
        """`shown`: ids of the settings that mean something in the recipe as it is."""
        for heading, ids in self._headings.values():
            heading.setVisible(not set(ids).isdisjoint(shown))
