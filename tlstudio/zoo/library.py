"""The weights on this machine: one folder a set, whole or not there at all, and the starter that ships with the program."""

import os
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from tlstudio import files, paths
from tlstudio.domain.library import DamagedSet, LibraryState
from tlstudio.domain.networks import WeightsCard
from tlstudio.domain.progress import Progress, Report, Stop, ignore
from tlstudio.errors import TLStudioError
from tlstudio.log import logger
from tlstudio.messages import Message, message
from tlstudio.zoo.header import read_header
from tlstudio.zoo.shown import shown
from tlstudio.zoo.stored import hash_file, stored_chunks

log = logger(__name__)

TENSORS_FILE = "model.safetensors"
CARD_FILE = "card.json"
CARD_VERSION = 1
_LOCK_FILE = "library.lock"
_STAGING = ".staging-"
_FOLDER_DIGITS = 12
_LOCK_WAIT_S = 30.0
_SPARE_BYTES = 16_000_000
"""Left free on the disk, so that an import never takes the last room from a running job."""
STARTER_HINT = message("weights.starter.hint", "Install TL Studio again, or choose other weights. Projects and runs are not touched.")


class Library:
    """Sets of weights by hash. Reading needs no lock; importing and removing wait for each other, across processes."""

    def __init__(self, folder: Path | None = None, *, starter: Path | None = None) -> None:
        self.folder = folder or paths.weights_dir()
        self._starter = starter or paths.resources() / "starter"

    def cards(self) -> list[WeightsCard]:
        """All sets that can be used: the bundled starter first, then the newest import. Damaged ones are in `problems`."""
        found = [card for folder in self._folders() if (card := _read_own_card(folder)[0]) is not None]
        found.sort(key=lambda card: (card.added, card.hash), reverse=True)
        starter = self._bundled()
        return [starter, *(card for card in found if card.hash != starter.hash)] if starter else found

    def card(self, hash: str) -> WeightsCard:
        """The card of one set. Raises `TLStudioError` where it is not here."""
        for card in self.cards():
            if card.hash == hash:
                return card
        raise TLStudioError(
            message("weights.absent", "The weights {hash} are not on this computer.", hash=hash[:_FOLDER_DIGITS]),
            message("weights.absent.hint", "Import their file in Models, or choose other weights. Nothing was lost."),
        )

    def file_of(self, hash: str) -> Path:
        """The tensors of one set, proved by their hash. Raises `TLStudioError` where they are not here or damaged."""
        card = self.card(hash)
        file = (self._starter if card.bundled else self._folder_of(hash)) / TENSORS_FILE
        problem = _damage(file, card)
        if problem is not None:
            text = "Remove this set in Models and import its file again. Projects and runs are not touched."
            raise TLStudioError(problem, STARTER_HINT if card.bundled else message("weights.damaged.hint", text))
        return file

    def problems(self, *, verify: bool = False) -> list[Message]:
        """What is wrong with the starter and with sets that are here; `verify` reads every file and compares its hash."""
        return [item.problem for item in self.damaged(verify=verify)]

    def damaged(self, *, verify: bool = False, report: Report = ignore, stop: Stop | None = None) -> list[DamagedSet]:
        """The same, each with the folder it is in. Once it is asked to stop, the rest is judged by its size alone."""
        starter = self.starter_problem(verify=verify)
        found = [DamagedSet(folder="", problem=starter)] if starter is not None else []
        folders = self._folders()
        for number, folder in enumerate(folders, 1):
            deeply = verify and not (stop is not None and stop.is_set())
            card, problem = _read_own_card(folder)
            if card is not None and problem is None:
                problem = _damage(folder / TENSORS_FILE, card, by_size_only=not deeply)
            if problem is not None:
                found.append(DamagedSet(folder=folder.name, problem=problem))
            report(Progress(what=message("weights.checking", "Checking weights"), done=number, total=len(folders)))
        return found

    def state(self, *, verify: bool = False, report: Report = ignore, stop: Stop | None = None) -> LibraryState:
        """The library as a whole."""
        folders, damaged = self._folders(), self.damaged(verify=verify, report=report, stop=stop)
        return LibraryState(
            folder=str(self.folder),
            num_sets=len(folders) - sum(1 for item in damaged if item.folder),
            size_bytes=sum(_size(file) for folder in folders for file in folder.iterdir()),
            damaged=tuple(damaged),
        )

    def starter_problem(self, *, verify: bool = False) -> Message | None:
        """What is wrong with the starter, which is part of every installation; `STARTER_HINT` says what to do then."""
        if not (self._starter / CARD_FILE).is_file():
            return message("weights.starter.missing", "The starter weights that come with TL Studio are missing.")
        card = self._bundled()
        if card is None:
            return message("weights.starter.card", "The card of the starter weights that come with TL Studio cannot be read.")
        return _damage(self._starter / TENSORS_FILE, card, by_size_only=not verify)

    def add(self, card: WeightsCard, file: Path, *, prefix: str = "") -> WeightsCard:
        """Store the tensors of `file` (those under `prefix`) under `card`; a set that is already here stays as it is.

        Returns the card of what is here now. Raises `TLStudioError` as `take_in` does.
        """
        try:
            size = file.stat().st_size
        except OSError as error:
            raise _not_stored(file, error) from error
        return self.take_in(card, lambda: stored_chunks(file, read_header(file), prefix=prefix), origin=file, size_bytes=size)

    def take_in(
        self,
        card: WeightsCard,
        chunks: Callable[[], Iterable[bytes]],
        *,
        origin: Path,
        size_bytes: int,
        check: Callable[[Path], None] = lambda _tensors: None,
    ) -> WeightsCard:
        """Store a set whose tensors come in pieces from the file `origin`; one that is already here stays as it is.

        What was written is hashed and must be `card.hash`; then `check` may look at it and refuse it. Only then is it part of the
        library: whatever goes wrong, a full disk included, nothing half-written stays. Raises `TLStudioError`, and whatever
        `chunks` and `check` raise.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with self._alone():
                here = next((item for item in self.cards() if item.hash == card.hash), None)
                if here is not None:
                    return here
                self._refuse_full_disk(origin, size_bytes)
                return self._store(card, chunks(), origin, check)
        except OSError as error:
            raise _not_stored(origin, error) from error

    def remove(self, hash: str) -> None:
        """Take an imported set away. Raises `TLStudioError` for the starter, or where the system does not let go of the file."""
        if self.card(hash).bundled:
            raise TLStudioError(
                message("weights.bundled", "The starter comes with TL Studio and cannot be removed."),
                message("weights.bundled.hint", "Import other weights and choose those; the starter then stays out of the way."),
            )
        self._remove(self._folder_of(hash))

    def remove_damaged(self, folder: str) -> None:
        """Take away what is no sound set, by the folder's name. Raises `TLStudioError` where it is sound, or the system holds on to it."""
        if not any(item.folder == folder for item in self.damaged(verify=True) if item.folder):
            raise TLStudioError(
                message("weights.not_damaged", "Nothing damaged is in {folder} any more.", folder=folder),
                message("weights.not_damaged.hint", "Nothing was removed. Look at the list of weights again."),
            )
        self._remove(self.folder / folder)

    def _remove(self, folder: Path) -> None:
        try:
            with self._alone():
                gone = self.folder / f"{_STAGING}{folder.name}-removed"
                os.replace(folder, gone)
                shutil.rmtree(gone)
        except OSError as error:
            raise TLStudioError(
                message("weights.kept", "The weights could not be removed ({reason}).", reason=error.strerror or str(error)),
                message("weights.kept.hint", "They may be in use by a training: try again when it is over."),
            ) from error

    def _store(self, card: WeightsCard, chunks: Iterable[bytes], origin: Path, check: Callable[[Path], None]) -> WeightsCard:
        staging = self.folder / f"{_STAGING}{card.hash[:_FOLDER_DIGITS]}-{os.getpid()}"
        tensors = staging / TENSORS_FILE
        try:
            staging.mkdir(mode=0o700)
            with files.atomic_file(tensors) as out:
                for chunk in chunks:
                    out.write(chunk)
            stored = msgspec.structs.replace(
                card,
                bundled=False,
                size_bytes=tensors.stat().st_size,
                added=datetime.now(UTC).isoformat(timespec="milliseconds"),
            )
            if hash_file(tensors) != card.hash:
                raise _changed(origin)
            check(tensors)
            files.write_json(staging / CARD_FILE, stored)
            target = self._folder_of(card.hash)
            if target.exists():  # what a fault left there is no set, or `take_in` would have found it
                shutil.rmtree(target)
            os.replace(staging, target)
            files.sync_folder(self.folder)
            return stored
        finally:
            shutil.rmtree(staging, ignore_errors=True)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Only one process imports or removes at a time, so whatever lies in staging belongs to a dead one."""
        lock = files.FileLock(self.folder / _LOCK_FILE)
        deadline = time.monotonic() + _LOCK_WAIT_S
        while not lock.acquire():
            if time.monotonic() > deadline:
                raise TLStudioError(
                    message("weights.busy", "Another window or command is importing weights."),
                    message("weights.busy.hint", "Nothing was imported. Try again when it is done."),
                )
            time.sleep(0.05)
        try:
            for left in self.folder.glob(f"{_STAGING}*"):
                shutil.rmtree(left, ignore_errors=True)
            yield
        finally:
            lock.release()

    def _refuse_full_disk(self, file: Path, size_bytes: int) -> None:
        needed, free = size_bytes + _SPARE_BYTES, shutil.disk_usage(self.folder).free
        if free < needed:
            raise TLStudioError(
                message(
                    "weights.no_room",
                    "There is no room for {file}: it needs {needed} MB, {free} MB are free.",
                    file=shown(file),
                    needed=needed // 1_000_000,
                    free=free // 1_000_000,
                ),
                message("weights.no_room.hint", "Nothing was imported. Make room on the disk of {folder}.", folder=str(self.folder)),
            )

    def _bundled(self) -> WeightsCard | None:
        if not (self._starter / CARD_FILE).is_file():
            return None
        card = _read_card(self._starter)[0]
        return msgspec.structs.replace(card, bundled=True) if card else None

    def _folders(self) -> list[Path]:
        if not self.folder.is_dir():
            return []
        return sorted(item for item in self.folder.iterdir() if item.is_dir() and not item.name.startswith("."))

    def _folder_of(self, hash: str) -> Path:
        return self.folder / hash[:_FOLDER_DIGITS]


def _read_card(folder: Path) -> tuple[WeightsCard | None, Message | None]:
    """The card, or why there is none."""
    try:
        card = msgspec.json.decode((folder / CARD_FILE).read_bytes(), type=WeightsCard)
    except (OSError, msgspec.DecodeError) as error:
        log.info("weights %s have no readable card: %s", folder.name, error)
        return None, message(
            "weights.card.bad", "The weights in {folder} have no readable card; import their file again.", folder=folder.name
        )
    if card.version > CARD_VERSION:
        text = "The weights {name} were stored by a newer version of TL Studio and are not used by this one."
        return None, message("weights.card.newer", text, name=card.name)
    return card, None


def _read_own_card(folder: Path) -> tuple[WeightsCard | None, Message | None]:
    """The card of an imported set, which must lie in the folder of its hash."""
    card, problem = _read_card(folder)
    if card is not None and card.hash[:_FOLDER_DIGITS] != folder.name:
        text = "The weights in {folder} are those of another folder; remove it and import their file again."
        return None, message("weights.card.moved", text, folder=folder.name)
    return card, problem


def _damage(file: Path, card: WeightsCard, *, by_size_only: bool = False) -> Message | None:
    """What is wrong with the file of a set; None where it is what was imported."""
    try:
        size = file.stat().st_size
        is_sound = (not card.size_bytes or size == card.size_bytes) and (by_size_only or hash_file(file) == card.hash)
    except OSError as error:
        text = "The file of the weights {name} cannot be read ({reason})."
        return message("weights.damaged.unreadable", text, name=card.name, reason=error.strerror or str(error))
    if is_sound:
        return None
    if card.bundled:
        return message(
            "weights.starter.damaged", "The weights {name} are damaged: their file is not the one that was shipped.", name=card.name
        )
    return message("weights.damaged", "The weights {name} are damaged: their file is not the one that was imported.", name=card.name)


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:  # it is being removed at this moment
        return 0


def _changed(file: Path) -> TLStudioError:
    return TLStudioError(
        message("weights.moved", "{file} changed while it was imported.", file=shown(file)),
        message("weights.moved.hint", "Nothing was imported. Wait until it is copied or downloaded, then import it again."),
    )


def _not_stored(file: Path, error: OSError) -> TLStudioError:
    return TLStudioError(
        message("weights.not_stored", "{file} could not be stored ({reason}).", file=shown(file), reason=error.strerror or str(error)),
        message(
            "weights.not_stored.hint", "Nothing was imported and nothing half-written stays. Check the room on the disk and its rights."
        ),
    )
