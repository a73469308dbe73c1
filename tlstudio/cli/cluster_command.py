"""`tlstudio cluster-command P --run R`: how the machines of a cluster train one run together."""

import argparse
from pathlib import Path
from shlex import quote

from tlstudio.cli.opening import opened
from tlstudio.cli.terminal import EXIT_DONE, Terminal
from tlstudio.operations.clusters import ClusterCommand, cluster_command


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("project", type=Path, metavar="P", help="the project's folder, on the shared drive")
    parser.add_argument("--run", type=int, required=True, metavar="R", help="a run that waits in the queue, or that can be continued")
    parser.add_argument("--nodes", type=_at_least_one, required=True, metavar="N", help="how many machines take part")
    parser.add_argument("--gpus", type=_at_least_one, default=1, metavar="G", help="graphics cards of each machine (default: 1)")
    parser.add_argument("--endpoint", required=True, metavar="HOST:PORT", help="one of the machines, and a port that is free on it")


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    with opened(arguments.project) as project:
        found = cluster_command(project, arguments.run, nodes=arguments.nodes, per_node=arguments.gpus, endpoint=arguments.endpoint)
    terminal.say(f"Give this command on each of the {arguments.nodes} machines; each must find these where they are here:")
    for place in found.places:
        terminal.say(f"  {place}")
    terminal.say("The run no longer waits in the queue of this machine.")
    terminal.say(f"To train it here after all: tlstudio train {quote(str(arguments.project))} --resume {arguments.run}")
    terminal.say(f"Then watch it from here: tlstudio runs {quote(str(arguments.project))} --watch {arguments.run}")
    terminal.result(_document(arguments.run, found), [found.command])
    return EXIT_DONE


def _document(number: int, found: ClusterCommand) -> dict[str, object]:
    return {"run": number, "command": found.command, "places": [str(place) for place in found.places]}


def _at_least_one(text: str) -> int:
    if (number := int(text)) < 1:
        raise argparse.ArgumentTypeError("it must be 1 or more")
    return number
