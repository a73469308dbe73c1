"""What the health strip says, and what its buttons do."""

from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest

from tlstudio.datasets import checks
from tlstudio.datasets.checks import Check, CheckSpec
from tlstudio.datasets.fingerprints import FINGERPRINT_VERSION
from tlstudio.domain.findings import Finding, Fix, Severity
from tlstudio.domain.fingerprints import NearCopy
from tlstudio.domain.samples import NewSample
from tlstudio.domain.splits import Split
from tlstudio.errors import BugError
from tlstudio.messages import message
from tlstudio.operations.edits import set_aside
from tlstudio.operations.health import findings, fix
from tlstudio.operations.splitting import split
from tlstudio.project.project import Project


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    opened = Project.create(tmp_path / "Survey")
    yield opened
    opened.close()


def add(project: Project, *items: tuple[str | None, str, Split | None]) -> None:
    """Images as (class, content hash, given split)."""
    root = project.add_root(project.folder.parent / "data", copied=False)
    start = len(project.dataset().samples)
    new = [
        NewSample(path=f"{number}.png", content_hash=content, width_px=1, height_px=1, format="PNG", class_name=name, split=part)
        for number, (name, content, part) in enumerate(items, start)
    ]
    project.add_samples(root, new, given_splits=any(part for _, _, part in items))


def many(name: str | None, number: int) -> list[tuple[str | None, str, Split | None]]:
    return [(name, f"{name}{index}", None) for index in range(number)]


def found(project: Project) -> dict[str, Finding]:
    return {finding.title.id.removesuffix("_one"): finding for finding in findings(project)}


def test_a_sound_set_has_no_findings(project: Project) -> None:
    add(project, *many("a", 30), *many("b", 30))
    split(project)
    assert findings(project) == []


def test_an_empty_project_has_no_findings(project: Project) -> None:
    assert findings(project) == []


@pytest.mark.parametrize(
    ("items", "title", "severity"),
    [
        (many("a", 30), "check.one_class", Severity.BLOCKS),
        (many(None, 30), "check.no_class", Severity.BLOCKS),
        ([*many("a", 2), *many("b", 2)], "check.no_validation", Severity.BLOCKS),
        ([*many("a", 30), *many("b", 1)], "check.single", Severity.WARNS),
        ([*many("a", 30), *many("b", 9)], "check.few", Severity.WARNS),
        ([*many("a", 300), *many("b", 30)], "check.imbalance", Severity.WARNS),
        ([*many("a", 30), *many("b", 30), *many(None, 3)], "check.unlabelled", Severity.TELLS),
        ([*many("a", 30), *many("b", 30), ("a", "a3", None)], "check.copies", Severity.TELLS),
        ([*many("a", 30), *many("b", 30), ("b", "a3", None)], "check.contradicting", Severity.WARNS),
    ],
)
def test_each_fault_is_found(project: Project, items: list[tuple[str | None, str, Split | None]], title: str, severity: Severity) -> None:
    add(project, *items)
    split(project)
    finding = found(project)[title]
    assert finding.severity is severity
    assert finding.title.text()
    assert finding.why.text()


def test_what_blocks_comes_first(project: Project) -> None:
    add(project, *many("a", 30), ("a", "a3", None))
    split(project)
    assert [finding.severity for finding in findings(project)] == [Severity.BLOCKS, Severity.TELLS]


def test_unreadable_files_are_told_with_their_reason_but_not_those_set_aside_by_hand(project: Project) -> None:
    add(project, *many("a", 30), *many("b", 30))
    root = project.dataset().roots[0]
    bad = NewSample(path="bad.png", reason=message("image.empty", "The file is empty (0 bytes)."))
    project.add_samples(root, [bad], given_splits=False)
    split(project)
    set_aside(project, [1, 2])
    finding = found(project)["check.unreadable"]
    assert finding.why.text() == "It takes no part. The file is empty (0 bytes). Mend the file, then read it again."
    assert finding.why.words["reason"] == bad.reason, "a window translates it by its id"
    assert [project.dataset().by_id[id].path for id in finding.samples] == ["bad.png"]


