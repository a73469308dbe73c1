"""A run that several machines train together: ordered here, started there by a command, watched as any other."""

import shlex
from dataclasses import dataclass
from pathlib import Path

from tlstudio.domain.run_state import Status
from tlstudio.errors import TLStudioError
from tlstudio.jobs import several
from tlstudio.messages import message
from tlstudio.operations import runs, trial_starts
from tlstudio.operations.starting import renew_environment
from tlstudio.project.project import Project, read_only_error


@dataclass(frozen=True, kw_only=True)
class ClusterCommand:
    """What has to be done to start a run on a cluster."""

    command: str
    """For a shell; the same on every machine."""
    places: tuple[Path, ...]
    """Files and folders that every machine must find where they are here."""


def cluster_command(project: Project, number: int, *, nodes: int, per_node: int, endpoint: str) -> ClusterCommand:
    """The command for a run that waits in the queue or can be continued; it is taken out of the queue, and nothing is started.

    `endpoint` is HOST:PORT: one of the machines, as the others reach it, and a port that is free there. Raises `TLStudioError`.
    """
    if not project.writable:
        raise read_only_error(project)
    _require_endpoint(endpoint)
    run, state = runs.startable_run(project, number)
    folder = runs.folder_of(project, run)
    if state.status is Status.QUEUED:
        runs.take_from_queue(project, run)  # else the queue of this machine would start it, too
        run = trial_starts.prepared(project, run)
    environment = renew_environment(project, run)
    # An attempt of its own on the cluster: machines that still wait for an earlier one are not let in.
    name = f"tlstudio-{project.id}-{number}-{state.attempt + 1}"
    command = several.on_each_machine(folder, nodes=nodes, per_node=per_node, endpoint=endpoint, name=name)
    places = [project.folder, *(Path(root) for root in environment.roots.values()), Path(environment.cache_folder)]
    places += [Path(environment.weights_file)] if environment.weights_file else []
    return ClusterCommand(command=shlex.join(command), places=tuple(dict.fromkeys(places)))


def _require_endpoint(endpoint: str) -> None:
    host, _, port = endpoint.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise TLStudioError(
            message("cluster.bad_endpoint", "{endpoint} is no HOST:PORT.", endpoint=endpoint),
            message("cluster.bad_endpoint.hint", "Name one of the machines as the others reach it, such as node01:29400."),
        )
