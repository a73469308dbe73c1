"""A weight pack that somebody brings: what is in it, and its sets into the library, each whole or not at all."""

import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from tlstudio.domain.networks import WeightsCard
from tlstudio.domain.packs import Installed, PackContents, PackedSet, PackItem, RefusedSet, SetState
from tlstudio.domain.progress import Progress, Report, Stop, ignore
from tlstudio.errors import TLStudioError
from tlstudio.messages import Message, message
from tlstudio.zoo import catalogue
from tlstudio.zoo.library import Library
from tlstudio.zoo.pack_checks import card_problem, refuse_unusable
from tlstudio.zoo.pack_refusals import set_hint
from tlstudio.zoo.packs import Pack, open_pack


def look_into_pack(path: Path) -> PackContents:
    """What is in a pack and what of it is here; reads its list and its cards, not yet its tensors. Raises `TLStudioError`."""
    path = path.absolute()
    here = {card.hash for card in Library().cards()}
    with open_pack(path) as pack:
        items = tuple(_item(pack, packed, here) for packed in pack.sets)
    return PackContents(file=str(path), size_bytes=path.stat().st_size, items=items)


def install_pack(path: Path, *, report: Report = ignore, stop: Stop | None = None) -> Installed:
    """Take every set of a pack that is not here into the library; every hash is checked before a set becomes part of it.

    A set that is damaged or cannot be used is left out and named; the others are installed. Raises `TLStudioError` where the pack
    as a whole is refused; then nothing was installed.
    """
    path = path.absolute()
    installed: list[WeightsCard] = []
    were_here: list[WeightsCard] = []
    refused: list[RefusedSet] = []
    with open_pack(path) as pack:
        here = {card.hash for card in Library().cards()}
        items = [(packed, _item(pack, packed, here)) for packed in pack.sets]
        counted = _Counted(sum(item.card.size_bytes for _, item in items if item.state is SetState.NEW), report, stop)
        try:
            for packed, item in items:
                if item.problem is not None:
                    refused.append(_refused(item.card, item.problem, set_hint()))
                elif item.state is SetState.HERE:
                    were_here.append(item.card)
                else:
                    try:
                        installed.append(_install(pack, packed, counted))
                    except TLStudioError as error:
                        refused.append(_refused(item.card, error.title, error.hint))
        except _StoppedError:
            return Installed(installed=tuple(installed), were_here=tuple(were_here), refused=tuple(refused), was_stopped=True)
    return Installed(installed=tuple(installed), were_here=tuple(were_here), refused=tuple(refused))


def _item(pack: Pack, packed: PackedSet, here: set[str]) -> PackItem:
    problem = pack.problem(packed) or card_problem(packed.card, catalogue.load())
    if problem is not None:
        return PackItem(card=packed.card, state=SetState.REFUSED, problem=problem)
    return PackItem(card=packed.card, state=SetState.HERE if packed.card.hash in here else SetState.NEW)


def _install(pack: Pack, packed: PackedSet, counted: "_Counted") -> WeightsCard:
    card = packed.card
    check = partial(refuse_unusable, card, catalogue=catalogue.load())
    return Library().take_in(
        card, lambda: counted.over(pack.chunks(packed), card.name), origin=pack.path, size_bytes=card.size_bytes, check=check
    )


def _refused(card: WeightsCard, title: Message, hint: Message) -> RefusedSet:
    return RefusedSet(name=card.name, title=title, hint=hint)


class _StoppedError(Exception):
    """Leaves the set that is being copied, so that it is taken away."""


class _Counted:
    """Bytes of all sets that are installed, told as they come."""

    def __init__(self, total: int, report: Report, stop: Stop | None) -> None:
        self._total = total
        self._report = report
        self._stop = stop
        self._done = 0
        self._began = time.monotonic()

    def over(self, chunks: Iterator[bytes], name: str) -> Iterator[bytes]:
        """The same pieces. Raises `_StoppedError`."""
        what = message("packs.installing", "Installing {name}", name=name)
        for chunk in chunks:
            if self._stop is not None and self._stop.is_set():
                raise _StoppedError
            yield chunk
            self._done += len(chunk)
            per_second = self._done / max(time.monotonic() - self._began, 1e-6)
            self._report(Progress(what=what, done=self._done, total=self._total, per_second=per_second, in_bytes=True))
