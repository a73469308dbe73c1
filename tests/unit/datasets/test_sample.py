"""The sample that ships: what is promised of it."""

import hashlib
import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from tlstudio import paths
from tlstudio.datasets.decode import decode_image
from tlstudio.datasets.decoder import DecoderPool, Inspected
from tlstudio.datasets.scan import scan
from tlstudio.domain.intensity import IntensityRule
from tlstudio.domain.splits import Split, SplitPlan, SplitUnit, assign_splits

SCRIPT = Path(__file__).resolve().parents[3] / "packaging" / "sample" / "make.py"


@pytest.fixture(scope="module")
def sample() -> Path:
    return paths.resources() / "sample"


@pytest.fixture(scope="module")
def planted(sample: Path) -> dict[str, dict[str, str]]:
    planted: dict[str, dict[str, str]] = json.loads((sample / "sample.json").read_text("utf-8"))["planted"]
    return planted


@pytest.fixture(scope="module")
def answers(sample: Path) -> dict[str, Inspected]:
    found = scan(sample)
    with DecoderPool(IntensityRule()) as pool:
        inspected = list(pool.inspect(sample / file.path for file in found.files))
    return {file.path: item for file, item in zip(found.files, inspected, strict=True)}


def test_four_hundred_images_in_four_classes_and_few_bytes(sample: Path, answers: dict[str, Inspected]) -> None:
    assert Counter(path.split("/")[0] for path in answers) == pytest.approx(
        {"chains": 100, "diatoms": 100, "rods": 100, "yeast": 100}, abs=4
    )
    assert len(answers) == 400
    assert sum(file.stat().st_size for file in sample.rglob("*") if file.is_file()) <= 4_000_000


def test_exactly_the_planted_faults_are_there(answers: dict[str, Inspected], planted: dict[str, dict[str, str]]) -> None:
    assert {fault: len(files) for fault, files in planted.items()} == {"wrong_label": 3, "exact_copy": 5, "near_copy": 6, "unreadable": 1}
    unread = {path: item.reason.id for path, item in answers.items() if item.reason is not None}
    assert unread == dict.fromkeys(planted["unreadable"], "image.cut_short")
    copies = Counter(item.content_hash for item in answers.values())
    assert sum(number - 1 for number in copies.values()) == 5
    for copy, original in planted["exact_copy"].items():
        assert answers[copy].content_hash == answers[original].content_hash
    for copy, original in planted["near_copy"].items():
        assert answers[copy].content_hash != answers[original].content_hash
        assert answers[copy].width_px < answers[original].width_px
    assert all(path.split("/")[0] != shows for path, shows in planted["wrong_label"].items())


def test_of_the_wrong_labels_one_trains_one_validates_and_one_tests(
    answers: dict[str, Inspected], planted: dict[str, dict[str, str]]
) -> None:
    units: dict[str, SplitUnit] = {}
    for path, item in answers.items():
        if item.reason is None:
            num = units[item.content_hash].num_samples + 1 if item.content_hash in units else 1
            units[item.content_hash] = SplitUnit(key=item.content_hash, class_id=path.split("/")[0], num_samples=num)
    assigned = assign_splits(units.values(), SplitPlan())
    assert {assigned[answers[path].content_hash] for path in planted["wrong_label"]} == set(Split)


def test_every_slide_holds_every_kind(answers: dict[str, Inspected]) -> None:
    kinds: dict[str, set[str]] = {}
    for path in answers:
        kind, name = path.split("/")
        kinds.setdefault(name.split("_")[0], set()).add(kind)
    assert len(kinds) == 12
    assert all(found == {"chains", "diatoms", "rods", "yeast"} for found in kinds.values())


def test_the_generator_writes_the_same_bytes_twice(tmp_path: Path) -> None:
    for name in ("one", "two"):
        command = [sys.executable, str(SCRIPT), "--out", str(tmp_path / name), "--count", "32"]
        subprocess.run(command, check=True, capture_output=True, timeout=200)
    one, two = (
        {str(file.relative_to(tmp_path / name)): hashlib.sha256(file.read_bytes()).hexdigest() for file in (tmp_path / name).rglob("*.*")}
        for name in ("one", "two")
    )
    assert len(one) == 33
    assert one == two


def test_colours_do_not_give_the_classes_away(sample: Path, answers: dict[str, Inspected], planted: dict[str, dict[str, str]]) -> None:
    """5-fold accuracy of logistic regression on a colour histogram must stay under 70 %; chance is 25 %."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold, cross_val_score
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    left_out = {path for fault in ("unreadable", "exact_copy", "near_copy") for path in planted[fault]}
    names = [path for path in answers if path not in left_out]
    histograms = [_histogram(decode_image(sample / name, IntensityRule()).pixels) for name in names]
    model = make_pipeline(StandardScaler(), LogisticRegression(C=1.0, max_iter=500))
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    accuracy = cross_val_score(model, np.array(histograms), [name.split("/")[0] for name in names], cv=folds).mean()
    assert accuracy < 0.70


def _histogram(pixels: np.ndarray) -> np.ndarray:
    """float64[512]: shares of the colours in an 8 x 8 x 8 cube."""
    cells = (pixels >> 5).reshape(-1, 3).astype(np.int64) @ (64, 8, 1)
    return np.bincount(cells, minlength=512) / len(cells)
