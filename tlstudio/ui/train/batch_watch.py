"""Keeps the picture of a training batch in step with the recipe; works only while somebody sees it."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QGuiApplication, QImage

from tlstudio.domain.prefix import num_different_views
from tlstudio.domain.progress import Stop
from tlstudio.domain.recipe import Recipe
from tlstudio.domain.run_state import RunState, Status
from tlstudio.errors import ImagesAwayError, TLStudioError
from tlstudio.ui.background import Task
from tlstudio.ui.recipe.choice import RecipeChoice
from tlstudio.ui.train.batch_view import NUM_VIEWS, BatchCard
from tlstudio.ui.words import say, tr, tr_n
from tlstudio.ui.workspace import Workspace

if TYPE_CHECKING:
    from tlstudio.operations.batch_preview import BatchPreview, BatchView
    from tlstudio.project.project import Project

_WAIT_MS, _AGAIN_MS = 120, 1000
_LANE = "batch"
Views = list[tuple[str, QImage]]


class BatchWatch(QObject):
    """Between the choice of a recipe and its `BatchCard`."""

    def __init__(self, workspace: Workspace, card: BatchCard, parent: QObject) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._card = card
        self._choice = RecipeChoice()
        self._epoch = 0
        self._is_stale = True
        self._is_away = False
        """Whether the images could not be found; nothing tells when they are back."""
        self._task: Task | None = None
        self._source: BatchPreview | None = None
        self._project: Project | None = None
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.timeout.connect(self._make)
        card.another_wanted.connect(self._on_another)
        workspace.changes.dataset_changed.connect(self.refresh)
        workspace.changes.project_changed.connect(self.refresh)
        workspace.changes.run_state_changed.connect(self._on_run_state)
        QGuiApplication.instance().applicationStateChanged.connect(self._look_again)  # type: ignore[union-attr]

    def look_at(self, choice: RecipeChoice) -> None:
        """Show what this choice would train on from now on."""
        self._choice = choice
        self.refresh()

    def refresh(self, _change: object = None) -> None:
        """Something that may change the pictures has changed."""
        self._is_stale = True
        if self._card.isVisible():
            self._pause.start(_WAIT_MS)

    def on_shown(self) -> None:
        """The panel is looked at."""
        if self._is_stale or self._is_away:
            self._pause.start(_WAIT_MS)

    def _on_run_state(self, _number: int, state: RunState) -> None:
        """A run that goes on may have got its images back."""
        if state.status is not Status.PAUSED:
            self._look_again()

    def _look_again(self, _state: object = None) -> None:
        if self._is_away and self._card.isVisible() and not self._pause.isActive():
            self._pause.start(_AGAIN_MS)

    def _on_another(self) -> None:
        self._epoch += 1
        self.refresh()

    def _make(self) -> None:
        """Only the newest wish counts."""
        project, recipe, epoch = self._workspace.project, self._choice.recipe, self._epoch
        if self._task is not None:
            self._task.stop()
        self._is_stale = False
        if project is None or recipe is None:
            self._card.show_views([], is_augmented=True, note=tr("Shown as soon as a model is chosen."))
            return

        def on_made(views: Views) -> None:
            if project is self._workspace.project and recipe == self._choice.recipe:
                self._is_away = False
                self._show(recipe, views)

        def on_failed(error: TLStudioError) -> None:
            if project is not self._workspace.project:
                return
            self._is_away = isinstance(error, ImagesAwayError)
            note = f"{say(error.title)} {say(error.hint)}" if self._is_away else say(error.title)
            self._card.show_views([], is_augmented=recipe.finetune is not None, note=note)

        self._task = self._workspace.background.run(
            lambda _report, stop: self._views(project, recipe, epoch, stop), done=on_made, failed=on_failed, lane=_LANE
        )

    def _show(self, recipe: Recipe, views: Views) -> None:
        is_augmented = recipe.finetune is not None
        if not views:
            note = tr("Shown as soon as images with a class are in the training part.")
        elif is_augmented and recipe.augmentation == "none":
            note = tr("Without augmentation every epoch sees the same pictures.")
        elif is_augmented and (num_views := num_different_views(recipe)):
            note = tr_n("Every epoch sees the same version of each image.", "{n} versions of each image take turns.", count=num_views)
        elif is_augmented:
            note = tr("Cut and changed anew in every epoch.")
        else:
            note = ""
        self._card.show_views(views, is_augmented=is_augmented, note=note)

    def _views(self, project: "Project", recipe: Recipe, epoch: int, stop: Stop) -> Views:
        """In the lane."""
        if self._source is None or self._project is not project:
            from tlstudio.operations.batch_preview import BatchPreview

            self._source, self._project = BatchPreview(project), project
        made = self._source.views(recipe, num=NUM_VIEWS, epoch=epoch, stop=stop)
        return [(item.sample.name, _image(item)) for item in made]


def _image(view: "BatchView") -> QImage:
    side = view.pixels.shape[0]
    data = view.pixels.tobytes()
    return QImage(data, side, side, 3 * side, QImage.Format.Format_RGB888).copy()  # its own memory
