"""What is seen in a project's images as images of their own: a new project of crops, whose groups are the images they were cut from."""

import math
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from tlstudio.datasets.decoder import DecoderPool
from tlstudio.datasets.inspection import Box, Inspected
from tlstudio.datasets.label_table import LabelRow, write_rows
from tlstudio.domain.dataset import Dataset
from tlstudio.domain.imports import ImportProblem
from tlstudio.domain.progress import Progress, Report, Stop, ignore
from tlstudio.domain.regions import Region
from tlstudio.domain.samples import Sample
from tlstudio.errors import TLStudioError
from tlstudio.messages import message
from tlstudio.operations import projects
from tlstudio.operations.importing import import_own
from tlstudio.operations.label_exports._placing import file_names, folder_name, put_text
from tlstudio.project import layout
from tlstudio.project.lock import HolderKind
from tlstudio.project.project import Project
from tlstudio.project.sweeping import UNPACKING

MARGIN = 0.1
MAX_MARGIN = 2.0
_AT_ONCE = 2000
"""Images that one set of decoder processes is told of; their boxes travel ahead of them."""

Regions = Mapping[int, tuple[Region, ...]]


class Crops(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it. `folder` is None where it was stopped: nothing is left then."""

    folder: Path | None
    num_crops: int = 0
    num_images: int = 0
    """From which they were cut."""
    num_without: int = 0
    """Ready images in which nothing is seen."""
    problems: tuple[ImportProblem, ...] = ()
    """Images that could not be cut, and why."""


def make_crops(
    project: Project,
    folder: Path,
    *,
    margin: float = MARGIN,
    report: Report = ignore,
    stop: Stop | None = None,
    kind: HolderKind = "command",
) -> Crops:
    """Make `folder` a new project of all boxes (those around outlines and masks, too) with their classes as labels.

    `margin` is added on each side, as a part of the box's width and height, up to the image's edge. Pixels are the canonical ones by
    the project's rule for brightness, stored as PNG. The group of a crop is that of its image, or the image; it keeps the split of
    its image where the data gave one to every image. Raises `TLStudioError`; nothing is left behind then.
    """
    if not 0 <= margin <= MAX_MARGIN:
        raise TLStudioError(
            message("crops.margin", "A margin of {margin} cannot be used.", margin=f"{margin:g}"),
            message("crops.margin.hint", "Nothing was made. Give a part of the box between 0 and {most}.", most=f"{MAX_MARGIN:g}"),
        )
    dataset, regions = project.dataset(), project.regions.of()
    samples = [sample for sample in dataset.ready if regions.get(sample.id)]
    if not samples:
        raise TLStudioError(
            message("crops.nothing", "Nothing is marked in the images of {name}.", name=project.name),
            message("crops.nothing.hint", "Nothing was made. Import boxes, outlines or masks first: COCO, Pascal VOC, YOLO or masks."),
        )
    made = projects.create_project(folder.absolute(), kind=kind)
    is_whole = False
    try:
        try:
            cutter = _Cutter(project, dataset, samples, regions, margin=margin, into=made.folder)
            is_whole = cutter.run(made, report, stop)
        finally:
            made.close()
    except OSError as error:
        raise _disk_failed(made.folder, error) from error
    finally:
        if not is_whole:
            shutil.rmtree(made.folder, ignore_errors=True)
            projects.forget_project(made.folder)
    if not is_whole:
        return Crops(folder=None)
    return Crops(
        folder=made.folder,
        num_crops=len(cutter.rows),
        num_images=len(samples) - len(cutter.problems),
        num_without=len(dataset.ready) - len(samples),
        problems=tuple(cutter.problems),
    )


class _Cutter:
    """One project of crops in the making."""

    def __init__(
        self, project: Project, dataset: Dataset, samples: Sequence[Sample], regions: Regions, *, margin: float, into: Path
    ) -> None:
        self.rows: list[LabelRow] = []
        self.problems: list[ImportProblem] = []
        self._rule = project.settings().intensity
        self._dataset = dataset
        self._samples = samples
        self._regions = regions
        self._margin = margin
        self._names = file_names(samples)
        self._keeps_splits = all(sample.split_given for sample in samples)
        self._work = into / layout.IMAGES / UNPACKING.replace("*", str(os.getpid()))
        self._folder = self._work / "crops"

    def run(self, made: Project, report: Report, stop: Stop | None) -> bool:
        """Cut, then import; False where it was stopped."""
        try:
            self._folder.mkdir(parents=True)
            num_done = 0
            for sample, inspected in self._inspected(stop):
                self._take(sample, inspected)
                num_done += 1
                report(Progress(what=message("crops.cutting", "Cutting out"), done=num_done, total=len(self._samples)))
            if num_done < len(self._samples):
                return False
            if not self.rows:
                raise self._all_failed()
            put_text(self._folder / "labels.csv", write_rows(self.rows))
            made.set_settings(msgspec.structs.replace(made.settings(), intensity=self._rule))
            return not import_own(made, self._folder, report=report, stop=stop).was_stopped
        finally:
            shutil.rmtree(self._work, ignore_errors=True)

    def _inspected(self, stop: Stop | None) -> Iterator[tuple[Sample, Inspected]]:
        for start in range(0, len(self._samples), _AT_ONCE):
            some = self._samples[start : start + _AT_ONCE]
            boxes = {self._dataset.file_of(sample): self._boxes(sample) for sample in some}
            with DecoderPool(self._rule, crops=boxes) as pool:
                files = (self._dataset.file_of(sample) for sample in some)
                yield from zip(some, pool.inspect(files, stop=stop), strict=False)

    def _boxes(self, sample: Sample) -> tuple[Box, ...]:
        return tuple(pixel_box(region, self._margin, sample.width_px, sample.height_px) for region in self._regions[sample.id])

    def _take(self, sample: Sample, inspected: Inspected) -> None:
        """Write the crops of one image."""
        reason = inspected.reason
        if reason is None and inspected.content_hash != sample.content_hash:
            reason = message("crops.changed", "The image has changed since it was imported; import it again, then cut.")
        if reason is not None:
            self.problems.append(ImportProblem(path=sample.path, reason=reason))
            return
        name = self._names[sample.id]
        for number, (region, png) in enumerate(zip(self._regions[sample.id], inspected.crops, strict=True), 1):
            path = f"{folder_name(region.class_name)}/{name.rpartition('.')[0] or name}_{number:03d}.png"
            (self._folder / path).parent.mkdir(exist_ok=True)
            (self._folder / path).write_bytes(png)
            split = str(sample.split) if self._keeps_splits and sample.split else ""
            self.rows.append(LabelRow(path=path, label=region.class_name, split=split, group=sample.group or name))

    def _all_failed(self) -> TLStudioError:
        return TLStudioError(
            message("crops.all_failed", "None of the images with boxes could be read."),
            message("crops.all_failed.hint", "Nothing was made. Check that the disk with the images is connected."),
            details="\n".join(f"{item.path}: {item.reason}" for item in self.problems[:100]),
        )


def pixel_box(region: Region, margin: float, width_px: int, height_px: int) -> Box:
    """x, y, width and height of the whole pixels that the box touches, with its margin, within the image; at least one pixel."""
    shape = region.shape
    left, right = _span(shape.x, shape.width, margin, width_px)
    top, bottom = _span(shape.y, shape.height, margin, height_px)
    return left, top, right - left, bottom - top


def _span(start: float, length: float, margin: float, limit: int) -> tuple[int, int]:
    first = min(max(0, math.floor(start - margin * length + _ROUNDING)), limit - 1)
    last = min(limit, math.ceil(start + length + margin * length - _ROUNDING))
    return first, max(last, first + 1)


_ROUNDING = 1e-6
"""A box written with few digits does not take in another row of pixels."""


def _disk_failed(folder: Path, error: OSError) -> TLStudioError:
    return TLStudioError(
        message(
            "crops.disk", "The crops could not be written to {folder}: {error}", folder=str(folder), error=error.strerror or str(error)
        ),
        message("crops.disk.hint", "Nothing was left behind. Free space or check the disk, then try again."),
    )
