"""Recognises what a file of weights is from its header, and proposes the card it would be stored with. Opens no tensor, runs nothing."""

import re
from pathlib import Path

import msgspec

from tlstudio.domain.networks import NetworkSpec, Preprocessing, PretrainedSpec, Recognition, WeightsCard
from tlstudio.messages import Message, message
from tlstudio.zoo import refusals
from tlstudio.zoo.catalogue import Catalogue, published
from tlstudio.zoo.config import Config
from tlstudio.zoo.fingerprint import Shapes
from tlstudio.zoo.header import read_header
from tlstudio.zoo.known_files import check_digits, known_file
from tlstudio.zoo.locate import SNAPSHOTS, USUAL_FILES, WEIGHTS_SUFFIXES, Located, locate
from tlstudio.zoo.looks import describe
from tlstudio.zoo.match import MIN_FITTING, MIN_SCORE, NUM_CHANNELS, Match, Reshaped, match, match_of, unwrapped, wrapper_of
from tlstudio.zoo.stored import hash_stored

_RESIZED_ON_LOADING = ("pos_embed", "relative_position_bias_table")
"""Tables of positions, which the loader resizes for another input size by timm's own rule."""


def recognise(path: Path, catalogue: Catalogue, *, architecture: str | None = None) -> Recognition:
    """What the weights at `path` (a .safetensors file, or a folder with config.json) are, for the user to confirm.

    `architecture` asks how they fit that one. Reads the whole file once for its hash. Raises `TLStudioError` where it is no
    sound safetensors file, where no architecture of the catalogue fits, or where `architecture` does not.
    """
    return recognise_located(locate(path), catalogue, architecture=architecture)


def recognise_located(found: Located, catalogue: Catalogue, *, architecture: str | None = None) -> Recognition:
    """As `recognise`, for tensors that stand somewhere else than the file a person brought, because it was converted."""
    digits = check_digits(found.origin, catalogue)
    known = known_file(found.origin, catalogue)
    if known is not None:
        found = msgspec.structs.replace(found, hints=f"{found.hints}/{known.architecture}.{known.tag}")
    header = read_header(found.file)
    prefix = wrapper_of(header.shapes, catalogue)
    shapes = unwrapped(header.shapes, prefix)
    fit = _fit(shapes, found, catalogue, architecture)
    networks = _likeliest_first(fit.networks, found, asked=architecture)
    network, published_set = networks[0], _published_set(networks[0], found)
    preprocessing, origin = _preprocessing(network, published_set, found.config)
    card = WeightsCard(
        hash=hash_stored(found.file, header, prefix=prefix),
        architecture=network.name,
        name=_name(network, published_set, found),
        preprocessing=preprocessing,
        num_classes=_num_classes(shapes, network),
        licence=_licence(published_set, found.config),
        source=_source(found),
        label_names=found.config.label_names if found.config else (),
        architecture_arguments=found.config.arguments if found.config else {},
        missing_keys=fit.missing,
        unexpected_keys=fit.unexpected,
        size_bytes=found.file.stat().st_size,
        tag=published_set.tag if published_set else "",
    )
    return Recognition(
        file=str(found.file),
        origin=str(found.origin),
        candidates=tuple(item.name for item in networks),
        proposal=card,
        is_certain=len(networks) == 1 or _is_named(network, found, asked=architecture),
        notes=tuple(_notes(fit, networks, [origin, *([digits] if digits else [])], card)),
        prefix=prefix,
    )


def refuse_unusable(found: Located, catalogue: Catalogue) -> None:
    """Raise `TLStudioError` where the header or the config already says that no network here has these weights."""
    header = read_header(found.file)
    _fit(unwrapped(header.shapes, wrapper_of(header.shapes, catalogue)), found, catalogue, None)


def _fit(shapes: Shapes, found: Located, catalogue: Catalogue, architecture: str | None) -> Match:
    """The match, or a refusal that says why there is none."""
    named = architecture or (found.config.architecture if found.config else "")
    if named and named not in catalogue.by_name:
        raise refusals.unknown_architecture(found.origin, named, in_config=architecture is None)
    fit = match(shapes, catalogue)
    if named and named not in {network.name for network in fit.networks}:
        asked = match_of(shapes, catalogue.by_name[named], catalogue)
        if not _is_good(asked) and not _has_arguments(found):
            raise refusals.other_architecture(found.origin, named, fit if _is_good(fit) else None, asked)
        fit = asked
    if _is_good(fit) or (named and _has_arguments(found) and fit.fitting >= MIN_FITTING):
        return fit
    if found.config is not None and found.config.library:
        raise refusals.foreign_library(found.origin, found.config.library)
    raise refusals.no_architecture(found.origin, fit, look=describe(shapes))


def _is_good(fit: Match) -> bool:
    """Enough tensors are there, and every other shape is one that the loader can resize."""
    return all(map(is_resizable, fit.reshaped)) and fit.fitting >= MIN_FITTING and fit.score >= MIN_SCORE


def is_resizable(item: Reshaped) -> bool:
    """Whether the loader makes a tensor of that shape fit."""
    return item.is_stem or item.name.endswith(_RESIZED_ON_LOADING)


def _has_arguments(found: Located) -> bool:
    """The config changes the network, so that the table's shapes need not be its shapes."""
    return found.config is not None and bool(found.config.arguments)


