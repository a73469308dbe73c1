"""The first import of deep images chooses how their values become 8 bits; the choice is stored and said."""

from pathlib import Path

import msgspec

from tlstudio.datasets.decoder import DecoderPool
from tlstudio.datasets.deep import propose_rule
from tlstudio.domain.intensity import IntensityRule
from tlstudio.project.project import Project

_NUM_LOOKED_AT = 32
_DEEP_SUFFIXES = (".tif", ".tiff", ".png", ".pgm", ".ppm", ".pnm", ".pfm", ".jp2", ".dcm", ".dicom", "")


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
