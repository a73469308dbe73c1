"""What is said in the Data panel when an import has ended and something needs saying."""

from collections.abc import Callable

from tlstudio.domain.imports import ImportProblem, ImportReport
from tlstudio.ui.widgets.notice import Notice
from tlstudio.ui.words import say, tr, tr_n

_MOST_ROWS = 500
"""A list in a window that is longer is read by nobody; the terminal lists all."""


def show_outcome(notice: Notice, report: ImportReport, *, show_problems: Callable[[], object]) -> None:
    """Files that are set aside come first, then what in the labels could not be used, then how the folder was understood.

    What was said of an import before is over, also where of this one nothing needs saying.
    """
    problems = report.table_problems
    remarks = [say(item) for item in report.remarks]
    rows = "\n".join([*remarks, *_rows(problems)]) if problems else "\n".join(remarks)
    if report.num_set_aside:
        notice.show_words(
            tr_n("1 file could not be taken in.", "{n} files could not be taken in.", report.num_set_aside),
            tr("They stand under Problems, each with its reason; all other images are in."),
            details=rows,
            button_text=tr("Show them"),
            on_click=show_problems,
        )
    elif problems:
        notice.show_words(
            tr_n("1 problem in the labels.", "{n} problems in the labels.", len(problems)),
            tr("What is said besides is in; images without a word wait for a label."),
            details=rows,
        )
    elif remarks:
        notice.show_words(_title(report), " ".join(remarks), tone="neutral")
    else:
        notice.clear()


def _title(report: ImportReport) -> str:
    if report.num_joined:
        return tr_n("1 image joined the project", "{n} images joined the project", report.num_joined)
    return tr("How the images were read")


def _rows(problems: list[ImportProblem]) -> list[str]:
    shown = [f"{item.path}: {say(item.reason)}" for item in problems[:_MOST_ROWS]]
    num_more = len(problems) - len(shown)
    return shown + ([tr_n("… and 1 more", "… and {n} more", num_more)] if num_more else [])
