"""What to say where the best run is not compared with one that looks better, or is in use, because they were judged on other images."""

from collections.abc import Sequence

from tlstudio.domain.runs import Run, best_run, is_judged_alike
from tlstudio.messages import Message, message


def judged_apart(runs: Sequence[Run], *, in_use: Run | None = None) -> Message | None:
    """The run in use, or a usable one with a higher balanced accuracy, that the best of `runs` is not compared with; None without one."""
    best = best_run(list(runs))
    if best is None:
        return None
    apart = [run for run in runs if run.is_usable and not is_judged_alike(run, best)]
    other = next((run for run in apart if in_use is not None and run.number == in_use.number), None)
    if other is None:
        other = max((run for run in apart if _figure(run) > _figure(best)), key=_figure, default=None)
    if other is None:
        return None
    return message(
        "run.judged_apart",
        "Run {other} (balanced accuracy {other_figure}) and run {best} ({figure}) were judged on different validation images or labels: "
        "which of them is better is not known.",
        other=other.number,
        other_figure=_percent(other),
        best=best.number,
        figure=_percent(best),
    )


def _figure(run: Run) -> float:
    return run.summary.balanced_accuracy if run.summary is not None else 0.0


def _percent(run: Run) -> str:
    return f"{100 * _figure(run):.1f} %"
