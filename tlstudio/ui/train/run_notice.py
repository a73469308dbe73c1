"""What is to be said of the run that is looked at: why it failed, that it can be continued, what it warned of."""

from collections.abc import Callable
from dataclasses import dataclass

from tlstudio.domain.run_state import RunState, Status
from tlstudio.domain.runs import Run
from tlstudio.jobs.outcome import kept_words, soup_words
from tlstudio.messages import Message
from tlstudio.ui.widgets.notice import Notice
from tlstudio.ui.words import say, tr


@dataclass(frozen=True)
class Words:
    """What a notice says."""

    title: str
    hint: str
    tone: str
    details: str = ""
    can_continue: bool = False
    on_processor: bool = False
    """Whether it can be continued on the processor instead of its graphics card."""


def words_of(run: Run, state: RunState) -> Words | None:
    """What there is to say; None where everything went as it should."""
    if state.status is Status.FAILED and state.failure is not None:
        title = tr("Run {number} failed: {reason}", number=run.number, reason=say(state.failure.title))
        hint = say(state.failure.hint)
        if state.can_continue:
            hint = f"{hint} {_kept(state)}"
        return Words(
            title,
            hint,
            "bad",
            state.failure.details,
            can_continue=state.can_continue,
            on_processor=state.can_continue and state.was_on_card,
        )
    if state.status is Status.INTERRUPTED:
        title = tr("Run {number} was interrupted.", number=run.number)
        return Words(title, _kept(state), "warn", can_continue=True, on_processor=state.was_on_card)
    if state.status is Status.PAUSED and state.waits_for is not None:
        title = tr("Run {number} waits: {reason}", number=run.number, reason=say(state.waits_for))
        return Words(title, tr("It goes on by itself as soon as it can. Continue lets it try at once."), "warn")
    kept = _model_words(state)
    if state.warnings:
        *others, newest = state.warnings
        return Words(say(newest), " ".join(say(item) for item in (*others, *kept)), "warn")
    return Words(say(kept[0]), "", "neutral") if kept else None


def _model_words(state: RunState) -> tuple[Message, ...]:
    """What the model is, where it is not simply the best epoch."""
    if state.soup is not None:
        return (soup_words(state.soup),)
    kept = kept_words(state)
    return (kept,) if kept is not None and state.best is not None and state.best.epoch == 0 else ()


def _kept(state: RunState) -> str:
    if len(state.checkpoints):
        return tr("Its last checkpoint is safe, and the run goes on from there. Images, labels and other runs were not touched.")
    return tr("It had not saved anything yet and begins again. Images, labels and other runs were not touched.")


class RunNotice(Notice):
    """Says each thing once: what was dismissed stays away until there is something else to say."""

    def __init__(self, *, on_continue: Callable[[int, str | None], object], on_use: Callable[[Run], object]) -> None:
        super().__init__()
        self._on_use = on_use
        self._on_continue = on_continue
        self._said: tuple[int, Words, bool] | None = None

    def show_run(self, run: Run | None, state: RunState | None) -> None:
        """Say what is to be said of this run."""
        words = words_of(run, state) if run is not None and state is not None else None
        if run is None or state is None or words is None:
            self._said = None
            self.clear()
            return
        # By the journal: the table of runs is read again a moment after it.
        is_over = state.status.is_over
        if (run.number, words, is_over) == self._said:
            return
        self._said = (run.number, words, is_over)
        number = run.number
        self.show_words(
            words.title,
            words.hint,
            tone=words.tone,
            details=words.details,
            button_text=tr("Continue") if words.can_continue else "",
            on_click=lambda: self._on_continue(number, None),
        )
        if words.on_processor:
            self.offer_second(tr("Continue on the processor"), lambda: self._on_continue(number, "cpu"))
        elif is_over:
            self.offer_second(tr("Use these settings"), lambda: self._on_use(run))
