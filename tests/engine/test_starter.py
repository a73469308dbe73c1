"""The starter that ships: what its card says is what lies there, timm reads it, and a new project begins with it."""

from pathlib import Path

import msgspec
import pytest
import timm
import torch
from blake3 import blake3
from safetensors.torch import load_file

from tlstudio import paths
from tlstudio.domain.networks import WeightsCard
from tlstudio.operations import weights
from tlstudio.zoo.library import Library

FOLDER = paths.resources() / "starter"


def _card() -> WeightsCard:
    return msgspec.json.decode((FOLDER / "card.json").read_bytes(), type=WeightsCard)


def test_the_card_names_the_bytes_that_are_there() -> None:
    data = (FOLDER / "model.safetensors").read_bytes()
    assert blake3(data).hexdigest() == _card().hash
    assert len(data) == _card().size_bytes <= 6_000_000


def test_timm_reads_the_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    network = timm.create_model(f"local-dir:{FOLDER}", pretrained=True)
    tensors = load_file(FOLDER / "model.safetensors")
    assert all(tensor.dtype in (torch.float16, torch.int64) for tensor in tensors.values())
    state = network.state_dict()
    assert set(tensors) == set(state)
    assert all(torch.equal(tensors[name].to(state[name].dtype), tensor) for name, tensor in state.items())


def test_its_card_for_people_says_how_it_was_made_and_what_it_cannot() -> None:
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    for words in (
        "teachers",
        "git show cf24ebb:",
        "1,600,000 looks",
        "8-bit",
        "Apache-2.0",
        "not contained",
        "Limits",
        "import stronger weights when you can",
        "mean",
    ):
        assert words in text


def test_a_new_project_begins_with_it_and_it_leads_the_library(tmp_path: Path) -> None:
    cards = Library(tmp_path / "weights").cards()
    assert [(card.name, card.bundled) for card in cards] == [("Starter (MobileNetV4 small)", True)]
    assert weights.default_network().weights == _card().hash
