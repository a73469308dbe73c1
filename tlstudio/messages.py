"""Text for people, kept apart from the language it is shown in."""

import msgspec


class Message(msgspec.Struct, frozen=True, omit_defaults=True):
    """One sentence for a person: a stable id, the English template and what fills it.

    The window translates by `id` and falls back to the template; the terminal prints `text()`.
    """

    id: str
    template: str
    arguments: dict[str, str | int | float] = {}
    words: dict[str, "Message"] = {}
    """Those of the arguments that are translated, too. `arguments` has them in English: versions that know nothing of this read that."""

    def text(self) -> str:
        """The sentence in English."""
        return self.template.format(**self.arguments)

    def __str__(self) -> str:
        return self.text()


Argument = str | int | float | Message


def message(id: str, template: str, /, **arguments: Argument) -> Message:
    """Build a `Message`; file names and numbers go into `arguments`, never into the template."""
    words = {name: item for name, item in arguments.items() if isinstance(item, Message)}
    plain = {name: item.text() if isinstance(item, Message) else item for name, item in arguments.items()}
    return Message(id, template, plain, words)
