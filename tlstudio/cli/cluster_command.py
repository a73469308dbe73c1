"""`tlstudio cluster-command P --run R`: how the machines of a cluster train one run together."""

import argparse
from pathlib import Path
from shlex import quote

from tlstudio.cli.numbers import whole_from
from tlstudio.cli.opening import opened
from tlstudio.cli.terminal import EXIT_DONE, Terminal
from tlstudio.operations.clusters import ClusterCommand, cluster_command


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("project", type=Path, metavar="P", help="the project's folder, on the shared drive")
    parser.add_argument(
        "--run",
        type=whole_from(1),
        required=True,
        metavar="R",
        help="a run that waits in the queue (`tlstudio train P --queue` orders one), or that can be continued",
    )
    parser.add_argument("--nodes", type=whole_from(1), required=True, metavar="N", help="how many machines take part")
    parser.add_argument("--gpus", type=whole_from(1), default=1, metavar="G", help="graphics cards of each machine (default: 1)")
    parser.add_argument(
        "--endpoint",
        required=True,
        metavar="HOST:PORT",
        help="one of the machines as the others reach it, and a port that is free on it, such as node01:29400",
    )


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    with opened(arguments.project) as project:
        found = cluster_command(project, arguments.run, nodes=arguments.nodes, per_node=arguments.gpus, endpoint=arguments.endpoint)
    where = "on the machine" if arguments.nodes == 1 else f"on each of the {arguments.nodes} machines"
    terminal.say(f"Nothing was started. Give the command below {where}, where these must be found under the same names as here:")
    for place in found.places:
        terminal.say(f"  {place}")
    folder = quote(str(arguments.project))
    terminal.say(f"Then watch the run from here: tlstudio runs {folder} --watch {arguments.run}")
    terminal.say(f"It no longer waits in the queue here. To train it here after all: tlstudio train {folder} --resume {arguments.run}")
    terminal.result(_document(arguments.run, found), [found.command])
    return EXIT_DONE


def _document(number: int, found: ClusterCommand) -> dict[str, object]:
    return {"run": number, "command": found.command, "places": [str(place) for place in found.places]}
