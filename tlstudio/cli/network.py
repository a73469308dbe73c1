"""`--network` and `--weights`: which network a training takes, and what it starts from."""

import argparse
from pathlib import Path

from tlstudio.cli.terminal import Terminal
from tlstudio.domain.networks import Recognition, WeightsCard
from tlstudio.domain.recipe import NetworkPart
from tlstudio.errors import TLStudioError
from tlstudio.messages import message
from tlstudio.operations import weights
from tlstudio.project.project import Project
from tlstudio.zoo import catalogue


def add_network_arguments(parser: argparse.ArgumentParser) -> None:
    """The two arguments."""
    parser.add_argument(
        "--network", metavar="NAME", help="a network of timm, such as resnet18, or torchvision/NAME (default: the project's choice)"
    )
    parser.add_argument(
        "--weights",
        metavar="FILE_OR_NAME",
        help="pretrained weights: a .safetensors file, a PyTorch checkpoint or a folder with one, which is imported, or the name of a set "
        "that is here, such as `starter`; `none` starts from random numbers (default: imported weights of the network)",
    )


def choose_network(project: Project, arguments: argparse.Namespace, terminal: Terminal) -> NetworkPart:
    """The network the arguments mean, its weights imported where they are not yet. Says what it takes. Raises `TLStudioError`."""
    if arguments.weights and arguments.weights != "none":
        return _of_file(arguments.weights, arguments.network, terminal)
    if arguments.network is None:
        chosen = project.settings().network or weights.default_network()
        return NetworkPart(architecture=chosen.architecture) if arguments.weights == "none" else chosen
    here = [card for card in weights.list_weights() if card.architecture == arguments.network]
    if arguments.weights == "none" or not here:
        if arguments.network in catalogue.load().by_name:  # else the refusal that follows is the one thing to say
            terminal.say(f"{arguments.network} starts from random numbers" + ("." if here else ": no weights for it are on this computer."))
        return NetworkPart(architecture=arguments.network)
    card = max(here, key=lambda card: (not card.bundled, card.added))
    terminal.say(f"Starting from {card.name}.")
    return NetworkPart(architecture=card.architecture, weights=card.hash)


def _of_file(text: str, architecture: str | None, terminal: Terminal) -> NetworkPart:
    """Weights by their file or folder, or by the name or hash of a set that is here already."""
    path = Path(text)
    if path.exists():
        card = import_confirmed(path, architecture, terminal)
    else:
        card = weights.find_weights(text)
        if architecture is not None and card.architecture != architecture:
            raise TLStudioError(
                message(
                    "weights.set_of_another",
                    "The weights {name} are of {their}, not of {asked}.",
                    name=card.name,
                    their=card.architecture,
                    asked=architecture,
                ),
                message("weights.set_of_another.hint", "Leave one of --network and --weights out. Nothing was started."),
            )
    return NetworkPart(architecture=card.architecture, weights=card.hash)


def import_confirmed(path: Path, architecture: str | None, terminal: Terminal) -> WeightsCard:
    """Import weights as those of `architecture`; without one, as what they seem to be where that is beyond doubt.

    Raises `TLStudioError`, also where they do not fit the architecture.
    """
    found = weights.inspect_certain(path, architecture=architecture, report=terminal.report)
    try:
        return _import(found, architecture, terminal)
    finally:
        weights.forget_inspected(found)


def _import(found: Recognition, architecture: str | None, terminal: Terminal) -> WeightsCard:
    if not found.already_here:
        for note in found.notes:
            terminal.say(note)
    card = weights.import_weights(found, architecture=architecture or found.candidates[0])
    terminal.say(f"Weights: {card.name}, {card.hash[:12]}.")
    return card
