"""The part of YAML that YOLO's data.yaml is written in, read strictly: what is not of that part is refused, never guessed.

Texts, lists in brackets or with dashes, and mappings of numbers to names, in brackets or indented. No anchors, tags, block
texts or several documents.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from tlstudio.messages import Message, message

MAX_YAML_BYTES = 1024 * 1024
_KEY = re.compile(r"(?P<key>[A-Za-z_][\w-]*)\s*:(?:\s+(?P<value>.*))?$")
_ITEM = re.compile(r"-\s+(?P<value>.*)$|-$")
_NUMBERED = re.compile(r"(?P<key>\d{1,6}|\"\d{1,6}\"|'\d{1,6}')\s*:(?:\s+(?P<value>.*))?$")
_REFUSED_STARTS = ("&", "*", "!", "|", ">", "%", "@", "`", "{", "[", "]", "}", ",", "? ")
_ESCAPES = {'"': '"', "\\": "\\", "/": "/", "n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}
_PASSED_OVER = frozenset(
    ("roboflow", "download", "author", "date", "version", "license", "licence", "description", "task", "batch", "imgsz", "channels", "args")
)
"""Keys that known programs write and that say nothing of the labels."""


@dataclass(kw_only=True)
class YoloData:
    """What the file says. `parts`: paths by "train", "val", "test", each with its line; `names` by the number of the class."""

    path: str = ""
    parts: list[tuple[str, str, int]] = field(default_factory=list)
    names: dict[int, str] = field(default_factory=dict)
    has_keypoints: bool = False
    problems: list[tuple[int, Message]] = field(default_factory=list)
    """By line, from 1."""


class _RefusedError(Exception):
    def __init__(self, line: int) -> None:
        super().__init__(line)
        self.line = line


@dataclass(frozen=True)
class _Line:
    number: int
    indent: int
    text: str


def parse(text: str) -> YoloData | Message:
    """The file's content, or why none of it can be used."""
    try:
        return _Reader(_lines(text)).read()
    except _RefusedError as refused:
        return message(
            "yolo.yaml", "Line {row} is written in a way that this program does not read; the file is refused.", row=refused.line
        )


def _lines(text: str) -> list[_Line]:
    """Without comments and empty lines; lists in brackets that go over several lines are joined."""
    found: list[_Line] = []
    depth = 0
    for number, raw in enumerate(text.splitlines(), 1):
        bare = _without_comment(raw).rstrip()
        if not bare.strip() or (bare == "---" and not found):
            continue
        if "\t" in bare[: len(bare) - len(bare.lstrip())] or bare in ("---", "..."):
            raise _RefusedError(number)
        if depth:
            found[-1] = _Line(found[-1].number, found[-1].indent, f"{found[-1].text} {bare.strip()}")
        else:
            found.append(_Line(number, len(bare) - len(bare.lstrip()), bare.strip()))
        depth = _depth(found[-1].text)
    return found


def _bare(text: str) -> Iterator[tuple[int, str]]:
    """The letters outside of quotes, with their places. A quote opens where a text begins, as YAML has it."""
    quote, is_escaped = "", False
    for place, letter in enumerate(text):
        if is_escaped:
            is_escaped = False
        elif quote:
            is_escaped = quote == '"' and letter == "\\"
            quote = "" if letter == quote else quote
        elif letter in "\"'" and (place == 0 or text[place - 1] in " \t[{,:"):
            quote = letter
        else:
            yield place, letter


def _without_comment(line: str) -> str:
    marks = (place for place, letter in _bare(line) if letter == "#" and (place == 0 or line[place - 1] in " \t"))
    return line[: next(marks, len(line))]


def _depth(text: str) -> int:
    """Brackets that are open at the end of a value which begins with one."""
    value = text.partition(":")[2].strip() if _KEY.match(text) else text
    if not value.startswith(("[", "{")):
        return 0
    return max(0, sum((letter in "[{") - (letter in "]}") for _, letter in _bare(value)))


