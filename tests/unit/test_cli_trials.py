"""`tlstudio sweep` with the real job process: trials one after the other, a table, the best; ordered only, listed, cancelled, refused."""

from pathlib import Path

from tests.real_jobs import NETWORK, tlstudio, tlstudio_json
from tests.recorded import picture

ASKED = ("--network", NETWORK, "--device", "cpu", "--set", "input_size_px=64", "--set", "epochs=1")


def test_trials_train_one_after_the_other_and_the_best_is_said(home: Path, tmp_path: Path) -> None:
    folder, images = tmp_path / "Stripes", tmp_path / "images"
    for class_index, name in enumerate(("bars", "discs")):
        (images / name).mkdir(parents=True)
        for item in range(20):
            (images / name / f"{item:02d}.png").write_bytes(picture(class_index, item))
    tlstudio("new", folder, home=home)
    tlstudio("import", folder, images, home=home)
    assert "No sweep yet" in tlstudio("sweep", folder, home=home).stdout

    values = ("--set", "learning_rate=1e-4:1e-2:log", "--set", "num_stages=1,2,all")
    result = tlstudio("sweep", folder, *ASKED, *values, "--kind", "random", "--trials", "2", "--seed", "1", home=home)
    lines = result.stdout.splitlines()
    assert lines[0] == "Sweep 1 (random): 2 of 2 trials are over"
    assert lines[1].split() == ["trial", "run", "learning_rate", "num_stages", "balanced", "state"]
    assert sorted(line.split()[:2] for line in lines[2:4]) == [["1", "1"], ["2", "2"]]
    assert all(line.endswith("Done") for line in lines[2:4])
    kept = [run["summary"]["best_step"] for run in tlstudio_json("runs", folder, home=home)["runs"]]
    best = "Best: trial {} (run {}, balanced), learning_rate=".format(*lines[2].split()[:2])
    assert lines[4].startswith("No trial was better than the head alone." if kept == [0, 0] else best)
    assert "Trial 2 of 2: learning_rate=" in result.stdout + result.stderr

    again = ("--kind", "random", "--trials", "2", "--seed", "1", "--queue")
    document = tlstudio_json("sweep", folder, *ASKED, *values, *again, home=home)
    assert document["queued"] == [3, 4]
    first, second = tlstudio_json("sweep", folder, home=home)["sweeps"]
    assert [row["values"] for row in first["trials"]] == [row["values"] for row in second["trials"]], "the same seed, the same trials"
    assert tlstudio_json("queue", folder, home=home)["queue"] == [3, 4]
    assert tlstudio_json("sweep", folder, "--cancel", "2", home=home)["cancelled"] == [3, 4]
    assert tlstudio_json("queue", folder, home=home)["queue"] == []

    def refusal(*arguments: str) -> str:
        return tlstudio("sweep", folder, *ASKED, *arguments, home=home, expect=3).stderr

    assert "6 combinations, more than 4 trials" in refusal("--set", "seed=1,2", "--set", "num_stages=1,2,3", "--trials", "4")
    assert "needs a range such as" in refusal("--set", "learning_rate=1:0:log")
    assert "stage_decay=0.5 has one value only" in refusal("--set", "stage_decay=0.5")
    ignored = tlstudio("sweep", folder, "--kind", "random", "--no-pruning", home=home, expect=2).stderr
    assert "--kind, --no-pruning would change nothing: name settings with --set" in ignored
    unknown = refusal("--set", "num_stages=1,2", "--device", "foo")
    assert "unknown device 'foo', there are auto, cpu, mps and cuda:0" in unknown
