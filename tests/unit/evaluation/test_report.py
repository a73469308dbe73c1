"""Predictions are read from the file a run leaves, and judged by the run's own classes."""

from pathlib import Path

import msgspec
import numpy as np
import pytest
from safetensors.numpy import save_file

from tlstudio.domain.report import EvaluationReport
from tlstudio.domain.splits import Split
from tlstudio.errors import TLStudioError
from tlstudio.evaluation.predictions import Predictions, read, softmax
from tlstudio.evaluation.report import build

NAMES = ("ants", "bees", "wasps")
#          sample, split, truth, logits
ROWS = [
    (11, 1, 0, (4.0, 0.0, 0.0)),
    (12, 1, 0, (0.0, 2.0, 0.0)),
    (13, 1, 1, (0.0, 5.0, 0.0)),
    (14, 1, 1, (3.0, 0.0, 0.0)),
    (15, 1, -1, (9.0, 0.0, 0.0)),
    (21, 2, 2, (0.0, 0.0, 1.0)),
    (31, 0, 2, (0.0, 0.0, 1.0)),
]


def written(file: Path, **changes: np.ndarray) -> Path:
    tensors = {
        "logits": np.array([row[3] for row in ROWS], np.float32),
        "features": np.zeros((len(ROWS), 4), np.float16),
        "samples": np.array([row[0] for row in ROWS], np.int64),
        "splits": np.array([row[1] for row in ROWS], np.uint8),
        "targets": np.array([row[2] for row in ROWS], np.int64),
    } | changes
    metadata = {"class_ids": '["c-0", "c-1", "c-2"]', "class_names": msgspec.json.encode(NAMES).decode()}
    save_file(tensors, file, metadata)
    return file


@pytest.fixture
def predictions(tmp_path: Path) -> Predictions:
    return read(written(tmp_path / "predictions.safetensors"))


@pytest.fixture
def report(predictions: Predictions) -> EvaluationReport:
    return build(predictions, run=7, split=Split.VAL)


def test_the_file_is_read_as_it_was_written(predictions: Predictions) -> None:
    assert predictions.class_names == NAMES
    assert predictions.class_ids == ("c-0", "c-1", "c-2")
    assert len(predictions) == len(ROWS)
    assert predictions.features.shape == (len(ROWS), 4)


def test_features_stay_on_the_disk_when_they_are_not_asked_for(tmp_path: Path) -> None:
    assert read(written(tmp_path / "p.safetensors"), with_features=False).features.shape == (len(ROWS), 0)


def test_a_split_holds_its_labelled_images_only(predictions: Predictions) -> None:
    assert predictions.of(Split.VAL).samples.tolist() == [11, 12, 13, 14]
    assert predictions.of(Split.TRAIN).samples.tolist() == [31]


def test_the_report_counts_by_truth_and_prediction(report: EvaluationReport) -> None:
    assert report.confusion == ((1, 1, 0), (1, 1, 0), (0, 0, 0))
    assert report.accuracy.value == 0.5
    assert [score.name for score in report.classes] == list(NAMES)
    assert report.classes[2].recall is None


def test_answers_are_in_order_of_confidence_with_their_probabilities(report: EvaluationReport) -> None:
    assert [item.sample for item in report.answers] == [13, 11, 14, 12]
    mistake = report.cell(1, 0)[0]
    expected = softmax(np.array([[3.0, 0.0, 0.0]]))[0]
    assert mistake.sample == 14
    assert mistake.probability == pytest.approx(expected[0])
    assert mistake.truth_probability == pytest.approx(expected[1])


def test_equal_confidence_is_ordered_by_sample(tmp_path: Path) -> None:
    file = written(tmp_path / "p.safetensors", logits=np.ones((len(ROWS), 3), np.float32))
    assert [item.sample for item in build(read(file), run=1, split=Split.VAL).answers] == [11, 12, 13, 14]


def test_validation_was_used_for_selection_and_test_was_not(predictions: Predictions) -> None:
    assert build(predictions, run=7, split=Split.VAL).used_for_selection
    assert not build(predictions, run=7, split=Split.TEST, num_openings=2).used_for_selection
    assert build(predictions, run=7, split=Split.TEST, num_openings=2).num_openings == 2


def test_a_report_travels_as_json(report: EvaluationReport) -> None:
    assert msgspec.json.decode(msgspec.json.encode(report), type=EvaluationReport) == report


def test_a_split_without_labelled_images_is_said_in_words(tmp_path: Path) -> None:
    file = written(tmp_path / "p.safetensors", splits=np.zeros(len(ROWS), np.uint8))
    with pytest.raises(TLStudioError, match="no answers to labelled test images"):
        build(read(file), run=7, split=Split.TEST)


def test_a_missing_file_is_said_in_words(tmp_path: Path) -> None:
    with pytest.raises(TLStudioError, match="missing"):
        read(tmp_path / "nowhere.safetensors")


@pytest.mark.parametrize("kept", [0, 7, 40, 400])
def test_a_file_cut_short_is_said_in_words(tmp_path: Path, kept: int) -> None:
    file = written(tmp_path / "p.safetensors")
    file.write_bytes(file.read_bytes()[:kept])
    with pytest.raises(TLStudioError, match="cannot be read"):
        read(file)


@pytest.mark.parametrize(
    "changes",
    [
        {"targets": np.full(len(ROWS), 3, np.int64)},
        {"targets": np.full(len(ROWS), -2, np.int64)},
        {"samples": np.zeros(2, np.int64)},
        {"logits": np.zeros((len(ROWS), 2), np.float32)},
        {"logits": np.full((len(ROWS), 3), np.nan, np.float32)},
        {"logits": np.zeros(len(ROWS), np.float32)},
    ],
)
def test_arrays_that_do_not_fit_together_are_refused(tmp_path: Path, changes: dict[str, np.ndarray]) -> None:
    with pytest.raises(TLStudioError, match="cannot be read"):
        read(written(tmp_path / "p.safetensors", **changes))


def test_softmax_of_large_logits_does_not_overflow() -> None:
    assert softmax(np.array([[1000.0, 0.0], [-1000.0, -1000.0]])).tolist() == [[1.0, 0.0], [0.5, 0.5]]
