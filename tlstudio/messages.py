"""Text for people, kept apart from the language it is shown in."""

from collections import Counter
from collections.abc import Iterable

import msgspec


class Message(msgspec.Struct, frozen=True, omit_defaults=True):
    """One sentence for a person: a stable id, the English template and what fills it.

    The window translates by `id` and falls back to the template; the terminal prints `text()`.
    """

    id: str
    template: str
    arguments: dict[str, "str | int | float | Message"] = {}
    """No messages once it is made: those are in `words`."""
    words: dict[str, "Message"] = {}
    """Those of the arguments that are translated, too. `arguments` has them in English: versions that know nothing of this read that."""

    def __post_init__(self) -> None:
        """Also of what is read: an earlier version wrote messages among the arguments."""
        words = {name: item for name, item in self.arguments.items() if isinstance(item, Message)}
        if words:
            msgspec.structs.force_setattr(self, "arguments", {**self.arguments, **{name: item.text() for name, item in words.items()}})
            msgspec.structs.force_setattr(self, "words", {**self.words, **words})

    def text(self) -> str:
        """The sentence in English."""
        return self.template.format(**self.arguments)

    def __str__(self) -> str:
        return self.text()


Argument = str | int | float | Message


def message(id: str, template: str, /, **arguments: Argument) -> Message:
    """Build a `Message`; file names and numbers go into `arguments`, never into the template."""
    return Message(id, template, arguments)


def commonest(messages: Iterable[Message]) -> tuple[Message, int]:
    """Which of `messages`, of which there must be one, is said most often, and how often."""
    texts = [(item.text(), item) for item in messages]
    ((text, number),) = Counter(text for text, _item in texts).most_common(1)
    return dict(texts)[text], number
