"""The queue of runs: each is ordered on the images as they are now and started when those before it are over.

The queue is in the runs' folders (`queued.json`), so it outlives the program; who holds the project's lock orders and starts.
"""

from collections.abc import Sequence
from itertools import count, islice, zip_longest
from pathlib import Path

import msgspec

from tlstudio import files
from tlstudio.domain.jobs import QUEUED_FILE, Queued
from tlstudio.domain.manifest import manifest_hash
from tlstudio.domain.recipe import Recipe
from tlstudio.domain.run_state import Status
from tlstudio.domain.runs import Run
from tlstudio.domain.trials import Trial
from tlstudio.errors import TLStudioError
from tlstudio.jobs import folder as job_folders
from tlstudio.jobs.launch import StartedJob, launch
from tlstudio.jobs.warm import WarmWorker
from tlstudio.jobs.watcher import read_state
from tlstudio.log import logger
from tlstudio.messages import Message, message
from tlstudio.operations import following, readiness, repeats, splitting, training, trial_starts
from tlstudio.operations import runs as run_table
from tlstudio.operations.starting import renew_environment
from tlstudio.project import layout
from tlstudio.project.project import Project, read_only_error

log = logger(__name__)


def enqueue(
    project: Project,
    recipes: Sequence[Recipe],
    *,
    override: str = "",
    processes: int | None = None,
    trials: Sequence[Trial] = (),
) -> tuple[list[int], tuple[Message, ...]]:
    """Order a run for each recipe at the end of the queue: their numbers, and what a person should know.

    `trials` are what makes them a sweep, one for each recipe.

    Raises as `training.start_training`; those ordered before stay.
    """
    _require_writable(project)
    numbers: list[int] = []
    notes: tuple[Message, ...] = ()
    for recipe, trial in zip_longest(recipes, trials):
        place = max((queued.place for queued in _queue(project).values()), default=0) + 1
        queued = Queued(place=place)
        folder, notes = training.order_training(project, recipe, override=override, queued=queued, processes=processes, trial=trial)
        numbers.append(int(folder.name))
    return numbers, notes


def enqueue_seeds(
    project: Project, recipe: Recipe, num_seeds: int, *, override: str = "", processes: int | None = None
) -> tuple[list[int], tuple[Message, ...]]:
    """The same for one recipe with as many seeds: the next ones from its own on that no run of it has had, which is then said first.

    A run on other images or labels counts as none: its seed says nothing of these. One run alone keeps its seed where another would change
    nothing. Raises as `enqueue`.
    """
    same = [] if num_seeds == 1 and not recipe.has_chance else _runs_of(project, recipe)
    had = {run.recipe.seed for run in same}
    free = list(islice((seed for seed in count(recipe.seed) if seed not in had), num_seeds))
    recipes = [msgspec.structs.replace(recipe, seed=seed) for seed in free]
    numbers, notes = enqueue(project, recipes, override=override, processes=processes)
    left_out = sorted(seed for seed in had if recipe.seed <= seed < free[-1])
    return numbers, (_next_seeds(left_out, free), *notes) if left_out else notes


def order(project: Project) -> list[int]:
    """The numbers of the runs that wait, the next one first."""
    waiting = _queue(project)
    return sorted(waiting, key=lambda number: (waiting[number].place, number))


def start_next(project: Project, *, warm: WarmWorker | None = None) -> StartedJob | None:
    """Start the run whose turn it is; None where none waits, or one is still under way.

    Raises `TLStudioError` where it cannot be started, such as when its weights are gone; it then leaves the queue as one that can be
    continued, so that those behind it get their turn.
    """
    _require_writable(project)
    rows = {run.number: run for run in project.runs()}
    if any(_is_under_way(project, run) for run in rows.values()):
        return None
    for number in order(project):
        if number in rows:
            return _start(project, rows[number], warm)
    return None


def move(project: Project, number: int, *, before: int | None) -> None:
    """Give a run that waits its place before another one that waits, or the last. Raises `TLStudioError`."""
    _require_writable(project)
    numbers = order(project)
    if number not in numbers:
        raise run_table.not_queued(number)
    numbers.remove(number)
    numbers.insert(numbers.index(before) if before in numbers else len(numbers), number)
    for place, item in enumerate(numbers, 1):
        _mark(_folder(project, item), Queued(place=place))


def _runs_of(project: Project, recipe: Recipe) -> list[Run]:
    """Those of `recipe`, whatever their seed, on the images and labels as they are now."""
    same = [run for run in project.runs() if msgspec.structs.replace(run.recipe, seed=recipe.seed) == recipe]
    if not same:
        return []
    manifest = readiness.build_manifest(splitting.divided(project), intensity=project.settings().intensity)
    now = manifest_hash(manifest.encode())
    return [run for run in same if repeats.images_of(project, run) == now]


def _next_seeds(had: Sequence[int], taken: Sequence[int]) -> Message:
    both = {"had": ", ".join(map(str, had)), "taken": ", ".join(map(str, taken))}
    if len(taken) == 1:
        return message("queue.next_seed", "This recipe has had seed {had}: this run trains with seed {taken}.", **both)
    return message("queue.next_seeds", "This recipe has had seed {had}: these runs train with seeds {taken}.", **both)


def _start(project: Project, run: Run, warm: WarmWorker | None) -> StartedJob | None:
    folder = run_table.folder_of(project, run)
    try:
        (folder / QUEUED_FILE).unlink()  # whoever takes the mark away starts the run, and nobody else
    except FileNotFoundError:
        return None
    run = trial_starts.prepared(project, run)
    renew_environment(project, run)
    project.record_run(msgspec.structs.replace(run, status=Status.WAITING))
    following.mark(folder)
    return launch(folder, warm=warm)


def _is_under_way(project: Project, run: Run) -> bool:
    return not run.status.is_over and read_state(run_table.folder_of(project, run)).status.is_under_way


def _queue(project: Project) -> dict[int, Queued]:
    parent = project.folder / layout.RUNS
    found = {number: _read(parent / f"{number:04d}") for number in job_folders.numbers(parent)}
    return {number: queued for number, queued in found.items() if queued is not None}


def _read(folder: Path) -> Queued | None:
    try:
        return msgspec.json.decode((folder / QUEUED_FILE).read_bytes(), type=Queued)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.DecodeError) as error:
        log.warning("the place of %s in the queue cannot be read, it comes first: %s", folder.name, error)
        return Queued(place=0)


def _mark(folder: Path, queued: Queued) -> None:
    try:
        files.write_json(folder / QUEUED_FILE, queued)
    except OSError as error:
        raise TLStudioError(
            message("queue.not_kept", "The order of the queue could not be kept ({reason}).", reason=error.strerror or str(error)),
            message("queue.not_kept.hint", "Every run is still there. Free space or check the drive, then try again."),
        ) from error


def _folder(project: Project, number: int) -> Path:
    return project.folder / layout.RUNS / f"{number:04d}"


def _require_writable(project: Project) -> None:
    if not project.writable:
        raise read_only_error(project)
