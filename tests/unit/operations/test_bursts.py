"""Bursts by time of capture: read at import, proposed where plausible, confirmed or declined, never divided once confirmed."""

import json
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tests.recorded import picture
from tlstudio.cli.main import main
from tlstudio.datasets.taken import taken_at
from tlstudio.domain.bursts import BURST, GAP_S, bursts_of
from tlstudio.domain.findings import Finding, Fix, Severity
from tlstudio.domain.samples import NewSample
from tlstudio.domain.splits import Split
from tlstudio.operations import grouping, health
from tlstudio.operations.importing import import_data
from tlstudio.operations.splitting import split
from tlstudio.project.project import Project

DAY = 1_700_000_000.0


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    opened = Project.create(tmp_path / "Survey")
    yield opened
    opened.close()


def add(project: Project, times: Mapping[str, float | None]) -> None:
    """Images by path with their time of capture; the first folder is the class."""
    root = project.add_root(project.folder.parent / "data", copied=False)
    new = [
        NewSample(
            path=path,
            content_hash=path,
            width_px=1,
            height_px=1,
            format="JPEG",
            class_name=path.split("/")[0],
            taken_at=time and DAY + time,
        )
        for path, time in times.items()
    ]
    project.add_samples(root, new, given_splits=False)


def bursts(num_bursts: int = 12, num_images: int = 5, *, step_s: float = 2, pause_s: float = 300) -> dict[str, float | None]:
    """Two classes in turn; names say nothing."""
    return {
        f"{('ants', 'bees')[burst % 2]}/{burst * num_images + image:05d}.jpg": 1 + burst * pause_s + image * step_s
        for burst in range(num_bursts)
        for image in range(num_images)
    }


def found(project: Project) -> Finding | None:
    return next((item for item in health.findings(project) if item.fix is Fix.USE_BURSTS), None)


def test_bursts_are_told_confirmed_and_never_divided_again(project: Project) -> None:
    add(project, bursts())
    split(project)
    finding = found(project)
    assert finding is not None
    assert finding.severity is Severity.TELLS
    assert finding.title.text() == "60 images were taken in 12 bursts"
    assert health.blocking(project) == []
    change = health.fix(project, finding)
    assert change.words is not None
    assert change.words.text() == "60 images are in 12 groups now"
    assert found(project) is None
    [blocking] = health.blocking(project)
    health.fix(project, blocking)
    dataset = project.dataset()
    assert (dataset.num_groups, health.blocking(project)) == (12, [])
    assert all(len({sample.split for sample in unit}) == 1 for unit in dataset.units)
    assert {sample.split for sample in dataset.ready} == set(Split)
    project.undo()
    project.undo()
    assert project.dataset().num_groups == 0
    assert found(project) is not None


def test_what_was_declined_is_not_proposed_again_and_names_still_are(project: Project) -> None:
    add(project, {path.replace("/", f"/s{number % 6}_"): time for number, (path, time) in enumerate(bursts().items())})
    fixes = {item.fix for item in health.findings(project)}
    assert {Fix.USE_GROUPS, Fix.USE_BURSTS} <= fixes
    grouping.decline(project, Fix.USE_BURSTS)
    assert found(project) is None
    assert Fix.USE_GROUPS in {item.fix for item in health.findings(project)}
    assert BURST in {item.rule for item in grouping.proposals(project)}, "who asks is still told"


def test_images_of_a_burst_that_arrive_later_are_offered_to_it(project: Project) -> None:
    times = bursts()
    late = {path: times.pop(path) for path in list(times) if path.endswith(("02.jpg", "33.jpg"))}
    add(project, times)
    grouping.use_groups(project, BURST)
    before = {sample.id: sample.group for sample in project.dataset().samples}
    assert found(project) is None
    add(project, late)
    finding = found(project)
    assert finding is not None
    assert finding.title.text() == "2 more images were taken in bursts"
    health.fix(project, finding)
    after = {sample.id: sample.group for sample in project.dataset().samples}
    assert {id: after[id] for id in before} == before
    assert all(after.values())
    assert len(set(after.values())) == 12


