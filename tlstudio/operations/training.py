"""Training: start a run, tell it what to do, continue it, or throw it away."""

import shutil
import time
from pathlib import Path

import msgspec

from tlstudio import files
from tlstudio.domain.findings import TrainingBlockedError
from tlstudio.domain.jobs import MANIFEST_FILE, QUEUED_FILE, RECIPE_FILE, Command, Queued, TrainJob
from tlstudio.domain.manifest import Manifest, judged_on, manifest_hash
from tlstudio.domain.recipe import Recipe
from tlstudio.domain.run_state import Status
from tlstudio.domain.runs import Run
from tlstudio.domain.trials import Trial
from tlstudio.errors import TLStudioError
from tlstudio.jobs import control
from tlstudio.jobs import folder as job_folders
from tlstudio.jobs import process as processes
from tlstudio.jobs.launch import StartedJob, launch
from tlstudio.jobs.outcome import words
from tlstudio.jobs.warm import WarmWorker
from tlstudio.jobs.watcher import START_GRACE_S, Watcher, read_state
from tlstudio.log import logger
from tlstudio.messages import Message, message
from tlstudio.operations import devices, estimates, following, health, looks, readiness, runs, splitting, trial_starts
from tlstudio.operations.starting import (
    environment_for,
    renew_environment,
    require_allowed,
    require_network,
    require_own_version,
    weights_of,
)
from tlstudio.project import layout
from tlstudio.project.project import Project, read_only_error

log = logger(__name__)

_CANCEL_WAIT_S = 5.0


def start_training(
    project: Project, recipe: Recipe, *, warm: WarmWorker | None = None, override: str = "", processes: int | None = None
) -> StartedJob:
    """Start a run of `recipe` on the project as it is now; works also where somebody else holds the project.

    `processes` of this machine train it together; None is what this user prefers.
    `override` is the user's reason for training in spite of a finding that blocks; it stays with the run.
    Raises `TrainingBlockedError` where a finding blocks and there is none, `TLStudioError` where the data, the network, its weights or the
    disk do not allow it; nothing is left behind then.
    """
    folder, notes = order_training(project, recipe, override=override, processes=processes)
    return launch(folder, warm=warm, notes=notes)


def order_training(
    project: Project,
    recipe: Recipe,
    *,
    override: str = "",
    queued: Queued | None = None,
    processes: int | None = None,
    trial: Trial | None = None,
) -> tuple[Path, tuple[Message, ...]]:
    """Write the order of a run without starting it: its folder, and what a person should know. Raises as `start_training`.

    `queued` lets it wait for its turn, on the images and labels as they are now; `trial` makes it part of a sweep.
    """
    require_own_version(project)
    require_network(recipe.network)
    require_allowed(recipe)
    card = weights_of(recipe.network)
    dataset = splitting.divided(project)
    readiness.require_trainable(dataset)
    # Images of an older project may never have been compared; a leak must not slip through for that.
    looks.look_at_missing(project, for_leaks=True)
    _require_no_block(project, override)
    expected = estimates.estimate(recipe, dataset)
    estimates.require_memory(expected, recipe)
    manifest = readiness.build_manifest(dataset, intensity=project.settings().intensity)
    number = devices.processes_for(recipe.device, processes)
    environment = environment_for(project, weights=card, device=recipe.device, processes=number)
    data = manifest.encode()
    job = TrainJob(
        manifest_hash=manifest_hash(data),
        override=override,
        num_shared=readiness.shared_with_training(project.dataset()),
        weights_name=card.name if card is not None else "",
        created_at=time.time(),
        trial=trial,
    )
    folder = job_folders.claim(project.folder / layout.RUNS)
    order = {RECIPE_FILE: files.encode_json(recipe), MANIFEST_FILE: data}
    if queued is not None:
        order[QUEUED_FILE] = files.encode_json(queued)
    job_folders.write_order(folder, job=job, environment=environment, more=order)
    _record(project, folder, recipe, manifest, job, status=Status.WAITING if queued is None else Status.QUEUED)
    little_memory = estimates.memory_note(expected, recipe)
    return folder, (*((little_memory,) if little_memory is not None else ()), *readiness.left_out(dataset))


