"""Handing a project's labels to other programs: as a table, as folders of images, or as annotations."""

import os
from dataclasses import replace
from pathlib import Path

from tlstudio.domain.dataset import Dataset
from tlstudio.domain.progress import Progress, Report, Stop, ignore
from tlstudio.errors import TLStudioError
from tlstudio.messages import Message, message
from tlstudio.operations.label_exports import LABEL_EXPORTERS, Exported, load
from tlstudio.operations.label_exports._losses import of_away, of_set_aside
from tlstudio.operations.outputs import checked_output
from tlstudio.project.project import Project


class _StoppedError(Exception):
    """Leaves the exporter, which takes away what it has written."""


def export_labels(
    project: Project, format: str, target: Path, *, link: bool = False, report: Report = ignore, stop: Stop | None = None
) -> Exported:
    """Write what is said of the project's images to `target`, whole or not at all; nothing that is there is overwritten.

    Images whose files are away are left out of formats that hand them over, and told.
    Raises `TLStudioError` for an unknown format, a target that holds something already, a disk that is full or refuses.
    """
    spec = LABEL_EXPORTERS.get(format)
    if spec is None:
        raise TLStudioError(
            message("labels.unknown_format", "Labels cannot be exported as {format}.", format=format),
            message("labels.unknown_format.hint", "Formats: {formats}.", formats=", ".join(LABEL_EXPORTERS)),
        )
    if link and not spec.can_link:
        raise TLStudioError(
            message("labels.no_links", "The format {format} holds no images, so there is nothing to link.", format=format),
            message("labels.no_links.hint", "Nothing was written. Leave out --link, or choose another format."),
        )
    dataset = project.dataset()
    if not dataset.ready:
        raise TLStudioError(
            message("labels.no_images", "{name} has no images yet.", name=project.name),
            message("labels.no_images.hint", "Nothing was written. Import a folder of images first."),
        )
    there, losses = _at_hand(dataset) if spec.can_link else (dataset, [])
    losses = [*of_set_aside(dataset), *losses]
    target = checked_output(target, name="") if not target.is_dir() else target.absolute()

    def report_or_stop(progress: Progress) -> None:
        if stop is not None and stop.is_set():
            raise _StoppedError
        report(progress)

    try:
        exported = load(spec).write(there, target, regions=project.regions.of(), link=link, report=report_or_stop)
    except _StoppedError:
        return Exported(target=target, num_images=0, was_stopped=True)
    except OSError as error:
        raise _disk_refused(target, error, link=link) from error
    return replace(exported, losses=(*losses, *exported.losses))


def _at_hand(dataset: Dataset) -> tuple[Dataset, list[Message]]:
    """What can be copied, and what is to be told of the rest. Raises `TLStudioError` where nothing is left."""
    away = [sample for sample in dataset.ready if not os.access(dataset.file_of(sample), os.R_OK)]
    if len(away) == len(dataset.ready):
        raise TLStudioError(
            message("labels.all_away", "None of the images is there: {path}", path=str(dataset.file_of(away[0]))),
            message("labels.all_away.hint", "Nothing was written. Connect the drive they are on, or export a table, which needs none."),
        )
    ids = {sample.id for sample in away}
    samples = tuple(sample for sample in dataset.samples if sample.id not in ids)
    return Dataset(samples=samples, classes=dataset.classes, roots=dataset.roots, plan=dataset.plan), of_away(away)


def _disk_refused(target: Path, error: OSError, *, link: bool) -> TLStudioError:
    details = f"{error.filename}: {error.strerror}" if error.filename else str(error)
    title = message("labels.disk", "The labels could not be written to {target}: {error}", target=str(target), error=details)
    if link:
        text = "Nothing was left behind. Links work within one disk and not on every kind of disk; without --link the images are copied."
        return TLStudioError(title, message("labels.disk.link", text))
    return TLStudioError(
        title, message("labels.disk.hint", "Nothing was left behind. Free space, or check that the images and the target can be reached.")
    )