@pytest.mark.parametrize(
    ("why", "times"),
    [
        ("an even pace has no bursts", bursts(step_s=6, pause_s=30)),
        ("pauses hardly longer than the steps", bursts(pause_s=16)),
        ("all in one go", bursts(pause_s=10, step_s=2)),
        ("single images", bursts(num_bursts=60, num_images=1)),
        ("two bursts are too few", bursts(num_bursts=2, num_images=30)),
        ("a class in a single burst", {**bursts(), "wasps/1.jpg": 1.0, "wasps/2.jpg": 2.0, "wasps/3.jpg": 3.0}),
        ("few images say when", {path: time if number % 5 else None for number, (path, time) in enumerate(bursts().items())}),
    ],
)
def test_where_it_is_not_plausible_nothing_is_proposed(project: Project, why: str, times: dict[str, float | None]) -> None:
    add(project, times)
    assert found(project) is None, why
    assert BURST not in {item.rule for item in grouping.proposals(project)}


@given(times=st.dictionaries(st.integers(1, 10_000), st.floats(0, 10_000), max_size=60))
def test_bursts_are_cut_at_pauses_and_nowhere_else(times: dict[int, float]) -> None:
    cut = bursts_of(times)
    assert sorted(id for burst in cut for id in burst) == sorted(times)
    order = [times[id] for burst in cut for id in burst]
    assert order == sorted(order)
    assert all(times[later] - times[earlier] <= GAP_S for burst in cut for earlier, later in pairwise(burst))
    assert all(times[after[0]] - times[burst[-1]] > GAP_S for burst, after in pairwise(cut))


def photograph(file: Path, number: int, time: str | None, *, fraction: str | None = None) -> None:
    """A JPEG with the picture `number` and a time of capture as a camera writes it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    source = file.with_suffix(".png")
    source.write_bytes(picture(number % 2, number))
    exif = Image.Exif()
    exif[0x0132] = "1999:01:01 00:00:00"
    if time is not None:
        exif.get_ifd(0x8769)[0x9003] = time
    if fraction is not None:
        exif.get_ifd(0x8769)[0x9291] = fraction
    with Image.open(source) as image:
        image.save(file, quality=92, exif=exif)
    source.unlink()


def test_the_time_is_read_from_real_files_at_import_and_kept(project: Project, tmp_path: Path) -> None:
    images = tmp_path / "photographs"
    for number in range(40):
        photograph(images / ("ants", "bees")[number % 2] / f"{number:05d}.jpg", number, f"2024:05:01 10:{number // 4:02d}:{number % 4:02d}")
    import_data(project, images)
    project.close()
    again = Project.open(project.folder)
    try:
        taken = again.dataset().taken_at
        assert len(taken) == 40
        assert max(taken.values()) - min(taken.values()) == 9 * 60 + 3
        finding = found(again)
        assert finding is not None
        assert finding.title.text() == "40 images were taken in 10 bursts"
        import_data(again, images)
        assert again.dataset().taken_at == taken
    finally:
        again.close()


@pytest.mark.parametrize(
    ("time", "fraction", "seconds"),
    [
        ("1970:01:02 00:00:01", None, 86401.0),
        ("1970:01:02 00:00:01", "25", 86401.25),
        ("1970:01:02 00:00:01", "no number", 86401.0),
        ("0000:00:00 00:00:00", None, None),
        ("    :  :     :  :  ", None, None),
        ("yesterday", None, None),
        (None, None, None),
    ],
)
def test_only_the_moment_of_capture_counts(tmp_path: Path, time: str | None, fraction: str | None, seconds: float | None) -> None:
    photograph(tmp_path / "one.jpg", 1, time, fraction=fraction)
    data = (tmp_path / "one.jpg").read_bytes()
    assert taken_at(data) == seconds
    for cut in range(0, 400, 7):
        taken_at(data[:cut])  # a damaged header costs the time, never the import
    assert taken_at(b"") is None


def test_the_terminal_lists_and_confirms_bursts(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    add(project, bursts())
    folder = str(project.folder)
    project.close()
    assert main(["groups", folder]) == 0
    assert "--by burst: 12 groups, such as burst 2023-11-14 22:13:21 (00000.jpg)" in capsys.readouterr().out
    assert main(["groups", folder, "--by", "burst", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["num_groups"] == 12


@pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow's words of doubt go to a log in the decoder process
def test_damaged_exif_costs_the_time_and_nothing_else(tmp_path: Path) -> None:
    photograph(tmp_path / "one.jpg", 1, "2024:05:01 10:00:00", fraction="12")
    whole = (tmp_path / "one.jpg").read_bytes()
    random = Random(1)
    for _ in range(2000):
        damaged = bytearray(whole)
        for _ in range(random.randint(1, 8)):
            damaged[random.randrange(20, 200)] = random.randrange(256)
        found = taken_at(bytes(damaged))
        assert found is None or found > 0
