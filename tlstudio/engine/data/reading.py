"""From a manifest's entries to fitted pixels, several files at a time, in order."""

import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, TypeVar

import numpy as np
from blake3 import blake3
from numpy.typing import NDArray

from tlstudio.datasets.decode import decode_image, read_file
from tlstudio.datasets.fit import fit
from tlstudio.datasets.plain_jpeg import plain_jpeg
from tlstudio.domain.events import AnyEvent, Warned
from tlstudio.domain.intensity import IntensityRule
from tlstudio.domain.manifest import ManifestEntry
from tlstudio.domain.networks import Preprocessing
from tlstudio.domain.recipe import ViewRule
from tlstudio.engine.data.away import ImagesAway, folder_away, is_reachable
from tlstudio.engine.data.fast_views import fast_fit
from tlstudio.engine.gate import Gate
from tlstudio.errors import TLStudioError
from tlstudio.messages import Message, message

Pixels = NDArray[np.uint8]
Item = TypeVar("Item")
Result = TypeVar("Result")

NO_ROOT = "image.no_root"
_TRY_AGAIN_S = (0.05, 0.2)
_MOST_SKIPPED = 0.20
_NUM_LOOKED_AT = 8
_STOPPED = "Reading stopped when {number} of the {total} images had turned out to be unusable, the first because: {why}"
"""Nobody has looked at the others: the number says where it stopped and not how many are gone."""


@dataclass(frozen=True, kw_only=True)
class Reader:
    """Reads the images of one manifest on this machine."""

    roots: dict[str, str]
    intensity: IntensityRule

    def pixels(self, entry: ManifestEntry, preprocessing: Preprocessing, *, views: ViewRule | None = None) -> Pixels:
        """Fitted pixels uint8[S, S, 3] of exactly the content that the manifest names. Raises `TLStudioError`.

        `views`: the rule of the training views that are cut from them; a JPEG may then be decoded at a fraction of its size where the
        result still has more pixels than are kept. Without it they are exactly those that are judged.
        """
        data = self._content(entry)
        if blake3(data).hexdigest() != entry.content_hash:
            raise TLStudioError(
                message("image.changed", "{file} is another image now than when the data was imported.", file=entry.path),
                message("image.changed.hint", "Import the folder again to use the new one."),
            )
        at_least_px = preprocessing.input_size_px if views else None
        pixels = plain_jpeg(data, at_least_px=at_least_px)
        if pixels is None:
            pixels = decode_image(data, self.intensity, at_least_px=at_least_px).pixels
        return fast_fit(pixels, preprocessing) if views == 2 else fit(pixels, preprocessing)

    def is_there(self, entry: ManifestEntry) -> bool:
        """Whether the image can be read, and is the one that the manifest names."""
        try:
            return blake3(self._content(entry)).hexdigest() == entry.content_hash
        except TLStudioError:
            return False

    def _content(self, entry: ManifestEntry) -> bytes:
        """Patient with a file that somebody else holds for a moment. Raises `ImagesAway` where its whole folder cannot be reached."""
        file, root = self._file(entry), Path(self.roots[str(entry.root)])
        for pause_s in (*_TRY_AGAIN_S, None):
            try:
                return read_file(file)
            except TLStudioError as error:
                if isinstance(error.__cause__, OSError) and not is_reachable(root):
                    raise folder_away(root) from error
                if pause_s is None or not isinstance(error.__cause__, OSError) or isinstance(error.__cause__, FileNotFoundError):
                    raise
                time.sleep(pause_s)
        raise AssertionError

    def _file(self, entry: ManifestEntry) -> Path:
        root = self.roots.get(str(entry.root))
        if root is None:
            raise TLStudioError(
                message(NO_ROOT, "The folder that {file} belongs to is not known on this machine.", file=entry.path),
                message("image.no_root.hint", "Connect the drive or show where the folder is now."),
            )
        return Path(root) / entry.path


