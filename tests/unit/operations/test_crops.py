"""Crops of boxes become a project of their own: the same pixels, labelled, and those of one image always on one side."""

import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tests.conftest import MakeImages
from tests.real_jobs import tlstudio, tlstudio_json
from tests.unit.operations.test_importing_annotations import annotate
from tlstudio.datasets.decode import decode_image
from tlstudio.domain.intensity import IntensityRule
from tlstudio.domain.progress import Progress
from tlstudio.domain.regions import Region, Shape
from tlstudio.domain.splits import Split
from tlstudio.errors import TLStudioError
from tlstudio.operations import projects
from tlstudio.operations.crops import make_crops, pixel_box
from tlstudio.operations.importing import import_data
from tlstudio.project.project import Project

A, B = "plate/plate_000.png", "plate/plate_001.png"


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    opened = Project.create(tmp_path / "Survey")
    yield opened
    opened.close()


@pytest.fixture
def boxed(project: Project, make_images: MakeImages) -> Project:
    """Three images of 64 px, two of them with boxes."""
    source = make_images({"plate": 3})
    annotate(source, (A, "ant", (10, 12, 20, 10)), (A, "bee/wasp", (0, 0, 30.5, 20.2)), (B, "ant", (40, 40, 24, 24)))
    import_data(project, source)
    return project


def pixels(file: Path) -> np.ndarray:
    return decode_image(file, IntensityRule()).pixels


def crops_of(folder: Path) -> dict[str, tuple[str | None, str | None, np.ndarray]]:
    """Label, group and pixels by file name."""
    with closing(Project.open(folder)) as made:
        dataset = made.dataset()
        return {
            sample.name: (
                dataset.class_by_id[sample.class_id].name if sample.class_id else None,
                sample.group,
                pixels(dataset.file_of(sample)),
            )
            for sample in dataset.ready
        }


def test_each_box_is_an_image_with_its_class_and_its_image_as_group(boxed: Project, tmp_path: Path) -> None:
    outcome = make_crops(boxed, tmp_path / "Crops", margin=0)
    assert (outcome.folder, outcome.num_crops, outcome.num_images, outcome.num_without) == (tmp_path / "Crops", 3, 2, 1)
    found = crops_of(tmp_path / "Crops")
    first, second = (pixels(tmp_path / "images" / name) for name in (A, B))
    expected = {
        "plate_000_001.png": ("ant", "plate_000.png", first[12:22, 10:30]),
        "plate_000_002.png": ("bee/wasp", "plate_000.png", first[:21, :31]),
        "plate_001_001.png": ("ant", "plate_001.png", second[40:64, 40:64]),
    }
    assert found.keys() == expected.keys()
    for name, (label, group, image) in expected.items():
        assert found[name][:2] == (label, group)
        assert np.array_equal(found[name][2], image)


def test_a_margin_is_added_up_to_the_edge(boxed: Project, tmp_path: Path) -> None:
    make_crops(boxed, tmp_path / "Crops", margin=0.25)
    found = crops_of(tmp_path / "Crops")
    first, second = (pixels(tmp_path / "images" / name) for name in (A, B))
    assert np.array_equal(found["plate_000_001.png"][2], first[9:25, 5:35])
    assert np.array_equal(found["plate_001_001.png"][2], second[34:64, 34:64])


def test_deep_pixels_follow_the_rule_of_the_project(project: Project, tmp_path: Path) -> None:
    values = np.random.default_rng(0).integers(0, 4096, (40, 40)).astype(np.uint16)
    (tmp_path / "deep" / "plate").mkdir(parents=True)
    for number in range(3):
        Image.fromarray(values + number).save(tmp_path / "deep" / "plate" / f"plate_{number:03d}.png")
    annotate(tmp_path / "deep", (A, "cell", (5, 6, 20, 10)))
    import_data(project, tmp_path / "deep")
    rule = project.settings().intensity
    assert rule.kind == "window"
    make_crops(project, tmp_path / "Crops", margin=0)
    (crop,) = crops_of(tmp_path / "Crops").values()
    assert np.array_equal(crop[2], decode_image(tmp_path / "deep" / A, rule).pixels[6:16, 5:25])
    with closing(Project.open(tmp_path / "Crops")) as made:
        assert made.settings().intensity == rule


def test_crops_of_one_image_are_on_one_side(project: Project, make_images: MakeImages, tmp_path: Path) -> None:
    source = make_images({"plate": 24})
    boxes = [(f"plate/plate_{number:03d}.png", "ab"[place % 2], (place * 8, number, 8, 30)) for number in range(24) for place in range(6)]
    annotate(source, *boxes)
    import_data(project, source)
    make_crops(project, tmp_path / "Crops")
    with closing(Project.open(tmp_path / "Crops")) as made:
        sides: dict[str | None, set[Split | None]] = defaultdict(set)
        for sample in made.dataset().ready:
            sides[sample.group].add(sample.split)
    assert len(sides) == 24
    assert all(len(found) == 1 for found in sides.values())
    assert {split for found in sides.values() for split in found} == set(Split)


