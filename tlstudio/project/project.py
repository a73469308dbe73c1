"""A project: the one object through which everything above reads and changes what is kept."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import RLock

from tlstudio.domain.commands import AnyCommand, Change
from tlstudio.domain.dataset import Dataset
from tlstudio.domain.runs import Run
from tlstudio.domain.samples import NewSample, Root, Sample
from tlstudio.domain.settings import ProjectSettings
from tlstudio.errors import TLStudioError
from tlstudio.log import logger
from tlstudio.messages import Message, message
from tlstudio.project import adding, backups, creating, edits, queries, recents
from tlstudio.project.archive import Archive
from tlstudio.project.draft_store import DraftStore
from tlstudio.project.folds import Folds
from tlstudio.project.lock import HolderKind
from tlstudio.project.look_alikes import LookAlikes
from tlstudio.project.opening import Opened, open_parts
from tlstudio.project.regions import Regions
from tlstudio.project.snapshots import Snapshot

log = logger(__name__)


class Project:
    """An open project. Thread-safe: one thread is in the database at a time.

    Every method may raise `TLStudioError` where the disk fails; those that change something also where the project is
    read-only, naming who may write it.
    """

    def __init__(self, opened: Opened) -> None:
        """From parts that `open_parts` put together; use `create` or `open`."""
        self.folder = opened.folder
        self.id = opened.info.id
        self.name = opened.info.name
        self.read_only_reason: Message | None = opened.reason
        self.writable = opened.reason is None
        self.notices: tuple[Message, ...] = tuple(opened.notices)
        """What should be said once: a restored database, a network drive."""
        self._database = opened.database
        self._opened = opened
        self._mutex = RLock()
        self._closed = False
        self._num_backed_up = self._database.changes()
        self._snapshot = Snapshot(opened.database, opened.folder)
        self.regions = Regions(opened.database, reading=self._mutex)
        self.archive = Archive(opened.database, reading=self._mutex)
        self.look_alikes = LookAlikes(opened.database, self._snapshot, reading=self._mutex, writing=self.writing)
        self.folds = Folds(opened.database, reading=self._mutex, writing=self.writing)
        self.draft_store = DraftStore(opened.database, reading=self._mutex, writing=self.writing)
        self._unsaved_runs: dict[int, Run] = {}
        self._unsaved_openings = 0
        self.undo_words: Message | None = edits.undo_words(self._database)
        self.redo_words: Message | None = edits.redo_words(self._database)

    @classmethod
    def create(cls, folder: Path, *, name: str | None = None, kind: HolderKind = "command") -> "Project":
        """Make `folder` a new, empty project and open it. Raises `TLStudioError` where something else is there."""
        creating.create(folder.absolute(), name=name or folder.absolute().name)
        return cls.open(folder, kind=kind)

    @classmethod
    def open(cls, path: Path, *, writable: bool = True, kind: HolderKind = "command") -> "Project":
        """Open a project's folder or its .tlstudio file; read-only, with a reason, where it cannot be written."""
        return cls(open_parts(path, writable=writable, kind=kind))

    def close(self) -> None:
        """Let go of the database and the lock; safe to call twice."""
        with self._mutex:
            if self._closed:
                return
            self._closed = True
            try:
                tidying: list[Callable[[], None]] = [lambda: recents.refresh(recents.card(self)), self._database.settle, self.back_up]
                for tidy in tidying:
                    try:
                        tidy()
                    except TLStudioError as error:
                        log.info("%s is closed with less tidying: %s", self.folder, error)
            finally:
                self._opened.let_go()

    def back_up(self) -> None:
        """Keep a copy of the database as it is now, where it has changed; for the end of an import."""
        with self._mutex:
            if self.writable and self._database.changes() > self._num_backed_up:
                self._num_backed_up = self._database.changes()
                backups.try_to_back_up(self._database, self.folder)

    def dataset(self) -> Dataset:
        """Everything known of the samples, as of now."""
        with self._mutex:
            return self._snapshot.get()

    def samples(self, ids: Sequence[int]) -> list[Sample]:
        """Those asked for, in the order asked."""
        with self._mutex:
            return queries.samples_by_id(self._database, ids)

    def apply(self, command: AnyCommand, *, undoable: bool = True) -> Change:
        """Do an edit; it is on the disk when this returns. `undoable=False` is for what an import does by itself."""
        with self.writing():
            change = edits.apply(self._database, command, undoable=undoable)
            self._snapshot.follow(change)
        return change

    def undo(self) -> Change | None:
        """Take back the last edit, also one from before a restart; None where there is none."""
        with self.writing():
            change = edits.undo(self._database)
            self._snapshot.follow(change)
        return change

    def redo(self) -> Change | None:
        """Do again what was undone last; None where there is nothing."""
        with self.writing():
            change = edits.redo(self._database)
            self._snapshot.follow(change)
        return change

    def add_root(self, path: Path, *, copied: bool) -> Root:
        """The place samples are relative to; the same one for the same path."""
        with self.writing():
            self._snapshot.follow_settings()
            return queries.add_root(self._database, self.folder, path, copied=copied)

    def add_samples(self, root: Root, new: Sequence[NewSample], *, given_splits: bool) -> Change:
        """Take found files in, classes made by name; a known path is updated. One transaction; not undoable.

        `given_splits`: the files' places say their split; it is kept as given.
        """
        with self.writing():
            change = adding.add_samples(self._database, root, new, given_splits=given_splits)
            self._snapshot.follow(change)
        return change

    def settings(self) -> ProjectSettings:
        """What the project remembers beside its data."""
        with self._mutex:
            return queries.settings(self._database)

    def set_settings(self, settings: ProjectSettings) -> None:
        """Replace the settings."""
        with self.writing():
            self._snapshot.follow_settings()
            queries.put_setting(self._database, "project", settings)

    def runs(self) -> list[Run]:
        """The run table, by number."""
        with self._mutex:
            stored = {run.number: run for run in queries.runs(self._database)}
            return [run for _, run in sorted({**stored, **self._unsaved_runs}.items())]

    def record_run(self, run: Run) -> None:
        """Store a run under its number. Who may only read keeps it in memory: the folder is the truth, and the writer finds it."""
        if not self.writable:
            self._unsaved_runs[run.number] = run
            return
        with self.writing():
            queries.put_run(self._database, run)

    def remove_run(self, number: int) -> None:
        """Forget a run whose folder is gone; its number may come again."""
        with self.writing():
            self._database.run("DELETE FROM runs WHERE number = ?", [number])

    def count_opening(self, *, run: int) -> int:
        """One more look at the test set; how many there were."""
        if not self.writable:
            self._unsaved_openings += 1
            return self.num_openings()
        with self.writing():
            queries.count_opening(self._database, run)
        return self.num_openings()

    def num_openings(self) -> int:
        """How often figures of the test set were looked at."""
        with self._mutex:
            return queries.num_openings(self._database) + self._unsaved_openings

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One transaction for all changes inside it, which are on the disk when it ends; the words of undo and redo follow it."""
        if not self.writable:
            raise read_only_error(self)
        with self._mutex:
            try:
                with self._database.transaction():
                    yield
            except BaseException:
                self._snapshot.forget()
                raise
            self.undo_words = edits.undo_words(self._database)
            self.redo_words = edits.redo_words(self._database)


def read_only_error(project: Project) -> TLStudioError:
    """Why a change is refused."""
    reason = project.read_only_reason
    return TLStudioError(
        message("project.read_only", "{name} is open for reading only.", name=project.name),
        message("project.read_only.hint", "{reason} Nothing was changed.", reason=reason or ""),
    )
