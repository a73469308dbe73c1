"""Batches that begin behind the frozen stages: activations of a few views an image, which take turns from epoch to epoch."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tlstudio.domain.manifest import ManifestEntry
from tlstudio.domain.prefix import view_of
from tlstudio.engine.data.activations import Values
from tlstudio.engine.data.away import ImagesAway
from tlstudio.engine.data.features import compute
from tlstudio.engine.data.loader import Batch, Loader
from tlstudio.engine.data.reading import Ahead, Pixels
from tlstudio.engine.device import Device
from tlstudio.engine.frozen import Frozen, key_of_view
from tlstudio.engine.models.network import Network
from tlstudio.errors import TLStudioError


@dataclass(frozen=True, eq=False)
class Known:
    """Activations that need not be computed."""

    values: Values


Read = Known | Pixels | TLStudioError
"""Of a view: its activations, else its pixels, else why there are none."""


@dataclass(frozen=True, kw_only=True, eq=False)
class CutLoader:
    """Stands in for `loader` where the frozen part of the network is run once for each view.

    Activations that are not known are computed in the batch in which their view was trained on first, all of it, whichever of them are
    missing. So an interruption, a damaged record or a cache that was taken away change no bit.
    """

    loader: Loader
    frozen: Frozen
    device: Device
    freezing: Callable[[], AbstractContextManager[None]]
    """Within this the frozen part makes training views."""

    @property
    def num_batches(self) -> int:
        """In an epoch."""
        return self.loader.num_batches

    def batches(self, epoch: int, *, start: int = 0) -> Iterator[Batch]:
        """The batches of `epoch` from number `start` on."""
        if self.frozen.views.has_failed and epoch >= self.frozen.num_views:
            yield from self.loader.batches(epoch, start=start)
            return
        view = view_of(epoch, self.frozen.num_views)
        parts = self.loader.own_parts(epoch)[start:]
        rows = (int(row) for part in parts for row in part)
        ahead = 2 * self.loader.batch_size
        with Ahead(rows, lambda row: self._read(row, view), threads=self.loader.threads, ahead=ahead) as read_ahead:
            read = iter(read_ahead)
            for part in parts:
                yield self._batch([next(read) for _row in part], view)
        self.loader.pixels.flush()

    def compute(self, view: int, missing: set[int], pixels: dict[int, Pixels]) -> dict[int, Values]:
        """Activations of the rows `missing`, and of those that are computed with them; `pixels` are views that are made already."""
        found: dict[int, Values] = {}
        for rows in self._together(view, missing):
            made = {row: pixels[row] if row in pixels else self._view(row, view) for row in rows}
            for item in made.values():
                if isinstance(item, ImagesAway):
                    raise item  # what is computed together has to be whole
            readable = {row: item for row, item in made.items() if not isinstance(item, TLStudioError)}
            keys = [key_of_view(self.loader.entries[row], view) for row in readable]
            with self.freezing():
                values = compute(self.frozen.split.before, self.device, np.stack(list(readable.values())))
            found.update(zip(readable, self.frozen.views.put(keys, values), strict=True))
        return found

    def _together(self, view: int, missing: set[int]) -> list[list[int]]:
        """The rows `missing` with those that are computed with them, always the same; alone where each epoch has other batches."""
        if self.loader.is_sampled:
            return [[row] for row in sorted(missing)]
        parts = ([int(row) for row in part] for part in self.loader.shares(view))
        return [rows for rows in parts if not missing.isdisjoint(rows)]

    def _batch(self, read: Sequence[tuple[int, "Future[Read]"]], view: int) -> "CutBatch":
        known: dict[int, Values] = {}
        pixels: dict[int, Pixels] = {}
        rows = []
        for row, future in read:
            result = future.result()
            if isinstance(result, TLStudioError):
                self.loader.skipped.add(self.loader.entries[row], result)
                continue
            rows.append(row)
            if isinstance(result, Known):
                known[row] = result.values
            else:
                pixels[row] = result
        return CutBatch(loader=self, view=view, rows=rows, known=known, pixels=pixels)

    def _read(self, row: int, view: int) -> Read:
        known = self.frozen.views.get(key_of_view(self.loader.entries[row], view))
        return Known(known) if known is not None else self._view(row, view)

    def _view(self, row: int, view: int) -> Pixels | TLStudioError:
        return self.loader.view(self.loader.entries[row], view)


@dataclass(frozen=True, kw_only=True, eq=False)
class CutBatch:
    """A `Batch` whose images may still have to pass the frozen stages."""

    loader: CutLoader
    view: int
    rows: list[int]
    known: dict[int, Values]
    pixels: dict[int, Pixels] = field(default_factory=dict)

    @property
    def targets(self) -> Tensor:
        """i64[N]."""
        entries: Sequence[ManifestEntry] = self.loader.loader.entries
        return torch.tensor([entries[row].label for row in self.rows], dtype=torch.int64)

    def inputs(self) -> Tensor:
        """f32[N, *shape]. Raises `Interrupted`, then nothing is lost: the next call goes on."""
        missing = set(self.rows) - set(self.known)
        if missing:
            self.known.update(self.loader.compute(self.view, missing, self.pixels))
            self.pixels.clear()
        values: list[NDArray[np.floating]] = [self.known[row] for row in self.rows]
        stacked = np.stack(values) if values else np.empty((0, *self.loader.frozen.split.shape), np.float32)
        return torch.from_numpy(stacked).float()

    def logits(self, network: Network, inputs: Tensor) -> Tensor:
        """f32[N, K] of activations on the network's device."""
        return network.judge(self.loader.frozen.split.after(inputs))
