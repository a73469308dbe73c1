"""What part of a run's answers the gallery shows."""

from dataclasses import dataclass

from tlstudio.domain.report import Answer, EvaluationReport
from tlstudio.ui.words import tr


@dataclass(frozen=True)
class AllMistakes:
    """Every wrong answer: what one looks at first."""

    def keeps(self, answer: Answer) -> bool:
        return answer.truth != answer.predicted

    def title(self, report: EvaluationReport) -> str:
        return tr("All mistakes")


@dataclass(frozen=True)
class Cell:
    """One cell of the confusion matrix; indices into the report's class table."""

    truth: int
    predicted: int

    def keeps(self, answer: Answer) -> bool:
        return (answer.truth, answer.predicted) == (self.truth, self.predicted)

    def title(self, report: EvaluationReport) -> str:
        truth, predicted = report.class_names[self.truth], report.class_names[self.predicted]
        if self.truth == self.predicted:
            return tr("{name} recognised", name=truth)
        return tr("{truth} taken for {predicted}", truth=truth, predicted=predicted)


@dataclass(frozen=True)
class Missed:
    """The images of one class that were taken for another: a row of the per-class table."""

    truth: int

    def keeps(self, answer: Answer) -> bool:
        return answer.truth == self.truth and answer.predicted != self.truth

    def title(self, report: EvaluationReport) -> str:
        return tr("{name} taken for something else", name=report.class_names[self.truth])


Selection = AllMistakes | Cell | Missed
