"""The drawing of the network over the slider that sets what is frozen."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from tlstudio.ui.theme import SPACE_2, SPACE_4
from tlstudio.ui.widgets.card import Card
from tlstudio.ui.words import tr
from tlstudio.ui.zoo.cockpit.freeze_slider import FreezeSlider
from tlstudio.ui.zoo.cockpit.stage_view import StageView
from tlstudio.ui.zoo.cockpit.viewmodel import CockpitModel


class StagesCard(Card):
    """Keeps the slider's stops below the gaps between the boxes."""

    freeze_wanted = Signal(int)
    """How many stages shall stay as they are."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(margin=SPACE_4, spacing=SPACE_2, parent=parent)
        self.setAccessibleName(tr("What is kept, what trains"))
        self.view = StageView()
        self.slider = FreezeSlider()
        self.body.addWidget(self.view)
        self.body.addWidget(self.slider)
        self.view.laid_out.connect(self._place_stops)
        self.view.freeze_wanted.connect(self.freeze_wanted)
        self.slider.valueChanged.connect(self.freeze_wanted)

    def show_model(self, model: CockpitModel) -> None:
        """Show the model's stages."""
        self.view.show_boxes(model.boxes)
        self.slider.show_state(model.num_frozen, maximum=model.num_stages, words=model.freeze_words)

    def _place_stops(self) -> None:
        self.slider.set_stops(self.view.places.stops, float(self.view.width()))
