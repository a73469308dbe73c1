"""How busy the machine is with the run under way, in the status line: read from the run's journal, as everything of a run."""

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from tlstudio.domain.events import DeviceLooked
from tlstudio.domain.memory import gigabytes
from tlstudio.domain.run_state import RunState, Status
from tlstudio.ui.train.run_board import RunBoard
from tlstudio.ui.words import percent, tr
from tlstudio.ui.workspace import Workspace

_HIDDEN = 0.05
"""Up to this share of waiting a faster disk would change nothing that anybody notices."""
_LATELY = 50
"""Steps over which waiting is averaged: that of one step jumps about."""


class LoadLine(QObject):
    """While a run is under way the status line of Train says how busy the machine is; else what a click does here."""

    def __init__(self, workspace: Workspace, *, panel: QWidget) -> None:
        super().__init__(panel)
        self._workspace = workspace
        self._panel = panel
        self._look: DeviceLooked | None = None

    def show_board(self, board: RunBoard, *, anew: bool = False) -> None:
        """Say how things stand since the newest look at the machine; `anew` also where nothing has changed since."""
        state = board.state(board.active.number) if board.active is not None else None
        look = state.looks[-1] if state is not None and state.status is Status.RUNNING and len(state.looks) else None
        if not self._panel.isVisible() or (look is self._look and not anew):
            return
        self._look = look
        hint = tr("Tick runs to lay their curves over each other · right-click a run for more")
        self._workspace.changes.hint_changed.emit(hint if state is None or look is None else load_words(state))


def load_words(state: RunState) -> str:
    """ "GPU 87 % · 61 °C · 3.1 of 24 GB · data pipeline hidden (0.4 % wait)", "Processor 95 % · 1.2 GB · waiting for images 0.4 %"."""
    look = state.looks[-1]
    has_card = look.card is not None or look.card_memory_bytes is not None
    parts = _of_card(look) if has_card else _of_processor(look)
    told = [step.waiting for step in state.steps.since(max(0, len(state.steps) - _LATELY)) if step.waiting is not None]
    if told:
        waiting = sum(told) / len(told)
        share = percent(waiting)
        is_hidden = has_card and waiting <= _HIDDEN
        parts.append(tr("data pipeline hidden ({share} wait)", share=share) if is_hidden else tr("waiting for images {share}", share=share))
    return " · ".join(parts)


def _of_card(look: DeviceLooked) -> list[str]:
    parts = [tr("GPU {share}", share=percent(look.card, 0)) if look.card is not None else tr("GPU")]
    if look.temperature_c is not None:
        parts.append(f"{look.temperature_c:.0f} °C")
    if look.card_memory_bytes is not None and look.card_memory_total_bytes is not None:
        used, total = gigabytes(look.card_memory_bytes), gigabytes(look.card_memory_total_bytes)
        parts.append(tr("{used} of {total} GB", used=used, total=total))
    return parts


def _of_processor(look: DeviceLooked) -> list[str]:
    parts = []
    if look.processor is not None:
        parts.append(tr("Processor {share}", share=percent(look.processor, 0)))
    if look.memory_bytes is not None:
        parts.append(tr("{size} GB", size=gigabytes(look.memory_bytes)))
    return parts
