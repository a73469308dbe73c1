"""What the header of Train says where there is much room, and where there is little."""

from tests.gui.train_studio import Studio
from tlstudio.ui.train import status_words

_PANEL_PX = {1440: 1224, 1024: 808}
"""Width of the panel in a window of this width."""
_NARROWER_PX = 770
"""Where other fonts leave no more room in the narrow window."""


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


def test_a_device_with_a_long_name_is_left_out_before_words_are_shortened(studio: Studio) -> None:
    studio.monkeypatch.setattr(status_words, "seconds_left", lambda _state: 80 * 60.0)
    studio.monkeypatch.setattr(status_words, "_device", lambda _plan: "2 processes on " + 10 * "NVIDIA GeForce RTX 4090 ")
    studio.start_until_it_can_be_paused()
    subject = studio.panel.header.row.subject
    studio.panel.resize(_PANEL_PX[1440], 820)
    studio.wait(lambda: subject.text().startswith("epoch 2 of 14 · about 1 h 20 min left"))
    assert subject.text() != subject.whole_text() == subject.toolTip()
    assert "GeForce" in subject.toolTip()
