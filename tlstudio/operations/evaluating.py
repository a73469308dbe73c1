"""Judging a run on images it has not learned from."""

from collections.abc import Collection
from pathlib import Path

import msgspec

from tlstudio.domain.jobs import PREDICTIONS_FILE, TrainJob
from tlstudio.domain.report import EvaluationReport
from tlstudio.domain.splits import Split
from tlstudio.domain.trials import Leads
from tlstudio.errors import TLStudioError
from tlstudio.evaluation import pairs
from tlstudio.evaluation.predictions import MISSING, SPLIT_CODES, Predictions, read
from tlstudio.jobs.folder import read_job
from tlstudio.log import logger
from tlstudio.messages import message
from tlstudio.operations import runs
from tlstudio.project.project import Project

log = logger(__name__)


def evaluate_run(project: Project, number: int | str, split: Split | None = None) -> EvaluationReport:
    """The figures of a run on `split`; without one, on the test images where the run has answers to some, else on validation.

    Every look at the test set is counted in the project. Raises `TLStudioError` where the run left no answers, or where
    somebody else holds the project, so that a look at the test set could not be counted.
    """
    # Here, because scikit-learn's kin take a second to import and most commands need none of it.
    from tlstudio.evaluation import report

    run = runs.usable_run(project, number)
    folder = runs.folder_of(project, run)
    predictions = read(folder / PREDICTIONS_FILE, with_features=False)
    split = split or _measure(predictions)
    if split is not Split.TEST:
        return _with_leaks(report.build(predictions, run=run.number, split=split), folder)
    _require_counting(project)
    judged = report.build(predictions, run=run.number, split=split, num_openings=project.num_openings() + 1)
    project.count_opening(run=run.number)
    return _with_leaks(judged, folder)


def leads_of(project: Project, number: int, others: Collection[int]) -> Leads:
    """Which of `others` are further below a run in balanced accuracy than chance explains, all of them judged at once.

    `number` is the best of them by its figure; see `evaluation.pairs` for why that matters.
    """
    rest, found, unread = frozenset(others), {}, set()
    for other in (number, *sorted(rest)):
        try:
            found[other] = _validated(project, other)
        except TLStudioError as error:
            if error.title.id == MISSING:
                log.info("run %d left nothing to compare it by: %s", other, error)
                continue
            log.warning("what run %d left to compare it by was not read: %s", other, error)
            unread.add(other)
    if number not in found:
        return Leads(run=number, not_compared=rest, unread=frozenset(unread))
    numbers, shared = list(found), pairs.share(list(found.values()))
    compared = [numbers[place] for place in shared.kept]
    apart: frozenset[int] = frozenset()
    if len(compared) > 1:
        told = pairs.lags(shared.is_right, shared.truth).is_told_apart
        apart = frozenset(item for item, is_apart in zip(compared, told, strict=True) if is_apart)
    near = frozenset(compared) - apart - {number}
    return Leads(run=number, apart=apart, near=near, not_compared=rest.difference(compared), unread=frozenset(unread))


def _validated(project: Project, number: int) -> Predictions:
    folder = runs.folder_of(project, runs.usable_run(project, number))
    return read(folder / PREDICTIONS_FILE, with_features=False).of(Split.VAL)


def _with_leaks(judged: EvaluationReport, folder: Path) -> EvaluationReport:
    """With what the run was trained in spite of."""
    try:
        job = read_job(folder)
    except TLStudioError as error:
        log.info("what run %d was asked cannot be read: %s", judged.run, error)
        return judged
    num_shared = job.num_shared.get(judged.split, 0) if isinstance(job, TrainJob) else 0
    return msgspec.structs.replace(judged, num_shared=num_shared)


def _measure(predictions: Predictions) -> Split:
    is_test = (predictions.splits == SPLIT_CODES[Split.TEST]) & (predictions.targets >= 0)
    return Split.TEST if is_test.any() else Split.VAL


def _require_counting(project: Project) -> None:
    """Figures of the test set are not shown uncounted while a writer exists who could count; a read-only medium has none."""
    reason = project.read_only_reason
    if reason is not None and reason.id.startswith("lock."):
        raise TLStudioError(
            message(
                "evaluate.not_counted",
                "A look at the test set is counted, and the count cannot be stored now. {reason}",
                reason=reason,
            ),
            message("evaluate.not_counted.hint", "Look at the validation images (`--split val`), or evaluate in that window."),
        )
