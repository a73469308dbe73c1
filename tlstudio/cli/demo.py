"""`tlstudio demo`: the sample's main job from images to an exported model, in the terminal."""

import argparse

from tlstudio.cli.terminal import EXIT_DONE, Terminal
from tlstudio.cli.watching import EXIT_BY_STATUS, failure_lines, watch
from tlstudio.domain.run_state import RunState
from tlstudio.jobs.launch import StartedJob
from tlstudio.operations.demo import JobEndedBadly, run_demo


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """None of its own."""


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    def follow(started: StartedJob) -> RunState:
        return watch(started.folder, terminal, process=started.process)

    try:
        report = run_demo(say=terminal.say, report=terminal.report, follow=follow)
    except JobEndedBadly as ended:
        terminal.result({"status": ended.state.status, "failure": ended.state.failure}, failure_lines(ended.state))
        return EXIT_BY_STATUS[ended.state.status]
    terminal.result(report, ["", *report.lines()])
    return EXIT_DONE
