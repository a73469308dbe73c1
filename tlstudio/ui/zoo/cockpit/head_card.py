"""The new head: its kind, what belongs to that kind, and how the network's last map becomes one vector."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from tlstudio.domain.recipe_settings import SETTINGS
from tlstudio.ui.recipe.setting_row import SettingRow
from tlstudio.ui.theme import SPACE_3
from tlstudio.ui.widgets.card import Card
from tlstudio.ui.widgets.segmented import Segmented
from tlstudio.ui.widgets.text import Text
from tlstudio.ui.words import tr
from tlstudio.ui.zoo.cockpit.viewmodel import CockpitModel

_ROWS = ("head_dropout", "head_hidden", "pooling")
_CONTROL_PX = 160


class HeadCard(Card):
    """Renders the model's head and reports what a person wants changed."""

    edited = Signal(str, object)
    """Id of a setting and the value that is wanted."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("New head"), spacing=SPACE_3, parent=parent)
        self.kinds = Segmented(tr("Kind of head"))
        for id, words in (
            ("linear", tr("Linear")),
            ("dropout", tr("Linear + dropout")),
            ("mlp", tr("Small MLP")),
            ("cosine", tr("Cosine")),
        ):
            self.kinds.add(id, words)
        self.kinds.chosen.connect(lambda id: self.edited.emit("head_kind", id))
        self.body.addWidget(self.kinds)
        self.rows = {id: SettingRow(SETTINGS[id], with_sentence=False) for id in _ROWS}
        for row in self.rows.values():
            row.edited.connect(self.edited)
            row.set_control_width(_CONTROL_PX)
            self.body.addWidget(row)
        self.sentence = Text(role="muted", wrap=True)
        self.body.addWidget(self.sentence)
        self.body.addStretch(1)

    def show_model(self, model: CockpitModel) -> None:
        """Show the head of the proposal."""
        recipe = model.recipe
        self.setEnabled(recipe is not None)
        if recipe is None:
            return
        self.kinds.choose(recipe.head.kind)
        if model.known is not None:
            self.rows["pooling"].offer(model.known.abilities.poolings)
        for id, row in self.rows.items():
            row.setVisible(SETTINGS[id].applies(recipe))
            row.show_value(SETTINGS[id].read(recipe))
        self.sentence.setText(f"{_kind_words(recipe.head.kind)} {_method_words(recipe.finetune is not None)}")

    def refuse(self, id: str) -> None:
        """A value was not allowed."""
        self.rows[id].refuse()


def _kind_words(kind: str) -> str:
    return {
        "linear": tr("One layer, solved exactly; right for most sets of images."),
        "dropout": tr("One layer that learns with some features left out each step; for a handful of images a class."),
        "mlp": tr("Two layers; for many images that the network finds hard."),
        "cosine": tr("Compares directions only, so that no class shouts; for a handful of images or very uneven classes."),
    }[kind]


def _method_words(follows: bool) -> str:
    if follows:
        return tr(
            "The head is solved first on cached features; the open stages then follow with smaller steps, so that what the network "
            "already knows is bent, not broken."
        )
    return tr("The network itself stays as it is: its features are computed once and kept.")
