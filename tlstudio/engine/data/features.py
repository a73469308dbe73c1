"""One pass of the frozen backbone over the images whose features are not known yet."""

import time
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tlstudio.domain.events import AnyEvent, PhaseStarted, Progressed
from tlstudio.domain.manifest import ManifestEntry
from tlstudio.domain.networks import Preprocessing
from tlstudio.domain.splits import Split
from tlstudio.engine import failures
from tlstudio.engine.data.feature_cache import FeatureCache
from tlstudio.engine.data.reading import Ahead, Pixels, Reader, Skipped
from tlstudio.engine.device import Device
from tlstudio.engine.gate import Gate
from tlstudio.engine.models.interruption import Interrupted
from tlstudio.engine.models.network import Network
from tlstudio.errors import TLStudioError

_REPORT_EVERY_S = 0.1


@dataclass(frozen=True, kw_only=True, eq=False)
class Features:
    """`values`: f32[N, D] of `entries`, in their order. `num_cached` of them were known before."""

    entries: tuple[ManifestEntry, ...]
    values: NDArray[np.float32]
    num_cached: int
    seconds: float

    def of(self, split: Split) -> "Features":
        """Those of one split."""
        rows = [row for row, entry in enumerate(self.entries) if entry.split is split]
        kept = tuple(self.entries[row] for row in rows)
        return Features(entries=kept, values=self.values[rows], num_cached=self.num_cached, seconds=self.seconds)

    @property
    def targets(self) -> NDArray[np.int64]:
        """i64[N]; -1 where an image has no class."""
        return np.array([-1 if entry.label is None else entry.label for entry in self.entries], np.int64)


@dataclass(frozen=True, kw_only=True)
class FeaturePass:
    """Everything the pass needs."""

    network: Network
    device: Device
    cache: FeatureCache
    reader: Reader
    preprocessing: Preprocessing
    skipped: Skipped
    gate: Gate
    silence_limit_s: float

    def run(self, entries: Sequence[ManifestEntry], *, phase: str = "features") -> Generator[AnyEvent, None, Features]:
        """Features of `entries`; the images that cannot be read are left out and counted.

        The images that are computed together depend on `entries` and on what was known, never on where an earlier attempt was
        interrupted: batches are the unknown ones of fixed slices. So a resumed run computes the same bits.
        """
        started = time.monotonic()
        paused_before = self.gate.paused_s
        found = {entry.sample: vector for entry in entries if (vector := self._known(entry)) is not None}
        num_cached = len(found)
        yield PhaseStarted(phase=phase, total=len(entries), silence_limit_s=self.silence_limit_s)
        yield Progressed(done=num_cached)
        size = self.device.feature_batch
        slices = [entries[start : start + size] for start in range(0, len(entries), size)]
        computed = False
        num_waits = None
        while num_waits != self.skipped.num_waits:  # what was left out before a wait may be back
            num_waits = self.skipped.num_waits
            batches = [batch for part in slices if (batch := [entry for entry in part if entry.sample not in found])]
            computed |= bool(batches)
            with self.network.as_judged():
                yield from self._compute(batches, found, started)
        kept = tuple(entry for entry in entries if entry.sample in found)
        values = np.stack([found[entry.sample] for entry in kept]) if kept else np.empty((0, self.network.num_features), np.float32)
        seconds = time.monotonic() - started - (self.gate.paused_s - paused_before)
        return Features(entries=kept, values=values, num_cached=num_cached, seconds=seconds if computed else 0.0)

    def _compute(self, batches: list[list[ManifestEntry]], found: dict[int, NDArray[np.float32]], started: float) -> Iterator[AnyEvent]:
        num_before, reported = len(found), 0.0
        everything = (entry for batch in batches for entry in batch)
        with Ahead(everything, self._read, threads=self.device.num_readers, ahead=2 * self.device.feature_batch) as ahead:
            pixels = iter(ahead)
            for batch in batches:
                readable = yield from self._gather([next(pixels) for _entry in batch])
                if readable:
                    found.update((yield from self._features(readable)))
                yield from self.skipped.news()
                now = time.monotonic()
                if now - reported > _REPORT_EVERY_S or batch is batches[-1]:
                    reported = now
                    yield Progressed(done=len(found), per_second=(len(found) - num_before) / max(1e-6, now - started))

    def _known(self, entry: ManifestEntry) -> NDArray[np.float32] | None:
        return self.cache.get(entry.content_hash, exact=_is_judged(entry))

    def _read(self, entry: ManifestEntry) -> Pixels | TLStudioError:
        try:
            return self.reader.pixels(entry, self.preprocessing)
        except TLStudioError as error:
            return error

    def _gather(
        self, read: list[tuple[ManifestEntry, "Future[Pixels | TLStudioError]"]]
    ) -> Generator[AnyEvent, None, list[tuple[ManifestEntry, Pixels]]]:
        readable = []
        for entry, future in read:
            pixels = yield from self.skipped.obtained(entry, future.result(), again=self._read, gate=self.gate)
            if pixels is not None:
                readable.append((entry, pixels))
        return readable

    def _features(self, readable: list[tuple[ManifestEntry, Pixels]]) -> Generator[AnyEvent, None, dict[int, NDArray[np.float32]]]:
        pixels = np.stack([item for _entry, item in readable])
        features = yield from compute_obediently(self.network.features, self.device, pixels, self.gate)
        entries = [entry for entry, _pixels in readable]
        exact = np.array([_is_judged(entry) for entry in entries])
        kept = self.cache.put([entry.content_hash for entry in entries], features, exact=exact)
        return {entry.sample: vector for entry, vector in zip(entries, kept, strict=True)}


def compute_obediently(
    function: Callable[[Tensor], Tensor], device: Device, given: NDArray[np.generic], gate: Gate
) -> Generator[AnyEvent, None, NDArray[np.float32]]:
    """As `compute`, for a network that is interruptible: what is asked in the middle is obeyed, then it begins again."""
    while True:
        yield from gate.obey()
        try:
            return compute(function, device, given)
        except Interrupted:
            continue


def compute_features(network: Network, device: Device, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """f32[N, D] of fitted pixels uint8[N, S, S, 3], as the network judges."""
    with network.as_judged():
        return compute(network.features, device, pixels)


def compute(function: Callable[[Tensor], Tensor], device: Device, given: NDArray[np.generic]) -> NDArray[np.float32]:
    """f32[N, …]: what a part of a network makes of `given` [N, …], without gradients.

    Halves the batch where memory does not suffice. Raises `MemoryError` where even a single image is too much.
    """
    try:
        with torch.inference_mode():
            return function(torch.from_numpy(given).to(device.torch_device)).float().cpu().numpy()
    except (RuntimeError, MemoryError) as error:
        if not failures.is_out_of_memory(error) or len(given) == 1:
            raise
    middle = len(given) // 2
    return np.concatenate([compute(function, device, half) for half in (given[:middle], given[middle:])])


def _is_judged(entry: ManifestEntry) -> bool:
    return entry.split is not Split.TRAIN or entry.fold is not None
