"""Which runs of a project are told apart from the best, read from the predictions that they left."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from tests.recorded import make_project, record_run
from tlstudio.domain.jobs import PREDICTIONS_FILE
from tlstudio.domain.splits import Split
from tlstudio.domain.trials import Leads
from tlstudio.evaluation.predictions import SPLIT_CODES
from tlstudio.operations.evaluating import leads_of
from tlstudio.project.project import Project

_TRUTH = np.repeat([0, 1], (40, 60))
_BEST, _NEAR, _WORSE = (2, 60), (2, 3, 60), range(0, 100, 2)


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    project = make_project(tmp_path / "Insects")
    for number, wrong in enumerate((_BEST, _NEAR, _WORSE), 1):
        record_run(project, number)
        write(file_of(project, number), wrong=wrong)
    yield project
    project.close()


def file_of(project: Project, number: int) -> Path:
    return project.folder / "runs" / f"{number:04d}" / PREDICTIONS_FILE


def write(file: Path, *, wrong: "range | tuple[int, ...]", classes: str = '["a","b"]') -> None:
    """Answers to a hundred validation images, and as many training images on which all is wrong."""
    predicted = np.append(_TRUTH, 1 - _TRUTH)
    predicted[list(wrong)] = 1 - predicted[list(wrong)]
    tensors = {
        "logits": np.eye(2, dtype=np.float32)[predicted],
        "features": np.zeros((200, 4), np.float16),
        "samples": np.arange(1, 201),
        "splits": np.repeat([SPLIT_CODES[Split.VAL], SPLIT_CODES[Split.TRAIN]], 100).astype(np.uint8),
        "targets": np.append(_TRUTH, _TRUTH),
    }
    save_file(tensors, file, {"class_ids": classes, "class_names": classes})


def test_a_run_that_errs_on_one_image_more_is_near_and_one_that_guesses_is_apart(project: Project) -> None:
    assert leads_of(project, 1, [2, 3]) == Leads(run=1, near=frozenset({2}), apart=frozenset({3}))


def test_other_classes_and_no_answers_are_not_compared_and_do_not_keep_the_rest_from_it(project: Project) -> None:
    write(file_of(project, 2), wrong=_NEAR, classes='["a","c"]')
    assert leads_of(project, 1, [2, 3]) == Leads(run=1, apart=frozenset({3}), not_compared=frozenset({2}))
    file_of(project, 2).unlink()
    assert leads_of(project, 1, [2, 3]) == Leads(run=1, apart=frozenset({3}), not_compared=frozenset({2}))
    file_of(project, 3).unlink()
    assert leads_of(project, 1, [2, 3]) == Leads(run=1, not_compared=frozenset({2, 3}))


@pytest.mark.expects_log
def test_answers_that_cannot_be_read_are_named_to_be_tried_again(project: Project) -> None:
    for number, others in ((2, {2}), (1, {2, 3})):
        whole = file_of(project, number).read_bytes()
        file_of(project, number).write_bytes(whole[:100])
        judged = leads_of(project, 1, [2, 3])
        assert (judged.not_compared, judged.unread) == (others, {number})
        file_of(project, number).write_bytes(whole)
