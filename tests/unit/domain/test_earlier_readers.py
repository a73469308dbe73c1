"""What a run tells is understood by the version before messages could contain others, and what the version after it told is read."""

import msgspec

from tlstudio.domain.abilities import pooling_refusal
from tlstudio.domain.events import Failed
from tlstudio.domain.journal import JournalLine, decode_line, encode_line


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


NESTED = (
    rb'{"crc":"829a12cf","line":{"v":1,"seq":0,"time":0.0,"event":{"kind":"failed","title":{"id":"pooling.not_allowed",'
    rb'"template":"{name} cannot pool its features as \"{pooling}\".","arguments":{"name":"swin","pooling":'
    rb'{"id":"setting.pooling.catavgmax","template":"side by side","arguments":{}}}},"hint":{"id":"pooling.not_allowed.hint",'
    rb'"template":"Nothing was trained. Set the pooling to that of the weights, or choose another one.","arguments":{}},"details":""}}}'
)
"""As commit 90c0e2c wrote it: a message stands among the arguments."""


def test_an_ending_with_a_message_among_its_arguments_is_still_one() -> None:
    line = decode_line(NESTED)
    assert line is not None
    assert isinstance(line.event, Failed), "or the run would stand there as interrupted"
    error = pooling_refusal("swin", "catavgmax")
    assert (line.event.title, line.event.hint) == (error.title, error.hint), "as it is written now, so that a window translates all of it"
