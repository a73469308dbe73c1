"""What a person can do with weights: look, confirm, keep, choose, remove."""

from pathlib import Path

import msgspec
import pytest
from weights_files import SMALL, save, tensors

from tlstudio import paths
from tlstudio.domain.recipe import NetworkPart
from tlstudio.errors import TLStudioError
from tlstudio.operations import weights
from tlstudio.zoo import catalogue


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return save(tmp_path / "lab.safetensors", tensors())


@pytest.fixture(autouse=True)
def no_starter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Resources with the catalogue alone; returns where a starter would be."""
    resources = tmp_path / "resources"
    resources.mkdir()
    (resources / "catalogue").symlink_to(paths.resources() / "catalogue")
    monkeypatch.setattr(paths, "resources", lambda: resources)
    return resources / "starter"


def test_looking_stores_nothing(file: Path) -> None:
    found = weights.inspect_weights(file)
    assert found.proposal.architecture == SMALL
    assert not found.already_here
    assert weights.list_weights() == []
    assert not paths.weights_dir().exists()


def test_what_was_confirmed_is_kept(file: Path) -> None:
    card = weights.import_weights(weights.inspect_weights(file), licence=" mit ", name="Lab weights")
    assert (card.architecture, card.licence, card.name, card.num_classes) == (SMALL, "mit", "Lab weights", 3)
    assert weights.list_weights() == [card]
    assert weights.inspect_weights(file).already_here
    assert weights.import_weights(weights.inspect_weights(file)) == card, "the same file is the same set"


def test_the_stored_file_does_not_need_the_given_one(file: Path) -> None:
    card = weights.import_weights(weights.inspect_weights(file))
    file.unlink()
    assert weights.list_weights() == [card]


def test_another_candidate_can_be_chosen(shared: Path) -> None:
    found = weights.inspect_weights(shared / "weights" / "vit_tiny_patch16_224.augreg_in21k_ft_in1k.safetensors")
    assert weights.import_weights(found, architecture="deit_tiny_patch16_224").architecture == "deit_tiny_patch16_224"


def test_an_architecture_that_does_not_fit_is_refused(file: Path) -> None:
    with pytest.raises(TLStudioError, match="does not hold weights of resnet18") as refusal:
        weights.import_weights(weights.inspect_weights(file), architecture="resnet18")
    assert SMALL in refusal.value.hint.text()
    with pytest.raises(TLStudioError, match="no architecture called resnet"):
        weights.inspect_weights(file, architecture="resnet")
    assert weights.list_weights() == []


def test_a_file_that_was_replaced_after_looking_is_refused(file: Path) -> None:
    found = weights.inspect_weights(file)
    save(file, tensors(seed=1))
    with pytest.raises(TLStudioError, match="changed"):
        weights.import_weights(found)
    assert weights.list_weights() == []


def test_removing(file: Path) -> None:
    card = weights.import_weights(weights.inspect_weights(file))
    weights.remove_weights(card.hash)
    assert weights.list_weights() == []
    with pytest.raises(TLStudioError, match="not on this computer"):
        weights.remove_weights(card.hash)


def test_weights_are_found_by_hash_name_or_architecture(file: Path, tmp_path: Path) -> None:
    card = weights.import_weights(weights.inspect_weights(file), name="Lab weights")
    for text in (card.hash, card.hash[:8], "Lab weights", SMALL):
        assert weights.find_weights(text) == card
    other = save(tmp_path / "other.safetensors", tensors(seed=1))
    weights.import_weights(weights.inspect_weights(other))
    with pytest.raises(TLStudioError, match=f"2 sets of weights are called {SMALL}"):
        weights.find_weights(SMALL)
    with pytest.raises(TLStudioError, match="no weights called nothing"):
        weights.find_weights("nothing")


def test_without_any_weights_the_first_network_is_small_and_random() -> None:
    network = weights.default_network()
    assert network.weights is None
    assert catalogue.load().by_name[network.architecture].num_parameters < 6_000_000


def test_an_import_becomes_the_first_choice(file: Path) -> None:
    card = weights.import_weights(weights.inspect_weights(file))
    assert weights.default_network() == NetworkPart(architecture=SMALL, weights=card.hash)


def test_the_starter_stays_the_first_choice(file: Path, no_starter: Path, tmp_path: Path) -> None:
    proposal = weights.inspect_weights(save(no_starter / "model.safetensors", tensors(seed=5))).proposal
    (no_starter / "card.json").write_bytes(msgspec.json.encode(proposal))
    weights.import_weights(weights.inspect_weights(file))
    assert weights.default_network() == NetworkPart(architecture=SMALL, weights=proposal.hash)
    assert [card.bundled for card in weights.list_weights()] == [True, False]
    assert [weights.find_weights(text).hash for text in ("starter", "Starter")] == [proposal.hash] * 2
    assert weights.inspect_weights(no_starter / "model.safetensors").already_here
