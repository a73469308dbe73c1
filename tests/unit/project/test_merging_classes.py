"""A class becomes part of another in one step, with its regions and its name, and comes back whole."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.project.conftest import found
from tlstudio.domain.commands import AddClass, AnyCommand, MergeClasses, RenameClass, SetClasses
from tlstudio.domain.regions import Region, Shape
from tlstudio.errors import TLStudioError
from tlstudio.project.project import Project


def class_id(project: Project, name: str) -> str:
    return next(item.id for item in project.dataset().classes if item.name == name)


def merge(project: Project, name: str, into: str) -> None:
    project.apply(MergeClasses(class_id=class_id(project, name), into=class_id(project, into)))


def labels(project: Project) -> list[str | None]:
    dataset = project.dataset()
    return [None if sample.class_id is None else dataset.class_by_id[sample.class_id].name for sample in dataset.samples]


def seen(project: Project) -> dict[int, list[str]]:
    return {id: [region.class_name for region in regions] for id, regions in project.regions.of().items()}


def boxes(*names: str) -> tuple[Region, ...]:
    return tuple(
        Region(kind="box", class_name=name, shape=Shape(x=1.0, y=1.0, width=5.0 + place, height=5.0)) for place, name in enumerate(names)
    )


def test_images_and_regions_have_the_other_class_and_one_undo_brings_all_back(project: Project) -> None:
    project.add_samples(project.dataset().roots[0], [found("bees", 9, regions=boxes("ants", "bees"))], given_splits=False)
    before, classes = labels(project), project.dataset().classes
    change = project.apply(MergeClasses(class_id=class_id(project, "ants"), into=class_id(project, "bees")))
    assert (change.samples, change.classes) == ((1, 2, 3, 7), True)
    assert [item.name for item in project.dataset().classes] == ["bees"]
    assert set(labels(project)) == {"bees"}
    assert seen(project) == {7: ["bees", "bees"]}
    project.undo()
    assert labels(project) == before
    assert project.dataset().classes == classes
    assert seen(project) == {7: ["ants", "bees"]}
    project.redo()
    assert set(labels(project)) == {"bees"}


def test_what_a_person_said_afterwards_stands(project: Project) -> None:
    merge(project, "ants", "bees")
    project.apply(AddClass(class_id="w", name="wasps"), undoable=False)
    project.apply(SetClasses(class_by_sample={1: "w"}), undoable=False)
    project.undo()
    assert labels(project) == ["wasps", "ants", "ants", "bees", "bees", "bees"]


def test_folders_with_its_name_find_the_other_class_also_after_a_second_merging(project: Project) -> None:
    project.apply(RenameClass(class_id=class_id(project, "ants"), name="Formicidae"))
    merge(project, "Formicidae", "bees")
    project.add_samples(project.dataset().roots[0], [found("hymenoptera", 0)], given_splits=False)
    merge(project, "bees", "hymenoptera")
    new = [found(name, 5) for name in ("ants", "Formicidae", "bees", "hymenoptera")]
    project.add_samples(project.dataset().roots[0], new, given_splits=False)
    assert labels(project)[-4:] == ["hymenoptera"] * 4
    assert [item.name for item in project.dataset().classes] == ["hymenoptera"]


def test_a_new_class_of_the_old_name_is_a_class_of_its_own(project: Project) -> None:
    merge(project, "ants", "bees")
    project.apply(AddClass(class_id="a", name="ants"), undoable=False)
    project.add_samples(project.dataset().roots[0], [found("ants", 5)], given_splits=False)
    assert project.dataset().samples[-1].class_id == "a"
    with pytest.raises(TLStudioError, match="already a class called ants"):
        project.undo()


def test_a_class_that_is_gone_cannot_be_merged(project: Project) -> None:
    with pytest.raises(TLStudioError, match="no longer"):
        project.apply(MergeClasses(class_id=class_id(project, "ants"), into="gone"))
    with pytest.raises(TLStudioError, match="no longer"):
        project.apply(MergeClasses(class_id="gone", into=class_id(project, "ants")))
    assert project.apply(MergeClasses(class_id=class_id(project, "ants"), into=class_id(project, "ants"))).words is None
    assert project.undo_words is None


@given(merges=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=4), relabelled=st.lists(st.integers(0, 7), max_size=3))
def test_any_row_of_mergings_is_undone_step_by_step(
    tmp_path_factory: pytest.TempPathFactory, merges: list[tuple[int, int]], relabelled: list[int]
) -> None:
    project = Project.create(tmp_path_factory.mktemp("merges") / "Insects")
    try:
        names = ("ants", "bees", "flies", "wasps")
        root = project.add_root(project.folder.parent / "photos", copied=False)
        project.add_samples(root, [found(name, number) for name in names for number in range(2)], given_splits=False)
        ids = [item.id for item in project.dataset().classes]
        looks = [_look(project)]
        commands: list[AnyCommand] = [MergeClasses(class_id=ids[one], into=ids[other]) for one, other in merges]
        commands += [SetClasses(class_by_sample={1 + place: None}) for place in relabelled]
        for command in commands:
            try:
                change = project.apply(command)
            except TLStudioError:
                continue  # one of the two is part of another by now
            if change.words is not None:
                looks.append(_look(project))
        for look in reversed(looks):
            assert _look(project) == look
            project.undo()
        assert project.undo() is None
    finally:
        project.close()


def _look(project: Project) -> object:
    return project.dataset().classes, project.dataset().samples
