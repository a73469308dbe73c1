"""The left card: which recipe, which network, the settings that matter most, and the door to all others."""

from PySide6.QtCore import QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from tlstudio.domain.recipe import CUSTOM, RECIPES, NetworkPart, Recipe
from tlstudio.domain.recipe_settings import SETTINGS, settings_of
from tlstudio.ui.recipe.choice import RecipeChoice, abilities_of, refusals_of
from tlstudio.ui.recipe.differences import change_words, value_words
from tlstudio.ui.recipe.setting_list import SettingList
from tlstudio.ui.recipe.setting_row import SettingRow, first_refused
from tlstudio.ui.theme import SPACE_1, SPACE_3
from tlstudio.ui.train.batch_view import BatchCard
from tlstudio.ui.widgets.buttons import button
from tlstudio.ui.widgets.card import Card
from tlstudio.ui.widgets.elided_combo import ElidedCombo
from tlstudio.ui.widgets.quiet_wheel import ignore_wheel
from tlstudio.ui.widgets.scroll_column import ScrollColumn
from tlstudio.ui.widgets.search_field import SearchField
from tlstudio.ui.widgets.segmented import Segmented
from tlstudio.ui.widgets.text import Text, rule
from tlstudio.ui.words import say, tr, tr_n

WIDTH_PX = 296
_MORE_MODELS = "more"


