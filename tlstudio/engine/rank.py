"""The ranking job: every network's features of the same images, judged fold by fold. Nothing is trained; the fastest come first."""

import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil
import torch
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from tlstudio.domain.events import AnyEvent, Finished, NetworkPassed, NetworkRanked, PhaseStarted, Progressed, StillWorking, Stopped, Warned
from tlstudio.domain.jobs import Candidate
from tlstudio.domain.machine import NetworkTiming
from tlstudio.domain.manifest import Manifest, ManifestEntry
from tlstudio.domain.memory import gigabytes
from tlstudio.domain.recipe import HeadPart, NetworkPart
from tlstudio.engine import failures
from tlstudio.engine.data.feature_cache import FeatureCache
from tlstudio.engine.data.features import FeaturePass, Features, compute_obediently
from tlstudio.engine.data.reading import Reader, Skipped
from tlstudio.engine.device import Device, choose, settle
from tlstudio.engine.fold_heads import FoldAnswers, answer_folds
from tlstudio.engine.gate import StopAsked
from tlstudio.engine.head import blas_threads
from tlstudio.engine.job import Job, read_manifest
from tlstudio.engine.models.create import Source, create, find_source
from tlstudio.engine.models.folding import judge_folded
from tlstudio.engine.models.interruption import make_interruptible
from tlstudio.engine.models.network import Network
from tlstudio.engine.rank_clock import RankClock
from tlstudio.errors import TLStudioError
from tlstudio.evaluation import metrics
from tlstudio.log import logger
from tlstudio.messages import Message, message
from tlstudio.zoo import profiles

log = logger(__name__)

_SILENCE_LIMIT_S = 600.0
"""A batch of a large network on a slow processor takes minutes."""
_TIMING_S = 0.5
"""What each pass that finds out how fast a network is takes, about."""
_TIMINGS = 2
"""The better one counts; one more before them warms up."""
_MAKING_S = 1.0
"""Making a network and timing it, as far as it is known before."""
_SOLVING_S = 2e-7
"""For each number of the features and each class, all folds together."""
_SAY_EVERY_S = 1.0
_TELL_EVERY_S = 0.3
"""Every word of where it stands is read again by whoever looks at an old ranking."""


@dataclass(frozen=True, kw_only=True, eq=False)
class _Opened:
    """A candidate with what is known of it before its network is made."""

    candidate: Candidate
    source: Source
    cache: FeatureCache
    num_missing: int
    """Images whose features are to be computed."""


@dataclass(frozen=True, kw_only=True, eq=False)
class _Ranking:
    """What is the same for all networks."""

    job: Job
    manifest: Manifest
    entries: tuple[ManifestEntry, ...]
    device: Device
    skipped: Skipped
    speeds: dict[tuple[str, int], float]
    """Images a second by architecture and input size: weights make no difference, so what one has shown holds for all."""


def run(job: Job) -> Iterator[AnyEvent]:
    """All events of one attempt, its ending last. Raises `TLStudioError`, `CancelAsked`, `TerminateAsked`.

    An attempt that follows another goes on with the networks that are left.
    """
    manifest = read_manifest(job.folder, expected_hash=job.spec.manifest_hash)
    entries = tuple(entry for entry in manifest.entries if entry.label is not None and entry.fold is not None)
    device = choose(job.environment.device, threads=job.environment.threads)
    settle(device)
    ranking = _Ranking(job=job, manifest=manifest, entries=entries, device=device, skipped=Skipped(num_entries=len(entries)), speeds={})
    yield PhaseStarted(phase="rank", total=None, silence_limit_s=_SILENCE_LIMIT_S)
    if device.warning is not None:
        yield Warned(message=device.warning)
    yield from job.spec.known
    yield from job.spec.passed
    try:
        yield from _rank_all(ranking)
    except StopAsked:
        yield Stopped()
        return
    yield Finished(num_failed=len(ranking.skipped.reasons))


def _rank_all(ranking: _Ranking) -> Iterator[AnyEvent]:
    done = {event.weights for event in (*ranking.job.spec.known, *ranking.job.spec.passed, *ranking.job.events(NetworkRanked))}
    opened = []
    for candidate in ranking.job.spec.candidates:
        if candidate.weights not in done:
            yield from ranking.job.gate.obey()
            found = _open(ranking, candidate)
            if isinstance(found, _Opened):
                opened.append(found)
            else:
                yield found
    opened.sort(key=lambda item: _expected_s(ranking, item))
    clock = RankClock([(item.candidate.name, _expected_s(ranking, item)) for item in opened], num_images=len(ranking.entries))
    for item in opened:
        yield (yield from _ranked_or_passed(ranking, item, clock))
        clock.next()


