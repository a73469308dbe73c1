"""What trains, and how fast: the rule for learning rates, the rates of single stages, adapters, and how many views are kept."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from tlstudio.domain.recipe_settings import SETTINGS
from tlstudio.ui.recipe.setting_row import SettingRow
from tlstudio.ui.theme import SPACE_2, SPACE_3, SPACE_4
from tlstudio.ui.widgets.buttons import button
from tlstudio.ui.widgets.card import Card
from tlstudio.ui.widgets.segmented import Segmented
from tlstudio.ui.widgets.text import Text
from tlstudio.ui.words import tr
from tlstudio.ui.zoo.cockpit.rate_fields import RateFields
from tlstudio.ui.zoo.cockpit.viewmodel import CockpitModel

_ROWS = ("learning_rate", "stage_decay", "warmup", "num_views", "lora_rank", "lora_alpha")
_FIELD_PX = 62
_USUAL_RANK = 8


class RatesCard(Card):
    """Renders the fine-tuning of the model's proposal and reports what a person wants changed."""

    edited = Signal(str, object)
    """Id of a setting and the value that is wanted."""
    rate_edited = Signal(int, float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Rates"), spacing=SPACE_3, parent=parent)
        self.none = Text(
            _no_rates(),
            role="muted",
            wrap=True,
        )
        self.body.addWidget(self.none)
        self.tuning = QWidget()
        column = QVBoxLayout(self.tuning)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_3)
        self.ways = Segmented(tr("What of the open blocks trains"))
        self.ways.add("all", tr("All weights"))
        self.ways.add("lora", tr("Adapters (LoRA)"))
        self.ways.chosen.connect(lambda id: self.edited.emit("lora_rank", _USUAL_RANK if id == "lora" else None))
        column.addWidget(self.ways)
        self.rows = {id: SettingRow(SETTINGS[id], with_sentence=False) for id in _ROWS}
        grid = QGridLayout()
        grid.setHorizontalSpacing(SPACE_4)
        grid.setVerticalSpacing(SPACE_2)
        for place, row in enumerate(self.rows.values()):
            row.set_control_width(_FIELD_PX)
            row.edited.connect(self.edited)
            grid.addWidget(row, place // 2, place % 2, Qt.AlignmentFlag.AlignTop)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)
        column.addLayout(grid)
        column.addLayout(self._build_stages())
        self.sentence = Text(role="muted", wrap=True)
        column.addWidget(self.sentence)
        self.body.addWidget(self.tuning)
        self.body.addStretch(1)

    def show_model(self, model: CockpitModel) -> None:
        """Show the proposal."""
        recipe = model.recipe
        part = recipe.finetune if recipe else None
        self.none.setVisible(part is None)
        self.tuning.setVisible(part is not None)
        if recipe is None or part is None:
            return
        has_attention = model.known is not None and model.known.abilities.has_attention
        self.ways.setVisible(has_attention)
        self.ways.choose("lora" if part.lora else "all")
        for id, row in self.rows.items():
            row.show_value(SETTINGS[id].read(recipe))
        for id in ("lora_rank", "lora_alpha"):
            self.rows[id].setVisible(has_attention and part.lora is not None)
        self.rows["num_views"].setVisible(model.num_frozen > 0 and SETTINGS["num_views"].applies(recipe))
        self.fields.show_model(model)
        self.again.setVisible(model.has_own_rates)
        self.sentence.setText(_sentence(model))

    def refuse(self, id: str) -> None:
        """A value was not allowed."""
        self.rows[id].refuse()

    def _build_stages(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(SPACE_2)
        head = QHBoxLayout()
        head.addWidget(Text(tr("Each stage"), role="strong"), 1)
        self.again = button(tr("Back to the rule"), kind="link", on_click=lambda: self.edited.emit("stage_rates", None))
        head.addWidget(self.again)
        column.addLayout(head)
        self.fields = RateFields()
        self.fields.rate_edited.connect(self.rate_edited)
        column.addWidget(self.fields)
        return column


def _sentence(model: CockpitModel) -> str:
    if model.has_own_rates:
        return tr("Rates set by hand hold; the rule goes on where none was set.")
    return tr(
        "The head takes the full rate; each stage further from it takes that share of the one after it, so that early, general layers "
        "move least, though never less than a hundredth of it."
    )


def _no_rates() -> str:
    return tr("Only the new head learns, and it is solved: there are no steps. Open a stage to set learning rates.")
