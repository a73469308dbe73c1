"""How a project's deep images become 8 bits: proposed at the first import, looked at and chosen by a person at any time, stored."""

from pathlib import Path

import msgspec

from tlstudio.datasets.decoder import DecoderPool
from tlstudio.datasets.deep import DeepValues, propose_rule, window_of
from tlstudio.domain.intensity import IntensityRule, may_be_deep
from tlstudio.domain.progress import Progress, Report, Stop, ignore
from tlstudio.domain.samples import Sample
from tlstudio.messages import message
from tlstudio.operations.thumbnails import thumbnail_store
from tlstudio.project.project import Project, read_only_error

_NUM_LOOKED_AT = 32
_DEEP_SUFFIXES = (".tif", ".tiff", ".png", ".pgm", ".ppm", ".pnm", ".pfm", ".jp2", ".dcm", ".dicom", "")
PREVIEW_PX = 240


class DeepImages(msgspec.Struct, frozen=True, kw_only=True):
    """Some deep images of a project, evenly spread over it, and what each holds; `num_looked_at` includes those that are not deep."""

    samples: tuple[Sample, ...] = ()
    held: tuple[DeepValues, ...] = ()
    num_looked_at: int = 0

    @property
    def is_float(self) -> bool:
        return any(item.is_float for item in self.held)

    def window(self) -> IntensityRule | None:
        """From 0.1 % to 99.9 % of what they hold; None where there is no such window."""
        return window_of(self.held)


def choose_rule(project: Project, files: list[Path]) -> IntensityRule | None:
    """Look at some of `files` and store the rule that suits them; None where the present one stays.

    Only while the project has no images: later the rule is part of what its runs were trained on.
    """
    settings = project.settings()
    candidates = [file for file in files if file.suffix.lower() in _DEEP_SUFFIXES]
    if settings.intensity != IntensityRule() or project.dataset().samples or not candidates:
        return None
    step = -(-len(candidates) // _NUM_LOOKED_AT)
    with DecoderPool(settings.intensity) as pool:
        held = [item.held for item in pool.inspect(candidates[::step]) if item.reason is None]
    deep = [item for item in held if item is not None]
    rule = propose_rule(deep) if 2 * len(deep) > len(held) else None
    if rule is not None:
        project.set_settings(msgspec.structs.replace(settings, intensity=rule))
    return rule


def look_at_deep(project: Project, *, report: Report = ignore, stop: Stop | None = None) -> DeepImages:
    """Decode some images that may be deep. Those that cannot be read now are passed over."""
    dataset = project.dataset()
    candidates = [sample for sample in dataset.ready if may_be_deep(sample.format)]
    some = candidates[:: -(-len(candidates) // _NUM_LOOKED_AT) or 1]
    found: list[tuple[Sample, DeepValues]] = []
    num = 0
    with DecoderPool(project.settings().intensity) as pool:
        for sample, inspected in zip(some, pool.inspect((dataset.file_of(item) for item in some), stop=stop), strict=False):
            num += inspected.reason is None
            if inspected.held is not None:
                found.append((sample, inspected.held))
            report(Progress(what=message("intensity.looking", "Looking at what the images hold"), done=num, total=len(some)))
    return DeepImages(samples=tuple(item for item, _ in found), held=tuple(item for _, item in found), num_looked_at=num)


def preview(project: Project, samples: tuple[Sample, ...], rule: IntensityRule, *, stop: Stop | None = None) -> list[bytes]:
    """How these images would look: JPEG bytes each, longest side `PREVIEW_PX`; empty for one that cannot be read."""
    dataset = project.dataset()
    with DecoderPool(rule, workers=1, thumbnail_px=PREVIEW_PX) as pool:
        return [item.thumbnail for item in pool.inspect([dataset.file_of(sample) for sample in samples], stop=stop)]


def set_rule(project: Project, rule: IntensityRule) -> None:
    """Store the rule: for what is shown and trained from now on. Earlier runs keep the one they were trained with.

    Thumbnails are made again, and deep images measured again at the next look, for what was dark may be bright now; pixels and features
    are kept by rule, so nothing old is taken for new. Raises `TLStudioError` where the project is read-only.
    """
    if not project.writable:
        raise read_only_error(project)
    settings = project.settings()
    if rule == settings.intensity:
        return
    project.set_settings(msgspec.structs.replace(settings, intensity=rule))
    project.look_alikes.forget_qualities({sample.content_hash for sample in project.dataset().samples if may_be_deep(sample.format)})
    thumbnail_store(project).close()  # opening it by another rule empties it
