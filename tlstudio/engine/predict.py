"""The prediction job: a folder of images to a CSV file, a row for every image, also for those that cannot be read."""

import csv
import io
import shutil
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from blake3 import blake3

from tlstudio import files
from tlstudio.datasets.listing import IMAGE_SUFFIXES, Listing, list_folder
from tlstudio.domain.events import AnyEvent, FileSaved, Finished, PhaseStarted, Progressed, Stopped
from tlstudio.engine.gate import StopAsked
from tlstudio.engine.job import Job
from tlstudio.engine.predictor import Predicted, Predictor
from tlstudio.errors import TLStudioError
from tlstudio.messages import Message, message

_SILENCE_LIMIT_S = 180.0
_REPORT_EVERY_S = 0.1
_PARTIAL_FILE = "rows.csv"
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def run(job: Job) -> Iterator[AnyEvent]:
    """All events of one attempt, its ending last. Raises `TLStudioError`, `CancelAsked`, `TerminateAsked`."""
    yield PhaseStarted(phase="load", total=None, silence_limit_s=_SILENCE_LIMIT_S)
    source, output = Path(job.environment.roots[job.spec.source]), Path(job.environment.outputs[job.spec.output])
    partial = job.folder / _PARTIAL_FILE
    was_stopped = False
    with Predictor(job.file_in_project(job.spec.run), environment=job.environment) as predictor:
        rows = _Rows(listing=_list(source), source=source)
        yield PhaseStarted(phase="predict", total=rows.num_images, silence_limit_s=_SILENCE_LIMIT_S)
        with open(partial, "w", encoding="utf-8", errors="replace", newline="") as file:
            try:
                yield from _write(rows, predictor, file, job)
            except StopAsked:
                was_stopped = True
    yield _hand_over(partial, output, job.spec.output)
    yield Stopped() if was_stopped else Finished(num_failed=rows.num_failed)


@dataclass(kw_only=True)
class _Rows:
    """What gets a row: the images, and the files called like images that hold none."""

    listing: Listing
    source: Path
    num_failed: int = 0

    @property
    def num_images(self) -> int:
        return len(self.listing.images)

    def unreadable(self) -> list[tuple[str, Message]]:
        return [(item.path, item.reason) for item in self.listing.skipped if Path(item.path).suffix.lower() in IMAGE_SUFFIXES]


def _list(source: Path) -> Listing:
    try:
        listing = list_folder(source)
    except OSError as error:
        raise TLStudioError(
            message("predict.no_folder", "The folder {folder} cannot be read: {reason}.", folder=str(source), reason=error.strerror or ""),
            message("predict.no_folder.hint", "Check that it is there and that you may read it."),
        ) from error
    if not listing.images and not listing.skipped:
        raise TLStudioError(
            message("predict.empty", "There are no images in {folder}.", folder=str(source)),
            message("predict.empty.hint", "Choose a folder with images; folders inside it count too."),
        )
    return listing


def _write(rows: _Rows, predictor: Predictor, file: io.TextIOBase, job: Job) -> Iterator[AnyEvent]:
    table = csv.writer(file)
    names = predictor.card.class_names
    table.writerow(["path", "predicted", *(_guarded(name) for name in names), "reason"])
    for path, reason in rows.unreadable():
        rows.num_failed += 1
        table.writerow([_guarded(path), "", *([""] * len(names)), _guarded(reason.text())])
    paths = [rows.source.joinpath(*parts) for parts in rows.listing.images]
    started, reported = time.monotonic(), 0.0
    with closing(predictor.predict(paths)) as answers:
        for number, (parts, answer) in enumerate(zip(rows.listing.images, answers, strict=True), 1):
            rows.num_failed += answer.probabilities is None
            table.writerow(_row("/".join(parts), answer, names))
            now = time.monotonic()
            if now - reported > _REPORT_EVERY_S or number == len(paths):
                reported = now
                yield Progressed(done=number, per_second=number / max(1e-6, now - started))
                yield from job.gate.obey()


def _row(path: str, answer: Predicted, names: tuple[str, ...]) -> list[str]:
    if answer.probabilities is None:
        reason = answer.reason.text() if answer.reason is not None else ""
        return [_guarded(path), "", *([""] * len(names)), _guarded(reason)]
    predicted = names[int(answer.probabilities.argmax())]
    return [_guarded(path), _guarded(predicted), *(f"{value:.6f}" for value in answer.probabilities), ""]


def _guarded(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def _hand_over(partial: Path, output: Path, name: str) -> FileSaved:
    """Put the finished table where it was asked for, whole or not at all. Raises `TLStudioError` where that is not possible."""
    try:
        with files.atomic_file(output) as target, open(partial, "rb") as rows:
            shutil.copyfileobj(rows, target)
    except OSError as error:
        raise TLStudioError(
            message("predict.no_output", "{file} cannot be written: {reason}.", file=str(output), reason=error.strerror or str(error)),
            message("predict.no_output.hint", "The rows are kept in {partial}. Choose another place.", partial=str(partial)),
            details=str(error),
        ) from error
    hash = blake3(output.read_bytes()).hexdigest()
    size = output.stat().st_size
    partial.unlink(missing_ok=True)
    return FileSaved(output=name, num_bytes=size, hash=hash)
