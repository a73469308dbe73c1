"""Which things belong together, when each relation says it of two: sets that grow and merge (union-find, Tarjan 1975)."""

from collections import defaultdict
from collections.abc import Iterable


class Units:
    """Sets of names. A name that was never joined is a set of its own."""

    def __init__(self) -> None:
        self._parent: dict[str, str] = {}

    def root(self, name: str) -> str:
        """The name that stands for the whole set; the same for all of its members until it merges with another."""
        parent = self._parent
        while (above := parent.get(name, name)) != name:
            parent[name] = name = parent.get(above, above)
        return name

    def join(self, one: str, other: str) -> tuple[str, str] | None:
        """Make two sets one. Answers the root that stays and the one that is gone; None where they were one already."""
        kept, gone = sorted((self.root(one), self.root(other)))
        if kept == gone:
            return None
        self._parent[gone] = kept
        return kept, gone

    def sets(self, names: Iterable[str]) -> list[list[str]]:
        """`names` by the set they belong to, in the order of first appearance."""
        members: dict[str, list[str]] = defaultdict(list)
        for name in names:
            members[self.root(name)].append(name)
        return list(members.values())


def group_name(group: str) -> str:
    """A group among content hashes, which are hexadecimal and never begin so."""
    return f"\0{group}"
