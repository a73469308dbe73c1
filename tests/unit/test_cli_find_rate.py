"""`tlstudio find-rate` with the real job process: rates and losses, a suggestion that `train` takes, and no trace in the project."""

from pathlib import Path

from tests.real_jobs import NETWORK, tlstudio, tlstudio_json
from tests.recorded import picture


def test_rates_are_tried_and_the_project_stays_as_it_is(home: Path, tmp_path: Path) -> None:
    folder, images = tmp_path / "Stripes", tmp_path / "images"
    for class_index, name in enumerate(("bars", "discs")):
        (images / name).mkdir(parents=True)
        for item in range(20):
            (images / name / f"{item:02d}.png").write_bytes(picture(class_index, item))
    tlstudio("new", folder, home=home)
    tlstudio("import", folder, images, home=home)
    before = sorted(item.name for item in folder.iterdir())
    asked = ("--network", NETWORK, "--device", "cpu", "--set", "input_size_px=64")
    document = tlstudio_json("find-rate", folder, *asked, home=home)
    assert (document["status"], document["recipe"]["name"]) == ("finished", "balanced")
    rates = [item["rate"] for item in document["rates"]]
    assert rates == sorted(rates)
    assert document["suggested"] is None or rates[0] <= document["suggested"] <= rates[-1]
    assert sorted(item.name for item in folder.iterdir()) == before

    lines = tlstudio("find-rate", folder, "--recipe", "thorough", *asked, home=home).stdout.splitlines()
    assert lines[0].split() == ["rate", "loss"]
    assert lines[-1].startswith(("Suggested: ", "The loss fell at no rate"))
    assert "invalid choice: 'quick'" in tlstudio("find-rate", folder, "--recipe", "quick", home=home, expect=2).stderr
