"""The left card: which recipe, which network, the settings that matter most, and the door to all others."""

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QVBoxLayout, QWidget

from tlstudio.domain.recipe import CUSTOM, RECIPES, NetworkPart, Recipe
from tlstudio.domain.recipe_settings import SETTINGS, settings_of
from tlstudio.ui.recipe.choice import RecipeChoice
from tlstudio.ui.recipe.differences import differences
from tlstudio.ui.recipe.setting_list import SettingList
from tlstudio.ui.recipe.setting_row import SettingRow
from tlstudio.ui.theme import SPACE_1, SPACE_3
from tlstudio.ui.train.batch_view import BatchCard
from tlstudio.ui.widgets.buttons import button
from tlstudio.ui.widgets.card import Card
from tlstudio.ui.widgets.elided_combo import ElidedCombo
from tlstudio.ui.widgets.quiet_wheel import ignore_wheel
from tlstudio.ui.widgets.scroll_column import ScrollColumn
from tlstudio.ui.widgets.segmented import Segmented
from tlstudio.ui.widgets.text import Text, rule
from tlstudio.ui.words import say, tr, tr_n

WIDTH_PX = 296
_MORE_MODELS = "more"
_LINK_INSET_PX = 5
"""A link's own margin, taken back so that its word stands in line with the others."""


