"""The cache of features: exact where it judges, shared, and never worth more than the time to make it."""

import os
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tlstudio.datasets.decode import DECODER_VERSION
from tlstudio.domain.intensity import IntensityRule
from tlstudio.domain.networks import Preprocessing
from tlstudio.engine.data.feature_cache import FeatureCache
from tlstudio.engine.data.record_file import RecordFile, file_name, prune
from tlstudio.engine.models.create import Source

RULE = IntensityRule()
HASHES = [f"{number:064x}" for number in range(20)]
SOURCE = Source(architecture="test_resnet", arguments={}, preprocessing=Preprocessing(), weights="random-test_resnet-0")


def cache(folder: Path, source: Source = SOURCE, intensity: IntensityRule = RULE) -> FeatureCache:
    return FeatureCache(folder, source=source, intensity=intensity, num_features=6)


def vectors(number: int) -> np.ndarray:
    return np.random.default_rng(0).normal(size=(number, 6)).astype(np.float32)


def test_exact_vectors_come_back_to_the_bit_and_others_as_they_were_promised(tmp_path: Path) -> None:
    values = vectors(4)
    values[3, 2] = 1e6  # more than half precision can hold
    exact = np.array([True, False, False, False])
    kept = cache(tmp_path).put(HASHES[:4], values, exact=exact)
    read = cache(tmp_path)
    np.testing.assert_array_equal(read.get(HASHES[0], exact=True), values[0])
    np.testing.assert_array_equal(read.get(HASHES[3], exact=False), values[3])
    assert read.get(HASHES[1], exact=True) is None
    for hash, vector in zip(HASHES, kept, strict=False):
        np.testing.assert_array_equal(read.get(hash, exact=False), vector)
    np.testing.assert_allclose(kept[1], values[1], rtol=1e-3)


def test_anything_that_changes_a_feature_has_a_file_of_its_own(tmp_path: Path) -> None:
    cache(tmp_path).put(HASHES[:1], vectors(1), exact=np.array([True]))
    others = (
        cache(tmp_path, replace(SOURCE, weights="random-test_resnet-1")),
        cache(tmp_path, replace(SOURCE, preprocessing=Preprocessing(input_size_px=96))),
        cache(tmp_path, replace(SOURCE, arguments={"pad_type": "same"})),
        cache(tmp_path, intensity=IntensityRule(kind="window", low=0, high=9)),
    )
    assert cache(tmp_path).has(HASHES[0], exact=True)
    assert not any(other.has(HASHES[0], exact=True) for other in others)


@pytest.mark.parametrize("damage", ["torn tail", "flipped bit", "foreign header", "empty"])
def test_what_is_damaged_counts_as_not_there_and_is_made_again(tmp_path: Path, damage: str) -> None:
    cache(tmp_path).put(HASHES[:5], vectors(5), exact=np.ones(5, bool))
    file = max((tmp_path / "features").glob("*.features"), key=lambda item: item.stat().st_size)
    data = bytearray(file.read_bytes())
    if damage == "torn tail":
        data = data[:-7]
    elif damage == "flipped bit":
        data[-3] ^= 1
    elif damage == "foreign header":
        data[:4] = b"what"
    else:
        data = bytearray()
    file.write_bytes(data)
    damaged = cache(tmp_path)
    assert damaged.get(HASHES[4], exact=True) is None
    if damage in ("torn tail", "flipped bit"):
        np.testing.assert_array_equal(damaged.get(HASHES[0], exact=True), vectors(5)[0])
    damaged.put(HASHES[4:5], vectors(5)[4:], exact=np.ones(1, bool))
    np.testing.assert_array_equal(cache(tmp_path).get(HASHES[4], exact=True), vectors(5)[4])


