"""The store of activations: what is read back is what training was given when it was computed."""

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tlstudio.engine.data import activations
from tlstudio.engine.data.activations import Activations, make_room, room_bytes

SHAPE = (2, 3, 2)
KEYS = [f"{number:064x}" for number in range(8)]
values_f32 = arrays(np.float32, st.tuples(st.integers(1, 8), *(st.just(size) for size in SHAPE)), elements=st.floats(-1e6, 1e6, width=32))


def store(folder: Path, *, exact: bool = False, **key: object) -> Activations:
    return Activations(folder, key={"what": "test", **key}, shape=SHAPE, exact=exact)


@settings(deadline=None, max_examples=50)
@given(values=values_f32, exact=st.booleans())
def test_what_is_read_back_is_what_was_handed_out(values: np.ndarray, exact: bool) -> None:
    with TemporaryDirectory() as folder:
        given_out = store(Path(folder), exact=exact).put(KEYS[: len(values)], values)
        check_read_back(store(Path(folder), exact=exact), values, given_out, exact=exact)


def check_read_back(read: Activations, values: np.ndarray, given_out: list[np.ndarray], *, exact: bool) -> None:
    for key, now, value in zip(KEYS, given_out, values, strict=False):
        found = read.get(key)
        assert found is not None
        assert found.dtype == now.dtype
        np.testing.assert_array_equal(found, now)
        if exact or np.abs(value).max() >= 65520:
            np.testing.assert_array_equal(found, value)
        else:
            assert found.dtype == np.float16
            np.testing.assert_allclose(found, value, rtol=1e-3, atol=1e-7)


def test_what_is_there_stays_and_is_what_is_handed_out(tmp_path: Path) -> None:
    ones, twos = (np.full((2, *SHAPE), number, np.float32) for number in (1, 2))
    store(tmp_path).put(KEYS[:1], ones[:1])
    kept = store(tmp_path).put(KEYS[:2], twos)
    assert [item.max() for item in kept] == [1, 2]
    assert store(tmp_path).get(KEYS[0]).max() == 1  # type: ignore[union-attr]


def test_another_key_or_shape_has_a_file_of_its_own(tmp_path: Path) -> None:
    store(tmp_path, seed=1).put(KEYS[:1], np.zeros((1, *SHAPE), np.float32))
    assert store(tmp_path, seed=1).has(KEYS[0])
    assert not store(tmp_path, seed=2).has(KEYS[0])
    assert not store(tmp_path, seed=1, exact=True).has(KEYS[0])
    assert not Activations(tmp_path, key={"what": "test", "seed": 1}, shape=(12,), exact=False).has(KEYS[0])


def test_a_folder_that_cannot_be_written_is_noticed_and_costs_nothing_else(tmp_path: Path) -> None:
    (tmp_path / activations.FOLDER).write_text("in the way")
    there = store(tmp_path)
    kept = there.put(KEYS[:1], np.ones((1, *SHAPE), np.float32))
    assert there.has_failed
    assert kept[0].max() == 1
    assert there.get(KEYS[0]) is None


def test_older_activations_give_way_to_newer_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store(tmp_path, run="old").put(KEYS, np.ones((8, *SHAPE), np.float32))
    old = store(tmp_path, run="old").num_bytes
    monkeypatch.setattr(activations, "_BUDGET_BYTES", 3 * old)
    assert room_bytes(tmp_path) == 3 * old
    make_room(tmp_path, old)
    assert store(tmp_path, run="old").has(KEYS[0])
    make_room(tmp_path, 3 * old)
    assert not store(tmp_path, run="old").has(KEYS[0])