def test_given_parts_are_kept(project: Project, make_images: MakeImages, tmp_path: Path) -> None:
    for part in ("train", "val"):
        source = make_images({"plate": 2}, name=f"set/{part}", seed=len(part))
        file = annotate(source, (A, "ant", (1, 1, 20, 20)), (B, "bee", (1, 1, 20, 20)))
        file.rename(tmp_path / "set" / f"instances_{part}.json")
    import_data(project, tmp_path / "set")
    make_crops(project, tmp_path / "Crops")
    with closing(Project.open(tmp_path / "Crops")) as made:
        assert sorted((sample.split, sample.split_given) for sample in made.dataset().ready) == [
            (Split.TRAIN, True),
            (Split.TRAIN, True),
            (Split.VAL, True),
            (Split.VAL, True),
        ]


def test_images_that_cannot_be_cut_are_told_and_cost_only_themselves(boxed: Project, tmp_path: Path) -> None:
    Image.new("RGB", (64, 64)).save(tmp_path / "images" / A)
    outcome = make_crops(boxed, tmp_path / "Crops")
    assert [(item.path, item.reason.id) for item in outcome.problems] == [(A, "crops.changed")]
    assert (outcome.num_crops, outcome.num_images) == (1, 1)
    (tmp_path / "images" / A).unlink()
    (tmp_path / "images" / B).unlink()
    with pytest.raises(TLStudioError, match="None of the images") as error:
        make_crops(boxed, tmp_path / "More")
    assert "no longer there" in error.value.details
    assert not (tmp_path / "More").exists()
    assert [item.name for item in projects.recent_projects()] == ["Crops"]


@pytest.mark.parametrize("at", ["crops.cutting", "import.looking"])
def test_a_stop_leaves_nothing(boxed: Project, tmp_path: Path, at: str) -> None:
    stop = threading.Event()

    def report(progress: Progress) -> None:
        if progress.what.id == at:
            stop.set()

    before = sorted(tmp_path.rglob("*"))
    assert make_crops(boxed, tmp_path / "Crops", report=report, stop=stop).folder is None
    assert [item for item in sorted(tmp_path.rglob("*")) if item not in before and "home" not in item.parts] == []


def test_refusals_leave_everything_as_it_was(boxed: Project, make_images: MakeImages, tmp_path: Path) -> None:
    for margin in (-0.1, 2.5, float("nan")):
        with pytest.raises(TLStudioError, match="margin"):
            make_crops(boxed, tmp_path / "Crops", margin=margin)
    with closing(Project.create(tmp_path / "Plain")) as plain:
        import_data(plain, make_images({"ants": 2}, name="plain"))
        with pytest.raises(TLStudioError, match="Nothing is marked"):
            make_crops(plain, tmp_path / "Crops")
    assert not (tmp_path / "Crops").exists()
    (tmp_path / "Crops").mkdir()
    (tmp_path / "Crops" / "mine").touch()
    with pytest.raises(TLStudioError, match="not empty"):
        make_crops(boxed, tmp_path / "Crops")
    assert [item.name for item in (tmp_path / "Crops").iterdir()] == ["mine"]


@given(
    st.floats(0, 63, allow_subnormal=False),
    st.floats(0, 63, allow_subnormal=False),
    st.floats(0.001, 64),
    st.floats(0.001, 64),
    st.floats(0, 2),
)
def test_the_pixels_of_a_box_cover_it_and_stay_inside(x: float, y: float, width: float, height: float, margin: float) -> None:
    width, height = min(width, 64 - x), min(height, 64 - y)
    left, top, wide, high = pixel_box(Region(class_name="a", shape=Shape(x=x, y=y, width=width, height=height)), margin, 64, 64)
    assert 0 <= left < left + wide <= 64
    assert 0 <= top < top + high <= 64
    assert left <= x + 1e-5
    assert left + wide >= min(64, x + width) - 1e-5
    assert wide <= width * (1 + 2 * margin) + 2
    assert high <= height * (1 + 2 * margin) + 2


def test_the_terminal_makes_them(tmp_path: Path, home: Path, make_images: MakeImages) -> None:
    source = make_images({"plate": 3})
    annotate(source, (A, "ant", (10, 12, 20, 10)), (B, "bee", (1, 1, 5, 5)))
    tlstudio("new", tmp_path / "P", home=home)
    tlstudio_json("import", tmp_path / "P", source, home=home)
    told = tlstudio("crops", tmp_path / "P", "--out", tmp_path / "C", "--margin", "0.2", home=home).stdout
    assert told == f"Cut 2 crops from 2 images into {tmp_path / 'C'}\nImages in which nothing is marked: 1\n"
    assert tlstudio_json("check", tmp_path / "C", home=home)["problems"] == []


def test_blood_cells(shared: Path, project: Project, tmp_path: Path) -> None:
    from tests.unit.operations.test_round_trips_of_real_sets import linked

    import_data(project, linked(shared, "bccd", tmp_path / "bccd", every=20))
    num = sum(map(len, project.regions.of().values()))
    outcome = make_crops(project, tmp_path / "Cells")
    with closing(Project.open(tmp_path / "Cells")) as made:
        dataset = made.dataset()
        assert (outcome.num_crops, len(dataset.ready)) == (num, num)
        assert {item.name for item in dataset.classes} == {"RBC", "WBC", "Platelets"}
        assert all(sample.split_given for sample in dataset.ready)
