"""Real images that arrive later: nothing that was divided moves, confirmed groups take their own in, copies follow, folds stay."""

import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.recorded import picture
from tlstudio.domain.commands import SetClasses, SetSplits
from tlstudio.domain.folds import FoldPlan
from tlstudio.domain.splits import Split
from tlstudio.operations import grouping, health
from tlstudio.operations.folding import deal
from tlstudio.operations.importing import import_data
from tlstudio.operations.splitting import split, split_labelled
from tlstudio.project.project import Project

CLASSES = ("ants", "bees")


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    opened = Project.create(tmp_path / "Survey")
    yield opened
    opened.close()


def slides(folder: Path, first: int, last: int, *, images: range) -> Path:
    """Class folders with slides `first` to `last`, of which these images are there."""
    for index, name in enumerate(CLASSES):
        (folder / name).mkdir(parents=True, exist_ok=True)
        for slide in range(first, last + 1):
            for image in images:
                (folder / name / f"slide{slide:02d}_{image:02d}.png").write_bytes(picture(index, 100 * slide + image))
    return folder


def splits(project: Project) -> dict[str, Split | None]:
    return {sample.path: sample.split for sample in project.dataset().samples}


def test_nothing_that_was_divided_moves_and_the_shares_hold(project: Project, tmp_path: Path) -> None:
    images = slides(tmp_path / "slides", 1, 6, images=range(5))
    import_data(project, images)
    before = splits(project)
    slides(images, 7, 12, images=range(5))
    import_data(project, images)
    after = splits(project)
    assert {path: after[path] for path in before} == before
    assert Counter(after.values()) == {Split.TRAIN: 84, Split.VAL: 18, Split.TEST: 18}


def test_images_of_a_confirmed_group_that_come_later_are_of_it_and_lie_with_it(project: Project, tmp_path: Path) -> None:
    images = slides(tmp_path / "slides", 1, 12, images=range(4))
    import_data(project, images)
    grouping.use_groups(project)
    health.mend_leaks(project, health.blocking(project))
    before = splits(project)
    of_slide = {sample.group: sample.split for sample in project.dataset().samples}
    assert len(of_slide) == 12

    slides(images, 1, 14, images=range(4, 6))
    import_data(project, images)
    dataset = project.dataset()
    assert {path: part for path, part in splits(project).items() if path in before} == before
    late = [sample for sample in dataset.samples if sample.path not in before]
    assert len(late) == 2 * 14 * 2
    assert {sample.name[:7] for sample in late} == {sample.group for sample in late}
    assert all(sample.split is of_slide[sample.group] for sample in late if sample.group in of_slide)
    assert health.blocking(project) == []
    assert all(len({sample.split for sample in unit}) == 1 for unit in dataset.units)


def test_images_that_get_their_class_later_lie_with_their_group(project: Project, tmp_path: Path) -> None:
    import_data(project, slides(tmp_path / "slides", 1, 12, images=range(4)))
    waiting = [sample.id for sample in project.dataset().samples if sample.name.endswith(("_01.png", "_02.png"))]
    classes = {id: project.dataset().by_id[id].class_id for id in waiting}
    project.apply(SetClasses(class_by_sample=dict.fromkeys(waiting)))
    project.apply(SetSplits(split_by_sample=dict.fromkeys(waiting)))
    grouping.use_groups(project)
    health.mend_leaks(project, health.blocking(project))
    project.apply(SetClasses(class_by_sample=dict(classes)))
    split_labelled(project, waiting)
    dataset = project.dataset()
    assert all(dataset.by_id[id].split is not None for id in waiting)
    sides = {(sample.name[:7], sample.split) for sample in dataset.samples}
    assert len(sides) == 12, "each slide on one side"
    assert health.blocking(project) == []


def test_without_confirmed_groups_names_stay_names(project: Project, tmp_path: Path) -> None:
    images = slides(tmp_path / "slides", 1, 6, images=range(3))
    import_data(project, images)
    slides(images, 7, 8, images=range(3))
    import_data(project, images)
    assert project.dataset().num_groups == 0


def test_groups_that_came_from_elsewhere_lend_their_names_to_nobody(project: Project, tmp_path: Path) -> None:
    images = slides(tmp_path / "slides", 1, 4, images=range(3))
    rows = [f"{file.relative_to(images).as_posix()},{file.parent.name},patient {file.name[6]}" for file in sorted(images.rglob("*.png"))]
    (images / "labels.csv").write_text("\n".join(["path,label,group", *rows]) + "\n")
    import_data(project, images)
    assert project.dataset().num_groups == 4
    late = slides(tmp_path / "late", 8, 9, images=range(3))
    import_data(project, late)
    assert {sample.group for sample in project.dataset().samples if sample.path.startswith(("ants/slide08", "bees/slide09"))} == {None}
    assert project.dataset().num_groups == 4


def test_copies_that_come_later_follow_and_folds_stay(project: Project, tmp_path: Path) -> None:
    images = slides(tmp_path / "slides", 1, 8, images=range(5))
    import_data(project, images)
    folds = deal(project.dataset(), FoldPlan(), {}).fold_by_sample
    late = slides(tmp_path / "late", 9, 12, images=range(5))
    judged = next(sample for sample in project.dataset().ready if sample.split is Split.TEST)
    shutil.copy(images / judged.path, late / "ants" / "again.png")
    import_data(project, late)
    split(project)
    dataset = project.dataset()
    assert next(sample for sample in dataset.samples if sample.name == "again.png").split is Split.TEST
    after = deal(dataset, FoldPlan(), folds).fold_by_sample
    assert {id: after[id] for id in folds} == folds
    assert len(after) > len(folds)
