"""Rank for my data: which of the networks on this computer sees the classes of a project best, before anything is trained."""

import time
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from tlstudio.domain.events import NetworkPassed, NetworkRanked
from tlstudio.domain.folds import FoldPlan
from tlstudio.domain.jobs import MANIFEST_FILE, Candidate, RankJob
from tlstudio.domain.networks import NetworkSpec, WeightsCard
from tlstudio.domain.ranking import Ranking
from tlstudio.domain.recipe import NetworkPart
from tlstudio.domain.run_state import RunState, Status
from tlstudio.errors import TLStudioError
from tlstudio.jobs import folder as job_folders
from tlstudio.jobs.launch import launch
from tlstudio.jobs.process import JobProcess
from tlstudio.jobs.warm import WarmWorker
from tlstudio.jobs.watcher import read_state
from tlstudio.log import logger
from tlstudio.messages import Message, message
from tlstudio.operations import estimates, folding
from tlstudio.operations.folding import num_changed, read_manifest
from tlstudio.operations.starting import environment_for, require_own_version
from tlstudio.project import layout
from tlstudio.project.project import Project
from tlstudio.zoo import catalogue
from tlstudio.zoo.library import Library

log = logger(__name__)

_BATCH = 32
_ACTIVATIONS_PER_VALUE = 24
"""Numbers in memory for each number of an image while it passes through a network that keeps nothing, at most about."""
_LEAST_FORWARD_S = 1e-4
_LOOKS_BACK = 12
"""Rankings whose findings are looked for; what is older was of other images."""


_ENDED_EARLY = (Status.STOPPED, Status.CANCELLED, Status.FAILED, Status.INTERRUPTED)


@dataclass(frozen=True, kw_only=True)
class StartedRanking:
    """A ranking to be watched with `jobs.watcher`; `process` is None where its answer is known already."""

    number: int
    folder: Path
    process: JobProcess | None
    notes: tuple[Message, ...] = ()


class Ranked(msgspec.Struct, frozen=True, kw_only=True):
    """The newest ranking of a project."""

    number: int
    report: Ranking
    num_changed: int = 0
    """Images that would be judged otherwise today."""
    num_left: int = 0
    """Sets of weights on this computer that are not ranked yet, and were not passed over."""
    was_stopped: bool = False
    """Whether it was ended before it was through."""


def start_ranking(
    project: Project,
    *,
    cards: Sequence[WeightsCard] | None = None,
    plan: FoldPlan | None = None,
    device: str = "auto",
    warm: WarmWorker | None = None,
) -> StartedRanking:
    """Start ranking these sets of weights, or all that are here, on the images of training and validation; the test set takes no part.

    What an earlier ranking found for the very same images is taken over; with nothing new it is that ranking that is returned. Works also
    where somebody else holds the project. Raises `TLStudioError` where there are too few images or classes, or no weights.
    """
    require_own_version(project)
    plan = plan or FoldPlan()
    chosen = _require_some(Library().cards() if cards is None else cards)
    dealt = folding.order(project, plan)
    candidates, passed = _candidates(chosen, device)
    known = {event.weights: event for past in _past(project, dealt.hash) for event in past.state.ranked}
    same = _answered(project, dealt.hash, {item.weights for item in candidates} if not passed else set())
    if same is not None:
        return StartedRanking(number=int(same.name), folder=same, process=None, notes=dealt.notes)
    files, damaged = _files([item for item in candidates if item.weights not in known])
    job = RankJob(
        manifest_hash=dealt.hash,
        plan=plan,
        num_units=dealt.num_units,
        candidates=tuple(candidates),
        known=tuple(known[item.weights] for item in candidates if item.weights in known),
        passed=(*passed, *damaged),
        created_at=time.time(),
    )
    environment = msgspec.structs.replace(environment_for(project, device=device), weights_files=files)
    folder = job_folders.claim(project.folder / layout.RANKINGS)
    job_folders.write_order(folder, job=job, environment=environment, more={MANIFEST_FILE: dealt.manifest})
    started = launch(folder, warm=warm, notes=dealt.notes)
    return StartedRanking(number=started.number, folder=folder, process=started.process, notes=dealt.notes)


def report_of(folder: Path, state: RunState, *, device: str = "auto") -> Ranking | None:
    """What a ranking has found so far, at the speeds that `device` is known to reach now; None before the first network.

    Raises `TLStudioError` where its files cannot be read.
    """
    job = job_folders.read_job(folder)
    assert isinstance(job, RankJob)
    return _report(folder, job, _at_present_speeds(state.ranked, device), state.passed)


