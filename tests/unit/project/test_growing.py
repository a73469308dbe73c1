"""A data set that grows while somebody looks: what was there is not read again, and a batch is in or out as a whole."""

import pytest

from tests.unit.project.conftest import found
from tlstudio.domain.commands import SetClasses, SetSplits
from tlstudio.domain.samples import Root
from tlstudio.domain.splits import Split
from tlstudio.errors import BugError
from tlstudio.project.project import Project


def test_what_was_there_stays_the_same_objects(project: Project) -> None:
    """So that neither time nor memory goes by how often a growing data set is looked at."""
    root = project.dataset().roots[0]
    for number in range(10, 14):
        before = project.dataset()
        project.add_samples(root, [found("wasps", number)], given_splits=False)
        after = project.dataset()
        assert [sample.name for sample in after.samples][len(before.samples) :] == [f"{number}.jpg"]
        assert all(one is other for one, other in zip(before.samples, after.samples, strict=False))
    assert [item.name for item in after.classes] == ["ants", "bees", "wasps"]


def test_a_file_that_changed_is_read_again(project: Project) -> None:
    before = project.dataset()
    project.add_samples(before.roots[0], [found("ants", 1, content_hash="other"), found("ants", 9)], given_splits=False)
    after = project.dataset()
    assert [sample.content_hash for sample in after.samples][:3] == ["ants0", "other", "ants2"]
    assert [sample.id for sample in after.samples] == sorted(sample.id for sample in after.samples)
    assert after.samples[-1].path == "ants/9.jpg"


@pytest.mark.parametrize("num", [1, 6])
def test_an_edit_of_one_and_of_all_is_seen(project: Project, num: int) -> None:
    before = project.dataset()
    ids = [sample.id for sample in before.samples[:num]]
    project.apply(SetClasses(class_by_sample=dict.fromkeys(ids, before.classes[1].id)))
    assert [sample.class_id for sample in project.dataset().samples[:num]] == [before.classes[1].id] * num
    project.undo()
    assert project.dataset().samples == before.samples


def test_how_many_lie_elsewhere_than_the_data_says_follows_edits_undo_and_later_imports(project: Project) -> None:
    root = project.dataset().roots[0]
    parts = [Split.TRAIN, Split.TRAIN, Split.VAL, Split.TEST]
    came = [found("wasps", number, split=part) for number, part in enumerate(parts)]
    project.add_samples(root, came, given_splits=True)
    assert project.dataset().num_moved == 0
    project.apply(SetSplits(split_by_sample={7: Split.TEST, 9: Split.TEST, 10: Split.TEST, 1: Split.TEST}))
    assert project.dataset().num_moved == 2, "one lay there already, one came without a place"
    project.add_samples(root, [*came, found("wasps", 9, split=Split.VAL)], given_splits=True)
    assert project.dataset().num_moved == 2, "a person's word stands"
    project.apply(SetSplits(split_by_sample={7: Split.TRAIN}))
    assert project.dataset().num_moved == 1
    project.undo()
    project.undo()
    assert project.dataset().num_moved == 0
    project.redo()
    project.close()
    again = Project.open(project.folder)
    assert again.dataset().num_moved == 2
    again.close()


def test_places_the_program_gave_are_not_what_the_data_said(project: Project) -> None:
    project.add_samples(project.dataset().roots[0], [found("wasps", 1, split=Split.VAL)], given_splits=False)
    project.apply(SetSplits(split_by_sample={7: Split.TEST}))
    assert project.dataset().num_moved == 0


def test_times_and_places_of_images_are_nothing_seen_in_them(project: Project) -> None:
    project.add_samples(project.dataset().roots[0], [found("wasps", 1, split=Split.VAL, taken_at=7.0)], given_splits=True)
    assert not project.regions.are_there()
    assert project.regions.of() == {}


def add_and_fail(project: Project, root: Root) -> None:
    with project.writing():
        project.add_samples(root, [found("wasps", 1)], given_splits=False)
        assert len(project.dataset().samples) == 7
        project.samples([99])


def test_several_changes_in_one_transaction_are_all_in_or_none(project: Project) -> None:
    before = project.dataset()
    root = before.roots[0]
    with pytest.raises(BugError, match="no sample"):
        add_and_fail(project, root)
    assert project.dataset().samples == before.samples
    assert project.dataset().classes == before.classes
    with project.writing():
        project.add_samples(root, [found("wasps", 1)], given_splits=False)
        project.add_samples(root, [found("wasps", 2)], given_splits=True)
    assert [sample.path for sample in project.dataset().samples][6:] == ["wasps/1.jpg", "wasps/2.jpg"]