class _Reader:
    def __init__(self, lines: list[_Line]) -> None:
        self._lines = lines
        self._at = 0
        self._data = YoloData()

    def read(self) -> YoloData:
        seen: set[str] = set()
        while self._at < len(self._lines):
            line = self._next()
            found = _KEY.match(line.text)
            if line.indent or found is None or found["key"] in seen:
                raise _RefusedError(line.number)
            seen.add(found["key"])
            self._take(found["key"], (found["value"] or "").strip(), line)
        return self._data

    def _next(self) -> _Line:
        self._at += 1
        return self._lines[self._at - 1]

    def _take(self, key: str, value: str, line: _Line) -> None:
        if key == "path":
            self._data.path = _scalar(value, line)
        elif key in ("train", "val", "test"):
            given = self._items(value, line)
            self._data.parts += [(key, item, line.number) for item in given.values() if item]
        elif key == "names":
            self._data.names = self._items(value, line)
        elif key == "nc":
            if not value.isdecimal():
                raise _RefusedError(line.number)
        else:
            self._pass_over()
            self._data.has_keypoints = self._data.has_keypoints or key == "kpt_shape"
            if key not in _PASSED_OVER and key not in ("kpt_shape", "flip_idx", "kpt_names"):
                text = "Entry {row}: “{key}” is not known here and was passed over."
                self._data.problems.append((line.number, message("yolo.key", text, row=line.number, key=key)))

    def _pass_over(self) -> None:
        while self._at < len(self._lines) and (self._lines[self._at].indent or self._lines[self._at].text.startswith("- ")):
            self._at += 1

    def _items(self, value: str, line: _Line) -> dict[int, str]:
        """A list or a mapping by number; a single text is a list of one."""
        if value.startswith("["):
            return dict(enumerate(_scalar(item, line) for item in _inside(value, "]", line)))
        if value.startswith("{"):
            return dict(_pair(item, line) for item in _inside(value, "}", line))
        if value:
            return {0: _scalar(value, line)}
        found: dict[int, str] = {}
        while self._at < len(self._lines) and (self._lines[self._at].indent or self._lines[self._at].text.startswith("-")):
            item = self._next()
            dashed = _ITEM.match(item.text)
            number, text = (len(found), _scalar((dashed["value"] or "").strip(), item)) if dashed else _pair(item.text, item)
            if number in found:
                raise _RefusedError(item.number)
            found[number] = text
        return found


def _pair(text: str, line: _Line) -> tuple[int, str]:
    found = _NUMBERED.match(text)
    if found is None:
        raise _RefusedError(line.number)
    return int(found["key"].strip("\"'")), _scalar((found["value"] or "").strip(), line)


def _inside(value: str, end: str, line: _Line) -> list[str]:
    """The items between brackets, separated by commas outside of quotes."""
    if not value.endswith(end):
        raise _RefusedError(line.number)
    body = value[1:-1]
    commas = [place for place, letter in _bare(body) if letter == ","]
    ends = [*commas, len(body)]
    items = [body[start:stop].strip() for start, stop in zip([0, *(place + 1 for place in commas)], ends, strict=True)]
    return items[:-1] if items[-1] == "" else items


def _scalar(text: str, line: _Line) -> str:
    if text.startswith('"'):
        return _double(text, line)
    if text.startswith("'"):
        if len(text) < 2 or not text.endswith("'") or "'" in text[1:-1].replace("''", ""):
            raise _RefusedError(line.number)
        return text[1:-1].replace("''", "'")
    if text.startswith(_REFUSED_STARTS) or ": " in text or text.endswith(":"):
        raise _RefusedError(line.number)
    return text


def _double(text: str, line: _Line) -> str:
    if len(text) < 2 or not text.endswith('"') or re.search(r'(?<!\\)(?:\\\\)*"', text[1:-1]):
        raise _RefusedError(line.number)

    def of(found: re.Match[str]) -> str:
        escaped = found[1]
        if escaped[0] in "xuU" and len(escaped) > 1:
            return chr(int(escaped[1:], 16))
        if escaped not in _ESCAPES:
            raise _RefusedError(line.number)
        return _ESCAPES[escaped]

    return re.sub(r"\\(x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|.)", of, text[1:-1])
