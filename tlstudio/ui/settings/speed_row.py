"""What was measured of this computer, and the button that measures it again."""

from typing import TYPE_CHECKING

from tlstudio.ui.settings.row import SettingRow
from tlstudio.ui.widgets.buttons import button
from tlstudio.ui.widgets.text import Text
from tlstudio.ui.words import tr
from tlstudio.ui.workspace import Workspace

if TYPE_CHECKING:
    from tlstudio.domain.machine import MachineProfile


class SpeedRow(SettingRow):
    """Renders the probe of the machine."""

    def __init__(self, workspace: Workspace) -> None:
        self.found = Text(role="muted")
        self.again = button(
            tr("Measure again"), name=tr("Measure this computer again"), on_click=workspace.probing.measure_again, small=True
        )
        super().__init__(
            tr("Speed of this computer"),
            tr("Measured once, in 20 seconds or so: how long trainings take, and how models run their fastest here."),
            self.found,
            self.again,
        )
        self._workspace = workspace
        workspace.probing.changed.connect(self.look)
        workspace.changes.runs_changed.connect(self._show_button)

    def look(self) -> None:
        """Read what is known."""
        self._show_button()
        self._workspace.background.run(lambda _report, _stop: _machine(), done=self._show, failed=lambda _error: None, lane="settings")

    def _show_button(self) -> None:
        self.again.setEnabled(self._workspace.probing.can_start)

    def _show(self, machine: "MachineProfile") -> None:
        self.again.setText(tr("Measure again") if machine.is_measured else tr("Measure now"))
        if self._workspace.probing.is_running:
            self.found.setText(tr("Measuring…"))
        elif machine.is_measured:
            self.found.setText(tr("{n} billion operations a second", n=f"{max(machine.conv_flops.values()) / 1e9:,.0f}"))
        else:
            self.found.setText(tr("Not measured yet"))


def _machine() -> "MachineProfile":
    from tlstudio.operations import estimates, preferences

    return estimates.machine(preferences.load().device)
