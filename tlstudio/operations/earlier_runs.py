"""What earlier runs of a project took, for the expectation of the next one: their work, and the start of their processes."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import islice
from pathlib import Path

import msgspec

from tlstudio.domain import estimates
from tlstudio.domain.estimates import RunEstimate, SetSize, Took
from tlstudio.domain.jobs import JOURNAL_FILE
from tlstudio.domain.machine import MachineProfile, NetworkProfile
from tlstudio.domain.recipe import NetworkPart, Recipe
from tlstudio.domain.run_state import Status
from tlstudio.domain.runs import Run
from tlstudio.jobs.watcher import read_state

NUM_RUNS = 3
"""The newest that count: what was measured long ago was perhaps another machine."""
_MOST_READ = 6


class Ended(msgspec.Struct, frozen=True, kw_only=True):
    """What the journal of a run that came to its end says of its time."""

    device: str
    device_name: str
    threads: int
    processes: int
    num_train: int
    num_val: int
    num_test: int
    num_cached: int
    """Images whose features were known already."""
    num_epochs: int
    """That it trained."""
    loading_s: float
    """Of its libraries; 0 where a waiting process took it over."""
    work_s: float
    """Everything else, pauses left out."""

    @property
    def knew_all(self) -> bool:
        """Whether it had no image to look at."""
        return self.num_cached >= self.num_train + self.num_val + self.num_test


def of_network(network: NetworkPart, runs: Sequence[Run], folder: Path, here: MachineProfile) -> list[tuple[Run, Ended]]:
    """The newest finished runs of each kind with this network on this machine, the newest first; `folder` is the project's."""
    by_kind: dict[tuple[object, ...], list[Run]] = defaultdict(list)
    for run in runs:
        if run.status is Status.FINISHED and run.recipe.network == network:
            by_kind[_kind(run.recipe)].append(run)
    newest = (run for alike in by_kind.values() for run in sorted(alike, key=lambda run: -run.number)[:_MOST_READ])
    found = ((run, ended) for run in newest if (ended := _read(folder / run.folder_name)) is not None)
    machine = (here.device, here.device_name, here.threads, 1)
    return [(run, ended) for run, ended in found if (ended.device, ended.device_name, ended.threads, ended.processes) == machine]


def of_the_same(recipe: Recipe, earlier: Sequence[tuple[Run, Ended]]) -> list[tuple[Run, Ended]]:
    """Those of the kind of `recipe`, the newest first."""
    return [(run, ended) for run, ended in earlier if _kind(run.recipe) == _kind(recipe)]


def start_s(earlier: Sequence[tuple[Run, Ended]], otherwise: float) -> float:
    """How long a new process has to load its libraries: the mean of those that had to, or `otherwise` where none had."""
    loading = [ended.loading_s for _run, ended in earlier[:NUM_RUNS] if ended.loading_s > 0]
    return sum(loading) / len(loading) if loading else otherwise


def took(earlier: Sequence[tuple[Run, Ended]], profile: NetworkProfile, here: MachineProfile, sizes: SetSize) -> Iterator[Took]:
    """Their work against what would be expected of it now; those that knew all features say little of one that does not."""
    for run, ended in islice((item for item in earlier if not item[1].knew_all), NUM_RUNS):
        then = msgspec.structs.replace(
            sizes, num_train=ended.num_train, num_val=ended.num_val, num_test=ended.num_test, num_cached=ended.num_cached
        )
        expected = estimates.estimate(profile, here, run.recipe, then)
        yield Took(measured_s=ended.work_s, expected_s=_without_last_epochs(expected, run.recipe, ended.num_epochs))


def _without_last_epochs(expected: RunEstimate, recipe: Recipe, num_epochs: int) -> float:
    planned = recipe.finetune.epochs if recipe.finetune is not None else 0
    return estimates.work_s(expected, epochs_left_out=planned - num_epochs)


def _kind(recipe: Recipe) -> tuple[object, ...]:
    """Work whose expectation is off for the same reasons."""
    return recipe.network, recipe.precision, recipe.finetune is None


def _read(folder: Path) -> Ended | None:
    """None where the journal is away or says too little."""
    try:
        return _of_journal(folder, (folder / JOURNAL_FILE).stat().st_mtime_ns)
    except OSError:
        return None


@lru_cache(maxsize=64)
def _of_journal(folder: Path, _changed_at: int) -> Ended | None:
    state = read_state(folder)
    plan = state.plan
    if plan is None or state.status is not Status.FINISHED or state.attempt > 1:
        return None  # what more than one attempt took says nothing of one
    return Ended(
        device=plan.device,
        device_name=plan.device_name,
        threads=plan.threads,
        processes=plan.processes,
        num_train=plan.num_train,
        num_val=plan.num_val,
        num_test=plan.num_test,
        num_cached=state.head.num_cached if state.head is not None else 0,
        num_epochs=state.validations[-1].epoch if len(state.validations) else 0,
        loading_s=state.pace.loading_s,
        work_s=state.work_s,
    )
