"""What the Evaluate panel shows, as plain objects: chosen run and split, the report, the selected cell and its images."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tlstudio.domain.dataset import Dataset
from tlstudio.domain.report import Answer, EvaluationReport
from tlstudio.domain.runs import Run, best_run
from tlstudio.domain.splits import Split
from tlstudio.errors import TLStudioError
from tlstudio.ui.evaluate.selection import AllMistakes, Selection
from tlstudio.ui.tasks.painter import Verdict


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which numbers are asked for."""

    run: int
    split: Split


@dataclass(frozen=True, kw_only=True)
class Figures:
    """The numbers that came."""

    report: EvaluationReport
    num_by_split: Mapping[Split, int]
    """Predicted images of the run; splits without any are left out."""


@dataclass(frozen=True, kw_only=True)
class GalleryItem:
    """One image of the gallery."""

    sample: int
    content_hash: str
    """Empty where the image has left the project."""
    verdict: Verdict

    @property
    def is_gone(self) -> bool:
        return not self.verdict.file


class EvaluateModel:
    """State of the panel. Methods that choose return whether other numbers are wanted now."""

    def __init__(self) -> None:
        self.runs: tuple[Run, ...] = ()
        self.run: Run | None = None
        self.split = Split.VAL
        self.report: EvaluationReport | None = None
        self.num_by_split: Mapping[Split, int] = {}
        self.selection: Selection = AllMistakes()
        self.failure: TLStudioError | None = None
        self.dataset: Dataset | None = None
        self._newest_seen = 0

    def set_runs(self, runs: Sequence[Run], *, follow: bool = True) -> bool:
        """Take the project's runs. One that has just finished is shown, unless somebody is looking (`follow=False`) at another."""
        self.runs = tuple(sorted((run for run in runs if run.is_usable), key=lambda run: run.number, reverse=True))
        kept = next((run for run in self.runs if self.run is not None and run.number == self.run.number), None)
        newest = self.runs[0] if self.runs else None
        is_news = newest is not None and newest.number > self._newest_seen
        self._newest_seen = newest.number if newest is not None else 0
        if kept is not None and not (is_news and follow):
            self.run = kept
            return False
        return self._show(newest)

    def choose_run(self, number: int) -> bool:
        """Show another run, on validation: browsing runs must not open their test sets."""
        if self.run is not None and self.run.number == number:
            return False
        chosen = next((run for run in self.runs if run.number == number), None)
        return chosen is not None and self._show(chosen)

    def choose_split(self, split: Split) -> bool:
        """Judge on another split."""
        if split is self.split and self.report is not None:
            return False
        self.split, self.report, self.failure = split, None, None
        self.selection = AllMistakes()
        return True

    def forget(self) -> None:
        """Another project: nothing chosen in the last one counts."""
        self.runs, self._newest_seen = (), 0
        self._show(None)

    @property
    def wanted(self) -> Wanted | None:
        """The numbers that are shown or on their way."""
        return None if self.run is None else Wanted(run=self.run.number, split=self.split)

    @property
    def is_loading(self) -> bool:
        return self.run is not None and self.report is None and self.failure is None

    @property
    def best_number(self) -> int | None:
        """Number of the best run on validation; None while there is only one to choose from."""
        best = best_run(list(self.runs)) if len(self.runs) > 1 else None
        return best.number if best else None

    def accept(self, wanted: Wanted, figures: Figures) -> bool:
        """Take numbers; False where something else is wanted by now."""
        if wanted != self.wanted:
            return False
        self.report, self.num_by_split, self.failure = figures.report, figures.num_by_split, None
        return True

    def refuse(self, wanted: Wanted, failure: TLStudioError) -> bool:
        """Take the reason why there are none; False where something else is wanted by now."""
        if wanted != self.wanted:
            return False
        self.report, self.failure = None, failure
        return True

    def select(self, selection: Selection) -> None:
        """Show another part of the answers."""
        self.selection = selection

    def gallery(self) -> tuple[GalleryItem, ...]:
        """The images of the selection, most confident first."""
        report = self.report
        if report is None:
            return ()
        return tuple(self._item(report, answer) for answer in report.answers if self.selection.keeps(answer))

    @property
    def num_mistakes(self) -> int:
        return sum(answer.truth != answer.predicted for answer in self.report.answers) if self.report else 0

    @property
    def num_changed(self) -> int:
        """Images of the split that are labelled differently since this run."""
        return sum(self._is_changed(self.report, answer) for answer in self.report.answers) if self.report else 0

    def key_class(self, position: int) -> str | None:
        """Id of the class behind a number key (1-9)."""
        classes = self.dataset.classes if self.dataset else ()
        return next((item.id for item in classes if item.position == position - 1), None)

    def _show(self, run: Run | None) -> bool:
        changed = (run and run.number) != (self.run and self.run.number)
        self.run, self.split, self.report, self.failure = run, Split.VAL, None, None
        self.selection, self.num_by_split = AllMistakes(), {}
        return changed and run is not None

    def _item(self, report: EvaluationReport, answer: Answer) -> GalleryItem:
        sample = self.dataset.by_id.get(answer.sample) if self.dataset else None
        label = self.dataset.class_by_id.get(sample.class_id or "") if self.dataset and sample else None
        verdict = Verdict(
            predicted=report.class_names[answer.predicted],
            probability=answer.probability,
            truth=report.class_names[answer.truth],
            truth_probability=answer.truth_probability,
            file=sample.name if sample else "",
            label=label.name if label else None,
            is_changed=self._is_changed(report, answer),
        )
        return GalleryItem(sample=answer.sample, content_hash=sample.content_hash if sample else "", verdict=verdict)

    def _is_changed(self, report: EvaluationReport, answer: Answer) -> bool:
        sample = self.dataset.by_id.get(answer.sample) if self.dataset else None
        return sample is not None and sample.class_id != report.class_ids[answer.truth]