@dataclass(kw_only=True)
class Skipped:
    """The images that could not be used, each with its reason. With too many of them the run waits, or ends where none can come back."""

    num_entries: int
    reader: Reader | None = None
    """Looks whether they are back; without one too many end the run."""
    reasons: dict[int, Message] = field(default_factory=dict)
    _first: list[ManifestEntry] = field(default_factory=list)
    num_waits: int = 0
    """How often too many were away, and those counted until then came up for another try."""
    _num_told: int = 0

    def add(self, entry: ManifestEntry, error: TLStudioError) -> None:
        """Count one. Raises `ImagesAway` where it is away with its whole folder or is one too many, then they are counted anew.

        Raises `TLStudioError` where it is one too many and nothing can bring them back.
        """
        if isinstance(error, ImagesAway):
            raise error
        self.reasons[entry.sample] = error.title
        self._first = [*self._first, entry][:_NUM_LOOKED_AT]
        if len(self.reasons) <= max(1, _MOST_SKIPPED * self.num_entries):
            return
        first, stopped = self._first, message("images.gone", _STOPPED, **self._figures())
        self.reasons, self._first, self._num_told = {}, [], 0
        self.num_waits += 1
        if self.reader is not None and error.title.id != NO_ROOT:
            raise ImagesAway(stopped, are_back=lambda: self._is_any_there(first))
        hint = message("images.gone.hint", "Connect the drive they are on, or import the folder again. Labels and earlier runs are safe.")
        raise TLStudioError(stopped, hint)

    def hand_over(self) -> dict[int, Message]:
        """Those counted since the last time, each with its reason: for another process, which counts for all."""
        reasons, self.reasons = self.reasons, {}
        return reasons

    def are_back(self) -> bool:
        """Whether any of those handed over is there again; then none of them is asked for any more."""
        if self._first and not self._is_any_there(self._first):
            return False
        self._first = []
        return True

    def _is_any_there(self, entries: Sequence[ManifestEntry]) -> bool:
        return self.reader is not None and any(map(self.reader.is_there, entries))

    def obtained(
        self, entry: ManifestEntry, result: Pixels | TLStudioError, *, again: Callable[[ManifestEntry], Pixels | TLStudioError], gate: Gate
    ) -> Generator[AnyEvent, None, Pixels | None]:
        """The pixels of `entry`, None where they are left out and counted; where too many are away it waits.

        It is read `again` before it is given up: it may have been read ahead, in a time that was waited out since.
        """
        while isinstance(result, TLStudioError):
            result = again(entry)
            if not isinstance(result, TLStudioError):
                break
            try:
                self.add(entry, result)
                return None
            except ImagesAway as away:
                yield from away.wait(gate)
        return result

    def news(self) -> Iterator[Warned]:
        """What was not said yet."""
        if len(self.reasons) > self._num_told:
            self._num_told = len(self.reasons)
            text = "{number} of {total} images could not be used and were skipped, the first because: {why}"
            yield Warned(message=message("images.skipped", text, **self._figures()))

    def _figures(self) -> dict[str, str | int | float]:
        first = next(iter(self.reasons.values()))
        return {"number": len(self.reasons), "total": self.num_entries, "why": first.text()}


class Ahead(Generic[Item, Result]):
    """Results of `work` in the order of `items`, computed by a few threads that stay a little ahead; a context manager.

    Without threads each is computed where it is asked for.
    """

    def __init__(self, items: Iterable[Item], work: Callable[[Item], Result], *, threads: int, ahead: int) -> None:
        self._items = iter(items)
        self._work = work
        self._ahead = ahead if threads else 1
        self._pool = ThreadPoolExecutor(threads) if threads else None
        self._pending: deque[tuple[Item, Future[Result]]] = deque()

    def __enter__(self) -> "Ahead[Item, Result]":
        return self

    def __exit__(self, *_error: object) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)

    def __iter__(self) -> Iterator[tuple[Item, Future[Result]]]:
        self._fill()
        while self._pending:
            item, future = self._pending.popleft()
            self._fill()
            yield item, future

    def _fill(self) -> None:
        while len(self._pending) < self._ahead:
            try:
                item = next(self._items)
            except StopIteration:
                return
            self._pending.append((item, self._begun(item)))

    def _begun(self, item: Item) -> "Future[Result]":
        if self._pool is not None:
            return self._pool.submit(self._work, item)
        done: Future[Result] = Future()
        try:
            done.set_result(self._work(item))
        except Exception as error:
            done.set_exception(error)  # raised where the result is taken, as a pool does
        return done
