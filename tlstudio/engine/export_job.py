"""An export from its order to its ending: write the file, compare it with the program image by image, only then hand it over."""

import importlib
import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Protocol

import msgspec
import numpy as np
import torch
from blake3 import blake3
from numpy.typing import NDArray

from tlstudio import files
from tlstudio.domain.events import AnyEvent, Compared, FileSaved, Finished, PhaseStarted, Progressed
from tlstudio.domain.exporters import EXPORTERS
from tlstudio.domain.jobs import JOB_FILE, TrainJob
from tlstudio.domain.manifest import ManifestEntry
from tlstudio.domain.model_card import ModelCard
from tlstudio.domain.splits import Split
from tlstudio.engine import checkpoint
from tlstudio.engine.data.reading import Ahead, Pixels, Reader, Skipped
from tlstudio.engine.device import choose, settle
from tlstudio.engine.job import Job, read_manifest
from tlstudio.engine.models.folding import judge_folded
from tlstudio.engine.models.network import Network
from tlstudio.errors import TLStudioError
from tlstudio.evaluation.comparison import TOLERANCE, Parity, compare_probabilities
from tlstudio.messages import message

_SILENCE_LIMIT_S = 600.0
_BATCH = 16


class Exporter(Protocol):
    """A row of EXPORTERS leads to a module with these two functions."""

    def write(self, network: Network, card: ModelCard, file: Path) -> None: ...

    def load(self, file: Path, *, threads: int) -> Callable[[NDArray[np.uint8]], NDArray[np.float32]]: ...


def run(job: Job) -> Iterator[AnyEvent]:
    """All events of the job, its ending last. Raises `TLStudioError`; nothing is handed over then."""
    yield PhaseStarted(phase="load", total=None, silence_limit_s=_SILENCE_LIMIT_S)
    device = choose("cpu", threads=job.environment.threads)
    settle(device)
    run_folder = job.file_in_project(job.spec.run)
    network, card = checkpoint.open_run(run_folder)
    exporter: Exporter = importlib.import_module(EXPORTERS[job.spec.format].exporter)
    written = job.folder / f"model{EXPORTERS[job.spec.format].suffix}"
    try:
        yield from job.gate.obey()
        yield PhaseStarted(phase="export", total=None, silence_limit_s=_SILENCE_LIMIT_S)
        exporter.write(network, card, written)
        # Only now: what is written is the network itself.
        judge_folded(network, size_px=card.preprocessing.input_size_px, rule=card.judged_rule)
        comparison = _Comparison(job=job, run_folder=run_folder, network=network, card=card, exporter=exporter, threads=device.threads)
        yield from comparison.events(written)
        yield from _hand_over(written, card, Path(job.environment.outputs[job.spec.output]), job.spec.output)
    finally:
        written.unlink(missing_ok=True)
    yield Finished()


