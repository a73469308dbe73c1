"""The recipe card and what it edits: the choice of recipe, network and settings."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from tlstudio.domain.recipe import NetworkPart
from tlstudio.domain.runs import Run
from tlstudio.domain.setting_spec import Value
from tlstudio.operations import preferences
from tlstudio.ui.recipe.choice import RecipeChoice
from tlstudio.ui.recipe.setting_row import refusal_words
from tlstudio.ui.train.batch_watch import BatchWatch
from tlstudio.ui.train.recipe_card import RecipeCard
from tlstudio.ui.train.time_watch import TimeWatch
from tlstudio.ui.words import tr
from tlstudio.ui.workspace import Workspace


class RecipeSide(QObject):
    """Keeps a `RecipeChoice` and its card in step; `changed` says that another training would be started now."""

    changed = Signal()

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self.card = RecipeCard()
        self.batch = BatchWatch(workspace, self.card.batch, self)
        self.time = TimeWatch(workspace, self.card.time, self)
        self._workspace = workspace
        self._choice = RecipeChoice()
        self.card.recipe_chosen.connect(self.on_recipe_chosen)
        self.card.network_chosen.connect(workspace.networks.choose)
        self.card.models_wanted.connect(self.on_models_wanted)
        self.card.rate_finder_wanted.connect(self.when_sound(self.on_rate_finder_wanted))
        self.card.setting_edited.connect(self.on_setting_edited)
        self.card.reset_wanted.connect(self.on_reset)
        self.card.back_wanted.connect(self.on_reset)
        self.card.settings.set_open(preferences.load().open_sections)
        self.card.settings.opened.connect(self.on_sections_opened)
        workspace.changes.network_chosen.connect(self.on_networks_changed)
        workspace.changes.weights_changed.connect(self.on_networks_changed)
        workspace.changes.recipe_changed.connect(self._show)

    def begin(self, choice: RecipeChoice) -> None:
        """Edit this choice from now on."""
        self._choice = choice
        self.card.forget_refused()
        self.on_networks_changed()

    def on_networks_changed(self, _network: NetworkPart | None = None) -> None:
        networks, choice = self._workspace.networks, self._choice
        choice.cards, choice.device, choice.abilities = networks.cards, networks.device, networks.abilities
        if networks.chosen is not None and networks.chosen != choice.network:
            choice.choose_network(networks.chosen)
        self._show()

    def when_sound(self, work: Callable[..., object]) -> Callable[..., object]:
        """`work`, but not while a field of the card holds what was refused: that is shown instead."""

        def checked(*args: object, **more: object) -> None:
            recipe = self._choice.recipe
            row = self.card.refused(recipe) if recipe is not None else None
            if row is None:
                work(*args, **more)
                return
            self.card.show_setting(row)
            self._workspace.changes.said.emit(refusal_words(row.label.whole_text(), row.refusal.text()))

        return checked

    def on_recipe_chosen(self, id: str) -> None:
        self.card.forget_refused()
        self._choice.choose_recipe(id)
        self._tell()

    def on_setting_edited(self, id: str, value: Value) -> None:
        try:
            self._choice.change(id, value)
        except ValueError:
            self.card.refuse(id)
        else:
            self._tell()

    def on_reset(self, id: str | None = None) -> None:
        """Every setting, or one, as its recipe has it."""
        self.card.forget_refused(id)
        self._choice.reset(id)
        self._tell()

    def on_sections_opened(self, groups: tuple[str, ...]) -> None:
        """Kept for this user, in every project."""
        self._workspace.background.run(lambda _report, _stop: preferences.change(open_sections=groups), lane="settings")

    def use_settings(self, run: Run) -> None:
        """Set what a run was trained with: its recipe, and its network where that is here."""
        network = NetworkPart(architecture=run.recipe.network.architecture, weights=run.recipe.network.weights)
        networks = self._workspace.networks
        is_here = network.weights is None or network.weights in {card.hash for card in networks.cards}
        if is_here and network != networks.chosen:
            networks.choose(network)
        self.card.forget_refused()
        self._choice.take(run.recipe)
        self._tell()
        said = (
            tr("The next training takes the settings of run {number}.", number=run.number)
            if is_here
            else tr(
                "The next training takes the settings of run {number}, but not its network: that is not here any more.", number=run.number
            )
        )
        self._workspace.changes.said.emit(said)

    def on_models_wanted(self) -> None:
        self._show()
        self._workspace.changes.show_panel.emit("models")

    def on_rate_finder_wanted(self) -> None:
        self._workspace.changes.show_panel.emit("models")
        self._workspace.changes.rate_finder_wanted.emit()

    def _tell(self) -> None:
        """Other panels show the choice too; this one hears of it as they do."""
        self._workspace.changes.recipe_changed.emit()

    def _show(self) -> None:
        self.card.show_choice(self._choice)
        self.batch.look_at(self._choice)
        self.time.look_at(self._choice)
        self.changed.emit()
