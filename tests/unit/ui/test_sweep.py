"""A sweep knows at once what each image will be, and undo and redo come back to the image they concern."""

from hypothesis import given
from hypothesis import strategies as st

from tlstudio.ui.data.sweep import Sweep

IDS = (7, 3, 9, 5)
STORED = {7: "a", 3: None, 9: "b", 5: None}


def sweep(start: int = 0) -> Sweep:
    return Sweep(IDS, class_of=STORED.__getitem__, start=start)


def test_a_class_is_set_and_the_next_one_comes() -> None:
    state = sweep()
    assert (state.current, state.num_left, state.ahead(2)) == (7, 4, (3, 9))
    assert state.label("b")
    assert (state.current, state.num_left, state.class_of(7)) == (3, 3, "b")


def test_the_same_class_again_goes_on_and_is_no_edit() -> None:
    state = sweep()
    assert not state.label("a")
    assert state.current == 3
    state.take_back()
    assert state.current == 3, "there is nothing of this sweep to come back to"


def test_behind_the_last_one_there_is_none() -> None:
    state = sweep(start=3)
    state.label("a")
    assert (state.current, state.num_left, state.ahead(2)) == (None, 0, ())
    state.go(5)
    assert state.current is None
    state.go(-1)
    assert state.current == 5
    state.go(-9)
    assert state.current == 7


def test_undo_comes_back_to_the_image_wherever_the_sweep_has_gone() -> None:
    state = sweep()
    state.label("b")
    state.go(2)
    state.take_back()
    assert (state.current, state.class_of(7)) == (7, "a")
    state.do_again()
    assert (state.current, state.class_of(7)) == (3, "b")


@given(st.lists(st.sampled_from(["a", "b", None, "undo", "redo", "on", "back", "aside"]), max_size=30))
def test_it_keeps_step_with_a_project_that_undoes(keys: list[str | None]) -> None:
    """Against the rule of the project's own undo: only what changes something is a step, and a new one cuts the tail."""
    state = sweep()
    classes, steps, num_made = dict(STORED), [], 0
    for key in keys:
        if key == "undo" and num_made:
            num_made -= 1
            id, before, _ = steps[num_made]
            classes[id] = before
            state.take_back()
            assert state.current == id
        elif key == "redo" and num_made < len(steps):
            id, _, after = steps[num_made]
            classes[id] = after
            num_made += 1
            state.do_again()
        elif key in ("on", "back"):
            state.go(1 if key == "on" else -1)
        elif key not in ("undo", "redo") and (id := state.current) is not None:
            after = classes[id] if key == "aside" else key
            is_edit = key == "aside" or classes[id] != key
            if key == "aside":
                state.leave_out()
            else:
                assert state.label(key) == is_edit
            if is_edit:
                steps[num_made:] = [(id, classes[id], after)]
                num_made += 1
                classes[id] = after
        assert {id: state.class_of(id) for id in IDS} == classes
