"""What the header of Train says where there is much room, and where there is little."""

from tests.gui.train_studio import Studio
from tlstudio.domain import events as ev
from tlstudio.ui.train import status_words

_PANEL_PX = {1440: 1224, 1024: 808}
"""Width of the panel in a window of this width."""
_PAUSED_PX = 740
_NARROWER_PX = 770
"""Widths where other fonts leave no more room in the narrow window."""


def test_epoch_and_time_left_are_told_whole_in_a_wide_window_and_in_short_in_a_narrow_one(studio: Studio) -> None:
    studio.monkeypatch.setattr(status_words, "seconds_left", lambda _state: 80 * 60.0)  # what is replayed is over at once
    studio.start_until_it_can_be_paused()
    header, subject = studio.panel.header, studio.panel.header.row.subject
    studio.panel.resize(_PANEL_PX[1440], 820)
    whole = "epoch 2 of 14 · about 1 h 20 min left"
    studio.wait(lambda: subject.text().startswith(whole))
    assert subject.text() == subject.whole_text(), "nothing is cut"
    assert (header.badge.text(), header.queue.text()) == ("● Run 1 · Quick", "Queue another run")
    studio.panel.resize(_PANEL_PX[1024], 640)
    studio.wait(lambda: header.badge.text() == "● Run 1")
    studio.wait(lambda: "1 h 20 min left" in subject.text())
    assert subject.text().startswith("epoch 2")
    studio.panel.resize(_NARROWER_PX, 640)
    studio.wait(lambda: subject.text().startswith("epoch 2/14 · 1 h 20 min left"))
    assert subject.toolTip() == subject.accessibleName() == subject.whole_text()
    assert subject.whole_text().startswith(whole)
    assert (header.badge.text(), header.badge.toolTip()) == ("● Run 1", "● Run 1 · Quick")
    assert (header.queue.text(), header.queue.toolTip()) == ("Queue another", "Queue another run")


def test_what_is_paused_or_idle_ends_with_a_whole_word_in_a_narrow_window(studio: Studio) -> None:
    job = studio.start_until_it_can_be_paused()
    subject = studio.panel.header.row.subject
    studio.panel.resize(_PANEL_PX[1440], 820)
    job.write(ev.Paused(step=20))
    studio.wait(lambda: subject.text() == "Paused in epoch 2 of 14 · the window may be closed")
    studio.panel.resize(_PAUSED_PX, 640)
    studio.wait(lambda: subject.text() == "Paused, epoch 2/14 · window may be closed")
    assert subject.toolTip() == "Paused in epoch 2 of 14 · the window may be closed"
    job.play()
    studio.wait(studio.panel.header.start.isVisible)
    studio.panel.resize(_PANEL_PX[1024], 640)
    assert subject.text().startswith("15 training images · ")
    assert "…" not in subject.text()


def test_a_device_with_a_long_name_is_left_out_before_words_are_shortened(studio: Studio) -> None:
    studio.monkeypatch.setattr(status_words, "seconds_left", lambda _state: 80 * 60.0)
    studio.monkeypatch.setattr(status_words, "_device", lambda _plan: "2 processes on " + 10 * "NVIDIA GeForce RTX 4090 ")
    studio.start_until_it_can_be_paused()
    subject = studio.panel.header.row.subject
    studio.panel.resize(_PANEL_PX[1440], 820)
    studio.wait(lambda: subject.text().startswith("epoch 2 of 14 · about 1 h 20 min left"))
    assert subject.text() != subject.whole_text() == subject.toolTip()
    assert "GeForce" in subject.toolTip()
