"""`tlstudio crossvalidate` with the real job process: a table for people, a document for programs, words where it cannot be."""

from pathlib import Path

from tests.real_jobs import NETWORK, tlstudio, tlstudio_json
from tests.recorded import picture


def test_a_table_and_a_document_say_the_same_and_the_test_set_stays_closed(home: Path, tmp_path: Path) -> None:
    folder, images = tmp_path / "Stripes", tmp_path / "images"
    for class_index, name in enumerate(("bars", "discs")):
        (images / name).mkdir(parents=True)
        for item in range(20):
            (images / name / f"{item:02d}.png").write_bytes(picture(class_index, item))
    (images / "bars" / "copy.png").write_bytes((images / "bars" / "03.png").read_bytes())
    tlstudio("new", folder, home=home)
    tlstudio("import", folder, images, home=home)
    command = ("crossvalidate", folder, "--folds", 3, "--network", NETWORK, "--device", "cpu")
    document = tlstudio_json(*command, home=home)
    report = document["report"]
    assert (document["status"], document["plan"]) == ("finished", {"num_folds": 3, "seed": 0})
    assert len(report["folds"]) == 3
    assert sum(item["num_images"] for item in report["folds"]) == sum(sum(row) for row in report["confusion"])
    assert 0 <= report["accuracy"]["low"] <= report["accuracy"]["value"] <= report["accuracy"]["high"] <= 1

    lines = tlstudio(*command, home=home).stdout.splitlines()
    assert lines[0].startswith("3 folds of ")
    assert "the test set took no part" in lines[0]
    assert "copies and groups stay in one fold" in lines[1]
    assert f"accuracy           {100 * report['accuracy']['value']:.1f} %" in lines[2]
    first = next(number for number, line in enumerate(lines) if line.startswith("fold ")) + 1
    assert [line.split()[0] for line in lines[first : first + 4] if line] == ["1", "2", "3"]
    assert any(line.startswith("bars") for line in lines)

    listed = tlstudio_json("runs", folder, home=home)
    assert listed["runs"] == []
    assert tlstudio("check", folder, home=home).stdout == "Everything is whole.\n"
    judged = tlstudio("crossvalidate", folder, "--network", "resnet_of_nowhere", home=home, expect=3)
    assert "There is no network called resnet_of_nowhere" in judged.stderr
    assert "invalid choice" in tlstudio("crossvalidate", folder, "--folds", 2, home=home, expect=2).stderr
    assert "a whole number from 0 on" in tlstudio("crossvalidate", folder, "--seed", -1, home=home, expect=2).stderr
