"""What an export card says, from the state of its newest export."""

from dataclasses import dataclass
from pathlib import Path

from tlstudio.domain.events import Compared
from tlstudio.domain.run_state import RunState, Status
from tlstudio.errors import TLStudioError
from tlstudio.jobs import outcome
from tlstudio.ui.words import number, say, size, tr, tr_n


@dataclass(frozen=True, kw_only=True)
class ExportView:
    """One card. `failure` stands in it as a notice; `progress` is None unless a job is on its way."""

    badge: str = ""
    tone: str = "neutral"
    words: str = ""
    output: Path | None = None
    progress: str | None = None
    fraction: float | None = None
    failure: TLStudioError | None = None

    @property
    def is_busy(self) -> bool:
        return self.progress is not None

    @property
    def can_show(self) -> bool:
        return self.output is not None


def export_view(state: RunState | None, output: Path | None, *, is_there: bool = True) -> ExportView:
    """The card of an export in this state; `output` is where its file was asked for."""
    if state is None or state.status in (Status.CANCELLED, Status.INTERRUPTED):
        words = tr("The last export was interrupted; nothing was left behind.") if state is not None else ""
        return ExportView(words=words)
    if not state.status.is_over:
        return ExportView(progress=say(outcome.words(state)), fraction=state.fraction)
    if state.status is Status.FAILED and state.failure is not None:
        return ExportView(failure=TLStudioError(state.failure.title, state.failure.hint, details=state.failure.details))
    if state.status is not Status.FINISHED or not state.files:
        return ExportView(words=tr("Stopped; nothing was left behind."))
    if not is_there:
        return ExportView(badge=tr("Moved"), words=tr("The file is no longer at {place}.", place=str(output)))
    return _finished(state, output)


def _finished(state: RunState, output: Path | None) -> ExportView:
    parts = [size(sum(file.num_bytes for file in state.files))]
    if state.compared is None:
        return ExportView(badge=tr("Ready"), words=" · ".join([*parts, tr("not compared with the app")]), output=output)
    parts.append(compared_words(state.compared))
    return ExportView(badge=tr("Verified"), tone="good", words=" · ".join(parts), output=output)


def compared_words(compared: Compared) -> str:
    """ "checked: same answers on 181 of 181, 2.1× faster on CPU"."""
    words = tr("checked: same answers on {same} of {all}", same=number(compared.num_same), all=number(compared.num_images))
    if compared.near_ties:
        words += " " + tr_n("({n} near tie)", "({n} near ties)", len(compared.near_ties))
    ratio = compared.speed_ratio
    if ratio is None or ratio <= 0:
        return words
    if ratio >= 1.05:
        return words + ", " + tr("{times}× faster on CPU", times=f"{ratio:.1f}")
    if ratio <= 0.95:
        return words + ", " + tr("{times}× slower on CPU", times=f"{1 / ratio:.1f}")
    return words + ", " + tr("as fast on CPU")