def _likeliest_first(networks: tuple[NetworkSpec, ...], found: Located, *, asked: str | None) -> list[NetworkSpec]:
    """By the name that was asked for or stands in config.json, then the longest name in the path, then the number of published sets."""
    named = asked or (found.config.architecture if found.config else "")

    def unlikely(network: NetworkSpec) -> tuple[bool, int, int, str]:
        in_path = len(network.name) if network.name in found.hints else 0
        return network.name != named, -in_path, -len(network.pretrained), network.name

    return sorted(networks, key=unlikely)


def _is_named(network: NetworkSpec, found: Located, *, asked: str | None) -> bool:
    """Whether the user, config.json or the path names the architecture."""
    in_config = found.config is not None and found.config.architecture == network.name
    return network.name == asked or in_config or network.name in found.hints


def _published_set(network: NetworkSpec, found: Located) -> PretrainedSpec | None:
    """The published set that the config or the path names right behind the architecture; None where neither does."""
    if found.config is not None and found.config.architecture == network.name and found.config.tag:
        return published(network, found.config.tag)
    named = [
        item
        for item in network.pretrained
        if item.tag and re.search(rf"(?<![a-z0-9]){re.escape(network.name)}[._-]{re.escape(item.tag)}(?![a-z0-9])", found.hints)
    ]
    return max(named, key=lambda item: len(item.tag), default=None)


def _preprocessing(network: NetworkSpec, own: PretrainedSpec | None, config: Config | None) -> tuple[Preprocessing, Message]:
    """How images are prepared for these weights, and where that is known from."""
    if config is not None and config.preprocessing is not None:
        return config.preprocessing, message("weights.note.config", "Preprocessing as config.json says.")
    if own is not None:
        note = message("weights.note.tag", "Preprocessing of the published set {tag}, which the name says this is.", tag=own.tag)
        return own.preprocessing, note
    if network.pretrained:
        usual = network.pretrained[0]
        note = message(
            "weights.note.usual",
            "The file does not say how images were prepared; taken as for the usual set {tag}. Check it if results are poor.",
            tag=usual.tag,
        )
        return usual.preprocessing, note
    note = message("weights.note.default", "Nothing says how images were prepared; ImageNet's usual values are taken.")
    return Preprocessing(input_size_px=network.input_size_px), note


def _num_classes(shapes: Shapes, network: NetworkSpec) -> int:
    """Rows of the classifier's weight; 0 for weights without one."""
    shape = shapes.get(f"{network.classifiers[0]}.weight") if network.classifiers else None
    return shape[0] if shape else 0


def _licence(own: PretrainedSpec | None, config: Config | None) -> str:
    if config is not None and config.licence:
        return config.licence
    return own.licence if own else ""


def _name(network: NetworkSpec, own: PretrainedSpec | None, found: Located) -> str:
    """What people see: the architecture with the tag, else with the name of the file."""
    if own is not None:
        return f"{network.name} ({own.tag})"
    if found.config is not None and found.config.architecture == network.name and found.config.tag:
        return f"{network.name} ({found.config.tag})"
    origin = _source(found)
    origin = origin.removesuffix(Path(origin).suffix) if Path(origin).suffix in WEIGHTS_SUFFIXES else origin
    return origin if network.name.rpartition("/")[2] in origin.lower() else f"{network.name} ({origin})"


def _source(found: Located) -> str:
    """The file's own name, or its folder's where the file has the usual one; never the whole path."""
    is_usual = found.config is not None or found.origin.name in USUAL_FILES
    folder = found.origin.parent
    if is_usual and folder.parent.name == SNAPSHOTS:  # below a revision's digits, which tell a person nothing
        return folder.parent.parent.name.removeprefix("models--").replace("--", "/")
    return folder.name if is_usual else found.origin.name


def _notes(fit: Match, networks: list[NetworkSpec], origins: list[Message], card: WeightsCard) -> list[Message]:
    """What a person should know before saying yes."""
    notes = []
    if len(networks) > 1:
        text = "{num} architectures have these tensors; {name} is the likeliest. Choose another if you know better."
        notes.append(message("weights.note.several", text, num=len(networks), name=networks[0].name))
    if fit.missing:
        text = "{num} tensors of the network are not in the file and start from random numbers, {first} for one."
        notes.append(message("weights.note.missing", text, num=len(fit.missing), first=fit.missing[0]))
    if fit.unexpected:
        text = "{num} tensors in the file belong to no part of the network and are not used, {first} for one."
        notes.append(message("weights.note.unexpected", text, num=len(fit.unexpected), first=fit.unexpected[0]))
    stems = [item for item in fit.reshaped if item.is_stem]
    resized = [item for item in fit.reshaped if not item.is_stem]
    if stems:
        notes.append(_channels_note(stems[0].found[1]))
    if resized:
        text = "{num} tensors have another shape than usual and are fitted when they are loaded, {first} for one."
        notes.append(message("weights.note.reshaped", text, num=len(resized), first=resized[0].name))
    notes += origins
    if not card.licence:
        notes.append(message("weights.note.licence", "No licence is stated. Ask whoever gave you the weights before you pass on results."))
    return notes


def _channels_note(num: int) -> Message:
    """How a first layer for another number of channels is made to read colour images."""
    if num < NUM_CHANNELS:
        text = (
            "Its first layer was made for fewer channels ({num}); it is repeated over the three of a colour image and scaled, as timm does."
        )
    else:
        text = "Its first layer was made for {num} channels; only the first three are used for colour images, scaled. Results may be poor."
    return message("weights.note.fewer_channels" if num < NUM_CHANNELS else "weights.note.more_channels", text, num=num)
