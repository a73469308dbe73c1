"""All settings in sections: the ones that matter most, and those behind the door."""

from collections.abc import Callable, Collection, Iterable, Mapping
from functools import partial
from itertools import groupby

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from tlstudio.domain.recipe_settings import SETTINGS
from tlstudio.domain.setting_spec import GROUP_TITLES, SettingSpec
from tlstudio.ui.recipe.section import Section
from tlstudio.ui.recipe.setting_row import SettingRow
from tlstudio.ui.theme import SPACE_2
from tlstudio.ui.widgets.text import Text
from tlstudio.ui.words import say, tr

MAIN = "main"
"""The section in front of the door."""


class SettingList(QWidget):
    """Lays out the rows that `make_row` makes, with `between` in front of what is behind the door."""

    opened = Signal(object)
    """Ids of the sections that are open now, after a person opened or closed one."""

    def __init__(self, make_row: Callable[[str], SettingRow], between: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._open: set[str] = {MAIN}
        self._shown: Collection[str] = ()
        self._changed: Mapping[str, str] = {}
        self._refused: Mapping[str, str] = {}
        self._words: tuple[str, ...] = ()
        self._has_more = self._is_headed = False
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_2)
        self.sections = {
            group: Section(_title(group), [make_row(spec.id) for spec in specs]) for group, specs in groupby(SETTINGS.values(), key=_group)
        }
        for group, section in self.sections.items():
            section.opened.connect(partial(self._on_opened, group))
            column.addWidget(section)
            if group == MAIN:
                column.addWidget(between)
        self.nothing = Text(tr("No setting has these words."), role="muted", wrap=True)
        column.addWidget(self.nothing)
        self._render()

    def set_open(self, groups: Iterable[str]) -> None:
        """Open these sections and close the others."""
        self._open = set(groups)
        self._render()

    def show_more(self, has_more: bool, *, is_headed: bool) -> None:
        """With what is behind the door or without it; the main settings under a heading of their own or without one."""
        self._has_more, self._is_headed = has_more, is_headed
        self._render()

    def show_settings(self, shown: Collection[str], *, changed: Mapping[str, str], refused: Mapping[str, str]) -> None:
        """`shown`: ids of the settings that mean something in the recipe as it is; `changed` and `refused`: words by id."""
        self._shown, self._changed, self._refused = shown, changed, refused
        self._render()

    def open_changed(self) -> None:
        """Open the sections in which something is not as the recipe has it."""
        self.set_open(self._open | {group for group, section in self.sections.items() if not self._changed.keys().isdisjoint(section.ids)})

    def open_at(self, id: str) -> None:
        """Open the section of one setting."""
        self.set_open(self._open | {_group(SETTINGS[id])})

    def find(self, text: str) -> None:
        """Only settings that have every word of `text` in their name, sentence, heading, choices or id, the terminal's name for them."""
        self._words = tuple(text.casefold().split())
        self._render()

    def _on_opened(self, group: str, is_open: bool) -> None:
        if self._words:  # all that was found is open; what is kept is how it stands without a search
            self._render()
            return
        self._open = self._open | {group} if is_open else self._open - {group}
        self._render()
        self.opened.emit(tuple(group for group in self.sections if group in self._open))

    def _render(self) -> None:
        found = self._found() if self._words else None
        for group, section in self.sections.items():
            section.set_open(group in self._open)
            section.set_headed(self._is_headed or group != MAIN)
            shown = self._shown if self._has_more or group == MAIN else ()
            section.show_settings(shown, changed=self._changed, refused=self._refused, found=found)
        self.nothing.setVisible(found is not None and not any(id in self._shown for id in found))

    def _found(self) -> frozenset[str]:
        return frozenset(id for section in self.sections.values() for id in section.ids if self._fits(SETTINGS[id], section.title))

    def _fits(self, spec: SettingSpec, title: str) -> bool:
        choices = [say(choice.label) for choice in spec.choices]
        text = " ".join((say(spec.label), say(spec.sentence), title, spec.id, *choices)).casefold()
        return all(word in text for word in self._words)


def _group(spec: SettingSpec) -> str:
    return MAIN if spec.group is None else spec.group.value


def _title(group: str) -> str:
    return next((say(title) for id, title in GROUP_TITLES.items() if id.value == group), tr("Most used"))
