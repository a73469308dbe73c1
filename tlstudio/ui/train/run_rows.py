"""A run as a row of the run table."""

from collections.abc import Callable
from dataclasses import dataclass

from tlstudio.domain.events import Summary, Validated
from tlstudio.domain.recipe_settings import SETTINGS
from tlstudio.domain.run_state import RunState, Status
from tlstudio.domain.runs import Run
from tlstudio.domain.trials import Trial
from tlstudio.jobs import outcome
from tlstudio.ui.recipe.differences import differences, recipe_words, short_change, short_words
from tlstudio.ui.words import percent, say, tr

_TONES = {
    Status.QUEUED: "neutral",
    Status.WAITING: "neutral",
    Status.PAUSED: "warn",
    Status.FINISHED: "good",
    Status.STOPPED: "warn",
    Status.INTERRUPTED: "warn",
    Status.FAILED: "bad",
    Status.CANCELLED: "neutral",
}
NONE = "–"


@dataclass(frozen=True, kw_only=True)
class RunRow:
    """What the table shows of a run, and what it sorts by."""

    number: int
    model: str
    recipe: str
    balanced: float | None
    loss: float | None
    seconds: float | None
    state: str
    tone: str
    is_overlaid: bool = False
    changed: str = ""
    """The settings that differ from the recipe, a line each."""
    apart_from: int | None = None
    """Number of the newest run that left a model, where its figures are of other validation images or labels than the ones here."""

    @property
    def state_head(self) -> str:
        """What the badge says: "Done" of "Done, stopped early: validation no longer improved"."""
        return _parted(self.state)[0]

    @property
    def state_rest(self) -> str:
        """What stands below the badge."""
        return _parted(self.state)[1]

    @property
    def title(self) -> str:
        """ "Run 7"."""
        return tr("Run {number}", number=self.number)

    @property
    def balanced_text(self) -> str:
        """ "93.2 %"."""
        return NONE if self.balanced is None else percent(self.balanced)

    @property
    def apart_text(self) -> str:
        """What stands below figures that must not be compared."""
        return "" if self.apart_from is None else tr("other data")

    @property
    def apart_sentence(self) -> str:
        """The same in full."""
        if self.apart_from is None:
            return ""
        return tr(
            "Judged on other validation images or other labels than run {number}, the newest that is done: not to be compared.",
            number=self.apart_from,
        )

    @property
    def loss_text(self) -> str:
        """ "0.214"."""
        return NONE if self.loss is None else f"{self.loss:.3f}"

    @property
    def time_text(self) -> str:
        """ "0:52"."""
        return NONE if self.seconds is None else clock(self.seconds)


def run_row(
    run: Run,
    state: RunState | None,
    *,
    is_overlaid: bool = False,
    place: int | None = None,
    with_seed: bool = False,
    trial: Trial | None = None,
    apart_from: int | None = None,
) -> RunRow:
    """The row; `state` is the run's journal where it has been read, `place` counts from the head of the queue.

    `apart_from` is the newest run that left a model, where that is judged on other images or labels.
    """
    known = state or RunState(status=run.status, summary=run.summary, ended_early=run.ended_early, pruned=run.pruned)
    kept: Summary | Validated | None = known.summary or known.best or run.summary
    if known.status is Status.FAILED:
        kept = None  # as in the terminal: it left no model that these figures would be of
    return RunRow(
        number=run.number,
        model=model_name(run),
        recipe=_recipe(run, with_seed=with_seed) if trial is None else _trial(run, trial),
        changed="\n".join(words for _id, words in differences(run.recipe)),
        balanced=kept.balanced_accuracy if kept is not None else None,
        loss=kept.loss if kept is not None else None,
        seconds=_seconds(known, run),
        state=_words(known) if place is None else tr("Queued, number {place}", place=place),
        tone="neutral" if known.pruned is not None else _TONES.get(known.status, "accent"),
        is_overlaid=is_overlaid,
        apart_from=apart_from if kept is not None else None,
    )


def model_name(run: Run) -> str:
    """What people call the weights, or the architecture with the plain word that it started from nothing."""
    return run.weights_name or tr("{network} (random weights)", network=run.recipe.network.architecture)


def recipe_name(run: Run) -> str:
    """ "Balanced"."""
    return recipe_words(run.recipe)


def _recipe(run: Run, *, with_seed: bool) -> str:
    """The seed first: where it is said, it may be all that tells a run from the next."""
    words = short_words(run.recipe)
    return tr("Seed {seed} · {recipe}", seed=run.recipe.seed, recipe=words) if with_seed else _as_beginning(words)


def _trial(run: Run, trial: Trial) -> str:
    """What is tried first: it is all that tells the runs of a sweep apart."""
    tried = ", ".join(short_change(SETTINGS[id], SETTINGS[id].read(run.recipe)) for id in trial.plan.settings)
    return tr(
        "{tried} · sweep {sweep}, {number} of {total}",
        tried=_as_beginning(tried),
        sweep=trial.sweep,
        number=trial.number,
        total=trial.num_trials,
    )


def _as_beginning(words: str) -> str:
    return words[:1].upper() + words[1:]


def _words(state: RunState) -> str:
    if state.status is Status.FAILED and state.failure is None:
        return tr("Failed")
    return say(outcome.words(state))


def _seconds(state: RunState, run: Run) -> float | None:
    summary = state.summary or run.summary
    if summary is not None:
        return summary.seconds
    return state.work_s if state.last_at is not None else None


def _parted(words: str) -> tuple[str, str]:
    """At the first mark between the state and what is said of it."""
    found = [place for mark in (", ", ": ", "; ") if (place := words.find(mark)) > 0]
    return (words[: min(found)], words[min(found) + 2 :]) if found else (words, "")


def clock(seconds: float) -> str:
    """Seconds as "0:52" or "1:02:07"."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


SORT_KEYS: dict[str, Callable[[RunRow], object]] = {
    "run": lambda row: row.number,
    "model": lambda row: (row.model.casefold(), row.recipe.casefold(), row.number),
    "balanced": lambda row: (row.balanced is not None, row.balanced or 0.0, row.number),
    "loss": lambda row: (row.loss is not None, row.loss or 0.0, row.number),
    "time": lambda row: (row.seconds is not None, row.seconds or 0.0, row.number),
    "state": lambda row: (row.state, row.number),
}