def _open(ranking: _Ranking, candidate: Candidate) -> _Opened | NetworkPassed:
    environment = ranking.job.environment
    part = NetworkPart(architecture=candidate.architecture, weights=candidate.weights)
    try:
        source = find_source(part, weights_file=Path(environment.weights_files.get(candidate.weights, "")), seed=0)
    except TLStudioError as error:
        return _passed(candidate, error.title)
    cache = _cache(ranking, source, candidate.num_features)
    num_missing = sum(not cache.has(entry.content_hash, exact=True) for entry in ranking.entries)
    return _Opened(candidate=candidate, source=source, cache=cache, num_missing=num_missing)


def _cache(ranking: _Ranking, source: Source, num_features: int) -> FeatureCache:
    folder = Path(ranking.job.environment.cache_folder)
    return FeatureCache(folder, source=source, intensity=ranking.manifest.intensity, num_features=num_features)


def _expected_s(ranking: _Ranking, item: _Opened) -> float:
    candidate = item.candidate
    numbers = len(ranking.entries) * candidate.num_features * len(ranking.manifest.classes)
    is_made = item.num_missing or not (candidate.is_measured or candidate.is_timed)
    making_s = _MAKING_S if is_made else 0.0
    return item.num_missing * candidate.forward_s + making_s + _SOLVING_S * numbers


def _ranked_or_passed(ranking: _Ranking, item: _Opened, clock: RankClock) -> Generator[AnyEvent, None, NetworkRanked | NetworkPassed]:
    """What went wrong with one network does not end the ranking of the others; what is wrong with the images does."""
    yield clock.now(0)
    candidate = item.candidate
    try:
        return (yield from _ranked(ranking, item, clock))
    except (RuntimeError, MemoryError, ValueError, AssertionError) as error:
        log.exception("%s could not be ranked", candidate.name)
        if failures.is_out_of_memory(error):
            return _passed(candidate, message("rank.memory", "There was not enough memory to run it."))
        return _passed(candidate, message("rank.failed", "It could not be run on these images: {why}.", why=str(error)[:200]))


def _ranked(ranking: _Ranking, item: _Opened, clock: RankClock) -> Generator[AnyEvent, None, NetworkRanked | NetworkPassed]:
    candidate = item.candidate
    features = None if item.num_missing else _all_cached(ranking.entries, item.cache)
    network: Network | None = None
    is_speed_known = candidate.is_measured or candidate.is_timed
    if features is None or not is_speed_known:
        problem = _no_room(ranking.device, candidate)
        if problem is not None:
            return _passed(candidate, problem)
        try:
            network = create(item.source).to(ranking.device.torch_device)
        except TLStudioError as error:
            return _passed(candidate, error.title)
        judge_folded(network, size_px=item.source.preprocessing.input_size_px)
        make_interruptible(network, ranking.job.gate)
    if features is None:
        assert network is not None
        features = yield from _compute(ranking, item, network, clock)
    speed = 1.0 / candidate.forward_s if network is None or candidate.is_measured else (yield from _speed(ranking, item, network))
    yield clock.now(len(ranking.entries))
    started = time.monotonic()
    judged = yield from _judge(ranking, features)
    return NetworkRanked(
        weights=candidate.weights,
        architecture=candidate.architecture,
        name=candidate.name,
        num_images=len(features.entries),
        num_cached=features.num_cached,
        images_per_second=speed,
        features_s=features.seconds,
        solve_s=time.monotonic() - started,
        **judged,
    )


def _all_cached(entries: tuple[ManifestEntry, ...], cache: FeatureCache) -> Features | None:
    """Without making the network; None where one vector turns out to be damaged."""
    found = [vector for entry in entries if (vector := cache.get(entry.content_hash, exact=True)) is not None]
    if len(found) < len(entries):
        return None
    return Features(entries=entries, values=np.stack(found), num_cached=len(found), seconds=0.0)


