"""The right side of Models: the chosen network, unless weights or a pack that somebody brought wait for an answer."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget

from tlstudio.ui.drops import is_pack
from tlstudio.ui.workspace import Workspace
from tlstudio.ui.zoo.detail_card import WIDTH_PX, DetailCard
from tlstudio.ui.zoo.importing import Importing
from tlstudio.ui.zoo.pack_installing import PackInstalling


class RightSide(QStackedWidget):
    """One card at a time."""

    ended = Signal(object)
    """The `WeightsCard` that is here now, or None."""
    failed = Signal(object)
    """A `TLStudioError`."""
    confirmed = Signal()
    """A person has agreed to take something in."""

    def __init__(self, workspace: Workspace, detail: DetailCard) -> None:
        super().__init__()
        self.setFixedWidth(WIDTH_PX)
        self.importing = Importing(workspace)
        self.packs = PackInstalling(workspace)
        self._detail = detail
        self.addWidget(detail)
        for arriving in (self.importing, self.packs):
            arriving.setParent(self)
            self.addWidget(arriving.card)
            arriving.began.connect(partial(self.setCurrentWidget, arriving.card))
            arriving.began.connect(self.show)
            arriving.ended.connect(self.show_what_waits)
            arriving.ended.connect(self.ended)
            arriving.failed.connect(self.failed)
            arriving.card.confirmed.connect(self.confirmed)

    def bring(self, paths: Sequence[Path]) -> None:
        """Packs of several sets are looked into, everything else is recognised."""
        self.packs.bring(path for path in paths if is_pack(path))
        self.importing.bring(path for path in paths if not is_pack(path))

    @property
    def is_busy(self) -> bool:
        """Whether something waits for an answer."""
        return self.importing.is_busy or self.packs.is_busy

    def show_what_waits(self) -> None:
        """What waits for an answer, else the chosen network."""
        waiting = [arriving.card for arriving in (self.importing, self.packs) if arriving.is_busy]
        self.setCurrentWidget(waiting[0] if waiting else self._detail)
