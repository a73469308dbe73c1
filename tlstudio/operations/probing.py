"""Measuring this computer, and how networks run fastest on it: a job beside all projects, in the cache folder."""

from collections.abc import Sequence

import msgspec

from tlstudio import paths
from tlstudio.domain.jobs import Environment, ProbeJob
from tlstudio.domain.recipe import NetworkPart
from tlstudio.jobs import folder as job_folders
from tlstudio.jobs.launch import StartedJob, launch
from tlstudio.messages import message
from tlstudio.operations import estimates, passing_jobs

_FOLDER = "jobs"


def start_probe(networks: Sequence[NetworkPart] = (), *, machine: bool = True, device: str = "auto") -> StartedJob:
    """Measure this computer, or these networks on it, or both; what is found takes the place of what was known.

    In a process of its own: how long one takes to load is part of what is measured. Raises `TLStudioError` where there is no such
    network or the disk does not allow it.
    """
    parent = passing_jobs.parent(_FOLDER, refusal=message("probe.no_folder", "This computer could not be measured."))
    sized = tuple(
        msgspec.structs.replace(part, weights=None, input_size_px=estimates.profile_of(part, estimates.machine(device)).input_size_px)
        for part in networks
    )
    environment = Environment(
        roots={},
        project_folder=str(parent),
        cache_folder=str(paths.cache_dir()),
        device=device,
        versions=job_folders.versions(),
    )
    folder = job_folders.claim(parent)
    job_folders.write_order(folder, job=ProbeJob(machine=machine, networks=sized), environment=environment)
    return launch(folder)
