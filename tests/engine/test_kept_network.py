"""A network that one project fine-tuned is what another starts from, by real commands and real jobs."""

from pathlib import Path

import pytest
from safetensors.numpy import load_file

from tests.real_jobs import NETWORK, tlstudio, tlstudio_json
from tlstudio.zoo.library import Library

# So strong a penalty leaves the head unsure: a little fine-tuning is certain to be the better model.
SETTINGS = ("epochs=4", "batch_size=8", "learning_rate=0.0003", "patience=0", "input_size_px=64", "penalties=10")
FINE_TUNED = ("--recipe", "balanced", "--network", NETWORK, "--weights", "none", *(part for item in SETTINGS for part in ("--set", item)))


@pytest.fixture
def images(make_images) -> Path:
    return make_images({"bars": 20, "discs": 20})


def test_a_fine_tuned_network_starts_another_project(images: Path, home: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "First", tmp_path / "Second"
    for project in (first, second):
        tlstudio("new", project, home=home)
        tlstudio("import", project, images, home=home)
    tlstudio("train", first, "--network", NETWORK, "--weights", "none", home=home)
    assert "has the network as it came" in tlstudio("weights", "keep", first, 1, home=home, expect=3).stderr
    tlstudio("train", first, *FINE_TUNED, home=home)
    kept = tlstudio_json("weights", "keep", first, 2, "--name", "Stripes", home=home)
    assert kept["source"] == "fine-tuned in First, run 2"
    tlstudio("train", second, "--weights", "Stripes", home=home)
    model = load_file(next((second / "runs" / "0001" / "checkpoints").glob("best-*.safetensors")))
    stored = load_file(Library().file_of(kept["hash"]))
    assert all((model[f"backbone.{name}"] == value).all() for name, value in stored.items())
