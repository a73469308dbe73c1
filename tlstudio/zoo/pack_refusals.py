"""Why a weight pack, or a set in it, is not taken: one function a reason."""

from pathlib import Path

from tlstudio.errors import TLStudioError
from tlstudio.messages import Message, message
from tlstudio.zoo.shown import shown

_AGAIN = message("packs.again.hint", "Nothing of it was installed. Copy or fetch the pack again from where it was made.")


def not_one(pack: Path) -> TLStudioError:
    """Another kind of file."""
    return TLStudioError(
        message("packs.not_one", "{file} is no weight pack.", file=pack.name),
        message("packs.not_one.hint", "Nothing was installed. Packs are made with `tlstudio weights pack` and end in .tlweights."),
    )


def unreadable(pack: Path, error: OSError) -> TLStudioError:
    """The system does not give the file."""
    return TLStudioError(
        message("packs.unreadable", "{file} cannot be read ({reason}).", file=pack.name, reason=error.strerror or str(error)),
        message("packs.unreadable.hint", "Nothing was installed. Check that the file is there and that you may read it."),
    )


def half(pack: Path) -> TLStudioError:
    """The end of the file, where a zip lists what is in it, is not there."""
    return TLStudioError(message("packs.half", "{file} is cut short or damaged: its end is missing.", file=pack.name), _AGAIN)


def no_manifest(pack: Path, details: str) -> TLStudioError:
    """Nothing says what is in it, or not in a way that can be read."""
    return TLStudioError(
        message("packs.manifest", "{file} is damaged: what it says of itself cannot be read.", file=pack.name), _AGAIN, details=details
    )


def newer(pack: Path, version: int) -> TLStudioError:
    """Made by a later version of the program."""
    return TLStudioError(
        message("packs.newer", "{file} was made by a newer version of TL Studio (pack format {version}).", file=pack.name, version=version),
        message("packs.newer.hint", "Nothing was installed. Install that version here, or have the pack made with this one."),
    )


def strange(pack: Path, entry: str) -> TLStudioError:
    """Something that no pack of ours holds: an extra file, a path that leads out, a link, a twin, a packed entry."""
    shown = entry.encode("utf-8", "replace").decode("utf-8")
    return TLStudioError(
        message(
            "packs.strange",
            "{file} is not to be trusted: it holds {entry}, which is no part of a weight pack.",
            file=pack.name,
            entry=shown,
        ),
        message("packs.strange.hint", "Nothing was installed and nothing was written. Ask where the pack is from."),
    )


def damaged(pack: Path, name: str, details: str = "") -> TLStudioError:
    """A set whose bytes are not those that were packed."""
    return TLStudioError(
        message("packs.damaged", "The weights {name} in {file} are damaged: they are not what was packed.", name=name, file=pack.name),
        message("packs.damaged.hint", "This set was not installed. Copy or fetch the pack again from where it was made."),
        details=details,
    )


def incomplete(pack: Path, name: str, entry: str) -> Message:
    """A file of a set is not there."""
    return message(
        "packs.incomplete", "The weights {name} in {file} are incomplete: {entry} is missing.", name=name, file=pack.name, entry=entry
    )


def contradicts(pack: Path, name: str) -> Message:
    """The pack and the card of the set do not say the same."""
    return message("packs.contradicts", "The weights {name} in {file} are not what the pack says they are.", name=name, file=pack.name)


def unknown_network(name: str, architecture: str) -> Message:
    """timm, as it is here, has no such network."""
    return message(
        "packs.network",
        "{name} is of {architecture}, a network that this version of TL Studio does not know.",
        name=name,
        architecture=architecture,
    )


def unknown_argument(name: str, argument: str) -> Message:
    """Its network would have to be built with something that is no plain setting of one."""
    return message(
        "packs.argument",
        "{name} asks for {argument}, which is not a setting of a network that is known here.",
        name=name,
        argument=argument,
    )


def newer_card(name: str) -> Message:
    """Its card says things that are not understood here."""
    return message("packs.card.newer", "{name} was stored by a newer version of TL Studio.", name=name)


def unfit(name: str, architecture: str, example: str) -> TLStudioError:
    """The tensors are not those of the network that the card names."""
    return TLStudioError(
        message(
            "packs.unfit",
            "{name} does not hold weights of {architecture}: {tensor} does not fit.",
            name=name,
            architecture=architecture,
            tensor=example,
        ),
        message("packs.unfit.hint", "This set was not installed. Have it packed again from the file it was made of."),
    )


def set_hint() -> Message:
    """What to do where one set is refused for what it is."""
    return message("packs.set.hint", "This set is left out; that does not keep the others of the pack from being installed.")


def changed(file: Path) -> TLStudioError:
    """What is packed is not what was looked at."""
    return TLStudioError(
        message("packs.changed", "{file} changed while it was packed.", file=shown(file)),
        message("packs.changed.hint", "Nothing was written. Wait until it is copied or downloaded, then pack it again."),
    )


def not_written(target: Path, error: OSError) -> TLStudioError:
    """Packing failed half-way."""
    reason = error.strerror or str(error)
    return TLStudioError(
        message("packs.not_written", "The pack {file} could not be written ({reason}).", file=target.name, reason=reason),
        message("packs.not_written.hint", "Nothing half-written stays. Free space or choose another disk, then pack again."),
    )


def no_room(target: Path, *, needed: int, free: int) -> TLStudioError:
    """The disk of the pack is too full."""
    return TLStudioError(
        message(
            "packs.no_room",
            "There is no room for {file}: it needs {needed} MB, {free} MB are free.",
            file=target.name,
            needed=needed // 1_000_000,
            free=free // 1_000_000,
        ),
        message("packs.no_room.hint", "Nothing was written. Free space or choose another disk."),
    )
