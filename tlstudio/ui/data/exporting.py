"""Exports of the Data panel: from the menu to the operation, and what came of it in words."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QPushButton

from tlstudio.domain.archives import ARCHIVE_SUFFIX
from tlstudio.errors import TLStudioError
from tlstudio.operations.label_exports import LABEL_EXPORTERS, Exported
from tlstudio.ui.background import Task, Work
from tlstudio.ui.data.export_popover import ExportPopover
from tlstudio.ui.data.export_strip import ExportStrip
from tlstudio.ui.file_dialogs import ask_new
from tlstudio.ui.widgets.notice import Notice
from tlstudio.ui.words import say, size, tr, tr_n
from tlstudio.ui.workspace import Workspace

if TYPE_CHECKING:
    from tlstudio.operations.archiving import Archived
    from tlstudio.operations.crops import Crops

_LANE = "export"


class Exporting(QObject):
    """One export at a time, in a lane of its own; the project may be worked on meanwhile."""

    def __init__(self, workspace: Workspace, opener: QPushButton, strip: ExportStrip, notice: Notice) -> None:
        super().__init__(opener)
        self._workspace = workspace
        self._opener = opener
        self._strip = strip
        self._notice = notice
        self._task: Task | None = None
        self.popover: ExportPopover | None = None
        opener.clicked.connect(self.open)
        strip.strip.stop_requested.connect(self.stop)
        workspace.changes.project_changed.connect(self.stop)

    def open(self) -> None:
        """Show what can be exported."""
        project = self._workspace.project
        if project is not None:
            self._workspace.background.run(lambda _report, _stop: project.regions.are_there(), done=self._show)

    def stop(self) -> None:
        """Ask what is under way to end; it leaves nothing behind."""
        if self._task is not None:
            self._task.stop()

    def _show(self, has_regions: bool) -> None:
        self.popover = ExportPopover(has_regions=has_regions, parent=self._opener)
        self.popover.labels_wanted.connect(self.export_labels)
        self.popover.crops_wanted.connect(self.make_crops)
        self.popover.archive_wanted.connect(self.archive)
        self.popover.open_beside(self._opener)

    def export_labels(self, format: str) -> None:
        """Ask where to, and write."""
        from tlstudio.operations.exporting_labels import export_labels

        project, spec = self._workspace.project, LABEL_EXPORTERS[format]
        if project is None:
            return
        kinds = tr("Table (*.csv)") if spec.suffix else tr("New folder (*)")
        name = f"{project.name} labels{spec.suffix}" if spec.suffix else f"{project.name} {say(spec.title)}"
        target = ask_new(self._opener, tr("Export labels"), name, kinds)
        if target is not None:
            self._run(
                tr("Exporting to {name}", name=target.name),
                lambda report, stop: export_labels(project, format, target, report=report, stop=stop),
                self._on_labels,
            )

    def make_crops(self, margin: float) -> None:
        """A new project beside the others, without a dialog."""
        from tlstudio.operations import projects
        from tlstudio.operations.crops import make_crops

        project = self._workspace.project
        if project is None:
            return
        folder = projects.project_folder_for(Path(tr("{project} crops", project=project.name)))
        self._run(
            tr("Cutting out into {name}", name=folder.name),
            lambda report, stop: make_crops(project, folder, margin=margin, report=report, stop=stop, kind="window"),
            self._on_crops,
        )

    def archive(self) -> None:
        """Ask where to, and pack."""
        from tlstudio.operations.archiving import archive_project
        from tlstudio.operations.archiving_refusals import ImagesUnreadableError

        project = self._workspace.project
        if project is None:
            return
        kinds = tr("Packed project") + f" (*{ARCHIVE_SUFFIX})"
        target = ask_new(self._opener, tr("Pack the whole project"), f"{project.name}{ARCHIVE_SUFFIX}", kinds)
        if target is None:
            return

        def pack(*, without_missing: bool) -> None:
            self._run(
                tr("Packing into {name}", name=target.name),
                lambda report, stop: archive_project(project, target, without_missing=without_missing, report=report, stop=stop),
                self._on_archived,
                failed=on_failed,
            )

        def on_failed(error: TLStudioError) -> None:
            if isinstance(error, ImagesUnreadableError):
                self._strip.finish()
                go_on = partial(pack, without_missing=True)
                self._notice.show_error(error, button_text=tr("Pack without them"), on_click=go_on)
            else:
                self._on_failed(error)

        pack(without_missing=False)

    def _run(self, words: str, work: Work, done: Callable, *, failed: Callable[[TLStudioError], object] | None = None) -> None:
        if self._task is not None and not self._task.is_over:
            self._workspace.changes.said.emit(tr("One export at a time; the one under way comes first."))
            return
        self._notice.clear()
        self._strip.begin(words)
        self._task = self._workspace.background.run(
            work, done=partial(self._on_done, done), failed=failed or self._on_failed, progress=self._strip.show_progress, lane=_LANE
        )

    def _on_done(self, done: Callable, outcome: object) -> None:
        self._strip.finish()
        done(outcome)

    def _on_failed(self, error: TLStudioError) -> None:
        self._strip.finish()
        self._notice.show_error(error)

    def _say_stopped(self) -> None:
        self._workspace.changes.said.emit(tr("Stopped; nothing was left behind"))

    def _on_labels(self, outcome: Exported) -> None:
        if outcome.was_stopped:
            self._say_stopped()
            return
        lost = [say(item) for item in outcome.losses]
        if outcome.num_left_out:
            lost.insert(0, tr_n("1 image without a class is left out.", "{n} images without a class are left out.", outcome.num_left_out))
        lost += [say(item) for item in outcome.renamed_words()]
        written = tr_n("1 image written to {name}.", "{n} images written to {name}.", outcome.num_images, name=outcome.target.name)
        self._workspace.changes.said.emit(" ".join([written, *lost]))
        if lost:
            self._notice.show_words(written, " ".join(lost), tone="neutral")

    def _on_crops(self, outcome: "Crops") -> None:
        folder = outcome.folder
        if folder is None:
            self._say_stopped()
            return
        cut = tr_n("1 crop is in the new project {name}.", "{n} crops are in the new project {name}.", outcome.num_crops, name=folder.name)
        self._workspace.changes.said.emit(cut)
        failed = tr_n("1 image could not be cut.", "{n} images could not be cut.", len(outcome.problems)) if outcome.problems else ""
        self._notice.show_words(
            cut,
            failed,
            tone="neutral",
            details="\n".join(f"{item.path}: {say(item.reason)}" for item in outcome.problems),
            button_text=tr("Open it"),
            on_click=partial(self._workspace.open, folder),
        )

    def _on_archived(self, outcome: "Archived") -> None:
        if outcome.file is None:
            self._say_stopped()
            return
        place = {"name": outcome.file.name, "size": size(outcome.num_bytes)}
        packed = tr("The whole project is in {name} ({size}).", **place)
        if outcome.num_missing:
            one, many = "Packed without 1 image: {name} ({size}).", "Packed without {n} images: {name} ({size})."
            packed = tr_n(one, many, outcome.num_missing, **place)
        self._workspace.changes.said.emit(packed)
        if outcome.problems:
            self._notice.show_words(
                packed,
                tr_n("1 image is not as the project knows it.", "{n} images are not as the project knows them.", len(outcome.problems)),
                details="\n".join(f"{item.path}: {say(item.reason)}" for item in outcome.problems),
            )
