"""The exact path over labelled images: what validation and the final predictions of a fine-tuned network are made with."""

import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass

import numpy as np

from tlstudio.domain.events import AnyEvent, Progressed, StillWorking
from tlstudio.domain.manifest import ManifestEntry
from tlstudio.engine.data.features import Features, compute_obediently
from tlstudio.engine.data.pixel_cache import PixelCache
from tlstudio.engine.data.reading import Ahead, Pixels, Skipped
from tlstudio.engine.device import Device
from tlstudio.engine.gate import Gate
from tlstudio.engine.models.network import Network
from tlstudio.errors import TLStudioError

_SAY_EVERY_S = 5.0


@dataclass(frozen=True, kw_only=True, eq=False)
class Exam:
    """Computes exact features with a network that may change between two sittings."""

    network: Network
    device: Device
    pixels: PixelCache
    skipped: Skipped
    gate: Gate

    def sit(self, entries: Sequence[ManifestEntry], *, tells: bool = False) -> Generator[AnyEvent, None, Features]:
        """Features of those `entries` that can be read; `tells` reports progress.

        Says every few seconds that it is at work, because nobody waits for a job that says nothing.
        """
        started = said_at = time.monotonic()
        size = self.device.feature_batch
        kept: list[ManifestEntry] = []
        values = [np.empty((0, self.network.num_features), np.float32)]
        with Ahead(entries, self._read, threads=self.device.threads, ahead=2 * size) as ahead:
            read = iter(ahead)
            for start in range(0, len(entries), size):
                pixels = []
                for entry in entries[start : start + size]:
                    result = next(read)[1].result()
                    if isinstance(result, TLStudioError):
                        self.skipped.add(entry, result)
                    else:
                        kept.append(entry)
                        pixels.append(result)
                    if time.monotonic() - said_at > _SAY_EVERY_S:
                        said_at = time.monotonic()
                        yield StillWorking()
                if pixels:
                    values.append((yield from compute_obediently(self.network, self.device, np.stack(pixels), self.gate)))
                if tells:
                    yield Progressed(done=start + len(pixels))
        self.pixels.flush()
        yield from self.skipped.news()
        return Features(entries=tuple(kept), values=np.concatenate(values), num_cached=0, seconds=time.monotonic() - started)

    def _read(self, entry: ManifestEntry) -> Pixels | TLStudioError:
        try:
            return self.pixels.get(entry)
        except TLStudioError as error:
            return error
