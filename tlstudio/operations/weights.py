"""Weights a person brings: look at a file, confirm what it is, keep it, use it, remove it."""

from collections.abc import Callable
from pathlib import Path

import msgspec

from tlstudio.domain.library import LibraryState
from tlstudio.domain.networks import Recognition, WeightsCard
from tlstudio.domain.progress import Report, Stop, ignore
from tlstudio.domain.recipe import NetworkPart
from tlstudio.errors import TLStudioError
from tlstudio.messages import message
from tlstudio.operations.converting import converted, forget_converted
from tlstudio.zoo import catalogue
from tlstudio.zoo.finite import refuse_not_finite
from tlstudio.zoo.header import read_header
from tlstudio.zoo.library import Library
from tlstudio.zoo.locate import locate
from tlstudio.zoo.recognise import recognise_located
from tlstudio.zoo.sets import WeightsSet, sets_in

RANDOM_ARCHITECTURE = "resnet10t"
"""What is trained where no weights are here at all: small and shallow, for the random features of deeper networks tell nothing apart."""


def list_weights() -> list[WeightsCard]:
    """The sets of weights on this computer: the bundled starter first, then the newest import."""
    return Library().cards()


def sets_at(path: Path, *, left_out: Callable[[Path, str], None] = lambda _path, _why: None) -> tuple[WeightsSet, ...]:
    """The sets of weights that a file or folder offers: one, or those in a cache or a folder of several that can be used.

    `left_out` is told of each of several that cannot, with the reason. Raises `TLStudioError` where there is none.
    """
    return sets_in(path, catalogue.load(), left_out=left_out)


def inspect_weights(path: Path, *, architecture: str | None = None, report: Report = ignore, stop: Stop | None = None) -> Recognition:
    """What a file of weights or a folder with one seems to be; nothing is stored in the library yet.

    A PyTorch checkpoint is converted by a process of its own first; `forget_inspected` takes that away again. `architecture` asks for
    one in particular. Raises `TLStudioError` where it is nothing that can be used.
    """
    located, note = locate(path), None
    if located.is_checkpoint:
        located, note = converted(located, report=report, stop=stop)
    try:
        found = recognise_located(located, catalogue.load(), architecture=architecture)
    except TLStudioError:
        if note is not None:
            forget_converted(located.file)
        raise
    here = any(card.hash == found.proposal.hash for card in list_weights())
    return msgspec.structs.replace(found, already_here=here, notes=(*((note,) if note else ()), *found.notes))


def forget_inspected(recognition: Recognition) -> None:
    """What was looked at is imported, or no longer wanted: takes away what was converted for it."""
    if recognition.origin != recognition.file:
        forget_converted(Path(recognition.file))


def import_weights(
    recognition: Recognition,
    *,
    architecture: str | None = None,
    licence: str | None = None,
    name: str | None = None,
) -> WeightsCard:
    """Keep what was recognised in the library, as another of its candidates where `architecture` says so.

    Every value of the file is checked to be a number. A set that is already here is returned as it is. Raises `TLStudioError`;
    then nothing was stored.
    """
    if architecture is not None and architecture != recognition.proposal.architecture:
        recognition = inspect_weights(Path(recognition.origin), architecture=architecture)
    file = Path(recognition.file)
    refuse_not_finite(file, read_header(file))
    card = recognition.proposal
    card = msgspec.structs.replace(
        card, licence=card.licence if licence is None else licence.strip(), name=(name or "").strip() or card.name
    )
    stored = Library().add(card, file, prefix=recognition.prefix)
    forget_inspected(recognition)
    return stored


def remove_weights(hash: str) -> None:
    """Take an imported set away; runs that were trained from it keep their own checkpoints. Raises `TLStudioError`."""
    Library().remove(hash)


def library_state(*, verify: bool = False, report: Report = ignore, stop: Stop | None = None) -> LibraryState:
    """Where weights are kept, how much they take, and what is damaged; `verify` reads every file and compares its hash."""
    return Library().state(verify=verify, report=report, stop=stop)


def remove_damaged(folder: str) -> None:
    """Take away what is damaged in that folder of the library. Raises `TLStudioError`."""
    Library().remove_damaged(folder)


def inspect_certain(path: Path, *, architecture: str | None = None, report: Report = ignore) -> Recognition:
    """As `inspect_weights`, of the one set in `path` that is one network beyond doubt, or `architecture`.

    Raises `TLStudioError` also where there are several sets or where it fits several networks.
    """
    sets = sets_at(path)
    if len(sets) > 1:
        names = ", ".join(str(item.path.relative_to(path)) for item in sets)
        raise TLStudioError(
            message("weights.several_sets", "{folder} holds {num} sets of weights: {names}.", folder=path.name, num=len(sets), names=names),
            message("weights.several_sets.hint", "Name the one you mean by its path."),
        )
    found = inspect_weights(sets[0].path, architecture=architecture, report=report)
    if architecture is None and not found.is_certain:
        forget_inspected(found)
        raise TLStudioError(
            message("weights.ambiguous", "{file} fits several networks: {found}.", file=path.name, found=", ".join(found.candidates)),
            message("weights.ambiguous.hint", "Say which it is with --network NAME."),
        )
    return found


def called(text: str) -> list[WeightsCard]:
    """The sets whose hash begins with `text`, or whose name or architecture it is; "starter" is the bundled one."""
    return [card for card in list_weights() if _is_called(card, text)]


def find_weights(text: str) -> WeightsCard:
    """The one set that `called` finds. Raises `TLStudioError` where it finds none or several."""
    fitting = called(text)
    if len(fitting) == 1:
        return fitting[0]
    hint = message("weights.which.hint", "`tlstudio weights list` shows the sets that are here, with their hashes.")
    if fitting:
        raise TLStudioError(message("weights.which", "{num} sets of weights are called {text}.", num=len(fitting), text=text), hint)
    raise TLStudioError(message("weights.unknown", "There are no weights called {text} on this computer.", text=text), hint)


def _is_called(card: WeightsCard, text: str) -> bool:
    names = {card.name.casefold(), card.architecture} | ({"starter"} if card.bundled else set())
    return text.casefold() in names or (len(text) >= 6 and card.hash.startswith(text))


def default_network() -> NetworkPart:
    """What a first training starts from: the bundled starter, else the newest import, else a small network with random weights."""
    for card in list_weights():
        return NetworkPart(architecture=card.architecture, weights=card.hash)
    return NetworkPart(architecture=RANDOM_ARCHITECTURE)
