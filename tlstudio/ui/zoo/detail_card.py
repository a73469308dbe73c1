"""The card on the right: one network with its weights, what is known of it, and how to train with it."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from tlstudio.ui.theme import SPACE_2
from tlstudio.ui.widgets.badge import Badge
from tlstudio.ui.widgets.buttons import button
from tlstudio.ui.widgets.card import Card
from tlstudio.ui.widgets.scroll_column import ScrollColumn
from tlstudio.ui.widgets.text import Text, rule
from tlstudio.ui.words import tr
from tlstudio.ui.zoo.facts import Facts, facts_of_row
from tlstudio.ui.zoo.families import family_sentence
from tlstudio.ui.zoo.get_it import GetIt
from tlstudio.ui.zoo.layers import LayersView, layers_of
from tlstudio.ui.zoo.rows import ZooRow
from tlstudio.ui.zoo.speed_plot import SpeedPlot
from tlstudio.ui.zoo.table_model import weights_words

WIDTH_PX = 320


class DetailCard(Card):
    """Renders a `ZooRow` and reports what a person wants with it."""

    use_wanted = Signal()
    transfer_wanted = Signal()
    """Set what of this network is kept and what trains."""
    import_wanted = Signal()
    remove_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(margin=0, parent=parent)
        self.setFixedWidth(WIDTH_PX)
        self.setAccessibleName(tr("The chosen network"))
        self.name = Text(role="heading", wrap=True)
        self.badge = Badge()
        self.sentence = Text(role="muted", wrap=True)
        self.use = button(tr("Use this model"), kind="primary", on_click=self.use_wanted.emit)
        self.in_use = Badge(tr("Trainings start from this"), tone="good")
        self.bring = button(tr("Import weights…"), kind="primary", on_click=self.import_wanted.emit)
        self.random = button(tr("Use with random weights"), on_click=self.use_wanted.emit)
        self.transfer = button(tr("What is kept, what trains…"), on_click=self.transfer_wanted.emit)
        self.get_it = GetIt()
        self.plot = SpeedPlot()
        self.facts = Facts()
        self.layers_title = Text(tr("Layers, and what Balanced trains"), role="strong")
        self.layers = LayersView()
        self.remove = button(tr("Remove from this computer…"), kind="link", on_click=self.remove_wanted.emit)
        self._build()

    def show_row(self, row: ZooRow | None, *, in_use: bool) -> None:
        """Show this one; None shows nothing."""
        self.setEnabled(row is not None)
        self.body_widget.setVisible(row is not None)
        if row is None:
            return
        self.name.setText(row.title)
        words, tone = weights_words(row)
        self.badge.show_state(words, tone=tone)
        self.sentence.setText(sentence_of(row))
        self.use.setVisible(row.is_ready and not in_use)
        self.in_use.setVisible(in_use)
        ready = row.is_ready
        self.in_use.show_state(
            tr("Trainings start from this") if ready else tr("In use, with random weights"), tone="good" if ready else "warn"
        )
        self.bring.setVisible(not row.is_ready and row.has_weights)
        self.random.setVisible(not row.is_ready and not in_use)
        self.get_it.show_row(row)
        self.facts.show_facts(facts_of_row(row))
        layers = layers_of(row.network.stages)
        self.layers_title.setVisible(bool(layers))
        self.layers.show_layers(layers)
        self.remove.setVisible(row.card is not None and not row.card.bundled)

    def _build(self) -> None:
        scroll = ScrollColumn()
        column = scroll.column
        self.body_widget = scroll.content
        top = QHBoxLayout()
        top.setSpacing(SPACE_2)
        top.addWidget(self.name, 1)
        top.addWidget(self.badge)
        column.addLayout(top)
        for widget in (self.sentence, self.use, self.in_use, self.get_it, self.bring, self.random, self.transfer, self.plot, self.facts):
            column.addWidget(widget)
        for widget in (rule(), self.layers_title, self.layers):
            column.addWidget(widget)
        column.addStretch(1)
        column.addWidget(self.remove, 0, Qt.AlignmentFlag.AlignLeft)
        self.body.addWidget(scroll)


def sentence_of(row: ZooRow) -> str:
    """What this is in plain words, and whether it can be used."""
    what = family_sentence(row.network.family)
    if row.card is not None and row.card.bundled:
        return " ".join((what, tr("Comes with TL Studio and works at once. Import stronger weights when you can.")))
    if row.card is not None:
        return what
    if row.published is None:
        rest = tr("Nobody has published weights that timm knows for this network. From random numbers it needs far more images to learn.")
        return " ".join((what, rest))
    return " ".join((what, tr("Its weights are not on this computer.")))