class RecipeCard(Card):
    """Renders a `RecipeChoice` and reports what a person wants changed."""

    recipe_chosen = Signal(str)
    network_chosen = Signal(object)
    models_wanted = Signal()
    setting_edited = Signal(str, object)
    reset_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(margin=0, parent=parent)
        self.setFixedWidth(WIDTH_PX)
        self.setAccessibleName(tr("Recipe"))
        self._rows: dict[str, SettingRow] = {}
        self._is_custom = False
        self.recipes = Segmented(tr("Recipe"))
        for spec in RECIPES.values():
            self.recipes.add(spec.id, say(spec.title))
        self.recipes.chosen.connect(self.recipe_chosen)
        self.sentence = Text(role="muted", wrap=True)
        self.time = Text(role="muted", wrap=True)
        """How long it would take; kept by `TimeWatch`."""
        self.changed = button("", kind="link", on_click=lambda: self._open_door(True))
        """How many settings are not as the recipe has them; opens all."""
        self.network = ElidedCombo()
        self.network.setAccessibleName(tr("Model"))
        self.network.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.network.setMinimumContentsLength(12)
        ignore_wheel(self.network)
        self.network.activated.connect(self._on_network)
        self.random = Text(tr("random weights – not pretrained"), role="warn", wrap=True)
        self.random.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.door = button(tr("All settings"), kind="link", on_click=self._toggle_door)
        self.door.setCheckable(True)
        self.reset = button(tr("Reset"), kind="link", name=tr("Reset all settings to the recipe"), on_click=self.reset_wanted.emit)
        self.batch = BatchCard()
        self._room = self._build_room()
        self._build_content()
        self._open_door(False)

    def show_choice(self, choice: RecipeChoice, *, is_enabled: bool = True) -> None:
        """Show what would be trained."""
        recipe = choice.recipe
        self.recipes.choose(choice.recipe_id)
        self.sentence.setText(say(RECIPES[choice.recipe_id].sentence))
        self._show_networks(choice)
        self.random.setVisible(choice.has_random_weights)
        self.reset.setVisible(choice.num_changed > 0)
        self._show_changed(recipe)
        self._show_settings(recipe)
        self._show_custom(choice.recipe_id == CUSTOM)
        self.setEnabled(is_enabled)

    def add_foot(self, widget: QWidget) -> None:
        """Put something below the settings."""
        self._room.insertWidget(self._room.count() - 1, widget)

    def setting(self, id: str) -> SettingRow:
        """The row of one setting."""
        return self._rows[id]

    def refuse(self, id: str) -> None:
        """A value of this setting was not allowed."""
        self._rows[id].refuse()

    # --- built once

    def _build_room(self) -> QVBoxLayout:
        scroll = ScrollColumn(spacing=SPACE_3 - 2)
        self.body.addWidget(scroll)
        return scroll.column

    def _build_content(self) -> None:
        column = self._room
        column.addWidget(Text(tr("Recipe"), role="strong"))
        column.addWidget(self.recipes)
        column.addWidget(self.sentence)
        column.addWidget(self.time)
        column.addWidget(self.changed, alignment=Qt.AlignmentFlag.AlignLeft)
        # Names of networks are long: theirs is the whole width.
        network = QVBoxLayout()
        network.setSpacing(SPACE_1)
        network.addWidget(Text(tr("Model"), role="muted"))
        network.addWidget(self.network)
        column.addLayout(network)
        column.addWidget(self.random)
        for spec in SETTINGS.values():
            if spec.main:
                column.addWidget(self._add_row(spec.id, with_sentence=False))
        column.addWidget(rule())
        doors = QHBoxLayout()
        doors.setContentsMargins(-_LINK_INSET_PX, 0, -_LINK_INSET_PX, 0)
        doors.addWidget(self.door)
        doors.addStretch(1)
        doors.addWidget(self.reset)
        column.addLayout(doors)
        self._behind = SettingList(lambda id: self._add_row(id, with_sentence=True))
        column.addWidget(self._behind)
        column.addWidget(rule())
        column.addWidget(self.batch)
        column.addStretch(1)

    def _add_row(self, id: str, *, with_sentence: bool) -> SettingRow:
        row = SettingRow(SETTINGS[id], with_sentence=with_sentence)
        row.edited.connect(self.setting_edited)
        self._rows[id] = row
        return row

    # --- shown again and again

    def _show_settings(self, recipe: Recipe | None) -> None:
        shown = {spec.id for spec in settings_of(recipe)} if recipe is not None else set()
        self._behind.show_headings(shown)
        for id, row in self._rows.items():
            row.setVisible(id in shown)
            if recipe is not None and id in shown:
                row.show_value(SETTINGS[id].read(recipe))

    def _show_changed(self, recipe: Recipe | None) -> None:
        changed = differences(recipe) if recipe is not None else ()
        self.changed.setVisible(bool(changed))
        self.changed.setText(tr_n("1 setting changed", "{n} settings changed", count=len(changed)))
        self.changed.setAccessibleName(self.changed.text())
        self.changed.setToolTip("\n".join(words for _id, words in changed))

    def _show_custom(self, is_custom: bool) -> None:
        """Nothing is hidden in Custom: the door stands open, and every setting has its sentence."""
        if is_custom == self._is_custom:
            return
        self._is_custom = is_custom
        self._open_door(is_custom)
        for id, row in self._rows.items():
            row.sentence.setVisible(is_custom or not SETTINGS[id].main)

    def _show_networks(self, choice: RecipeChoice) -> None:
        with QSignalBlocker(self.network):
            self.network.clear()
            for card in choice.cards:
                self.network.addItem(card.name, NetworkPart(architecture=card.architecture, weights=card.hash))
            if choice.network is not None and choice.card is None:
                self.network.insertItem(0, choice.network_name, choice.network)
                self.network.setCurrentIndex(0)
            elif choice.card is not None:
                self.network.setCurrentIndex(choice.cards.index(choice.card))
            self.network.insertSeparator(self.network.count())
            self.network.addItem(tr("More models…"), _MORE_MODELS)
        self.network.setToolTip(choice.network_name)

    def _on_network(self, row: int) -> None:
        chosen = self.network.itemData(row)
        if chosen == _MORE_MODELS:
            self.models_wanted.emit()
        elif chosen is not None:
            self.network_chosen.emit(chosen)

    def _toggle_door(self) -> None:
        self._open_door(self._behind.isHidden())

    def _open_door(self, is_open: bool) -> None:
        self._behind.setVisible(is_open)
        self.door.setChecked(is_open)
        self.door.setText(tr("Fewer settings") if is_open else tr("All settings"))
        self.door.setAccessibleName(self.door.text())
