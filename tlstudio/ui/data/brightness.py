"""Choosing the brightness of deep images: opens the card, has pictures made for it, keeps what was chosen."""

from itertools import islice
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QPushButton

from tlstudio.domain.intensity import IntensityRule, may_be_deep
from tlstudio.ui.background import Task
from tlstudio.ui.data.brightness_popover import NUM_PICTURES, BrightnessPopover, rule_words
from tlstudio.ui.jpegs import from_jpeg
from tlstudio.ui.workspace import Workspace

if TYPE_CHECKING:
    from tlstudio.operations.intensity import DeepImages
    from tlstudio.project.project import Project

_LANE = "brightness"
_NUM_ASKED = 2_000


class Brightness(QObject):
    """Between the button in the Data panel and the operations."""

    def __init__(self, workspace: Workspace, opener: QPushButton, parent: QObject) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._opener = opener
        self._samples: tuple = ()
        self._task: Task | None = None
        self.popover: BrightnessPopover | None = None
        opener.clicked.connect(self.open)
        workspace.changes.dataset_changed.connect(self.refresh)
        workspace.changes.project_changed.connect(self.refresh)
        self.refresh()

    def refresh(self, _change: object = None) -> None:
        """Offer it only where there may be deep images; a look at the first ones is quick enough for every change."""
        dataset = self._workspace.dataset
        some = islice(dataset.samples, _NUM_ASKED) if dataset is not None else ()
        self._opener.setVisible(any(may_be_deep(sample.format) for sample in some))

    def open(self) -> None:
        """Show the card."""
        project = self._workspace.project
        if project is not None:
            self._workspace.background.run(lambda _report, _stop: project.settings().intensity, done=self._show)

    def _show(self, rule: IntensityRule) -> None:
        """What the images hold is looked at meanwhile."""
        project = self._workspace.project
        if project is None or self.popover is not None:
            return
        popover = BrightnessPopover(rule, num_runs=len(self._workspace.runs), writable=self._workspace.is_writable, parent=self._opener)
        popover.looked.connect(self._show_pictures)
        popover.wanted.connect(self._keep)
        popover.closed.connect(self._forget)
        popover.open_below(self._opener)
        self.popover, self._samples = popover, ()

        def on_looked(deep: "DeepImages") -> None:
            if popover is self.popover:
                self._samples = deep.samples[:: max(1, len(deep.samples) // NUM_PICTURES)][:NUM_PICTURES]
                popover.show_held(deep.window(), num_deep=len(deep.samples), num_looked_at=deep.num_looked_at, is_float=deep.is_float)

        self._run(lambda stop: _look(project, stop), on_looked)

    def _show_pictures(self, rule: IntensityRule | None) -> None:
        project, popover, samples = self._workspace.project, self.popover, self._samples
        if project is None or popover is None or rule is None or not samples:
            return

        def on_made(pictures: list[QImage]) -> None:
            if popover is self.popover and popover.rule() == rule:
                popover.show_pictures(pictures)

        self._run(lambda stop: _preview(project, samples, rule, stop), on_made)

    def _run(self, work: object, done: object) -> None:
        """Only the newest wish counts."""
        if self._task is not None:
            self._task.stop()
        self._task = self._workspace.background.run(lambda _report, stop: work(stop), done=done, lane=_LANE)

    def _keep(self, rule: IntensityRule | None) -> None:
        project = self._workspace.project
        if project is not None and rule is not None:
            # In the lane of imports: one that is under way ends by the rule it began with.
            self._workspace.background.run(lambda _report, _stop: _set(project, rule), done=self._on_kept, lane="import")

    def _on_kept(self, rule: IntensityRule) -> None:
        self._workspace.previews.forget()
        self._workspace.thumbnails.forget()
        self._workspace.pictures.release()
        self._workspace.near_look.start()
        self._workspace.changes.said.emit(rule_words(rule))

    def _forget(self) -> None:
        self.popover = None
        if self._task is not None:
            self._task.stop()


def _look(project: "Project", stop: object) -> "DeepImages":
    from tlstudio.operations.intensity import look_at_deep

    return look_at_deep(project, stop=stop)


def _preview(project: "Project", samples: tuple, rule: IntensityRule, stop: object) -> list[QImage]:
    from tlstudio.operations.intensity import preview

    return [from_jpeg(data) for data in preview(project, samples, rule, stop=stop)]


def _set(project: "Project", rule: IntensityRule) -> IntensityRule:
    from tlstudio.operations.intensity import set_rule

    set_rule(project, rule)
    return rule
