"""The Models panel's pages: the zoo, and the cockpit of one network."""

from pathlib import Path

from PySide6.QtWidgets import QStackedWidget

from tlstudio.domain.recipe import NetworkPart
from tlstudio.ui.workspace import Workspace
from tlstudio.ui.zoo.cockpit.page import CockpitPage
from tlstudio.ui.zoo.panel import ZooPanel


class ModelsPanel(QStackedWidget):
    """One page at a time; the cockpit is made when it is first wanted."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self.workspace = workspace
        self.zoo = ZooPanel(workspace)
        self.cockpit: CockpitPage | None = None
        self.addWidget(self.zoo)
        self.zoo.detail.transfer_wanted.connect(self.on_transfer_wanted)
        workspace.changes.rate_finder_wanted.connect(self.on_rate_finder_wanted)

    def take_drop(self, paths: list[Path]) -> bool:
        """Weights dropped on the window are for the zoo."""
        self.on_back_wanted()
        return self.zoo.take_drop(paths)

    def on_transfer_wanted(self) -> None:
        row = self.zoo.model.row
        if row is not None:
            self.show_cockpit(row.part)

    def on_rate_finder_wanted(self) -> None:
        """For what Train would start, as it stands there, and in sight."""
        network = self.workspace.choice.network
        if network is None:
            return
        cockpit = self.show_cockpit(network)
        cockpit.on_recipe_changed()
        cockpit.finder.run.setFocus()
        cockpit.scroll.keep_in_sight(cockpit.finder)  # what is above it is still being read

    def on_back_wanted(self) -> None:
        self.setCurrentWidget(self.zoo)

    def show_cockpit(self, network: NetworkPart) -> CockpitPage:
        """What is kept of `network` and what trains."""
        if self.cockpit is None:
            self.cockpit = CockpitPage(self.workspace)
            self.cockpit.back_wanted.connect(self.on_back_wanted)
            self.addWidget(self.cockpit)
        self.cockpit.look_at(network)
        self.setCurrentWidget(self.cockpit)
        return self.cockpit
