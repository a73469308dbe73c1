"""Images that join a class which was merged into another are told by the class that they are of."""

from pathlib import Path

from tests.conftest import MakeImages
from tlstudio.domain.commands import MergeClasses
from tlstudio.operations.importing import import_data
from tlstudio.project.project import Project


def test_images_of_a_merged_class_are_of_the_one_it_is_part_of_and_that_is_not_new(tmp_path: Path, make_images: MakeImages) -> None:
    project = Project.create(tmp_path / "Insects")
    import_data(project, make_images({"beetle": 4, "beetles": 4}))
    ids = {item.name: item.id for item in project.dataset().classes}
    project.apply(MergeClasses(class_id=ids["beetle"], into=ids["beetles"]))
    folder = make_images({"beetle": 3}, name="more")
    (folder / "beetle" / "bad.png").write_bytes(b"")
    remarks = import_data(project, folder).remarks
    assert [item.text() for item in remarks] == ["3 new beside the 8 that were there: beetles 3."]
    project.close()
