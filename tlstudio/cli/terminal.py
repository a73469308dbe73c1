"""What a command writes: results to stdout, progress and errors to stderr, or one JSON document."""

import sys
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec

from tlstudio.domain.progress import Progress
from tlstudio.errors import TLStudioError
from tlstudio.messages import Message

EXIT_DONE, EXIT_BUG, EXIT_WRONG_USE, EXIT_REFUSED, EXIT_FAILED, EXIT_STOPPED = 0, 1, 2, 3, 4, 130

_BAR_WIDTH = 24
_REPAINT_S = 0.1
_LINE_EVERY_S = 60.0
"""In a log, where nothing else was said meanwhile: a line that only counts on is worth no more."""


class Terminal:
    """One command's way to speak.

    On a real terminal progress is one line that repaints. In a log each stage of the work is told once, and how far it is now and then.
    """

    def __init__(self, *, json: bool = False) -> None:
        self.json = json
        self.is_live = sys.stderr.isatty()
        self._shown = 0
        """Characters of the progress line on screen."""
        self._painted_at = float("-inf")
        self._said = ""
        self._stage: object = None

    def say(self, text: str | Message) -> None:
        """A sentence on the side, for people only."""
        self._wipe()
        self._painted_at = time.monotonic()
        print(str(text), file=sys.stderr, flush=True)

    def note(self, text: Message | None) -> None:
        """The same, where there is something to say."""
        if text is not None:
            self.say(text)

    def result(self, value: object, lines: Sequence[str]) -> None:
        """What the command answers: `value` as the JSON document, or `lines` for people."""
        self._wipe()
        if self.json:
            print(msgspec.json.format(msgspec.json.encode(value), indent=2).decode(), flush=True)
        else:
            for line in lines:
                print(line, flush=True)

    def refuse(self, error: TLStudioError) -> None:
        """An error of the user's world: what happened and what to do."""
        self._wipe()
        print(f"{error.title}\n{error.hint}", file=sys.stderr, flush=True)
        if self.json:
            document = {"error": {"id": error.title.id, "title": error.title.text(), "hint": error.hint.text(), "details": error.details}}
            self.result(document, [])

    def confess(self, log_file: Path) -> None:
        """A bug of ours."""
        self._wipe()
        title = "TL Studio made a mistake of its own. Your images, labels and runs are safe."
        print(f"{title}\nWhat happened is written in {log_file}.", file=sys.stderr, flush=True)
        if self.json:
            self.result({"error": {"id": "bug", "title": title, "hint": f"See {log_file}", "details": ""}}, [])

    def report(self, progress: Progress) -> None:
        """Progress of work in this process: fits `domain.progress.Report`."""
        share = progress.done / progress.total if progress.total else None
        shown = megabytes if progress.in_bytes else str
        number = f"{shown(progress.done)} of {shown(progress.total)}" if progress.total else (shown(progress.done) if progress.done else "")
        rate = None if progress.in_bytes else progress.per_second
        words = f"{progress.what} {number}".strip()
        self.progress(words, stage=progress.what.id, share=share, rate=rate, seconds_left=progress.seconds_left)

    def progress(
        self, words: str, *, stage: object = "", share: float | None = None, rate: float | None = None, seconds_left: float | None = None
    ) -> None:
        """Where long work stands; `stage` tells apart what is more than counting on, `share` 0..1, `rate` images a second."""
        text = progress_text(words, share=share, rate=rate, seconds_left=seconds_left)
        now = time.monotonic()
        is_done = share is not None and share >= 1
        if self.is_live:
            if text != self._said and (now - self._painted_at >= _REPAINT_S or is_done):
                self._said, self._painted_at = text, now
                print("\r" + text.ljust(self._shown), end="", file=sys.stderr, flush=True)
                self._shown = len(text)
        elif stage != self._stage or (text != self._said and now - self._painted_at >= _LINE_EVERY_S):
            self._stage, self._said, self._painted_at = stage, text, now
            print(text, file=sys.stderr, flush=True)

    def _wipe(self) -> None:
        if self._shown:
            print("\r" + " " * self._shown + "\r", end="", file=sys.stderr, flush=True)
            self._shown, self._said = 0, ""


def progress_text(words: str, *, share: float | None, rate: float | None, seconds_left: float | None) -> str:
    """One line: a bar, the words, the rate and the time left, as far as they are known."""
    parts = [words]
    if share is not None:
        full = round(_BAR_WIDTH * min(1.0, max(0.0, share)))
        parts.insert(0, "[" + "#" * full + "." * (_BAR_WIDTH - full) + "]")
    if rate:
        parts.append(f"{rate:.0f} images/s" if rate >= 10 else f"{rate:.1f} images/s")
    if seconds_left is not None:
        parts.append(f"{duration(seconds_left)} left")
    return "  ".join(parts)


def duration(seconds: float) -> str:
    """ "42 s", "3 min 5 s", "2 h 10 min", "14 h", "40 days": to the second while it is short, since a line is all there is to watch."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    if whole < 10 * 3600:
        return f"{whole // 3600} h {whole % 3600 // 60} min"
    return f"{round(whole / 3600)} h" if whole < 48 * 3600 else f"{round(whole / 86400):,} days"


def table(rows: Sequence[Sequence[str]], *, right: Sequence[int] = ()) -> list[str]:
    """Rows (the first is the heading) as lines with aligned columns; those in `right` to the right."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        "  ".join(
            cell.rjust(width) if column in right else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def counted(number: int, one: str) -> str:
    """ "1 image", "2 images": for words whose plural only gets an s."""
    return f"{number} {one}" if number == 1 else f"{number} {one}s"


def megabytes(num_bytes: int) -> str:
    """ "7.1 MB"."""
    return f"{num_bytes / 1e6:.1f} MB"


def percent(value: float | None) -> str:
    """ "96.1 %", or a dash where there is no figure."""
    return "-" if value is None else f"{100 * value:.1f} %"
