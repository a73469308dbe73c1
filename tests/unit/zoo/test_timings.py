"""How long a network took in passing: found again as long as networks are run as they were then."""

from pathlib import Path

import msgspec

from tlstudio.domain.machine import NetworkTiming
from tlstudio.zoo import profiles

HOLDS_FOR = {"device": "a processor", "threads": "2"}


def load(cache_folder: Path) -> NetworkTiming | None:
    return profiles.load_timing(cache_folder, HOLDS_FOR, architecture="test_resnet", input_size_px=64)


def test_a_time_is_kept(tmp_path: Path) -> None:
    timing = NetworkTiming(architecture="test_resnet", input_size_px=64, forward_s=0.01)
    profiles.save_timing(tmp_path, HOLDS_FOR, timing)
    assert load(tmp_path) == timing


def test_a_time_from_before_what_judges_was_folded_is_not_found(tmp_path: Path) -> None:
    timing = NetworkTiming(architecture="test_resnet", input_size_px=64, forward_s=0.01)
    profiles.save_timing(tmp_path, HOLDS_FOR, msgspec.structs.replace(timing, version=1))
    assert load(tmp_path) is None
