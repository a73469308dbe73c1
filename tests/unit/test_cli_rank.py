"""`tlstudio rank` with the real job process and the starter: a table and a sentence, a document, an answer at once the second time."""

from pathlib import Path

from tests.real_jobs import tlstudio, tlstudio_json
from tests.recorded import picture


def test_a_table_and_a_document_say_the_same_and_nothing_is_done_twice(home: Path, tmp_path: Path) -> None:
    folder, images = tmp_path / "Stripes", tmp_path / "images"
    for class_index, name in enumerate(("bars", "discs")):
        (images / name).mkdir(parents=True)
        for item in range(15):
            (images / name / f"{item:02d}.png").write_bytes(picture(class_index, item))
    tlstudio("new", folder, home=home)
    tlstudio("import", folder, images, home=home)
    command = ("rank", folder, "--folds", 3, "--device", "cpu")
    document = tlstudio_json(*command, home=home)
    assert (document["status"], document["plan"], document["passed"]) == ("finished", {"num_folds": 3, "seed": 0}, [])
    (network,) = document["report"]["networks"]
    assert 0 <= network["fit"]["low"] <= network["fit"]["value"] <= network["fit"]["high"] <= 1
    assert network["images_per_second"] > 0

    again = tlstudio(*command, home=home).stdout.splitlines()
    assert again[0].startswith("3 folds of ")
    assert "the test set took no part" in again[0]
    assert again[-1] == document["advice"]
    assert any(line.startswith("Starter") and f"{network['images_per_second']:,.0f}" in line for line in again)
    assert [item.name for item in (folder / "rankings").iterdir() if item.is_dir()] == ["0001"], "nothing new was asked of a job"

    assert tlstudio("check", folder, home=home).stdout == "Everything is whole.\n"
    assert "no weights called nowhere" in tlstudio("rank", folder, "--weights", "nowhere", home=home, expect=3).stderr
