"""Images a lab brings, in a project: who is a group, which values are black and white, and that all who look see the same."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.dicom_files import dicom
from tlstudio.cli import main as cli_main
from tlstudio.datasets.decode import decode_image
from tlstudio.datasets.decoder import DecoderPool
from tlstudio.datasets.fit import fit
from tlstudio.domain.intensity import IntensityRule, may_be_deep
from tlstudio.domain.networks import Preprocessing
from tlstudio.engine.data.reading import Reader
from tlstudio.errors import TLStudioError
from tlstudio.operations import intensity
from tlstudio.operations.importing import import_data
from tlstudio.operations.readiness import build_manifest
from tlstudio.operations.thumbnails import make_missing, thumbnail_store
from tlstudio.project.project import Project

WINDOW = IntensityRule(kind="window", low=-100, high=300)


@pytest.fixture
def scans(tmp_path: Path) -> Path:
    """Four images of two patients in two classes; one has no suffix, and beside them lies a disc's table of contents."""
    random = np.random.default_rng(1)
    for index, (name, patient) in enumerate((("a.dcm", "MRN-1"), ("b.dcm", "MRN-1"), ("c.dcm", "MRN-2"), ("IM0004", "MRN-2"))):
        folder = tmp_path / "scans" / ("lung" if index % 2 else "liver")
        folder.mkdir(parents=True, exist_ok=True)
        values = random.integers(900, 1400, (40, 40)).astype(np.uint16)
        data = dicom(values, bits=12, RescaleSlope=1, RescaleIntercept=-1024, PatientID=patient, PatientName=f"Doe^Jane{index}")
        (folder / name).write_bytes(data)
    (tmp_path / "scans" / "DICOMDIR").write_bytes(dicom(None))
    return tmp_path / "scans"


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    opened = Project.create(tmp_path / "Survey")
    yield opened
    opened.close()


def test_a_folder_of_dicom_files_has_its_patients_as_groups(project: Project, scans: Path) -> None:
    outcome = import_data(project, scans)
    assert (outcome.num_added, outcome.num_set_aside) == (4, 0)
    groups = {sample.name: sample.group for sample in project.dataset().samples}
    assert groups["a.dcm"] == groups["b.dcm"] != groups["c.dcm"]
    assert groups["c.dcm"] == groups["IM0004"]
    assert {sample.format for sample in project.dataset().samples} == {"DICOM"}
    project.close()
    for file in (*project.folder.rglob("*"), *(scans.parent / "home").rglob("*")):
        if file.is_file():
            assert b"MRN-" not in file.read_bytes(), file
            assert b"Doe" not in file.read_bytes(), file


def test_the_first_import_chooses_units_that_suit(project: Project, scans: Path) -> None:
    outcome = import_data(project, scans)
    assert outcome.intensity is not None
    assert (outcome.intensity.low, outcome.intensity.high) == pytest.approx((-124, 375), abs=3)


def test_training_prediction_and_preview_see_the_same_pixels(project: Project, scans: Path) -> None:
    import_data(project, scans)
    intensity.set_rule(project, WINDOW)
    dataset = project.dataset()
    manifest = build_manifest(dataset, intensity=project.settings().intensity)
    preprocessing = Preprocessing(input_size_px=32)
    reader = Reader(roots={str(root.id): root.path for root in dataset.roots}, intensity=manifest.intensity)
    files = [dataset.file_of(dataset.by_id[entry.sample]) for entry in manifest.entries]
    with DecoderPool(manifest.intensity, fitted_for=preprocessing) as pool:
        predicted = [np.frombuffer(item.fitted, np.uint8).reshape(32, 32, 3) for item in pool.inspect(files)]
    assert files
    for entry, file, foreign in zip(manifest.entries, files, predicted, strict=True):
        trained = reader.pixels(entry, preprocessing)
        assert np.array_equal(trained, foreign)
        assert np.array_equal(trained, fit(decode_image(file, WINDOW).pixels, preprocessing))


def test_previews_are_those_of_the_rule(project: Project, scans: Path) -> None:
    import_data(project, scans)
    deep = intensity.look_at_deep(project)
    assert (len(deep.samples), deep.num_looked_at, deep.is_float) == (4, 4, False)
    window = deep.window()
    assert window is not None
    assert (window.low, window.high) == (-123, 375)
    dark, bright = (intensity.preview(project, deep.samples, IntensityRule(kind="window", low=low, high=low + 500)) for low in (300, -1000))
    assert all(_mean(data) < 20 for data in dark)
    assert all(_mean(data) > 235 for data in bright)


def _mean(data: bytes) -> float:
    from io import BytesIO

    return float(np.asarray(Image.open(BytesIO(data))).mean())


def test_thumbnails_are_made_again_and_nobody_brings_the_old_ones_back(project: Project, scans: Path) -> None:
    import_data(project, scans)
    samples = project.dataset().samples
    hashes = [sample.content_hash for sample in samples]
    late = thumbnail_store(project)
    before = {item: late.get(item) for item in hashes}
    assert all(before.values())
    intensity.set_rule(project, IntensityRule(kind="window", low=300, high=3000))
    with thumbnail_store(project) as store:
        assert store.missing(hashes) == hashes
        late.put({hashes[0]: before[hashes[0]] or b""})  # an import that began before
        assert store.missing(hashes) == hashes
        assert make_missing(project, store, samples) == 4
        assert all(store.get(item) not in (None, before[item]) for item in hashes)
    late.close()
    intensity.set_rule(project, project.settings().intensity)  # nothing new: nothing is thrown away
    with thumbnail_store(project) as store:
        assert store.missing(hashes) == []


def test_who_may_only_read_changes_nothing(project: Project, scans: Path) -> None:
    import_data(project, scans)
    before = project.settings().intensity
    reading = Project.open(project.folder, writable=False)
    with pytest.raises(TLStudioError):
        intensity.set_rule(reading, WINDOW)
    reading.close()
    assert project.settings().intensity == before


def test_pictures_of_eight_bits_have_no_brightness_to_choose(project: Project, tmp_path: Path) -> None:
    (tmp_path / "flat").mkdir()
    Image.new("RGB", (8, 8), "red").save(tmp_path / "flat" / "a.tif")
    import_data(project, tmp_path / "flat")
    assert may_be_deep(project.dataset().samples[0].format)
    deep = intensity.look_at_deep(project)
    assert (deep.samples, deep.num_looked_at, deep.window()) == ((), 1, None)


def terminal(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    code = cli_main.main(["brightness", *arguments])
    said = capsys.readouterr()
    return code, said.out or said.err


def test_the_terminal_shows_and_sets_it(
    project: Project, scans: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cli_main, "log_to_file", lambda _path: None)
    import_data(project, scans)
    project.close()
    folder = str(project.folder)
    code, said = terminal(capsys, folder, "--window", "-100", "300")
    assert (code, said) == (0, "-100 becomes black, 300 white\n")
    code, said = terminal(capsys, folder)
    assert code == 0
    assert "4 of 4 images looked at are deeper than 8 bits" in said
    assert "0.1 to 99.9 % of what they hold: -123 to 375" in said
    code, said = terminal(capsys, folder, "--from-images", "--json")
    found = json.loads(said)
    assert (found["rule"], found["low"], found["high"]) == ("window", -123, 375)
    assert terminal(capsys, folder, "--range")[1].startswith("The whole range of the type")
    code, said = terminal(capsys, folder, "--window", "5", "5")
    assert code == 3
    assert "A window needs two numbers" in said
