"""What is said of runs outside the panel that trains them, too: how many there are, and what came of one."""

from tlstudio.domain.run_state import RunState
from tlstudio.domain.runs import Run
from tlstudio.jobs import outcome
from tlstudio.ui.words import percent, say, tr, tr_n


def runs_words(num_runs: int, num_held: int) -> str:
    """ "3 runs"; "3 runs · 2 wait" where so many of them wait until a person starts the queue."""
    words = tr_n("1 run", "{n} runs", num_runs)
    return tr_n("{runs} · 1 waits", "{runs} · {n} wait", num_held, runs=words) if num_held else words


def ended_words(run: Run, state: RunState) -> str:
    """For the status line, when a run is over."""
    words = tr("Run {number}: {state}", number=run.number, state=say(outcome.words(state)))
    if state.summary is None:
        return words
    return tr("{words} · balanced accuracy {share} on validation", words=words, share=percent(state.summary.balanced_accuracy))
