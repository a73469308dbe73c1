"""The selection is plain state: it survives other filters, and ranges start where the last click was."""

from tlstudio.ui.widgets.thumb_selection import ThumbSelection


def selection(num: int = 10) -> ThumbSelection:
    made = ThumbSelection()
    made.set_ids(list(range(100, 100 + num)))
    return made


def test_a_range_reaches_from_the_anchor_both_ways() -> None:
    state = selection()
    state.choose(4)
    state.extend(6)
    assert state.ordered() == (104, 105, 106)
    state.extend(2)
    assert state.ordered() == (102, 103, 104)


def test_toggling_adds_and_takes_away() -> None:
    state = selection()
    state.choose(1)
    state.toggle(5)
    state.toggle(1)
    assert state.ordered() == (105,)


def test_what_is_no_longer_shown_is_no_longer_selected() -> None:
    state = selection()
    state.choose(4)
    state.extend(6)
    assert state.set_ids([100, 105, 109])
    assert state.ordered() == (105,)
    assert not state.set_ids([105, 106])
    assert state.ordered() == (105,)


def test_the_keys_stay_with_their_image_or_with_its_place() -> None:
    state = selection()
    state.choose(5)
    state.set_ids([104, 105, 106])
    assert state.ids[state.current or 0] == 105
    state.set_ids([104, 106, 107])
    assert state.current == 1, "the one in the place of the vanished one"
    state.set_ids([])
    assert state.current is None


def test_a_range_after_the_list_became_shorter() -> None:
    state = selection()
    state.choose(9)
    state.set_ids([100, 101, 102])
    state.extend(0)
    assert state.ordered() == (100, 101, 102)