class RecipeCard(Card):
    """Renders a `RecipeChoice` and reports what a person wants changed."""

    recipe_chosen = Signal(str)
    network_chosen = Signal(object)
    models_wanted = Signal()
    rate_finder_wanted = Signal()
    setting_edited = Signal(str, object)
    reset_wanted = Signal()
    back_wanted = Signal(str)
    """Id of a setting that is to be as its recipe has it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(margin=0, parent=parent)
        self.setFixedWidth(WIDTH_PX)
        self.setAccessibleName(tr("Recipe"))
        self._rows: dict[str, SettingRow] = {}
        self._is_custom = self._is_door_open = self._has_rate = False
        self.recipes = Segmented(tr("Recipe"))
        for spec in RECIPES.values():
            self.recipes.add(spec.id, say(spec.title))
        self.recipes.chosen.connect(self.recipe_chosen)
        self.sentence = Text(role="muted", wrap=True)
        self.time = Text(role="muted", wrap=True)
        """How long it would take; kept by `TimeWatch`."""
        self.changed = button("", kind="link", flush=True, name=tr("Show what was changed"), on_click=self._on_changed)
        """How many settings are not as the recipe has them; shows them."""
        self.network = ElidedCombo()
        self.network.setAccessibleName(tr("Model"))
        self.network.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.network.setMinimumContentsLength(12)
        ignore_wheel(self.network)
        self.network.activated.connect(self._on_network)
        self.random = Text(tr("random weights – not pretrained"), role="warn", wrap=True)
        self.random.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.find_rate = self._finder_link()
        """Where the learning rate itself is behind the door."""
        self.door = button(tr("All settings"), kind="link", flush=True, on_click=self._toggle_door)
        self.door.setCheckable(True)
        self.reset = button("", kind="link", flush=True, name=tr("All settings as the recipe has them"), on_click=self.reset_wanted.emit)
        self.search = SearchField(tr("Find a setting"), hint=tr("Find a setting"))
        self.search.setMaximumWidth(WIDTH_PX)
        self.batch = BatchCard()
        self._room = self._build_room()
        self._build_content()
        self._rows["learning_rate"].add_link(self._finder_link())
        self.search.hide()
        self._open_door(False)

    def show_choice(self, choice: RecipeChoice, *, is_enabled: bool = True) -> None:
        """Show what would be trained."""
        recipe = choice.recipe
        self.recipes.choose(choice.recipe_id)
        self.sentence.setText(say(RECIPES[choice.recipe_id].sentence))
        self._show_networks(choice)
        self.random.setVisible(choice.has_random_weights)
        self._show_custom(choice.recipe_id == CUSTOM)
        self._show_settings(choice, recipe)
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

    def refused(self, recipe: Recipe) -> SettingRow | None:
        """The first setting of `recipe` whose field holds what was refused, once what is being typed has been read."""
        return first_refused(self._rows[spec.id] for spec in settings_of(recipe))

    def show_setting(self, row: SettingRow) -> None:
        """Open what hides it, scroll to it and go there."""
        self.search.clear()
        if not SETTINGS[row.spec.id].main:
            self._open_door(True)
        self.settings.open_at(row.spec.id)
        row.editor.setFocus()
        QTimer.singleShot(0, row, lambda: self._scroll.reveal(row))  # once everything has its place

    def forget_refused(self, id: str | None = None) -> None:
        """The fields, or one, show what the recipe has, whatever was typed."""
        for row in self._rows.values() if id is None else (self._rows[id],):
            row.forget_refused()

    # --- built once

    def _build_room(self) -> QVBoxLayout:
        self._scroll = ScrollColumn(spacing=SPACE_3 - 2)
        self.body.addWidget(self._scroll)
        return self._scroll.column

    def _build_content(self) -> None:
        column = self._room
        column.addWidget(Text(tr("Recipe"), role="strong"))
        column.addWidget(self.recipes)
        column.addWidget(self.sentence)
        column.addWidget(self.time)
        column.addLayout(_ends(self.changed, self.reset))
        # Names of networks are long: theirs is the whole width.
        network = QVBoxLayout()
        network.setSpacing(SPACE_1)
        network.addWidget(Text(tr("Model"), role="muted"))
        network.addWidget(self.network)
        column.addLayout(network)
        column.addWidget(self.random)
        column.addWidget(self.search)
        self._doors = QWidget()
        doors = QVBoxLayout(self._doors)
        doors.setContentsMargins(0, SPACE_1, 0, 0)
        doors.addWidget(rule())
        doors.addLayout(_ends(self.door, self.find_rate))
        self.settings = SettingList(self._add_row, self._doors)
        self.search.searched.connect(self.settings.find)
        column.addWidget(self.settings)
        column.addWidget(rule())
        column.addWidget(self.batch)
        column.addStretch(1)

    def _finder_link(self) -> QPushButton:
        link = button(tr("Find a learning rate"), kind="link", flush=True, on_click=self.rate_finder_wanted.emit)
        link.setToolTip(tr("Opens the learning-rate finder: a short training with rising rates that is thrown away."))
        return link

    def _add_row(self, id: str) -> SettingRow:
        row = SettingRow(SETTINGS[id], with_sentence=not SETTINGS[id].main)
        row.edited.connect(self.setting_edited)
        row.back_wanted.connect(self.back_wanted)
        self._rows[id] = row
        return row

    # --- shown again and again

    def _show_settings(self, choice: RecipeChoice, recipe: Recipe | None) -> None:
        shown = [spec.id for spec in settings_of(recipe)] if recipe is not None else []
        allowed = abilities_of(choice)
        self._has_rate = "learning_rate" in shown
        self.find_rate.setVisible(self._has_rate and not self._is_door_open)
        self._rows["num_stages"].show_most(allowed.num_stages if allowed is not None else 0)
        changes, title = choice.changes, say(RECIPES[choice.base_id].title)
        for id in shown if recipe is not None else ():
            self._rows[id].show_value(SETTINGS[id].read(recipe))
            base = value_words(SETTINGS[id], changes[id]) if id in changes else ""
            self._rows[id].show_base(tr("As in {recipe}: {value}", recipe=title, value=base) if base else "")
        changed = {id: change_words(SETTINGS[id], SETTINGS[id].read(recipe)) for id in changes} if recipe is not None else {}
        self.settings.show_settings(shown, changed=changed, refused=self._show_refused(choice))
        self.changed.setVisible(bool(changed))
        self.changed.setText(tr_n("1 setting changed", "{n} settings changed", count=len(changed)))
        self.changed.setAccessibleName(self.changed.text())
        self.changed.setToolTip("\n".join(changed.values()))
        self.reset.setVisible(bool(changed))
        self.reset.setText(tr("All as in {recipe}", recipe=title))
        self.reset.setAccessibleName(tr("All settings as in {recipe}", recipe=title))

    def _show_refused(self, choice: RecipeChoice) -> dict[str, str]:
        """What the network does not allow is said at its setting; the words by id. One that is not known is offered everything."""
        recipe, allowed = choice.recipe, abilities_of(choice)
        if recipe is None:
            return {}
        refused = {id: say(error.title) for id, error in refusals_of(choice).items()}
        poolings = allowed.poolings if allowed is not None else tuple(item.value for item in SETTINGS["pooling"].choices)
        pooling = recipe.network.pooling
        self._rows["pooling"].offer(tuple(dict.fromkeys((*poolings, pooling))))  # the engine has the last word on what was chosen
        self._rows["pooling"].show_value(pooling)
        has_place = allowed is None or allowed.has_attention or "lora_rank" in refused
        none = tr("{network} has no attention layers for LoRA.", network=choice.network_name)
        self._rows["lora_rank"].show_network(is_allowed=has_place, problem=refused.get("lora_rank", "") if has_place else none)
        return refused

    def _show_custom(self, is_custom: bool) -> None:
        """Nothing is hidden in Custom: there is no door, the main settings are a section, and every setting has its sentence."""
        if is_custom == self._is_custom:
            return
        self._is_custom = is_custom
        self.search.clear()
        self.search.setVisible(is_custom)
        self._doors.setVisible(not is_custom)
        self._open_door(is_custom)
        for id, row in self._rows.items():
            row.sentence.setVisible(is_custom or not SETTINGS[id].main)

    def _on_changed(self) -> None:
        self._open_door(True)
        self.settings.open_changed()

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
        self._open_door(not self._is_door_open)

    def _open_door(self, is_open: bool) -> None:
        self._is_door_open = is_open
        self.settings.show_more(is_open, is_headed=self._is_custom)
        self.find_rate.setVisible(self._has_rate and not is_open)
        self.door.setChecked(is_open)
        self.door.setText(tr("Fewer settings") if is_open else tr("All settings"))
        self.door.setAccessibleName(self.door.text())


def _ends(left: QWidget, right: QWidget | None = None) -> QHBoxLayout:
    """Links at both ends of a line, their words in line with what stands above."""
    row = QHBoxLayout()
    row.setContentsMargins(0, 0, 0, 0)
    row.addWidget(left)
    row.addStretch(1)
    if right is not None:
        row.addWidget(right)
    return row
