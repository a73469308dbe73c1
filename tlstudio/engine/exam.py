"""The exact path over labelled images: what validation and the final predictions of a fine-tuned network are made with."""

import time
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tlstudio.domain.events import AnyEvent, Progressed, StillWorking
from tlstudio.domain.manifest import ManifestEntry
from tlstudio.domain.splits import Split
from tlstudio.engine.data.features import Features, compute_obediently
from tlstudio.engine.data.pixel_cache import PixelCache
from tlstudio.engine.data.reading import Ahead, Pixels, Skipped
from tlstudio.engine.device import Device
from tlstudio.engine.frozen import Frozen, key_of_mirror_image
from tlstudio.engine.gate import Gate
from tlstudio.engine.models.network import Network
from tlstudio.errors import TLStudioError

_SAY_EVERY_S = 5.0

Part = Sequence[ManifestEntry]
"""Images that are computed together."""
Views = list[NDArray[np.generic]]
"""Their activations behind the frozen stages, by view; or their pixels, once, where nothing is kept."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Exam:
    """Computes exact features with a network that may change between two sittings."""

    network: Network
    device: Device
    pixels: PixelCache
    skipped: Skipped
    gate: Gate
    frozen: Frozen | None = None
    """The part of the network that never changes: what it makes of a validation image is kept in full precision, so no bit differs."""

    def sit(self, entries: Part, *, tells: bool = False) -> Generator[AnyEvent, None, Features]:
        """Features of those `entries` that can be read; `tells` reports progress.

        Says every few seconds that it is at work, because nobody waits for a job that says nothing.
        """
        started = time.monotonic()
        size = self.device.feature_batch
        groups = ([entry for entry in entries if entry.split is split] for split in Split)
        parts = [group[start : start + size] for group in groups for start in range(0, len(group), size)]
        found: dict[int, NDArray[np.float32]] = {}
        voice = _Voice()
        num_waits = None
        while num_waits != self.skipped.num_waits:  # what was left out before a wait may be back
            num_waits = self.skipped.num_waits
            # Whole parts: what is computed together is what it would have been without the wait.
            lacking = [part for part in parts if any(entry.sample not in found for entry in part)]
            with self.network.as_judged():
                yield from self._sit(lacking, found, voice, tells=tells)
        self.pixels.flush()
        yield from self.skipped.news()
        kept = tuple(entry for entry in entries if entry.sample in found)
        values = np.stack([found[entry.sample] for entry in kept]) if kept else np.empty((0, self.network.num_features), np.float32)
        return Features(entries=kept, values=values, num_cached=0, seconds=time.monotonic() - started)

    def _sit(self, parts: Sequence[Part], found: dict[int, NDArray[np.float32]], voice: "_Voice", *, tells: bool) -> Iterator[AnyEvent]:
        """Features f32[D] of the readable ones, by sample, into `found`."""
        known = [(part, self._is_known(part)) for part in parts]
        with Ahead((entry for part, is_known in known if not is_known for entry in part), self._read, **self._how()) as ahead:
            read = (future.result() for _entry, future in ahead)
            for part, is_known in known:
                stored: Views | None = self._stored(part) if is_known else None
                if stored is None:
                    part, stored = yield from self._compute(part, map(self._read, part) if is_known else read, voice)
                if part:
                    values = yield from self._finish(stored, is_cut=self._keeps(part))
                    found.update((entry.sample, row) for entry, row in zip(part, values, strict=True))
                yield from voice.say()
                if tells:
                    yield Progressed(done=len(found))

    def _how(self) -> dict[str, int]:
        return {"threads": self.device.num_readers, "ahead": 2 * self.device.feature_batch}

    def _keeps(self, part: Part) -> bool:
        """Whether activations of this `part`, all of one split, are kept: of test images, which are looked at once, they are not."""
        return self.frozen is not None and part[0].split is Split.VAL

    def _is_known(self, part: Part) -> bool:
        if self.frozen is None or not self._keeps(part):
            return False
        return all(self.frozen.judged.has(key) for keys in self._keys(part) for key in keys)

    def _keys(self, part: Part) -> list[list[str]]:
        """Of the activations, by view: the image as it is and, where that judges too, its mirror image."""
        keys = [[entry.content_hash for entry in part]]
        return [*keys, [key_of_mirror_image(entry) for entry in part]] if self.network.is_mirrored else keys

    def _stored(self, part: Part) -> Views | None:
        """Activations of all images of `part`, where all are there."""
        assert self.frozen is not None
        views: Views = []
        for keys in self._keys(part):
            found = [item for key in keys if (item := self.frozen.judged.get(key)) is not None]
            if len(found) < len(keys):
                return None
            views.append(np.stack(found).astype(np.float32, copy=False))
        return views

    def _compute(
        self, part: Part, read: Iterable[Pixels | TLStudioError], voice: "_Voice"
    ) -> Generator[AnyEvent, None, tuple[list[ManifestEntry], Views]]:
        """The readable ones, with their activations behind the frozen stages, or with their pixels where nothing is kept."""
        readable: list[ManifestEntry] = []
        pixels: list[Pixels] = []
        for entry, result in zip(part, read, strict=False):
            fitted = yield from self.skipped.obtained(entry, result, again=self._read, gate=self.gate)
            if fitted is not None:
                readable.append(entry)
                pixels.append(fitted)
            yield from voice.say()
        if not readable or self.frozen is None or not self._keeps(readable):
            return readable, [np.stack(pixels)] if pixels else []
        views: Views = []
        for keys in self._keys(readable):
            images = np.stack(pixels) if not views else np.ascontiguousarray(np.stack(pixels)[:, :, ::-1])
            values = yield from compute_obediently(self.frozen.split.before, self.device, images, self.gate)
            views.append(np.stack(self.frozen.judged.put(keys, values)))
        return readable, views

    def _finish(self, views: Views, *, is_cut: bool) -> Generator[AnyEvent, None, NDArray[np.float32]]:
        if self.frozen is None or not is_cut:
            return (yield from compute_obediently(self.network.features, self.device, views[0], self.gate))
        features = []
        for stored in views:
            features.append((yield from compute_obediently(self.frozen.split.after, self.device, stored, self.gate)))
        return features[0] if len(features) == 1 else (features[0] + features[1]) / np.float32(2)

    def _read(self, entry: ManifestEntry) -> Pixels | TLStudioError:
        try:
            return self.pixels.get(entry)
        except TLStudioError as error:
            return error


class _Voice:
    """Says now and then that the work goes on."""

    def __init__(self) -> None:
        self._said_at = time.monotonic()

    def say(self) -> Iterator[StillWorking]:
        """Where it is time to."""
        if time.monotonic() - self._said_at > _SAY_EVERY_S:
            self._said_at = time.monotonic()
            yield StillWorking()
