"""`tlstudio weights pack` and `tlstudio weights install`: sets of weights that travel in one file."""

import argparse
from pathlib import Path

from tlstudio.cli.stopping import stop_on_ctrl_c
from tlstudio.cli.terminal import EXIT_DONE, EXIT_REFUSED, EXIT_STOPPED, EXIT_WRONG_USE, Terminal, counted, megabytes
from tlstudio.domain.packs import Installed
from tlstudio.domain.progress import Stop
from tlstudio.operations import installing, packing
from tlstudio.operations.downloading import DownloadStoppedError
from tlstudio.zoo.licences import WORDS, use_of
from tlstudio.zoo.packs import Source


def add_pack_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "names",
        nargs="*",
        metavar="NAME",
        help="a set that is here (name, hash or `starter`), a file or folder, or a published set such as resnet18.a1_in1k, which is "
        "downloaded: the only thing of this program that needs the internet",
    )
    parser.add_argument(
        "--from",
        action="append",
        default=[],
        type=Path,
        metavar="PATH",
        dest="paths",
        help="a folder or file you have, or a folder of several",
    )
    parser.add_argument("--network", metavar="NAME", help="which network the files are of, where they fit several")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="the .tlweights to write, or a folder for it")


def pack(arguments: argparse.Namespace, terminal: Terminal) -> int:
    if not arguments.names and not arguments.paths:
        terminal.say("Name at least one set to pack, or give --from PATH.")
        return EXIT_WRONG_USE
    target = packing.checked_target(arguments.out)
    with stop_on_ctrl_c() as stop:
        try:
            sources = [_named(name, arguments.network, terminal, stop) for name in arguments.names]
        except DownloadStoppedError:
            terminal.say("Stopped; what has come is kept, and the same command goes on from there.")
            return EXIT_STOPPED
        for path in arguments.paths:
            found = packing.sources_in_folder(
                path, architecture=arguments.network, left_out=lambda place, why: terminal.say(f"Left out: {place.name}. {why}")
            )
            sources += [_said(source, terminal) for source in found]
        if not packing.pack_weights(sources, target, report=terminal.report, stop=stop):
            terminal.result({"file": None}, ["Stopped; nothing was written"])
            return EXIT_STOPPED
    cards = list({source.card.hash: source.card for source in sources}.values())
    size = target.stat().st_size
    terminal.result(
        {"file": str(target), "num_bytes": size, "sets": cards},
        [f"Packed {counted(len(cards), 'set')} of weights into {target} ({megabytes(size)})"],
    )
    return EXIT_DONE


def _named(name: str, architecture: str | None, terminal: Terminal, stop: Stop) -> Source:
    here = packing.source_in_library(name)
    if here is not None:
        return _said(here, terminal)
    if Path(name).exists():
        return _said(packing.source_in_files(Path(name), architecture=architecture), terminal)
    found = packing.find_published(name)
    if found is None:
        raise packing.unknown(name)
    network, chosen = found
    terminal.say(f"{network.name} ({chosen.tag}) is published as {chosen.hub_id}. {_licence(chosen.licence)}")
    return _said(packing.source_published(network, chosen, report=terminal.report, stop=stop), terminal)


def _said(source: Source, terminal: Terminal) -> Source:
    """The licence is told before anything is packed."""
    terminal.say(f"{source.card.name}, {megabytes(source.card.size_bytes)}. {_licence(source.card.licence)}")
    return source


def _licence(licence: str) -> str:
    words = WORDS[use_of(licence)].text()
    return f"Licence {licence}: {words}." if licence else f"{words}."


def add_install_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE", help="the .tlweights")


def install(arguments: argparse.Namespace, terminal: Terminal) -> int:
    with stop_on_ctrl_c() as stop:
        outcome = installing.install_pack(arguments.file, report=terminal.report, stop=stop)
    terminal.result(outcome, _lines(outcome))
    if outcome.was_stopped:
        return EXIT_STOPPED
    return EXIT_REFUSED if outcome.refused else EXIT_DONE


def _lines(outcome: Installed) -> list[str]:
    lines = [f"{card.name} is in the library as {card.hash[:12]}. {_licence(card.licence)}" for card in outcome.installed]
    lines += [f"{card.name} was here already" for card in outcome.were_here]
    lines += [f"{item.title} {item.hint}" for item in outcome.refused]
    return [*lines, "Stopped; the other sets were not installed"] if outcome.was_stopped else lines
