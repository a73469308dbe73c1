"""A run's network as weights for other projects: its own tensors, whose it is and what it may be used for."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from kept_runs import backbone, write_checkpoint
from safetensors.numpy import load_file
from weights_files import SMALL, save, tensors

from tests.recorded import make_project, record_run
from tlstudio.errors import TLStudioError
from tlstudio.operations import keeping, weights
from tlstudio.project.project import Project
from tlstudio.zoo.library import Library


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """One finished run, not the bundled starter but nothing in the library."""
    project = make_project(tmp_path / "Insects")
    record_run(project, 1)
    yield project
    project.close()


def _run(project: Project) -> Path:
    return project.folder / "runs" / "0001"


def _imported() -> list[str]:
    return [card.name for card in weights.list_weights() if not card.bundled]


def test_the_network_is_kept_without_its_head(project: Project) -> None:
    write_checkpoint(_run(project))
    card = keeping.keep_as_weights(project, 1)
    stored = load_file(Library().file_of(card.hash))
    wanted = backbone()
    assert stored.keys() == wanted.keys()
    assert all(np.array_equal(stored[name], value) for name, value in wanted.items())
    assert (card.architecture, card.name, card.source) == (SMALL, f"{SMALL} (Insects, run 1)", "fine-tuned in Insects, run 1")
    assert (card.label_names, card.num_classes, card.preprocessing.input_size_px) == (("ants", "bees", "wasps"), 0, 96)
    assert str(project.folder.parent) not in str(card)


def test_what_was_kept_is_recognised_as_what_it_is(project: Project) -> None:
    write_checkpoint(_run(project))
    card = keeping.keep_as_weights(project, 1)
    found = weights.inspect_weights(Library().file_of(card.hash))
    assert SMALL in found.candidates
    assert found.already_here
    assert found.proposal.missing_keys == found.proposal.unexpected_keys == ()


def test_the_licence_is_that_of_the_weights_it_started_from(project: Project, tmp_path: Path) -> None:
    parent = weights.import_weights(weights.inspect_weights(save(tmp_path / "lab.safetensors", tensors())), licence="cc-by-nc-4.0")
    write_checkpoint(_run(project), weights=parent.hash)
    assert keeping.keep_as_weights(project, "best", "Insect eyes").licence == "cc-by-nc-4.0"
    assert _imported() == ["Insect eyes", parent.name]


def test_keeping_a_network_twice_keeps_it_once(project: Project) -> None:
    write_checkpoint(_run(project))
    card = keeping.keep_as_weights(project, 1)
    assert keeping.keep_as_weights(project, 1, "again") == card
    assert len(_imported()) == 1


def test_a_network_on_which_only_a_head_was_trained_is_not_kept(project: Project) -> None:
    write_checkpoint(_run(project), step=0)
    with pytest.raises(TLStudioError, match=r"run 1 has the network as it came.*Nothing was stored"):
        keeping.keep_as_weights(project, 1)
    assert _imported() == []


@pytest.mark.parametrize(
    ("recipe", "reason"), [("quick", "only its head was trained"), ("balanced", "did not become better than the head")]
)
def test_the_reason_it_is_not_kept_is_that_of_the_run(tmp_path: Path, recipe: str, reason: str) -> None:
    with closing(make_project(tmp_path / "Moths")) as project:
        record_run(project, 1, recipe=recipe)
        write_checkpoint(_run(project), step=0)
        with pytest.raises(TLStudioError, match=f"run 1 has the network as it came: .*{reason}"):
            keeping.keep_as_weights(project, 1)


def test_a_damaged_model_is_not_kept(project: Project) -> None:
    file = write_checkpoint(_run(project))
    data = bytearray(file.read_bytes())
    data[-1] ^= 1
    file.write_bytes(data)
    with pytest.raises(TLStudioError, match="model of run 1 is missing or damaged"):
        keeping.keep_as_weights(project, 1)
    file.unlink()
    with pytest.raises(TLStudioError, match="model of run 1 is missing or damaged"):
        keeping.keep_as_weights(project, 1)
    assert _imported() == []


def test_a_network_that_was_changed_beyond_its_architecture_is_not_kept(project: Project) -> None:
    write_checkpoint(_run(project), values=backbone() | {"layer1.0.adapter": np.ones(3, np.float32)})
    with pytest.raises(TLStudioError, match=f"network of run 1 is not {SMALL}"):
        keeping.keep_as_weights(project, 1)
    assert _imported() == []


def test_arguments_that_name_files_or_code_are_not_kept(project: Project) -> None:
    write_checkpoint(_run(project), arguments={"checkpoint_path": "evil.pth"})
    with pytest.raises(TLStudioError, match=f"network of run 1 is not {SMALL}"):
        keeping.keep_as_weights(project, 1)
    assert _imported() == []


def test_values_that_are_not_numbers_are_not_kept(project: Project) -> None:
    values = backbone()
    values["conv1.0.weight"][0] = np.nan
    write_checkpoint(_run(project), values=values)
    with pytest.raises(TLStudioError, match="not numbers"):
        keeping.keep_as_weights(project, 1)
    assert _imported() == []


def test_a_run_without_a_model_has_nothing_to_keep(project: Project) -> None:
    with pytest.raises(TLStudioError, match="has no run 9"):
        keeping.keep_as_weights(project, 9)
