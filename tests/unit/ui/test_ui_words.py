"""Texts of the window: filled, counted, and in units people read."""

import pytest

from tlstudio.domain.memory import gigabytes
from tlstudio.domain.progress import Progress
from tlstudio.messages import message
from tlstudio.ui import words
from tlstudio.ui.widgets.progress_strip import progress_words
from tlstudio.ui.zoo.cockpit.figures import memory_words


def test_texts_are_filled_and_a_plain_one_may_hold_braces() -> None:
    assert words.tr("{n} of {total}", n=3, total=4) == "3 of 4"
    assert words.tr("a set {x}") == "a set {x}"
    assert words.say(message("test.file", "{file} is cut short.", file="a{b}.png")) == "a{b}.png is cut short."


def test_counts_choose_their_form() -> None:
    assert words.tr_n("1 image", "{n} images", 1) == "1 image"
    assert words.tr_n("1 image", "{n} images", 1204) == "1,204 images"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.2, "1 s"),
        (8.4, "8 s"),
        (59, "59 s"),
        (61, "1 min"),
        (3540, "59 min"),
        (3600, "1 h"),
        (4800, "1 h 20 min"),
        (50_000, "14 h"),
        (3_407_340, "39 days"),
    ],
)
def test_durations(seconds: float, text: str) -> None:
    assert words.duration(seconds) == text


@pytest.mark.parametrize(("num", "text"), [(0, "0.0"), (1_900_000_000, "1.8"), (24 * 1024**3, "24"), (358 * 1024**3, "358")])
def test_memory_is_told_in_one_kind_of_gigabyte(num: int, text: str) -> None:
    assert gigabytes(num) == text
    assert memory_words(num) == f"{text} GB"


@pytest.mark.parametrize(
    ("num", "text"), [(0, "0 B"), (950, "950 B"), (6_100_000, "6.1 MB"), (123_000_000, "123 MB"), (5_700_000_000, "5.7 GB")]
)
def test_sizes(num: int, text: str) -> None:
    assert words.size(num) == text


def test_progress_says_count_rate_and_time_left() -> None:
    what = message("test.reading", "Reading images")
    assert progress_words(Progress(what=what, done=412, total=1204, per_second=310)) == (
        "Reading images · 412 of 1,204 · 310 a second · about 3 s left"
    )
    assert progress_words(Progress(what=what, done=0)) == "Reading images"
    assert progress_words(Progress(what=what, done=12, per_second=0.5)) == "Reading images · 12 · 0.5 a second"
