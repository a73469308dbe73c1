"""Groups by folder and file names: proposed where plausible, confirmed, kept on one side, taken back with one key."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tlstudio import paths
from tlstudio.cli.main import main
from tlstudio.domain.commands import SetGroups, SetSplits
from tlstudio.domain.findings import Fix, Severity
from tlstudio.domain.samples import NewSample
from tlstudio.domain.splits import Split, SplitPlan
from tlstudio.errors import TLStudioError
from tlstudio.operations import grouping, health
from tlstudio.operations.importing import import_data
from tlstudio.operations.splitting import split, split_again
from tlstudio.project.project import Project


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    opened = Project.create(tmp_path / "Survey")
    yield opened
    opened.close()


def add(project: Project, *paths: str) -> None:
    """Images by their path; the first folder is the class."""
    root = project.add_root(project.folder.parent / "data", copied=False)
    new = [NewSample(path=path, content_hash=path, width_px=1, height_px=1, format="PNG", class_name=path.split("/")[0]) for path in paths]
    project.add_samples(root, new, given_splits=False)


def slides(num_slides: int = 12, num_images: int = 6, *, pattern: str = "{kind}/slide{slide:02d}_{image:03d}.png") -> list[str]:
    return [
        pattern.format(kind=kind, slide=slide, image=image)
        for kind in ("rods", "yeast")
        for slide in range(num_slides)
        for image in range(num_images)
    ]


def proposed(project: Project) -> dict[str, int]:
    return {item.rule: item.num_groups for item in grouping.proposals(project)}


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("{kind}/slide{slide:02d}_{image:03d}.png", {"stem": 12}),
        ("{kind}/slide{slide:02d}-{image:03d}.png", {"stem": 12}),
        ("{kind}/slide {slide:02d}/{image:03d}.png", {"folder": 12}),
        ("{kind}/p{slide:02d}_left_{image:03d}.png", {"stem": 12}),
        ("{kind}/scan_p{slide:02d}_{image:03d}.png", {"long_stem": 12}),
        ("{kind}/IMG_{slide:02d}{image:03d}.jpg", {}),
        ("{kind}/{kind}_{slide:02d}{image:03d}.jpg", {}),
        ("{kind}/{kind}{slide:02d}{image:03d}_a1b2.jpg", {}),
        ("{kind}/{slide:02d}{image:03d}.jpg", {}),
    ],
)
def test_only_plausible_names_are_proposed(project: Project, pattern: str, found: dict[str, int]) -> None:
    add(project, *slides(pattern=pattern))
    assert {rule: num for rule, num in proposed(project).items() if rule != "long_stem" or "stem" not in found} == found


def test_the_slides_of_the_sample_are_found(project: Project) -> None:
    import_data(project, paths.resources() / "sample")
    assert proposed(project) == {"stem": 12}
    finding = next(item for item in health.findings(project) if item.fix is Fix.USE_GROUPS)
    assert finding.severity is Severity.TELLS
    assert finding.title.text() == "File names suggest 12 groups: s01, s02, s03 …"
    assert "s01_" in finding.why.text()
    assert health.blocking(project) == []


def test_confirmed_groups_that_are_divided_block_and_are_mended_with_something_left_to_judge(project: Project) -> None:
    add(project, *slides())
    split(project)
    before = project.dataset().samples
    finding = next(item for item in health.findings(project) if item.fix is Fix.USE_GROUPS)
    change = health.fix(project, finding)
    assert change.words is not None
    assert change.words.text() == "144 images are in 12 groups now"
    [blocking] = health.blocking(project)
    assert blocking.check == "straddling_groups"
    health.fix(project, blocking)
    assert health.findings(project) == []
    dataset = project.dataset()
    assert dataset.num_groups == 12
    assert all(len({sample.split for sample in unit}) == 1 for unit in dataset.units)
    assert [dataset.num_by_split[part] for part in Split] == [96, 24, 24]
    assert {sample.class_id for sample in dataset.ready if sample.split is Split.TEST} == {item.id for item in dataset.classes}
    project.undo()
    project.undo()
    assert project.dataset().samples == before


def test_images_that_come_later_follow_their_group(project: Project) -> None:
    add(project, *slides())
    grouping.use_groups(project)
    split(project)
    now = {sample.group: sample.split for sample in project.dataset().samples}
    root = project.dataset().roots[0]
    new = [
        NewSample(
            path=f"rods/late{slide}.png", content_hash=f"late{slide}", width_px=1, height_px=1, format="PNG", class_name="rods", group=name
        )
        for slide, name in enumerate(now)
    ]
    project.add_samples(root, new, given_splits=False)
    split(project)
    assert {sample.group: sample.split for sample in project.dataset().samples if "late" in sample.path} == now
    split_again(project, SplitPlan(seed=9))
    assert all(len({sample.split for sample in unit}) == 1 for unit in project.dataset().units)


def test_a_proposal_that_was_declined_does_not_come_back(project: Project) -> None:
    add(project, *slides())
    grouping.decline(project)
    assert not [item for item in health.findings(project) if item.fix is Fix.USE_GROUPS]
    assert proposed(project) == {"stem": 12}, "who asks is still told"


def test_names_without_groups_are_refused_with_the_reason(project: Project) -> None:
    add(project, *slides(pattern="{kind}/{slide:02d}{image:03d}.jpg"))
    with pytest.raises(TLStudioError, match="suggest no such groups"):
        grouping.use_groups(project)


def torn(project: Project, *, first: Split, second: Split, num: int) -> str:
    """Twelve groups, the first image of `num` of them in another part than the rest; the folder of the closed project."""
    add(project, *slides())
    grouping.use_groups(project)
    samples = project.dataset().samples
    project.apply(SetSplits(split_by_sample={sample.id: first for sample in samples}))
    some = {f"slide{slide:02d}": second for slide in range(num)}
    project.apply(SetSplits(split_by_sample={sample.id: some[sample.group] for sample in samples[::6] if sample.group in some}))
    project.close()
    return str(project.folder)


@pytest.mark.parametrize(
    ("first", "second", "num", "says"),
    [
        (Split.TRAIN, Split.TEST, 0, "12 groups; each stays on one side of the division\n"),
        (
            Split.TRAIN,
            Split.TEST,
            3,
            "12 groups; 3 of them lie in more than one split, and training waits: tlstudio train {project} --mend-leaks\n",
        ),
        (
            Split.TRAIN,
            Split.VAL,
            1,
            "12 groups; 1 of them lies in more than one split, and training waits: tlstudio train {project} --mend-leaks\n",
        ),
        (Split.VAL, Split.TEST, 2, "12 groups; 2 of them lie in more than one split\n"),
    ],
)
def test_the_terminal_says_how_many_groups_are_torn(
    project: Project, capsys: pytest.CaptureFixture[str], first: Split, second: Split, num: int, says: str
) -> None:
    folder = torn(project, first=first, second=second, num=num)
    assert main(["groups", folder]) == 0
    assert capsys.readouterr().out == says.format(project=folder)
    assert main(["groups", folder, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["num_torn"] == num


def test_a_single_group_is_one_group(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    add(project, *slides(num_slides=1))
    project.apply(SetGroups(group_by_sample={sample.id: "slide00" for sample in project.dataset().samples}))
    folder = str(project.folder)
    project.close()
    assert main(["groups", folder]) == 0
    assert capsys.readouterr().out == "1 group; it stays on one side of the division\n"


def test_the_terminal_lists_confirms_and_takes_away(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    add(project, *slides())
    folder = str(project.folder)
    project.close()
    assert main(["groups", folder]) == 0
    assert "--by stem: 12 groups, such as slide00 (slide00_000.png)" in capsys.readouterr().out
    assert main(["groups", folder, "--by", "stem", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["num_groups"] == 12
    assert main(["groups", folder, "--by", "none"]) == 0
    assert capsys.readouterr().out.startswith("No groups")
