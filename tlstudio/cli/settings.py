"""`tlstudio settings`: what holds for the whole program, the same as on the window's settings page."""

import argparse

from tlstudio.cli.terminal import EXIT_DONE, Terminal
from tlstudio.operations import preferences

_ON_OFF = {"on": True, "off": False}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--good-neighbour",
        choices=tuple(_ON_OFF),
        help="on: jobs run at a low priority, with one thread fewer and half of the memory, and wait while another program needs the card",
    )
    parser.add_argument("--device", metavar="D", help="what a training uses that does not say: auto, cpu, cuda:0")


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    if arguments.good_neighbour is not None:
        preferences.change(good_neighbour=_ON_OFF[arguments.good_neighbour])
    if arguments.device is not None:
        preferences.change(device=arguments.device)
    chosen = preferences.load()
    terminal.result(
        {"good_neighbour": chosen.good_neighbour, "device": chosen.device},
        [f"good neighbour: {'on' if chosen.good_neighbour else 'off'}", f"device: {chosen.device}"],
    )
    return EXIT_DONE
