"""What a run tells is understood by the version of the program before messages could contain others."""

import msgspec

from tlstudio.domain.abilities import pooling_refusal
from tlstudio.domain.events import Failed
from tlstudio.domain.journal import JournalLine, encode_line


class EarlierMessage(msgspec.Struct, frozen=True):
    """As it was."""

    id: str
    template: str
    arguments: dict[str, str | int | float] = {}


class EarlierFailed(msgspec.Struct, frozen=True, kw_only=True):
    title: EarlierMessage
    hint: EarlierMessage


class EarlierLine(msgspec.Struct, frozen=True):
    event: EarlierFailed


class EarlierSealed(msgspec.Struct, frozen=True):
    line: EarlierLine


def test_an_ending_that_contains_translated_words_is_an_ending_for_the_version_before() -> None:
    """A value it cannot read would have cost it the whole event: the run would have stood there as interrupted."""
    error = pooling_refusal("swin", "catavgmax")
    assert error.title.words, "or nothing is tried here"
    data = encode_line(JournalLine(seq=0, time=0.0, event=Failed(title=error.title, hint=error.hint, details="")))
    title = msgspec.json.decode(data, type=EarlierSealed).line.event.title
    assert title.template.format(**title.arguments) == 'swin cannot pool its features as "side by side".'