def test_classes_missing_in_training_or_measuring_are_named(project: Project) -> None:
    add(
        project,
        *((name, f"{name}{part}{number}", part) for name in "ab" for part in (Split.TRAIN, Split.VAL) for number in range(12)),
        *(("late", f"late{number}", Split.VAL) for number in range(12)),
        *(("early", f"early{number}", Split.TRAIN) for number in range(12)),
    )
    titles = {id: finding.title.text() for id, finding in found(project).items()}
    assert titles["check.untrained"] == "Without training images: late"
    assert titles["check.unmeasured"].endswith(": early")


def test_copies_on_both_sides_block_and_are_moved_to_training(project: Project) -> None:
    add(
        project,
        *((name, f"{name}{part}{number}", part) for name in "ab" for part in (Split.TRAIN, Split.VAL) for number in range(12)),
        ("a", "twin", Split.TRAIN),
        ("a", "twin", Split.VAL),
        ("b", "other twin", Split.VAL),
        ("b", "other twin", Split.TRAIN),
    )
    finding = found(project)["check.straddling"]
    assert finding.severity is Severity.BLOCKS
    assert finding.fix is Fix.MOVE_TOGETHER
    assert len(finding.samples) == 4
    change = fix(project, finding)
    assert change.words is not None
    assert change.words.text() == "2 images moved to training"
    assert "check.straddling" not in found(project)
    assert project.dataset().num_by_split == {Split.TRAIN: 28, Split.VAL: 24}
    project.undo()
    assert found(project)["check.straddling"] == finding


def test_extra_copies_can_be_set_aside(project: Project) -> None:
    add(project, *many("a", 30), *many("b", 30), ("a", "a3", None), ("a", "a3", None))
    split(project)
    finding = found(project)["check.copies"]
    assert len(finding.samples) == 2
    fix(project, finding)
    assert findings(project) == []
    assert [sample.path for sample in project.dataset().set_aside] == ["60.png", "61.png"]


def test_of_near_copies_the_largest_stays(project: Project) -> None:
    root = project.add_root(project.folder.parent / "data", copied=False)
    sizes = {"small": 100, "original": 400, "again": 400, "medium": 200}
    new = [
        NewSample(path=f"{name}.png", content_hash=name, width_px=side, height_px=side, format="PNG", class_name="a")
        for name, side in sizes.items()
    ]
    project.add_samples(root, new, given_splits=False)
    pairs = [NearCopy(first=min("original", name), second=max("original", name), likeness=0.99) for name in sizes if name != "original"]
    project.look_alikes.add({}, pairs, version=FINGERPRINT_VERSION)
    finding = found(project)["check.near"]
    assert len(finding.samples) == 4
    fix(project, finding)
    assert [sample.path for sample in project.dataset().ready] == ["original.png"]
    project.undo()
    assert found(project)["check.near"] == finding


def test_copies_in_two_classes_can_stay_out_until_somebody_has_looked(project: Project) -> None:
    add(project, *many("a", 30), *many("b", 30), ("b", "a3", None))
    split(project)
    fix(project, found(project)["check.contradicting"])
    assert [sample.content_hash for sample in project.dataset().set_aside] == ["a3", "a3"]
    assert findings(project) == []


def test_a_finding_without_a_button_has_none(project: Project) -> None:
    add(project, *many("a", 30))
    with pytest.raises(BugError):
        fix(project, findings(project)[0])


def test_checks_that_are_stopped_end_between_two_of_them(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    add(project, *many("a", 30), ("a", "a3", None))
    stop, asked = Event(), []

    def load(spec: CheckSpec) -> Check:
        asked.append(spec.id)
        stop.set()
        return lambda id, dataset: []

    monkeypatch.setattr(checks, "_load", load)
    assert findings(project, stop=stop) == []
    assert asked == [checks.CHECKS[0].id]


def test_ten_thousand_images_are_checked_quickly(project: Project) -> None:
    add(project, *many("a", 5000), *many("b", 5000))
    split(project)
    assert findings(project) == []
