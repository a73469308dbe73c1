"""Lines of a journal: one JSON object each, with version, sequence number, time and checksum."""

import zlib
from collections.abc import Iterator

import msgspec

from tlstudio.domain.events import AnyEvent

JOURNAL_VERSION = 1


class JournalLine(msgspec.Struct, frozen=True, kw_only=True):
    """One event at its place in the journal. `time` is seconds since the epoch, for people; order is `seq` alone."""

    v: int = JOURNAL_VERSION
    seq: int
    time: float
    event: AnyEvent


class _Head(msgspec.Struct, frozen=True):
    seq: int
    time: float
    event: msgspec.Raw


class _Sealed(msgspec.Struct, frozen=True):
    crc: str
    line: msgspec.Raw


_encoder = msgspec.json.Encoder()
_sealed = msgspec.json.Decoder(_Sealed)
_head = msgspec.json.Decoder(_Head)
_event = msgspec.json.Decoder(AnyEvent)


def encode_line(line: JournalLine) -> bytes:
    """The bytes of one line, newline included."""
    body = _encoder.encode(line)
    return _encoder.encode(_Sealed(crc=f"{zlib.crc32(body):08x}", line=msgspec.Raw(body))) + b"\n"


def decode_line(data: bytes) -> JournalLine | None:
    """One line without its newline; None for an event of a kind this version does not know.

    Raises `ValueError` where the line is torn or its checksum is wrong.
    """
    sealed = _sealed.decode(data)
    if f"{zlib.crc32(bytes(sealed.line)):08x}" != sealed.crc:
        raise ValueError("checksum of a journal line is wrong")
    head = _head.decode(sealed.line)
    try:
        event = _event.decode(head.event)
    except msgspec.ValidationError:
        return None
    return JournalLine(seq=head.seq, time=head.time, event=event)


def decode_lines(data: bytes) -> Iterator[tuple[JournalLine, int]]:
    """The whole lines at the start of `data`, each with the offset behind it; ends before the first torn or bad one."""
    offset = 0
    while (end := data.find(b"\n", offset)) >= 0:
        try:
            line = decode_line(data[offset:end])
        except ValueError:
            return
        offset = end + 1
        if line is not None:
            yield line, offset


def whole_length(data: bytes) -> int:
    """How many bytes of `data` are whole, valid lines: where a torn tail is cut before appending."""
    offset = 0
    while (end := data.find(b"\n", offset)) >= 0:
        try:
            decode_line(data[offset:end])
        except ValueError:
            break
        offset = end + 1
    return offset
