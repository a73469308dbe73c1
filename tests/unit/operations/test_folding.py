"""A project's folds: whole units, the test set untouched, the same when images arrive."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from tlstudio.domain.commands import SetAside, SetGroups
from tlstudio.domain.fingerprints import NearCopy
from tlstudio.domain.folds import FoldPlan
from tlstudio.domain.manifest import Manifest
from tlstudio.domain.recipe import NetworkPart
from tlstudio.domain.samples import NewSample
from tlstudio.domain.splits import Split
from tlstudio.errors import TLStudioError
from tlstudio.jobs.launch import StartedJob
from tlstudio.messages import message
from tlstudio.operations import crossvalidating, folding
from tlstudio.operations.folding import deal
from tlstudio.operations.splitting import split
from tlstudio.project.project import Project

NETWORK = NetworkPart(architecture="test_resnet")


@pytest.fixture(autouse=True)
def no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    def launch(folder: Path, *, warm: object = None, notes: tuple = ()) -> StartedJob:
        return StartedJob(number=int(folder.name), folder=folder, process=None, notes=notes)  # type: ignore[arg-type]

    monkeypatch.setattr(crossvalidating, "launch", launch)
    monkeypatch.setattr(folding.looks, "look_at_missing", lambda project, *, for_leaks: None)


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    opened = Project.create(tmp_path / "Survey")
    yield opened
    opened.close()


def add(project: Project, num_by_class: dict[str, int], *, start: int = 0, group: str = "") -> None:
    root = project.add_root(project.folder.parent / "data", copied=False)
    new = [
        NewSample(
            path=f"{name}/{number}.png",
            content_hash=f"{name}{number}",
            width_px=1,
            height_px=1,
            format="PNG",
            class_name=name,
            group=group.format(number) or None,
        )
        for name, amount in num_by_class.items()
        for number in range(start, start + amount)
    ]
    project.add_samples(root, new, given_splits=False)
    split(project)


def folds(project: Project, plan: FoldPlan | None = None) -> dict[str, int]:
    """By path, as a job was told."""
    started = crossvalidating.start_cross_validation(project, NETWORK, plan or FoldPlan())
    manifest = Manifest.decode((started.folder / "manifest.jsonl").read_bytes())
    assert all(entry.fold is not None for entry in manifest.entries)
    return {entry.path: entry.fold for entry in manifest.entries if entry.fold is not None}


def test_training_and_validation_are_dealt_evenly_and_the_test_set_is_not(project: Project) -> None:
    add(project, {"a": 100, "b": 40})
    dealt = folds(project)
    paths = {sample.path for sample in project.dataset().ready if sample.split is not Split.TEST}
    assert dealt.keys() == paths
    counts: dict[str, Counter[int]] = defaultdict(Counter)
    for path, fold in dealt.items():
        counts[path[0]][fold] += 1
    assert counts["a"] == dict.fromkeys(range(5), 17)
    assert sorted(counts["b"].values()) == [6, 7, 7, 7, 7]


def test_what_was_dealt_stays_when_images_arrive_and_when_the_project_is_opened_again(project: Project) -> None:
    add(project, {"a": 37, "b": 21})
    before = folds(project)
    add(project, {"a": 63, "b": 100}, start=1000)
    project.close()
    again = Project.open(project.folder)
    try:
        after = folds(again)
        assert {path: after[path] for path in before} == before
        assert len(after) > len(before)
        sizes = Counter(fold for path, fold in after.items() if path.startswith("a"))
        assert max(sizes.values()) - min(sizes.values()) <= 1
        assert folds(again, FoldPlan(seed=1)) != after, "another seed deals anew"
        assert folds(again, FoldPlan()).keys() == after.keys()
    finally:
        again.close()


def test_who_may_only_read_finds_the_folds_that_are_kept(project: Project) -> None:
    add(project, {"a": 30, "b": 30})
    before = folds(project)
    reader = Project.open(project.folder)
    try:
        assert not reader.writable
        assert folds(reader) == before
    finally:
        reader.close()


def test_an_image_that_was_away_for_a_while_comes_back_to_its_fold(project: Project) -> None:
    add(project, {"a": 30, "b": 30})
    before = folds(project)
    gone = next(sample for sample in project.dataset().ready if sample.path in before)
    project.apply(SetAside(reason_by_sample={gone.id: message("aside.copy", "An exact copy of another image")}))
    assert gone.path not in folds(project)
    project.undo()
    assert folds(project) == before


def test_groups_and_near_copies_stay_in_one_fold_also_through_a_test_image(project: Project) -> None:
    add(project, {"a": 40, "b": 40})
    dataset = project.dataset()
    test = next(sample for sample in dataset.ready if sample.split is Split.TEST)
    one, other = [sample for sample in dataset.ready if sample.split is not Split.TEST][:2]
    pairs = [tuple(sorted((test.content_hash, item.content_hash))) for item in (one, other)]
    project.look_alikes.add({}, [NearCopy(first=a, second=b, likeness=0.99) for a, b in pairs], version=1)
    project.apply(SetGroups(group_by_sample={sample.id: f"slide {sample.id % 9}" for sample in dataset.ready if sample.id > 10}))
    dealt = folds(project)
    found: dict[str, set[int]] = defaultdict(set)
    for sample in project.dataset().ready:
        if sample.path in dealt and sample.group:
            found[sample.group].add(dealt[sample.path])
    assert len(found) == 9
    assert all(len(places) == 1 for places in found.values())
    assert dealt[one.path] == dealt[other.path]


def test_units_that_turn_out_to_be_one_go_where_most_of_them_were(project: Project) -> None:
    add(project, {"a": 30, "b": 30})
    dataset = project.dataset()
    before = deal(dataset, FoldPlan(), {}).fold_by_sample
    places = Counter(before.values())
    fold = places.most_common(1)[0][0]
    three = [id for id, place in before.items() if place == fold][:2] + [id for id, place in before.items() if place != fold][:1]
    project.apply(SetGroups(group_by_sample=dict.fromkeys(three, "one slide")))
    after = deal(project.dataset(), FoldPlan(), before).fold_by_sample
    assert {id for id in before if after[id] != before[id]} == {three[2]}
    assert after[three[2]] == fold


def test_a_class_in_a_single_unit_takes_no_part_and_that_is_said(project: Project) -> None:
    add(project, {"a": 30, "b": 30})
    add(project, {"slide": 6}, group="one slide")
    started = crossvalidating.start_cross_validation(project, NETWORK, FoldPlan())
    manifest = Manifest.decode((started.folder / "manifest.jsonl").read_bytes())
    assert [item.name for item in manifest.classes] == ["a", "b"]
    assert [note.text() for note in started.notes] == [
        "Class slide takes no part: all its 6 images belong together, so none could be judged by the others."
    ]


def test_what_is_too_little_is_refused_with_what_to_do(project: Project) -> None:
    add(project, {"a": 12})
    with pytest.raises(TLStudioError, match="two classes"):
        folds(project)
    add(project, {"b": 6})
    with pytest.raises(TLStudioError, match=r"too few for 20 folds.*fewer folds"):
        folds(project, FoldPlan(num_folds=20))
    assert not (project.folder / "crossvalidations").exists(), "nothing is left behind"
