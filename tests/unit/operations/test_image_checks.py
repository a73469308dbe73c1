"""Blank, dark, over-exposed, blurred and odd images: planted ones are found and set aside by one press, honest ones are left alone."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFilter

from tests.conftest import MakeImages
from tlstudio.domain.findings import Finding, Fix
from tlstudio.domain.samples import SampleState
from tlstudio.operations.health import findings, fix
from tlstudio.operations.importing import import_data
from tlstudio.project.project import Project

IMAGE_CHECKS = ("blank", "dark", "over_exposed", "blurred", "odd_sizes")


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    opened = Project.create(tmp_path / "Survey")
    yield opened
    opened.close()


def of_images(project: Project) -> dict[str, Finding]:
    return {finding.check: finding for finding in findings(project) if finding.check in IMAGE_CHECKS}


def names(project: Project, finding: Finding) -> set[str]:
    return {project.dataset().by_id[id].name for id in finding.samples}


def blank(image: Image.Image) -> Image.Image:
    noise = np.random.default_rng(0).normal(236, 1.2, (image.height, image.width, 1)).clip(0, 255).astype(np.uint8)
    return Image.fromarray(np.repeat(noise, 3, axis=2))


PLANTED: dict[str, Callable[[Image.Image], Image.Image]] = {
    "blank": blank,
    "dark": lambda image: image.point(lambda value: value * 0.08),
    "over_exposed": lambda image: image.point(lambda value: 236 + value * 0.075),
    "blurred": lambda image: image.filter(ImageFilter.GaussianBlur(3 * max(image.size) / 256)),
    "odd_sizes": lambda image: image.resize((20, 20)),
}


@pytest.mark.parametrize("kind", PLANTED)
def test_a_planted_fault_is_found_and_one_press_sets_it_aside(project: Project, make_images: MakeImages, kind: str) -> None:
    folder = make_images({"discs": 12, "bars": 12}, size=128)
    with Image.open(folder / "discs" / "discs_003.png") as image:
        PLANTED[kind](image.convert("RGB")).save(folder / "discs" / "bad.png")
    import_data(project, folder)
    found = of_images(project)
    assert found.keys() == {kind}, "and no other check speaks of it"
    finding = found[kind]
    assert (names(project, finding), finding.fix) == ({"bad.png"}, Fix.SET_ASIDE)
    before = project.dataset().samples
    change = fix(project, finding)
    assert change.words is not None
    assert change.words.text() == "1 image is set aside"
    [aside] = project.dataset().set_aside
    assert (aside.name, aside.reason) == ("bad.png", finding.reason)
    assert of_images(project) == {}
    project.undo()
    assert project.dataset().samples == before
    assert of_images(project) == found


@pytest.mark.parametrize("kind", ["dark", "over_exposed", "blurred", "odd_sizes"])
def test_where_all_are_alike_that_is_how_they_are(project: Project, make_images: MakeImages, kind: str) -> None:
    folder = make_images({"discs": 8, "bars": 8}, size=128)
    for file in folder.rglob("*.png"):
        with Image.open(file) as image:
            changed = PLANTED[kind](image.convert("RGB"))
        changed.save(file)
    import_data(project, folder)
    assert of_images(project) == {}


def test_three_images_have_no_usual_sharpness(project: Project, make_images: MakeImages) -> None:
    folder = make_images({"discs": 2, "bars": 1}, size=128)
    with Image.open(folder / "bars" / "bars_000.png") as image:
        blurred = PLANTED["blurred"](image.convert("RGB"))
    blurred.save(folder / "bars" / "bars_000.png")
    import_data(project, folder)
    assert of_images(project) == {}


def test_what_is_set_aside_says_nothing_of_the_rest(project: Project, make_images: MakeImages) -> None:
    """The usual is that of the images that take part."""
    folder = make_images({"discs": 12, "bars": 12}, size=128)
    for number in range(11):
        with Image.open(folder / "discs" / f"discs_{number:03d}.png") as image:
            PLANTED["dark"](image.convert("RGB")).save(folder / "discs" / f"dark_{number:03d}.png")
    import_data(project, folder)
    finding = of_images(project)["dark"]
    assert len(finding.samples) == 11
    fix(project, finding)
    assert of_images(project) == {}
    assert all(sample.state is SampleState.READY for sample in project.dataset().samples if not sample.name.startswith("dark"))


HONEST = {"hymenoptera": {"odd_sizes": 1}, "flowers5": {"blurred": 1}, "neu_det": {}, "office_caltech10": {}, "bccd": {}}
"""What each real set has of its own: an ant in a strip of 1 : 3.4, and the softest flower of a set that is enlarged from small pictures."""


@pytest.mark.parametrize("name", HONEST)
def test_real_sets_are_left_alone_but_for_what_is_odd_in_them(shared: Path, project: Project, name: str) -> None:
    import_data(project, shared / "data" / name)
    found = {check: len(finding.samples) for check, finding in of_images(project).items()}
    print(name, len(project.dataset().ready), found)
    assert found == HONEST[name]


def test_a_class_of_empty_images_is_meant_so(project: Project, make_images: MakeImages) -> None:
    folder = make_images({"discs": 12, "bars": 12, "empty": 1}, size=128)
    for number in range(8):
        Image.new("RGB", (128, 128 + number), (230, 230, 230)).save(folder / "empty" / f"empty_{number}.png")
    Image.new("RGB", (130, 130), (230, 230, 230)).save(folder / "discs" / "bad.png")
    import_data(project, folder)
    assert names(project, of_images(project)["blank"]) == {"bad.png"}
