"""Is the folder of a job whole? Its frozen files, its journal, and what the journal says was saved."""

from collections.abc import Generator, Iterator
from pathlib import Path, PurePosixPath

import msgspec
from blake3 import blake3

from tlstudio.domain import jobs
from tlstudio.domain.events import CheckpointSaved, PredictionsSaved
from tlstudio.domain.journal import JournalLine, decode_line
from tlstudio.domain.manifest import Manifest, manifest_hash
from tlstudio.domain.problems import Problem
from tlstudio.domain.recipe import decode_recipe
from tlstudio.domain.run_state import RunState, Status, apply
from tlstudio.files import FileLock
from tlstudio.messages import message

_jobs: msgspec.json.Decoder[jobs.AnyJob] = msgspec.json.Decoder(jobs.AnyJob)

_AGAIN = message("check.run.hint", "What was trained stays usable; train again where the result has to be proved.")
_EMPTY = message("check.unfinished.hint", "Nothing is lost. The folder is empty of results and may be deleted.")
_TORN = message("check.torn.hint", "A job was killed while it wrote its last line. That line is left out; nothing else is lost.")
_CUT = message("check.journal.hint", "Everything before that line is used. Copy the file back if there is a sound copy of it.")
_RETRAIN = message("check.checkpoint.hint", "Copy the file back if there is a sound copy of it, or train again with the same recipe.")


def job_problems(folder: Path, *, name: str) -> Iterator[Problem]:
    """What is wrong in one job's folder; `name` is that folder relative to the project."""
    job = yield from _frozen(folder, name)
    lines = yield from _journal(folder, name)
    if job is None or _is_at_work(folder):
        return
    yield from _saved_files(folder, name, lines)


def _frozen(folder: Path, name: str) -> Generator[Problem, None, jobs.AnyJob | None]:
    """The files a job starts with; gives the job where it can be read."""
    if not (folder / jobs.JOB_FILE).exists():
        title = message("check.run.unfinished", "Its order was never finished, so it never ran.")
        yield Problem(check="run", file=name, title=title, hint=_EMPTY, is_harmless=True)
        return None
    try:
        job = _jobs.decode((folder / jobs.JOB_FILE).read_bytes())
    except (OSError, msgspec.DecodeError) as error:
        yield _unreadable(name, jobs.JOB_FILE, error)
        return None
    if isinstance(job, jobs.TrainJob | jobs.CrossValidateJob):
        yield from _recipe(folder, name)
    if isinstance(job, jobs.TrainJob | jobs.CrossValidateJob | jobs.RankJob):
        yield from _manifest(folder, name, job.manifest_hash)
    return job


def _recipe(folder: Path, name: str) -> Iterator[Problem]:
    try:
        decode_recipe((folder / jobs.RECIPE_FILE).read_bytes())
    except (OSError, msgspec.DecodeError) as error:
        yield _unreadable(name, jobs.RECIPE_FILE, error)


def _manifest(folder: Path, name: str, expected_hash: str) -> Iterator[Problem]:
    try:
        data = (folder / jobs.MANIFEST_FILE).read_bytes()
        Manifest.decode(data)
    except (OSError, ValueError) as error:
        yield _unreadable(name, jobs.MANIFEST_FILE, error)
        return
    if manifest_hash(data) != expected_hash:
        title = message("check.run.manifest", "The list of images is not the one the run was started with.")
        yield Problem(check="run", file=f"{name}/{jobs.MANIFEST_FILE}", title=title, hint=_AGAIN)


def _journal(folder: Path, name: str) -> Generator[Problem, None, list[JournalLine]]:
    """Every line's checksum; gives the lines before the first bad one."""
    try:
        *whole, rest = (folder / jobs.JOURNAL_FILE).read_bytes().split(b"\n")
    except FileNotFoundError:
        return []
    except OSError as error:
        yield _unreadable(name, jobs.JOURNAL_FILE, error)
        return []
    lines: list[JournalLine] = []
    for number, data in enumerate(whole, 1):
        try:
            line = decode_line(data)
        except ValueError:
            title = message("check.journal", "Line {number} of {total} of its journal is damaged.", number=number, total=len(whole))
            yield Problem(check="run", file=f"{name}/{jobs.JOURNAL_FILE}", title=title, hint=_CUT)
            return lines
        if line is not None:
            lines.append(line)
    if rest and not _is_at_work(folder):
        title = message("check.torn", "The last line of its journal is torn.")
        yield Problem(check="run", file=f"{name}/{jobs.JOURNAL_FILE}", title=title, hint=_TORN, is_harmless=True)
    return lines


def _saved_files(folder: Path, name: str, lines: list[JournalLine]) -> Iterator[Problem]:
    """What the journal says was saved: the newest hash of each file that is there, and that what is needed is there."""
    state, hashes = RunState(), dict[str, str]()
    for line in lines:
        state = apply(state, line.event)
        if isinstance(line.event, CheckpointSaved | PredictionsSaved):
            hashes[line.event.file] = line.event.hash
    for file in sorted(_needed(folder, state)):
        if not (folder / file).is_file():
            title = message("check.saved.missing", "A file that the run saved is gone.")
            yield Problem(check="run", file=f"{name}/{file}", title=title, hint=_RETRAIN)
    for file, hash in sorted(hashes.items()):
        if (folder / file).is_file() and _hash_of(folder / file) != hash:
            title = message("check.saved.changed", "It is not what the run saved: cut short or changed.")
            yield Problem(check="run", file=f"{name}/{file}", title=title, hint=_RETRAIN)


def _needed(folder: Path, state: RunState) -> set[str]:
    """The files without which the run is worth less: what it is used with, or what it goes on from."""
    if state.status in (Status.CANCELLED, Status.FAILED):
        return set()
    needed = {state.predictions.file} if state.predictions else set()
    if state.summary is not None:
        return needed | _with_card(state.summary.checkpoint)
    saved = [item.file for item in state.checkpoints]
    # Older ones are taken away while it goes on; any one that is left will do.
    is_one_left = any((folder / file).is_file() for file in saved)
    return needed if is_one_left or not saved else needed | _with_card(saved[-1])


def _with_card(checkpoint: str) -> set[str]:
    """A checkpoint and the JSON beside it, without which its tensors mean nothing."""
    return {checkpoint, PurePosixPath(checkpoint).with_suffix(".json").as_posix()}


def _hash_of(path: Path) -> str:
    """blake3 of a file, hex, without reading it whole into memory; empty where it cannot be read."""
    digest = blake3()
    try:
        with open(path, "rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
    except OSError:
        return ""
    return digest.hexdigest()


def _is_at_work(folder: Path) -> bool:
    try:
        return FileLock(folder / jobs.LOCK_FILE).is_held_elsewhere()
    except OSError:
        return False


def _unreadable(name: str, file: str, error: Exception) -> Problem:
    title = message("check.run.unreadable", "It cannot be read: {error}", error=str(error))
    return Problem(check="run", file=f"{name}/{file}", title=title, hint=_AGAIN)
