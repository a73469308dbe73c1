"""Run folders as a job leaves them, without a job."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tlstudio import files
from tlstudio.domain import jobs
from tlstudio.domain.events import AnyEvent, Started, Summary
from tlstudio.domain.journal import JournalLine, encode_line
from tlstudio.domain.manifest import Manifest, ManifestClass, manifest_hash
from tlstudio.domain.recipe import RECIPES, NetworkPart
from tlstudio.domain.run_state import Status
from tlstudio.domain.runs import Run
from tlstudio.project.project import Project

SUMMARY = Summary(accuracy=0.9, balanced_accuracy=0.8, loss=0.3, best_step=4, seconds=2.0, checkpoint="checkpoints/best.safetensors")
RECIPE = RECIPES["quick"].build(NetworkPart(architecture="resnet18"))


def order(project: Project, number: int, *, recorded: bool = True, age_s: float = 100.0) -> Path:
    """A job folder as it is when the job is asked for."""
    folder = project.folder / f"runs/{number:04d}"
    folder.mkdir()
    manifest = Manifest(
        classes=(ManifestClass(index=0, id="a", name="ants"), ManifestClass(index=1, id="b", name="bees")), entries=()
    ).encode()
    files.write_bytes(folder / jobs.MANIFEST_FILE, manifest)
    files.write_json(folder / jobs.RECIPE_FILE, RECIPE)
    files.write_json(folder / jobs.JOB_FILE, jobs.TrainJob(manifest_hash=manifest_hash(manifest), weights_name="little", created_at=5.0))
    files.write_json(folder / jobs.ENVIRONMENT_FILE, jobs.Environment(roots={}, project_folder="", cache_folder=""))
    then = time.time() - age_s
    os.utime(folder / jobs.ENVIRONMENT_FILE, (then, then))
    if recorded:
        project.record_run(Run(number=number, recipe=RECIPE, weights_name="little", created_at=5.0, status=Status.WAITING, num_classes=2))
    return folder


def say(folder: Path, *events: AnyEvent) -> None:
    """Write a journal as a job does."""
    start = (folder / jobs.JOURNAL_FILE).read_bytes().count(b"\n") if (folder / jobs.JOURNAL_FILE).exists() else 0
    with open(folder / jobs.JOURNAL_FILE, "ab") as file:
        for seq, event in enumerate(events, start):
            file.write(encode_line(JournalLine(seq=seq, time=time.time(), event=event)))


@contextmanager
def at_work(folder: Path) -> Iterator[None]:
    """As a job that is alive."""
    lock = files.FileLock(folder / jobs.LOCK_FILE)
    assert lock.acquire()
    yield
    lock.release()


STARTED = Started(attempt=1, pid=1)
