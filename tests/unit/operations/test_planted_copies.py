"""The leak gate on real photographs: thirty planted copies are found, honest pictures are left alone, one button mends it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.planted_copies import NUM_OF_A_KIND, Planted, flagged, plant
from tlstudio.datasets.copies import near_copies
from tlstudio.domain.findings import Fix, Severity
from tlstudio.domain.splits import Split
from tlstudio.operations.health import blocking, findings, fix
from tlstudio.operations.importing import import_data
from tlstudio.project.project import Project


@pytest.fixture(scope="module")
def planted(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Planted:
    """Ants and bees in train, val and test; every copy lies where its original does not: half of them go from train to test."""
    return plant(shared / "data" / "hymenoptera", tmp_path_factory.mktemp("planted") / "insects")


@pytest.fixture
def project(planted: Planted, tmp_path: Path) -> Iterator[Project]:
    opened = Project.create(tmp_path / "Insects")
    import_data(opened, planted.folder)
    yield opened
    opened.close()


def test_planted_copies_are_found_and_honest_pictures_are_not(project: Project, planted: Planted) -> None:
    wanted = {(min(pair), max(pair)) for pair in planted.source_of.items()}
    found = flagged(project.dataset())
    print(f"planted found: {len(wanted & found)} of {len(wanted)}; honest pairs flagged: {len(found - wanted)}")
    assert len(wanted) == 3 * NUM_OF_A_KIND
    assert len(wanted & found) >= 29
    assert len(found - wanted) <= 3


def test_training_waits_until_the_button_has_mended_it(project: Project, planted: Planted) -> None:
    before = project.dataset()
    stopping = blocking(project)
    assert {finding.check for finding in stopping} == {"straddling_copies", "straddling_near_copies"}
    assert {finding.fix for finding in stopping} == {Fix.MOVE_TOGETHER}
    shown = {before.by_id[id].path for finding in stopping for id in finding.samples}
    assert len(shown & {*planted.source_of, *planted.source_of.values()}) >= 58
    for finding in stopping:
        fix(project, finding)
    assert blocking(project) == []
    after = project.dataset()
    moved = [sample for sample in after.samples if sample.split is not before.by_id[sample.id].split]
    assert {before.by_id[sample.id].split for sample in moved} == {Split.TEST}
    assert {sample.split for sample in moved} == {Split.TRAIN}
    assert len(moved) <= 33, "the least that mends it: one image of each pair"
    for _ in stopping:
        project.undo()
    assert project.dataset().samples == before.samples


@pytest.mark.parametrize(("name", "num_near"), [("hymenoptera", 0), ("flowers5", 2)])
def test_data_as_it_came_may_be_trained_on(shared: Path, tmp_path: Path, name: str, num_near: int) -> None:
    project = Project.create(tmp_path / "As it came")
    try:
        import_data(project, shared / "data" / name)
        print(name, [(pair.likeness, len(near_copies(project.dataset()))) for pair in project.dataset().near_copies])
        assert len(project.dataset().near_copies) == num_near
        assert not [finding for finding in findings(project) if finding.severity is Severity.BLOCKS]
    finally:
        project.close()
