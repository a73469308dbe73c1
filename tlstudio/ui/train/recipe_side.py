"""The recipe card and what it edits: the choice of recipe, network and settings."""

from PySide6.QtCore import QObject, Signal

from tlstudio.domain.recipe import NetworkPart
from tlstudio.domain.setting_spec import Value
from tlstudio.ui.recipe.choice import RecipeChoice
from tlstudio.ui.train.batch_watch import BatchWatch
from tlstudio.ui.train.recipe_card import RecipeCard
from tlstudio.ui.train.time_watch import TimeWatch
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
        self.card.setting_edited.connect(self.on_setting_edited)
        self.card.reset_wanted.connect(self.on_reset)
        workspace.changes.network_chosen.connect(self.on_networks_changed)
        workspace.changes.weights_changed.connect(self.on_networks_changed)
        workspace.changes.recipe_changed.connect(self._show)

    def begin(self, choice: RecipeChoice) -> None:
        """Edit this choice from now on."""
        self._choice = choice
        self.on_networks_changed()

    def on_networks_changed(self, _network: NetworkPart | None = None) -> None:
        networks, choice = self._workspace.networks, self._choice
        choice.cards, choice.device = networks.cards, networks.device
        if networks.chosen is not None and networks.chosen != choice.network:
            choice.choose_network(networks.chosen)
        self._show()

    def on_recipe_chosen(self, id: str) -> None:
        self._choice.choose_recipe(id)
        self._tell()

    def on_setting_edited(self, id: str, value: Value) -> None:
        try:
            self._choice.change(id, value)
        except ValueError:
            self.card.refuse(id)
        else:
            self._tell()

    def on_reset(self) -> None:
        self._choice.reset()
        self._tell()

    def on_models_wanted(self) -> None:
        self._show()
        self._workspace.changes.show_panel.emit("models")

    def _tell(self) -> None:
        """Other panels show the choice too; this one hears of it as they do."""
        self._workspace.changes.recipe_changed.emit()

    def _show(self) -> None:
        self.card.show_choice(self._choice)
        self.batch.look_at(self._choice)
        self.time.look_at(self._choice)
        self.changed.emit()
