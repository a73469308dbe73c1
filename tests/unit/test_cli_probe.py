"""`tlstudio probe` measures this computer and is believed from then on."""

from pathlib import Path

from tests.real_jobs import NETWORK, tlstudio_json


def test_what_was_measured_is_shown_and_the_next_training_counts_with_it(home: Path) -> None:
    found = tlstudio_json("probe", "--network", NETWORK, "--size", "64", "--device", "cpu", home=home)
    assert found["machine"]["measured_at"] > 0
    assert found["machine"]["conv_flops"]["fp32"] > 1e8
    network = found["networks"][0]
    assert (network["architecture"], network["input_size_px"], network["is_measured"]) == (NETWORK, 64, True)
    assert network["inference"]["precision"] == "fp32"
    assert all(stage["forward_s"] > 0 for stage in network["stages"])


def test_a_network_nobody_knows_is_refused(home: Path) -> None:
    refused = tlstudio_json("probe", "--network", "no_such_network", home=home, expect=3)
    assert refused["error"]["id"] == "train.unknown_network"
