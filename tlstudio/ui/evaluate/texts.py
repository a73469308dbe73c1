"""What the Evaluate panel says of its numbers."""

from dataclasses import dataclass

from tlstudio.domain.report import Estimate, EvaluationReport
from tlstudio.domain.splits import Split
from tlstudio.ui.words import number, percent, tr, tr_n


@dataclass(frozen=True, kw_only=True)
class FigureText:
    """One figure card."""

    value: str
    sub: str


def split_title(split: Split, num_images: int | None, *, is_open: bool) -> str:
    """ "Validation (40)"; the test set says what choosing it does, unless it is open."""
    name = {Split.VAL: tr("Validation"), Split.TEST: tr("Test set"), Split.TRAIN: tr("Training")}[split]
    title = name if num_images is None else tr("{split} ({n})", split=name, n=number(num_images))
    if split is Split.TEST and not is_open:
        return tr("{split} · opens the test set, counted", split=title)
    return title


def cautions(report: EvaluationReport) -> str:
    """ "no better than guessing (25.0 %) · also used for selection": the graver first, for a narrow window shows no more."""
    guessing = tr("no better than guessing ({share})", share=percent(report.guess)) if report.is_no_better_than_guessing else ""
    return " · ".join(part for part in (shared_words(report), guessing, split_note(report)) if part)


def shared_words(report: EvaluationReport) -> str:
    """That the figures flatter, where the run was trained in spite of a leak."""
    if not report.num_shared:
        return ""
    return tr_n("training shared {n} of these images: too good", "training shared {n} of these images: too good", report.num_shared)


def split_note(report: EvaluationReport) -> str:
    """What qualifies the numbers of this split."""
    if report.split is Split.TEST:
        times = {1: tr("once"), 2: tr("twice")}.get(report.num_openings, tr("{n} times", n=number(report.num_openings)))
        return tr("test set opened {times}", times=times)
    if report.split is Split.TRAIN:
        return tr("the run has learned from these images")
    return tr("also used for selection") if report.used_for_selection else ""


def share_figure(estimate: Estimate) -> FigureText:
    """ "93.9 %" and "90.1 – 97.2"."""
    return FigureText(value=percent(estimate.value), sub=f"{estimate.low * 100:.1f} – {estimate.high * 100:.1f}")


def score_figure(estimate: Estimate) -> FigureText:
    """ "0.921" and "0.861 – 0.963"."""
    return FigureText(value=f"{estimate.value:.3f}", sub=f"{estimate.low:.3f} – {estimate.high:.3f}")


def accuracy_figure(report: EvaluationReport, num_mistakes: int) -> FigureText:
    """As `share_figure`; without any mistake the bootstrap knows no spread, so the bound of an exact binomial test is said."""
    if num_mistakes or not report.answers:
        return share_figure(report.accuracy)
    # Clopper and Pearson (1934): with n of n right, the lower end of the two-sided 95 % interval is 0.025 ** (1 / n).
    low = 0.025 ** (1 / len(report.answers))
    return FigureText(value=percent(report.accuracy.value), sub=tr("no mistake; above {low} at 95 %", low=percent(low)))


def mistakes_figure(report: EvaluationReport, num_mistakes: int) -> FigureText:
    """ "11" and "of 181 images"."""
    total = tr_n("of {n} image", "of {n} images", len(report.answers))
    return FigureText(value=number(num_mistakes), sub=total)


def gallery_words(num_images: int, num_changed: int) -> str:
    """ "3 images, most confident first · 2 labels changed since this run"."""
    parts = [tr_n("{n} image", "{n} images, most confident first", num_images)]
    if num_changed:
        parts.append(tr_n("{n} label changed since this run", "{n} labels changed since this run", num_changed))
    return " · ".join(parts)


def interval_words(num_resamples: int) -> str:
    """For the status line."""
    return tr("Intervals: 95 %, {n} bootstrap resamples", n=number(num_resamples))