def test_runs_at_the_same_time_share_one_file(tmp_path: Path) -> None:
    key = {"what": "test"}

    def write(start: int) -> None:
        file = RecordFile(tmp_path / "shared.features", key=key, payload_bytes=8)
        for number in range(start, 20, 4):
            assert file.append([HASHES[number]], np.full((1, 8), number, np.uint8))
            assert file.get(HASHES[number]) is not None

    threads = [threading.Thread(target=write, args=(start,)) for start in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    read = RecordFile(tmp_path / "shared.features", key=key, payload_bytes=8)
    for number, hash in enumerate(HASHES):
        payload = read.get(hash)
        assert payload is not None
        assert (payload == number).all()


def test_a_place_that_cannot_be_written_costs_only_time(tmp_path: Path) -> None:
    (tmp_path / "features").write_text("a file where a folder should be")
    kept = cache(tmp_path).put(HASHES[:1], vectors(1), exact=np.array([True]))
    np.testing.assert_array_equal(kept, vectors(1))


def test_the_oldest_files_go_first_when_the_budget_is_used_up(tmp_path: Path) -> None:
    for age, name in enumerate(("new", "middle", "old")):
        (tmp_path / "pixels").mkdir(exist_ok=True)
        (tmp_path / "pixels" / name).write_bytes(b"x" * 100)
        os.utime(tmp_path / "pixels" / name, (1000 - age, 1000 - age))
    prune(tmp_path / "pixels", 250)
    assert {file.name for file in (tmp_path / "pixels").iterdir()} == {"new", "middle"}


def test_features_of_one_rule_are_not_those_of_another(tmp_path: Path) -> None:
    ones, twos = np.full((1, 6), 1, np.float32), np.full((1, 6), 2, np.float32)
    by_rule = [FeatureCache(tmp_path, source=SOURCE, intensity=RULE, num_features=6, rule=rule) for rule in (1, 2)]
    for rule, values in zip(by_rule, (ones, twos), strict=True):
        rule.put(HASHES[:1], values, exact=np.array([True]))
    np.testing.assert_array_equal(by_rule[0].get(HASHES[0], exact=True), ones[0])
    np.testing.assert_array_equal(by_rule[1].get(HASHES[0], exact=True), twos[0])
    assert len(list((tmp_path / "features").glob("*.features"))) == 2


def test_features_that_were_kept_before_there_were_rules_are_those_of_the_first(tmp_path: Path) -> None:
    key = {
        "what": "features",
        "decoder": DECODER_VERSION,
        "intensity": RULE,
        "weights": SOURCE.weights,
        "architecture": SOURCE.architecture,
        "arguments": SOURCE.arguments,
        "preprocessing": SOURCE.preprocessing,
        "dtype": "f32",
    }
    before = RecordFile(tmp_path / "features" / f"{file_name(key)}.features", key=key, payload_bytes=24)
    assert before.append(HASHES[:1], vectors(1).view(np.uint8))
    first, second = (FeatureCache(tmp_path, source=SOURCE, intensity=RULE, num_features=6, rule=rule) for rule in (1, 2))
    np.testing.assert_array_equal(first.get(HASHES[0], exact=True), vectors(1)[0])
    assert second.get(HASHES[0], exact=True) is None


def filled(numbers: range) -> np.ndarray:
    return np.stack([np.full(8, number, np.uint8) for number in numbers])


@pytest.mark.parametrize("is_by_another", [False, True], ids=["made anew by this one", "by another process"])
def test_a_file_that_was_deleted_and_made_anew_never_answers_with_another_record(tmp_path: Path, *, is_by_another: bool) -> None:
    key = {"what": "test"}
    file = RecordFile(tmp_path / "shared.pixels", key=key, payload_bytes=8)
    assert file.append(HASHES[:4], filled(range(4)))
    assert all(file.get(hash) is not None for hash in HASHES[:4])
    file.path.unlink()
    other = RecordFile(file.path, key=key, payload_bytes=8) if is_by_another else file
    assert other.append(HASHES[4:12], filled(range(4, 12)))
    if is_by_another:
        assert file.append(HASHES[12:13], filled(range(12, 13)))
        answer = file.get(HASHES[12])
        assert answer is not None, "what was appended now is found where it lies now"
        assert (answer == 12).all()
    for number, hash in enumerate(HASHES[:12]):
        payload = file.get(hash)
        assert payload is None or (payload == number).all()
        assert number < 4 or is_by_another or payload is not None


def test_a_file_that_was_deleted_before_it_was_read_counts_as_empty(tmp_path: Path) -> None:
    file = RecordFile(tmp_path / "shared.pixels", key={"what": "test"}, payload_bytes=8)
    assert file.append(HASHES[:2], filled(range(2)))
    file.path.unlink()
    assert file.get(HASHES[0]) is None