def _compute(ranking: _Ranking, item: _Opened, network: Network, clock: RankClock) -> Generator[AnyEvent, None, Features]:
    job = ranking.job
    features = FeaturePass(
        network=network,
        device=ranking.device,
        cache=_cache(ranking, item.source, network.num_features),
        reader=Reader(roots=job.environment.roots, intensity=ranking.manifest.intensity),
        preprocessing=item.source.preprocessing,
        skipped=ranking.skipped,
        gate=job.gate,
        silence_limit_s=_SILENCE_LIMIT_S,
    ).run(ranking.entries)
    told_at = 0.0
    while True:
        try:
            event = next(features)
        except StopIteration as end:
            found: Features = end.value
            return found
        if isinstance(event, Progressed):
            if time.monotonic() - told_at > _TELL_EVERY_S:
                told_at = time.monotonic()
                yield clock.now(event.done)
        elif not isinstance(event, PhaseStarted):  # the phase of this job is the ranking
            yield event


def _speed(ranking: _Ranking, item: _Opened, network: Network) -> Generator[AnyEvent, None, float]:
    """Images a second of pixels that are in memory: the better of two times, after one that warms up; kept for all who ask."""
    size = item.source.preprocessing.input_size_px
    known = ranking.speeds.get((item.candidate.architecture, size))
    if known is not None:
        return known
    num = int(np.clip(_TIMING_S / item.candidate.forward_s, 1, ranking.device.feature_batch))
    pixels = np.random.default_rng(0).integers(0, 256, (num, size, size, 3)).astype(np.uint8)
    best = np.inf
    with network.as_judged():
        for turn in range(1 + _TIMINGS):
            started = time.perf_counter()
            yield from compute_obediently(network.features, ranking.device, pixels, ranking.job.gate)
            best = min(best, time.perf_counter() - started) if turn else best
    ranking.speeds[item.candidate.architecture, size] = float(num / best)
    timing = NetworkTiming(architecture=item.candidate.architecture, input_size_px=size, forward_s=float(best / num))
    holds_for = profiles.conditions(device_name=ranking.device.name, threads=ranking.device.threads)
    profiles.save_timing(Path(ranking.job.environment.cache_folder), holds_for, timing)
    return float(num / best)


def _judge(ranking: _Ranking, features: Features) -> Generator[AnyEvent, None, dict[str, tuple[float, ...]]]:
    """`balanced`, `plain` and `penalties` of a `NetworkRanked`."""
    numbers = np.array([entry.fold for entry in features.entries], np.int64)
    present, folds = np.unique(numbers, return_inverse=True)
    num_classes = len(ranking.manifest.classes)
    solving = answer_folds(features.values, features.targets, folds, num_classes=num_classes, penalties=HeadPart().penalties)
    with threadpool_limits(blas_threads(features.values.size), user_api="blas"):
        answers = yield from _obediently(ranking, solving)
    counts = [_count(features.targets[folds == fold], answers.predicted[folds == fold], num_classes) for fold in range(len(present))]
    return {
        "balanced": tuple(float(metrics.balanced_accuracy(count)) for count in counts),
        "plain": tuple(float(metrics.accuracy(count)) for count in counts),
        "penalties": answers.penalties,
    }


def _count(targets: NDArray[np.int64], predicted: NDArray[np.int64], num_classes: int) -> metrics.Counts:
    return metrics.count(metrics.confusion(targets, predicted, num_classes=num_classes))


def _obediently(ranking: _Ranking, solving: Generator[None, None, FoldAnswers]) -> Generator[AnyEvent, None, FoldAnswers]:
    said_at = time.monotonic()
    while True:
        yield from ranking.job.gate.obey()
        try:
            next(solving)
        except StopIteration as end:
            answers: FoldAnswers = end.value
            return answers
        if time.monotonic() - said_at > _SAY_EVERY_S:
            said_at = time.monotonic()
            yield StillWorking()


def _no_room(device: Device, candidate: Candidate) -> Message | None:
    """Why it does not fit in the memory that is free now; asked before the system ends the whole job for it."""
    free = torch.cuda.mem_get_info(device.torch_device)[0] if device.is_cuda else psutil.virtual_memory().available
    if candidate.memory_bytes <= free:
        return None
    text = "It needs about {needed} GB of memory; {free} GB are free."
    return message("rank.no_room", text, needed=gigabytes(candidate.memory_bytes), free=gigabytes(free))


def _passed(candidate: Candidate, reason: Message) -> NetworkPassed:
    return NetworkPassed(weights=candidate.weights, name=candidate.name, reason=reason)
