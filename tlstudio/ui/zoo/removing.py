"""Taking imported weights off this computer, after a question."""

from PySide6.QtWidgets import QWidget

from tlstudio.domain.networks import WeightsCard
from tlstudio.ui.widgets.confirm import confirm
from tlstudio.ui.words import tr
from tlstudio.ui.workspace import Failed, Workspace

LANE = "weights"
"""Everything that reads or changes the library goes one after the other."""


def ask_and_remove(parent: QWidget, workspace: Workspace, card: WeightsCard, *, failed: Failed) -> None:
    """Ask; on yes the weights go, and everybody looks again at what is here."""

    def on_done(_result: object) -> None:
        workspace.changes.said.emit(tr("{name} is no longer on this computer.", name=card.name))
        workspace.networks.reload()

    confirm(
        parent,
        tr("Remove {name} from this computer?", name=card.name),
        tr("Runs that were trained from it keep their own models. To train from it again, its file must be imported again."),
        yes=tr("Remove"),
        on_yes=lambda: workspace.background.run(lambda _r, _s: _remove(card.hash), done=on_done, failed=failed, lane=LANE),
    )


def _remove(hash: str) -> None:
    from tlstudio.operations import weights

    weights.remove_weights(hash)
