"""The table of panels. A new panel is a new folder and a row here; the shell imports it when it is first shown."""

from typing import TYPE_CHECKING

import msgspec

from tlstudio.lazy import resolve
from tlstudio.messages import Message, message

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from tlstudio.ui.workspace import Workspace


class PanelSpec(msgspec.Struct, frozen=True, kw_only=True):
    """A row: what the rail shows, and the widget."""

    id: str
    title: Message
    icon: str
    panel: str
    """ "package.module:Class"; made with the workspace."""
    sentence: Message
    """The second line in the rail while the panel has nothing of its own to say."""
    is_step: bool = True
    """Whether it is one of the five steps; the others stand at the bottom of the rail."""

    def build(self, workspace: "Workspace") -> "QWidget":
        """Import the panel and make it."""
        widget: QWidget = resolve(self.panel)(workspace)
        return widget


PANELS: dict[str, PanelSpec] = {
    spec.id: spec
    for spec in (
        PanelSpec(
            id="data",
            title=message("panel.data", "Data"),
            sentence=message("panel.data.sentence", "No images yet"),
            icon="data",
            panel="tlstudio.ui.data.panel:DataPanel",
        ),
        PanelSpec(
            id="models",
            title=message("panel.models", "Models"),
            sentence=message("panel.models.sentence", "Choose a network"),
            icon="models",
            panel="tlstudio.ui.zoo.pages:ModelsPanel",
        ),
        PanelSpec(
            id="train",
            title=message("panel.train", "Train"),
            sentence=message("panel.train.sentence", "No runs yet"),
            icon="train",
            panel="tlstudio.ui.train.panel:TrainPanel",
        ),
        PanelSpec(
            id="evaluate",
            title=message("panel.evaluate", "Evaluate"),
            sentence=message("panel.evaluate.sentence", "After the first run"),
            icon="evaluate",
            panel="tlstudio.ui.evaluate.panel:EvaluatePanel",
        ),
        PanelSpec(
            id="use",
            title=message("panel.use", "Use"),
            sentence=message("panel.use.sentence", "Predict · Export"),
            icon="use",
            panel="tlstudio.ui.use.panel:UsePanel",
        ),
        PanelSpec(
            id="settings",
            title=message("panel.settings", "Settings"),
            sentence=message("panel.settings.sentence", ""),
            icon="settings",
            panel="tlstudio.ui.settings.panel:SettingsPanel",
            is_step=False,
        ),
    )
}