def latest(project: Project, *, device: str = "auto") -> Ranked | None:
    """What is known of the networks that are still here, by the images of the newest ranking; folders that cannot be read are logged.

    Speeds are those that `device` is known to reach now.
    """
    here = {card.hash for card in Library().cards()}
    newest: _Past | None = None
    found: dict[str, NetworkRanked] = {}
    for past in _past(project):
        if newest is None and past.state.ranked:
            newest = past
        if newest is not None and past.job.manifest_hash == newest.job.manifest_hash:
            found = {event.weights: event for event in past.state.ranked if event.weights in here} | found
    if newest is None:
        return None
    try:
        report = _report(newest.folder, newest.job, _at_present_speeds(tuple(found.values()), device), newest.state.passed)
        if report is None:
            return None
        changed = num_changed(project, read_manifest(newest.folder), newest.job.plan)
        return Ranked(
            number=int(newest.folder.name),
            report=report,
            num_changed=changed,
            num_left=len(here - set(found) - {event.weights for event in newest.state.passed}),
            was_stopped=newest.state.status in _ENDED_EARLY,
        )
    except TLStudioError as error:
        log.info("the ranking in %s cannot be read: %s", newest.folder, error)
        return None


@dataclass(frozen=True, kw_only=True)
class _Past:
    folder: Path
    job: RankJob
    state: RunState


def _past(project: Project, manifest: str | None = None) -> Iterator[_Past]:
    """The rankings of a project, the newest first; of one list of images alone where `manifest` is its hash."""
    parent = project.folder / layout.RANKINGS
    for number in reversed(job_folders.numbers(parent)[-_LOOKS_BACK:]):
        folder = parent / f"{number:04d}"
        try:
            job = job_folders.read_job(folder)
            if isinstance(job, RankJob) and manifest in (None, job.manifest_hash):
                yield _Past(folder=folder, job=job, state=read_state(folder))
        except (TLStudioError, OSError) as error:
            log.info("the ranking in %s cannot be read: %s", folder, error)


def _answered(project: Project, manifest: str, wanted: Collection[str]) -> Path | None:
    """The newest ranking of these images that holds just what is wanted."""
    for past in _past(project, manifest):
        if wanted and past.state.status.is_over and {event.weights for event in past.state.ranked} == wanted:
            return past.folder
    return None


def _report(folder: Path, job: RankJob, ranked: Sequence[NetworkRanked], passed: Sequence[NetworkPassed]) -> Ranking | None:
    # Here, because numpy takes a moment to import.
    from tlstudio.evaluation import ranking

    if not ranked:
        return None
    num_classes = len(read_manifest(folder).classes)
    return ranking.build(ranked, num_units=job.num_units, num_classes=num_classes, passed=passed)


def _at_present_speeds(ranked: Sequence[NetworkRanked], device: str) -> tuple[NetworkRanked, ...]:
    """The advice is worked out by the very speeds that everything else shows: one that was measured since counts."""
    on, found = estimates.machine(device), []
    for event in ranked:
        try:
            profile = estimates.profile_of(NetworkPart(architecture=event.architecture, weights=event.weights), on)
            found.append(msgspec.structs.replace(event, images_per_second=1.0 / profile.forward_s))
        except TLStudioError:  # its weights have gone
            found.append(event)
    return tuple(found)


def _require_some(cards: Sequence[WeightsCard]) -> Sequence[WeightsCard]:
    if not cards:
        raise TLStudioError(
            message("rank.no_weights", "There are no weights on this computer to rank."),
            message("rank.no_weights.hint", "Import some in Models. A file or a folder can be dropped on the window."),
        )
    return cards


def _candidates(cards: Sequence[WeightsCard], device: str) -> tuple[list[Candidate], list[NetworkPassed]]:
    """What is to be looked at, expected to be fast first, and what cannot be."""
    here = estimates.machine(device)
    found, passed = [], []
    for card in cards:
        spec = catalogue.load().by_name.get(card.architecture)
        if spec is None:
            text = "This version of TL Studio does not know its architecture {name}."
            passed.append(NetworkPassed(weights=card.hash, name=card.name, reason=message("rank.unknown", text, name=card.architecture)))
            continue
        profile = estimates.profile_of(NetworkPart(architecture=card.architecture, weights=card.hash), here)
        found.append(
            Candidate(
                weights=card.hash,
                architecture=card.architecture,
                name=card.name,
                num_features=spec.num_features,
                forward_s=max(_LEAST_FORWARD_S, profile.forward_s),
                is_measured=profile.is_measured,
                is_timed=profile.is_timed,
                memory_bytes=_memory_bytes(spec, card),
            )
        )
    return sorted(found, key=lambda item: item.forward_s), passed


def _memory_bytes(spec: NetworkSpec, card: WeightsCard) -> int:
    """For the weights, once in the file and once in the network, and for a batch on its way."""
    values = _BATCH * 3 * card.preprocessing.input_size_px**2
    return 2 * 4 * spec.num_parameters + 4 * _ACTIVATIONS_PER_VALUE * values


def _files(candidates: Sequence[Candidate]) -> tuple[dict[str, str], list[NetworkPassed]]:
    """Where the weights lie, by hash; the damaged ones apart."""
    library, found, damaged = Library(), {}, []
    for item in candidates:
        try:
            found[item.weights] = str(library.file_of(item.weights))
        except TLStudioError as error:
            damaged.append(NetworkPassed(weights=item.weights, name=item.name, reason=error.title))
    return found, damaged