@dataclass(frozen=True, kw_only=True)
class _Comparison:
    job: Job
    run_folder: Path
    network: Network
    card: ModelCard
    exporter: Exporter
    threads: int

    def events(self, file: Path) -> Iterator[AnyEvent]:
        """Compare on every image that judges. Raises `TLStudioError` where the two do not agree."""
        split, entries = self._judging()
        skipped = Skipped(num_entries=len(entries))
        yield PhaseStarted(phase="compare", total=len(entries), silence_limit_s=_SILENCE_LIMIT_S)
        exported = self.exporter.load(file, threads=self.threads)
        samples: list[int] = []
        ours: list[NDArray[np.float32]] = []
        theirs: list[NDArray[np.float32]] = []
        ours_s = theirs_s = 0.0
        for done, read, images in self._batches(entries, skipped):
            yield from self.job.gate.obey()
            yield from skipped.news()
            if read:
                began = time.monotonic()
                ours.append(self._probabilities(images))
                between = time.monotonic()
                theirs.append(exported(images))
                ours_s, theirs_s = ours_s + between - began, theirs_s + time.monotonic() - between
                samples += read
            yield Progressed(done=done)
        parity = _parity(ours, theirs)
        yield Compared(
            split=split,
            num_images=parity.num_images,
            num_same=parity.num_same,
            max_difference=parity.max_difference,
            near_ties=tuple(samples[row] for row in parity.near_ties),
            speed_ratio=ours_s / theirs_s if theirs_s else None,
        )
        if not parity.holds:
            raise _differs(parity)

    def _judging(self) -> tuple[Split, Sequence[ManifestEntry]]:
        """The test images of the run, or those of validation where it has none."""
        order = msgspec.json.decode((self.run_folder / JOB_FILE).read_bytes(), type=TrainJob)
        manifest = read_manifest(self.run_folder, expected_hash=order.manifest_hash)
        split = Split.TEST if manifest.of(Split.TEST) else Split.VAL
        return split, manifest.of(split)

    def _batches(self, entries: Sequence[ManifestEntry], skipped: Skipped) -> Iterator[tuple[int, list[int], Pixels]]:
        """How many images were looked at, then sample ids and canonical pixels uint8[n, S, S, 3] of those that can be read."""
        reader = Reader(roots=self.job.environment.roots, intensity=self.card.intensity)

        def read(entry: ManifestEntry) -> Pixels:
            return reader.pixels(entry, self.card.preprocessing)

        with Ahead(entries, read, threads=self.threads, ahead=2 * _BATCH) as ahead:
            results = iter(ahead)
            done = 0
            while batch := list(islice(results, _BATCH)):
                done += len(batch)
                samples, pixels = [], []
                for entry, future in batch:
                    try:
                        pixels.append(future.result())
                        samples.append(entry.sample)
                    except TLStudioError as error:
                        skipped.add(entry, error)
                yield done, samples, np.stack(pixels) if pixels else np.empty((0, 0, 0, 3), np.uint8)

    def _probabilities(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        with torch.inference_mode(), self.network.as_judged():
            return torch.softmax(self.network.judge(self.network.features(torch.from_numpy(images))), dim=1).numpy()


def _parity(ours: list[NDArray[np.float32]], theirs: list[NDArray[np.float32]]) -> Parity:
    if not ours:
        raise TLStudioError(
            message("export.nothing_to_compare", "There is no image left to compare the export with."),
            message("export.nothing_to_compare.hint", "Nothing was handed over. Connect the drive the images are on, then export again."),
        )
    return compare_probabilities(np.concatenate(ours), np.concatenate(theirs), tolerance=TOLERANCE)


def _differs(parity: Parity) -> TLStudioError:
    text = "The exported file does not give the program's answers: {same} of {total} images agree, probabilities differ by up to {most}."
    return TLStudioError(
        message("export.differs", text, same=parity.num_same, total=parity.num_images, most=f"{parity.max_difference:.2g}"),
        message("export.differs.hint", "It was not handed over. The run itself is safe; please report this network to us."),
    )


def _hand_over(written: Path, card: ModelCard, output: Path, name: str) -> Iterator[AnyEvent]:
    """Both or neither: a model of before keeps its own card where anything fails."""
    try:
        data = written.read_bytes()
        _put(data, card, output)
    except OSError as error:
        raise TLStudioError(
            message("export.not_written", "{file} could not be written: {reason}.", file=output.name, reason=error.strerror or str(error)),
            message("export.not_written.hint", "Nothing of it is left there. Free some space or choose another place, then export again."),
        ) from error
    yield FileSaved(output=name, num_bytes=os.path.getsize(output), hash=blake3(data).hexdigest())


def _put(data: bytes, card: ModelCard, output: Path) -> None:
    """The whole model waits beside its place while its card is written, so that it is never there without it. Raises `OSError`."""
    beside = output.with_name(output.name + ".json")
    before = beside.read_bytes() if beside.is_file() else None
    try:
        with files.atomic_file(output) as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
            files.write_json(beside, card)
    except OSError:
        _put_back(beside, before)
        raise


def _put_back(file: Path, before: bytes | None) -> None:
    if before is None:
        file.unlink(missing_ok=True)
    elif file.read_bytes() != before:
        files.write_bytes(file, before)
