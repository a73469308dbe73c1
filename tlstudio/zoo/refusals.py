"""Why weights are not taken, in words a person can act on."""

from pathlib import Path

from tlstudio.errors import TLStudioError
from tlstudio.messages import Message, message
from tlstudio.zoo.fingerprint import words
from tlstudio.zoo.match import Match
from tlstudio.zoo.shown import shown

_NEAR = 0.5
"""From this share of fitting tensors on, naming the nearest architecture helps."""
_SHOWN = 20

_WHAT_FITS = message(
    "weights.what_fits.hint",
    "Nothing was imported. TL Studio reads the classifiers of timm and torchvision, under their own names of tensors.",
)


def unknown_architecture(file: Path, name: str, *, in_config: bool) -> TLStudioError:
    """Neither the config's nor the asked name is a network of the catalogue."""
    if not in_config:
        return TLStudioError(
            message("weights.unknown_name", "There is no architecture called {name}.", name=name),
            message(
                "weights.unknown_name.hint",
                "Nothing was imported. Search for its name in Models; names are those of timm, or torchvision's after torchvision/.",
            ),
        )
    return TLStudioError(
        message(
            "weights.config.unknown",
            "The config.json beside {file} names {name}, which is not in the catalogue.",
            file=shown(file),
            name=name,
        ),
        message(
            "weights.config.unknown.hint",
            "Nothing was imported. It may need a newer version of TL Studio. Drop the .safetensors file alone, under another name, to have "
            "it recognised by its tensors.",
        ),
    )


def other_architecture(file: Path, asked: str, found: Match | None, fit: Match) -> TLStudioError:
    """The tensors are not those of the architecture that the config or the user names."""
    title = message(
        "weights.other",
        "{file} does not hold weights of {name}: {num} of its {all} tensors are there.",
        file=shown(file),
        name=asked,
        num=fit.num_fitting,
        all=fit.num_needed,
    )
    if found is None:
        return TLStudioError(title, _WHAT_FITS)
    names = ", ".join(network.name for network in found.networks[:3])
    return TLStudioError(title, message("weights.other.fits", "Nothing was imported. Its tensors fit {names}.", names=names))


def foreign_library(file: Path, what: str) -> TLStudioError:
    """Weights of a known network of a library whose networks cannot be used yet."""
    return TLStudioError(
        message("weights.library", "{file} holds weights of {what}, whose networks cannot be used yet.", file=shown(file), what=what),
        _WHAT_FITS,
    )


def no_architecture(file: Path, nearest: Match, *, look: Message) -> TLStudioError:
    """Nothing in the catalogue fits well enough; `look` says what it seems to be instead."""
    if nearest.fitting >= _NEAR:
        hint = _nearest_hint(nearest)
    else:
        hint = message(
            "weights.no_architecture.look",
            "Nothing was imported. {look} TL Studio reads the classifiers of timm and torchvision, under their own names of tensors.",
            look=look,
        )
    return TLStudioError(
        message("weights.no_architecture", "{file} holds weights of an architecture that is not in the catalogue.", file=shown(file)),
        hint,
        details=_differences(nearest),
    )


def _nearest_hint(nearest: Match) -> Message:
    return message(
        "weights.no_architecture.nearest",
        "Nothing was imported. The nearest is {name}: {num} of its {all} tensors are there. TL Studio reads the classifiers of "
        "timm and torchvision, under their own names of tensors.",
        name=nearest.networks[0].name,
        num=nearest.num_fitting,
        all=nearest.num_needed,
    )


def _differences(fit: Match) -> str:
    """For "Show details": the first tensors that differ."""
    lines = [f"{item.name}: {words(item.found)} instead of {words(item.expected)}" for item in fit.reshaped[:_SHOWN]]
    lines += [f"missing: {name}" for name in fit.missing[:_SHOWN]]
    lines += [f"not known: {name}" for name in fit.unexpected[:_SHOWN]]
    return "\n".join(lines)
