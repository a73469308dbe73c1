"""What a plot of runs can show: one row for each."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from tlstudio.domain.events import Validated
from tlstudio.domain.run_state import RunState
from tlstudio.ui.plots.curves import CurveSpec
from tlstudio.ui.train.curve_sources import OfLooks, OfSteps, OfValidations, Points, Source
from tlstudio.ui.train.run_curves import Across, across_of
from tlstudio.ui.words import tr

TRAINING, VALIDATION = "training", "validation"
_GB = 2**30


@dataclass(frozen=True)
class RunLine:
    """One curve of the run that is looked at."""

    spec: CurveSpec
    source: Source


@dataclass(frozen=True, kw_only=True)
class CurveKind:
    """A row of `curve_kinds`. Of runs beside the one that is looked at `beside` is drawn."""

    id: str
    title: str
    unit: str
    lines: tuple[RunLine, ...]
    beside: Source
    level: Callable[[Validated], float | None] | None = None
    """What a run came to, where its curve cannot lie beside that of another."""
    is_over_time: bool = False
    can_be_log: bool = False
    empty_text: str = ""

    @property
    def is_noisy(self) -> bool:
        """Whether there is anything to smooth."""
        return any(line.spec.is_noisy for line in self.lines)

    @property
    def has_head(self) -> bool:
        """Whether steps of the head's solver are drawn, left of those of a fine-tuning."""
        return any(isinstance(line.source, OfSteps) and line.source.with_head for line in self.lines)

    def is_told(self, state: RunState | None) -> bool:
        """Whether the run has values for it."""
        return state is not None and any(line.source.is_told(state) for line in self.lines)


@cache
def curve_kinds() -> dict[str, CurveKind]:
    """By id, in the order of the menu."""
    kinds = (*_of_validation(), *_of_steps(), *_of_the_machine())
    return {kind.id: kind for kind in kinds}


def beside(kind: CurveKind, state: RunState, shown: Across) -> Points:
    """The whole curve of another run for a plot of `kind` that reaches across `shown`.

    Epochs of two fine-tunings lie on each other, and so do seconds. Where either is a head alone the other run is a level: the result
    it kept.
    """
    across = across_of(state)
    if kind.is_over_time or (across.has_finetune and shown.has_finetune):
        return kind.beside.points(state, across, 0)
    points = Points()
    level = kind.level(state.best) if kind.level is not None and state.best is not None else None
    points.add(shown.low, level)
    points.add(shown.high, level)
    return points


def _of_validation() -> tuple[CurveKind, ...]:
    mark = CurveSpec(id=VALIDATION, label=tr("validation"), color="validation", style="marks", width=2.0)
    training = CurveSpec(id=TRAINING, label=tr("training"), color="training", is_noisy=True, breaks_at=0.0)
    return (
        CurveKind(
            id="loss",
            title=tr("Loss"),
            unit="number",
            lines=(
                RunLine(training, OfSteps(lambda step: step.loss, with_head=True)),
                RunLine(mark, OfValidations(lambda seen: seen.loss)),
            ),
            beside=OfValidations(lambda seen: seen.loss),
            level=lambda best: best.loss,
            can_be_log=True,
            empty_text=tr("The curves of a run appear here while it trains."),
        ),
        CurveKind(
            id="balanced",
            title=tr("Balanced accuracy"),
            unit="percent",
            lines=(RunLine(mark, OfValidations(lambda seen: seen.balanced_accuracy)),),
            beside=OfValidations(lambda seen: seen.balanced_accuracy),
            level=lambda best: best.balanced_accuracy,
            empty_text=tr("How well the classes are told apart, each counting the same."),
        ),
        CurveKind(
            id="accuracy",
            title=tr("Accuracy"),
            unit="percent",
            lines=(RunLine(mark, OfValidations(lambda seen: seen.accuracy)),),
            beside=OfValidations(lambda seen: seen.accuracy),
            level=lambda best: best.accuracy,
            empty_text=tr("How many validation images are named rightly, each counting the same."),
        ),
    )


def _of_steps() -> tuple[CurveKind, ...]:
    empty = tr("This run has no steps of fine-tuning that tell it.")

    def kind(id: str, title: str, unit: str, source: OfSteps, *, is_noisy: bool, can_be_log: bool = False) -> CurveKind:
        spec = CurveSpec(id=TRAINING, label=tr("this run"), color="training", is_noisy=is_noisy)
        lines = (RunLine(spec, source),)
        return CurveKind(id=id, title=title, unit=unit, lines=lines, beside=source, can_be_log=can_be_log, empty_text=empty)

    return (
        kind("rate", tr("Learning rate"), "number", OfSteps(lambda step: step.learning_rate), is_noisy=False, can_be_log=True),
        kind("gradient", tr("Gradient norm"), "number", OfSteps(lambda step: step.gradient_norm), is_noisy=True, can_be_log=True),
        kind("speed", tr("Images per second"), "rate", OfSteps(lambda step: step.images_per_second), is_noisy=True),
        kind("waiting", tr("Waiting for images"), "part", OfSteps(lambda step: step.waiting), is_noisy=True),
    )


def _of_the_machine() -> tuple[CurveKind, ...]:
    empty = tr("This run was not watched for long enough.")
    processor = CurveSpec(id="processor", label=tr("processor"), color="training", is_noisy=True)
    memory = CurveSpec(id="memory", label=tr("main memory"), color="training", is_noisy=True)
    card = CurveSpec(id="card", label=tr("GPU"), color="validation", style="dashed", is_noisy=True)
    of_processor, of_memory = OfLooks(lambda look: look.processor), OfLooks(lambda look: _gb(look.memory_bytes))
    of_card_memory, of_heat = OfLooks(lambda look: _gb(look.card_memory_bytes)), OfLooks(lambda look: look.temperature_c)

    def kind(id: str, title: str, unit: str, *lines: RunLine) -> CurveKind:
        return CurveKind(id=id, title=title, unit=unit, lines=lines, beside=lines[0].source, is_over_time=True, empty_text=empty)

    return (
        kind("load", tr("Load"), "load", RunLine(processor, of_processor), RunLine(card, OfLooks(lambda look: look.card))),
        kind("memory", tr("Memory"), "gigabytes", RunLine(memory, of_memory), RunLine(card, of_card_memory)),
        kind("heat", tr("Temperature"), "degrees", RunLine(card, of_heat)),
    )


def _gb(num_bytes: int | None) -> float | None:
    return None if num_bytes is None else num_bytes / _GB
