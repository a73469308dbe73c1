"""What the program measures of a machine by itself soon after its start: measured once for all races, and put into the home of each."""

import shutil
from pathlib import Path

from benchmarks.results import say

KEPT = Path("build/bench/profiles")


def know(architecture: str, input_size_px: int) -> None:
    """Have the profiles of this machine and of a network in the home that is set; they are measured where no race has done so before."""
    from tlstudio import paths
    from tlstudio.domain.recipe import NetworkPart
    from tlstudio.jobs.watcher import follow
    from tlstudio.operations import probing
    from tlstudio.processor import num_threads, processor_name
    from tlstudio.zoo import profiles

    here = paths.cache_dir() / profiles.FOLDER
    _copy(KEPT, here)
    holds_for = profiles.conditions(device_name=processor_name(), threads=num_threads())
    if profiles.load_network(paths.cache_dir(), holds_for, architecture=architecture, input_size_px=input_size_px) is not None:
        return
    say(f"measuring {architecture} at {input_size_px} px …")
    job = probing.start_probe([NetworkPart(architecture=architecture, input_size_px=input_size_px)], device="cpu")
    for _state in follow(job.folder, process=job.process):
        pass
    _copy(here, KEPT)


def forget() -> None:
    """Measure everything anew: the machine may have been busy when it was measured."""
    shutil.rmtree(KEPT, ignore_errors=True)


def _copy(source: Path, target: Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    for file in source.glob("*.json"):
        shutil.copy(file, target)
