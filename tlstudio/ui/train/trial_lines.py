"""What the runs of a sweep say, as rows: the best first, then those that are not over, by their number."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from tlstudio.domain.recipe_settings import SETTINGS
from tlstudio.domain.run_state import Status
from tlstudio.domain.trials import Leads, is_one_head
from tlstudio.ui.train.run_board import RunBoard
from tlstudio.ui.train.run_rows import RunRow
from tlstudio.ui.train.trial_values import word
from tlstudio.ui.train.trials_table import TrialLine
from tlstudio.ui.words import say, tr, tr_n


@dataclass(frozen=True, kw_only=True)
class SweepLines:
    """One sweep as the window shows it."""

    id: int
    settings: tuple[str, ...]
    lines: tuple[TrialLine, ...]
    words: str
    short_words: str
    """The same where there is little room."""
    best: int | None
    """Number of the best run; None where there are none to choose from, or all keep the same head."""
    others: tuple[int, ...]
    """Numbers of the usable runs besides it."""
    waiting: tuple[int, ...]
    """Numbers of the runs that have not begun."""


def sweep_lines(board: RunBoard, table: Sequence[RunRow], leads: Leads | None = None) -> SweepLines | None:
    """The sweep that the selected run belongs to, of the rows of all runs; None where it is in none.

    `leads`: those of the best run, where they are known.
    """
    trial = board.trials.get(board.selected) if board.selected is not None else None
    if trial is None:
        return None
    rows = {row.number: row for row in table}
    runs = [item for item in board.runs if (other := board.trials.get(item.number)) is not None and other.sweep == trial.sweep]
    runs.sort(key=lambda item: _rank(rows[item.number], board.trials[item.number].number))
    usable = [item.number for item in runs if board.is_usable(item)]
    is_same = is_one_head([(item.recipe, item.summary) for item in runs if item.number in usable and item.summary is not None])
    best = usable[0] if len(usable) > 1 and not is_same else None
    specs = [SETTINGS[id] for id in trial.plan.settings]
    lines = [
        TrialLine(
            run=item.number,
            number=board.trials[item.number].number,
            values=tuple(word(spec, spec.read(item.recipe)) for spec in specs),
            figure=row.balanced_text,
            share=row.balanced,
            loss=row.loss_text,
            time=row.time_text,
            state=row.state,
            tone=row.tone,
            is_best=item.number == best,
        )
        for item in runs
        for row in (rows[item.number],)
    ]
    known = leads if leads is not None and leads.run == best else None
    num_over = sum(board.status(item).is_over for item in runs)
    return SweepLines(
        id=trial.sweep,
        settings=tuple(say(spec.label) for spec in specs),
        lines=tuple(lines),
        words=_words(num_over, trial.num_trials, lines, known, is_same=is_same),
        short_words=_short_words(num_over, trial.num_trials, lines, known, is_same=is_same),
        best=best,
        others=tuple(usable[1:]),
        waiting=tuple(item.number for item in runs if board.status(item) is Status.QUEUED),
    )


def _rank(row: RunRow, number: int) -> tuple[float, float, int]:
    """As `operations.trials` ranks them: what is not judged yet comes last."""
    loss = row.loss if row.loss is not None else math.inf
    return -row.balanced if row.balanced is not None else math.inf, loss, number


def _words(num_over: int, total: int, lines: Sequence[TrialLine], leads: Leads | None, *, is_same: bool) -> str:
    words = tr("{done} of {total} trials done", done=num_over, total=total)
    if is_same:
        return tr("{words}; no trial was better than the head alone", words=words)
    best = next((line for line in lines if line.is_best), None)
    if best is None:
        return words
    words = tr("{words}, the best is trial {number}", words=words, number=best.number)
    if leads is None:
        return words
    if trials := sorted(line.number for line in lines if line.run in leads.near):
        named = ", ".join(str(number) for number in trials)
        words = tr("{words}; within chance of it, judged on the same images: {trials}", words=words, trials=named)
    if leads.not_compared:
        words = tr("{words}; not compared: {n}", words=words, n=len(leads.not_compared))
    return words


def _short_words(num_over: int, total: int, lines: Sequence[TrialLine], leads: Leads | None, *, is_same: bool) -> str:
    """What matters most comes first."""
    done = tr("{done} of {total} done", done=num_over, total=total)
    if is_same:
        return tr("None better than the head alone · {done}", done=done)
    best = next((line for line in lines if line.is_best), None)
    if best is None:
        return done
    if leads is None or not leads.near:
        return tr("Best: trial {number} · {done}", number=best.number, done=done)
    return tr_n(
        "Best: trial {number}; 1 other within chance · {done}",
        "Best: trial {number}; {n} others within chance · {done}",
        len(leads.near),
        number=best.number,
        done=done,
    )
