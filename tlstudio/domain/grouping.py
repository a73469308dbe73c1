"""Groups that folder names or file names suggest: slides, patients, bursts. Pure functions; a person confirms."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping

import msgspec

from tlstudio.domain.dataset import Dataset
from tlstudio.domain.samples import Sample

MIN_GROUPS = 3
"""Fewer cannot train, choose and judge."""
MIN_PER_GROUP = 2.0
MIN_SHARE = 0.9
"""Of the images with a class; where more have no such name the names follow another rule."""
_SEPARATORS = " _-."
_SEPARATED = re.compile(f"[{re.escape(_SEPARATORS)}]")
_PARTS = {"train", "training", "val", "valid", "validation", "dev", "test", "testing", "images"}


class GroupProposal(msgspec.Struct, frozen=True, kw_only=True):
    """One way to group the images of a project."""

    rule: str
    """A key of RULES."""
    group_by_sample: dict[int, str]
    examples: tuple[tuple[str, str], ...]
    """Up to three groups, each with the name of one of its images."""

    @property
    def num_groups(self) -> int:
        return len(set(self.group_by_sample.values()))


def propose(dataset: Dataset) -> list[GroupProposal]:
    """What is plausible, the coarser first: a group too large wastes a little data, one too small leaks.

    Images with a class say whether it is; those without one are of their groups all the same, for they may get a class later.
    """
    labelled = [sample for sample in dataset.ready if sample.class_id is not None]
    class_names = {item.name for item in dataset.classes}
    found: list[GroupProposal] = []
    for rule, group_of in RULES.items():
        groups = {sample.id: name for sample in dataset.ready if (name := group_of(sample.path, class_names))}
        of_labelled = {sample.id: groups[sample.id] for sample in labelled if sample.id in groups}
        if _is_plausible(labelled, of_labelled) and all(groups != item.group_by_sample for item in found):
            found.append(GroupProposal(rule=rule, group_by_sample=groups, examples=_examples(labelled, groups)))
    return found


def rule_in_use(dataset: Dataset) -> "Rule | None":
    """The rule that gave the groups there are, so that images which come later follow it; None where they came from elsewhere."""
    grouped = [sample for sample in dataset.samples if sample.group is not None]
    class_names = {item.name for item in dataset.classes}
    fitting = (rule for rule in RULES.values() if all(rule(sample.path, class_names) == sample.group for sample in grouped))
    return next(fitting, None) if grouped else None


def _by_folder(path: str, class_names: set[str]) -> str | None:
    """The folders that are neither a class nor a part of a division."""
    folders = [name for name in path.split("/")[:-1] if name not in class_names and name.lower() not in _PARTS]
    return "/".join(folders) or None


def _by_first_part(path: str, class_names: set[str]) -> str | None:
    stem = _stem(path)
    first = _SEPARATED.search(stem)
    return stem[: first.start()] or None if first is not None else None


def _by_all_but_the_last_part(path: str, class_names: set[str]) -> str | None:
    stem = _stem(path)
    end = max(stem.rfind(letter) for letter in _SEPARATORS)
    return stem[: end + 1].rstrip(_SEPARATORS) or None


def _stem(path: str) -> str:
    name = path.rsplit("/", 1)[-1]
    return name.rpartition(".")[0] or name


Rule = Callable[[str, set[str]], str | None]
"""The group of a path (relative to its root) where these are the names of classes."""

RULES: Mapping[str, Rule] = {"folder": _by_folder, "stem": _by_first_part, "long_stem": _by_all_but_the_last_part}
"""slide03/017.png; slide03_017.png; patient12_left_003.png (of which `stem` makes patient12, `long_stem` patient12_left)."""


def _is_plausible(samples: list[Sample], groups: Mapping[int, str]) -> bool:
    """Several groups of several images, and not just the classes under another name."""
    sizes = Counter(groups.values())
    if len(sizes) < MIN_GROUPS or len(groups) < MIN_PER_GROUP * len(sizes) or len(groups) < MIN_SHARE * len(samples):
        return False
    of_class: dict[str | None, set[str]] = defaultdict(set)
    for sample in samples:
        if sample.id in groups:
            of_class[sample.class_id].add(groups[sample.id])
    return all(len(names) > 1 for names in of_class.values())


def _examples(samples: Iterable[Sample], groups: Mapping[int, str]) -> tuple[tuple[str, str], ...]:
    first: dict[str, str] = {}
    for sample in samples:
        if sample.id in groups:
            first.setdefault(groups[sample.id], sample.name)
    return tuple(sorted(first.items())[:3])
