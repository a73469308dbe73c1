"""Compares the names and shapes of tensors with the catalogue: exactly by fingerprint, else tensor by tensor."""

import lzma
from collections.abc import Iterator

import msgspec

from tlstudio.domain.networks import NetworkSpec
from tlstudio.errors import BugError
from tlstudio.zoo.catalogue import TENSORS_FILE, TORCHVISION_TENSORS_FILE, Catalogue
from tlstudio.zoo.fingerprint import Shapes, backbone, fingerprint, line

MIN_FITTING = 0.9
"""Share of a network's tensors that must be there with their shapes before a file counts as weights of it."""
MIN_SCORE = 0.6
"""Dice's coefficient of both sets of tensors below which the file holds too much else."""

_WRAPPERS = ("module.", "_orig_mod.", "timm_model.", "model.", "backbone.", "_backbone.", "encoder.", "net.", "network.")
"""Prefixes that training frameworks put before every name."""
NUM_CHANNELS = 3
"""Of the images here."""
_MIN_WRAPPED = 0.8
_CONVOLUTION_RANK = 4
"""Dimensions of a convolution's weight: out, in, height, width."""


class Reshaped(msgspec.Struct, frozen=True, kw_only=True):
    """A tensor with the right name and another shape."""

    name: str
    found: tuple[int, ...]
    expected: tuple[int, ...]

    @property
    def is_stem(self) -> bool:
        """A first convolution that reads another number of channels, and is the same otherwise."""
        is_convolution = len(self.found) == len(self.expected) == _CONVOLUTION_RANK
        others = (self.found[0], *self.found[2:]) == (self.expected[0], *self.expected[2:])
        return is_convolution and self.expected[1] == NUM_CHANNELS and self.found[1] != NUM_CHANNELS and others


class Match(msgspec.Struct, frozen=True, kw_only=True):
    """The architectures that fit best, and what differs. `networks` share all names and shapes that count."""

    networks: tuple[NetworkSpec, ...]
    num_fitting: int
    num_needed: int
    missing: tuple[str, ...] = ()
    unexpected: tuple[str, ...] = ()
    reshaped: tuple[Reshaped, ...] = ()

    @property
    def is_exact(self) -> bool:
        """Every tensor that counts is there with its shape, and no other."""
        return not (self.missing or self.unexpected or self.reshaped)

    @property
    def fitting(self) -> float:
        """Share of the network's tensors that are there by name, in their shape or another."""
        return (self.num_fitting + len(self.reshaped)) / self.num_needed

    @property
    def score(self) -> float:
        """Dice's coefficient (1945) of the names that are needed and the names that are there."""
        fitting = self.num_fitting + len(self.reshaped)
        return 2 * fitting / (self.num_needed + fitting + len(self.unexpected))


def wrapper_of(shapes: Shapes, catalogue: Catalogue) -> str:
    """The prefix that a training framework put before the names; empty where they fit best as they are.

    Beside a wrapped network a training script may keep a counter or a tensor of its loss, which has no prefix.
    """
    best, best_score = "", -1.0
    for prefix in _prefixes(shapes):
        found = match(unwrapped(shapes, prefix), catalogue)
        if found.is_exact:
            return prefix
        if found.score > best_score:
            best, best_score = prefix, found.score
    return best


def unwrapped(shapes: Shapes, prefix: str) -> Shapes:
    """The same shapes without the prefix."""
    return {name.removeprefix(prefix): shape for name, shape in shapes.items()}


def _prefixes(shapes: Shapes) -> list[str]:
    """None, then each wrapper below the last that stands before nearly all names."""
    found = [""]
    for _ in _WRAPPERS:
        for prefix in (found[-1] + wrapper for wrapper in _WRAPPERS):
            wrapped = [name for name in shapes if name.startswith(prefix)]
            if len(wrapped) >= _MIN_WRAPPED * len(shapes) and not any(name.removeprefix(prefix) in shapes for name in wrapped):
                found.append(prefix)
    return found


def match(shapes: Shapes, catalogue: Catalogue) -> Match:
    """The architectures that `shapes` fit best: exactly where any does, else the nearest. About 0.2 s where none fits exactly."""
    exact = [network for prefixes in _classifiers(catalogue) for network in _exact(shapes, prefixes, catalogue)]
    if exact:
        num = len(backbone(shapes, exact[0].classifiers))
        return Match(networks=tuple(exact), num_fitting=num, num_needed=num)
    return _nearest(shapes, catalogue)


def match_of(shapes: Shapes, network: NetworkSpec, catalogue: Catalogue) -> Match:
    """How `shapes` fit one architecture."""
    if fingerprint(shapes, network.classifiers) == network.fingerprint:
        num = len(backbone(shapes, network.classifiers))
        return Match(networks=(network,), num_fitting=num, num_needed=num)
    return _compared(shapes, tensors_of(network, catalogue), (network,))


def tensors_of(network: NetworkSpec, catalogue: Catalogue) -> Shapes:
    """Names and shapes of an architecture's tensors without the classifier. About 0.2 s."""
    return _shapes(next(lines for key, lines in _blocks(catalogue) if key == network.fingerprint))


def _classifiers(catalogue: Catalogue) -> list[tuple[str, ...]]:
    return sorted({network.classifiers for network in catalogue.networks})


def _exact(shapes: Shapes, classifiers: tuple[str, ...], catalogue: Catalogue) -> tuple[NetworkSpec, ...]:
    return catalogue.by_fingerprint.get((classifiers, fingerprint(shapes, classifiers)), ())


def _nearest(shapes: Shapes, catalogue: Catalogue) -> Match:
    """The architectures with most tensors in common, by Dice's coefficient of names with shapes."""
    own = {line(name, shape) for name, shape in shapes.items()}
    best_key, best_lines, best_score = "", [""], -1.0
    for key, lines in _blocks(catalogue):
        score = 2 * len(own.intersection(lines)) / (len(own) + len(lines))
        if score > best_score:
            best_key, best_lines, best_score = key, lines, score
    networks = tuple(network for network in catalogue.networks if network.fingerprint == best_key)
    if not networks:
        raise BugError("the tables of the catalogue do not belong together")
    return _compared(shapes, _shapes(best_lines), networks)


def _compared(shapes: Shapes, needed: Shapes, networks: tuple[NetworkSpec, ...]) -> Match:
    own = backbone(shapes, networks[0].classifiers)
    reshaped = [
        Reshaped(name=name, found=own[name], expected=shape) for name, shape in needed.items() if name in own and own[name] != shape
    ]
    missing = tuple(name for name in needed if name not in own)
    return Match(
        networks=networks,
        num_fitting=len(needed) - len(missing) - len(reshaped),
        num_needed=len(needed),
        missing=missing,
        unexpected=tuple(name for name in own if name not in needed),
        reshaped=tuple(reshaped),
    )


def _shapes(lines: list[str]) -> Shapes:
    """What `fingerprint.line` wrote, read back."""
    parts = (line.rpartition(" ") for line in lines)
    return {name: () if shape == "scalar" else tuple(int(size) for size in shape.split("x")) for name, _, shape in parts}


def _blocks(catalogue: Catalogue) -> Iterator[tuple[str, list[str]]]:
    """Fingerprint and tensors of every distinct architecture: about half a million lines, so they are not kept."""
    for file in (TENSORS_FILE, TORCHVISION_TENSORS_FILE):
        text = lzma.decompress((catalogue.folder / file).read_bytes()).decode()
        for block in text.split("\n\n"):
            key, *lines = block.split("\n")
            yield key, lines
