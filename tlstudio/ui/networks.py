"""Which network the open project trains, and which sets of weights are on this computer."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import msgspec
from PySide6.QtCore import QObject

from tlstudio.domain.abilities import Abilities
from tlstudio.domain.networks import WeightsCard
from tlstudio.domain.recipe import NetworkPart
from tlstudio.ui.words import tr

if TYPE_CHECKING:
    from tlstudio.project.project import Project
    from tlstudio.ui.workspace import Workspace


class Networks(QObject):
    """What the workspace knows of networks: read when a project is opened, told by `network_chosen` and `weights_changed`."""

    def __init__(self, workspace: "Workspace") -> None:
        super().__init__(workspace)
        self._workspace = workspace
        self.cards: tuple[WeightsCard, ...] = ()
        """Weights on this computer: the bundled starter first, then the newest import."""
        self.chosen: NetworkPart | None = None
        """What a training would start from; None while it is being read."""
        self.device = "auto"
        """What a training uses that does not say, as chosen in Settings."""
        self.abilities: Mapping[str, Abilities] = {}
        """What each architecture allows a recipe to ask of it, by name; empty while it is being read."""
        self._num_choices = 0
        workspace.changes.project_changed.connect(self._on_project_changed)

    @property
    def card(self) -> WeightsCard | None:
        """The weights of the chosen network, where it has some and they are here."""
        wanted = self.chosen.weights if self.chosen is not None else None
        return next((card for card in self.cards if card.hash == wanted), None) if wanted else None

    @property
    def name(self) -> str:
        """What the chosen network is called."""
        if self.chosen is None:
            return ""
        return self.card.name if self.card is not None else self.chosen.architecture

    @property
    def short_name(self) -> str:
        """The same where there is little room: "MobileNetV4 small" for "Starter (MobileNetV4 small)"."""
        inside = re.fullmatch(r"[^()]+ \((.+)\)", self.name) if self.card is not None and self.card.bundled else None
        return inside[1] if inside else self.name

    def choose(self, network: NetworkPart) -> None:
        """Train this one from now on; kept with the project where it may be written."""
        project = self._workspace.project
        if project is None:
            return
        self._num_choices += 1
        self._take(network)
        if project.writable:
            self._workspace.background.run(lambda _report, _stop: _store(project, network))

    def reload(self) -> None:
        """Look again at what is here, such as after an import."""
        project, asked_at = self._workspace.project, self._num_choices
        if project is not None:
            self._workspace.background.run(lambda _report, _stop: _read(project), done=lambda found: self._show(project, asked_at, found))

    def _on_project_changed(self) -> None:
        self.chosen, self.cards = None, ()
        self.reload()

    def _show(self, project: "Project", asked_at: int, found: "_Found") -> None:
        if project is not self._workspace.project:
            return
        news = not self.abilities or (found.cards, found.device) != (self.cards, self.device)
        self.cards, self.device, self.abilities = found.cards, found.device, found.abilities
        # A choice made while it was read is newer than what was read.
        network = found.network if asked_at == self._num_choices or self.chosen is None else self.chosen
        if network != self.chosen or news:
            self._take(network)
        if news:
            self._workspace.changes.weights_changed.emit()

    def _take(self, network: NetworkPart) -> None:
        self.chosen = network
        changes = self._workspace.changes
        changes.network_chosen.emit(network)
        line, mark = (self.short_name, "ok") if network.weights else (tr("{network}, random weights", network=self.name), "")
        changes.rail_changed.emit("models", line, mark)


@dataclass(frozen=True)
class _Found:
    network: NetworkPart
    """The project's, or what a first training starts from where none was chosen or its weights are gone."""
    cards: tuple[WeightsCard, ...]
    device: str
    abilities: Mapping[str, Abilities]


def _read(project: "Project") -> _Found:
    from tlstudio.operations import preferences, weights

    cards = tuple(weights.list_weights())
    chosen = project.settings().network
    if chosen is None or (chosen.weights is not None and chosen.weights not in {card.hash for card in cards}):
        chosen = weights.default_network()
    return _Found(chosen, cards, preferences.load().device, _abilities())


@cache
def _abilities() -> Mapping[str, Abilities]:
    from tlstudio.zoo import catalogue, transfer

    return {spec.name: transfer.abilities_of(spec) for spec in catalogue.load().networks}


def _store(project: "Project", network: NetworkPart) -> None:
    project.set_settings(msgspec.structs.replace(project.settings(), network=network))