def resume_run(
    project: Project, number: int, *, warm: WarmWorker | None = None, device: str | None = None, processes: int | None = None
) -> StartedJob:
    """Continue a run that was interrupted, or that failed, from its last checkpoint, here and now. Raises `TLStudioError`.

    One that waits to be started is started, out of its turn.
    On the recipe's device and in as many processes as before, where nothing else is asked for.
    """
    run, before = runs.startable_run(project, number)
    folder = runs.folder_of(project, run)
    if before.status is Status.QUEUED:
        runs.take_from_queue(project, run)
        run = trial_starts.prepared(project, run)
    renew_environment(project, run, device=device, processes=processes)
    project.record_run(msgspec.structs.replace(run, status=Status.WAITING))
    following.unmark(folder)
    started = launch(folder, warm=warm)
    if before.status is Status.FAILED:
        _wait_for_first_word(started, before.attempt)
    return started


def _wait_for_first_word(job: StartedJob, attempt: int) -> None:
    """Until the attempt after `attempt` has spoken, the journal of a failed run says that it is over, to everybody who looks."""
    watcher = Watcher(job.folder)
    deadline = time.monotonic() + START_GRACE_S
    while watcher.poll().attempt == attempt and job.process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.02)


def send_command(project: Project, number: int, command: Command) -> None:
    """Tell a running job to pause, go on, stop or cancel; it answers in its journal. Raises `TLStudioError`."""
    folder = runs.folder_of(project, runs.find_run(project, number))
    state = read_state(folder)
    status = state.status
    if status is Status.QUEUED:
        raise TLStudioError(
            message("run.queued", "Run {number} has not been started: it waits in the queue.", number=number),
            message("run.queued.hint", "Discard it to take it out of the queue. Nothing was changed."),
        )
    if status.is_over:
        raise TLStudioError(
            message(
                "run.over",
                "Run {number} is over: nothing listens there any more. It says: {state}.",
                number=number,
                state=words(state),
            ),
            message("run.over.hint", "Nothing was changed."),
        )
    try:
        control.send(folder, command)
    except OSError as error:
        raise TLStudioError(
            message("run.not_told", "Run {number} could not be told: {folder} cannot be written.", number=number, folder=str(folder)),
            message("run.not_told.hint", "Free space or check the drive, then try again. The run itself goes on."),
            details=str(error),
        ) from error


def discard_run(project: Project, number: int) -> None:
    """Throw a run away, its folder and its row; one that runs is ended first. Raises `TLStudioError`."""
    if not project.writable:
        raise read_only_error(project)
    folder = project.folder / layout.RUNS / f"{number:04d}"
    if folder.is_dir():
        _end(folder)
        job_folders.remove(folder)
    project.remove_run(number)
    log.info("run %d of %s was discarded", number, project.name)


def _end(folder: Path) -> None:
    """Let a job cancel itself, or end it; one that cannot be told, such as on a full disk, is ended at once."""
    state = read_state(folder)
    if not state.status.is_under_way:
        return
    wait_s = _CANCEL_WAIT_S
    try:
        control.send(folder, Command.CANCEL)
    except OSError as error:
        log.warning("the job in %s could not be told to cancel (%s) and is ended", folder, error)
        wait_s = 0.0
    deadline = time.monotonic() + wait_s
    while not (state := read_state(folder)).status.is_over and time.monotonic() < deadline:
        time.sleep(0.05)
    if state.pid is not None and not processes.wait_until_gone(folder, state.pid, timeout_s=wait_s):
        processes.kill_pid(folder, state.pid)


def _require_no_block(project: Project, override: str) -> None:
    findings = health.blocking(project)
    if not findings:
        return
    if not override.strip():
        raise TrainingBlockedError(findings)
    log.info("training in spite of %s because: %s", [finding.check for finding in findings], override)


def _record(project: Project, folder: Path, recipe: Recipe, manifest: Manifest, job: TrainJob, *, status: Status) -> None:
    """The row in the run table. Where the database refuses, the claimed folder goes away again."""
    run = Run(
        number=int(folder.name),
        recipe=recipe,
        weights_name=job.weights_name,
        created_at=job.created_at,
        status=status,
        num_classes=len(manifest.classes),
        override=job.override,
        judged_on=judged_on(manifest),
    )
    try:
        project.record_run(run)
    except TLStudioError:
        shutil.rmtree(folder, ignore_errors=True)
        raise
