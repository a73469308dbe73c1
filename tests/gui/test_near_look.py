"""A project of an older version is compared when it is opened, and what comes to light stands above the images."""

from pathlib import Path

from blake3 import blake3
from PIL import Image

from tests.gui.conftest import Window
from tests.recorded import make_project
from tlstudio.domain.samples import NewSample
from tlstudio.domain.splits import Split
from tlstudio.operations.looks import not_looked_at
from tlstudio.project.project import Project


def test_near_copies_of_an_older_project_are_found_when_it_is_opened(window: Window, tmp_path: Path) -> None:
    project = make_project(tmp_path / "Insects")
    dataset = project.dataset()
    original = dataset.file_of(dataset.samples[0])
    assert dataset.samples[0].split is Split.TRAIN
    with Image.open(original) as image:
        image.resize((40, 40)).save(original.parent / "small.png")
    small = (original.parent / "small.png").read_bytes()
    new = NewSample(
        path="ants/small.png",
        content_hash=blake3(small).hexdigest(),
        width_px=40,
        height_px=40,
        format="PNG",
        class_name="ants",
        split=Split.TEST,
    )
    project.add_samples(dataset.roots[0], [new], given_splits=True)
    assert len(not_looked_at(project)) == 31
    project.close()

    panel = window.open(project.folder)
    window.until(lambda: "1 picture lies in more than one split as near copies" in panel.view.health.words.whole_text())
    assert panel.view.health.waits.text() == "training waits for this"
    window.idle()
    window.workspace.close_project()
    window.idle()
    again = Project.open(project.folder)
    assert not_looked_at(again) == {}
    again.close()
