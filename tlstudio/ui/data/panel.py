"""The Data panel: look at the images, class them, divide them, see what is wrong with them, train."""

from functools import partial
from pathlib import Path

from PySide6.QtCore import QPoint
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from tlstudio.domain.dataset import Dataset
from tlstudio.domain.findings import Finding, Fix
from tlstudio.domain.imports import ImportReport
from tlstudio.ui.data.brightness import Brightness
from tlstudio.ui.data.browser import Browser
from tlstudio.ui.data.dividing import Dividing
from tlstudio.ui.data.editing import Editing
from tlstudio.ui.data.enlarging import Enlarging
from tlstudio.ui.data.exporting import Exporting
from tlstudio.ui.data.first_run import FirstRun
from tlstudio.ui.data.following import Following
from tlstudio.ui.data.health_watch import HealthWatch
from tlstudio.ui.data.import_words import show_outcome
from tlstudio.ui.data.menu import show_menu
from tlstudio.ui.data.rail_words import rail_words
from tlstudio.ui.data.selected import Selected
from tlstudio.ui.data.sweeping import Sweeping
from tlstudio.ui.data.view import DataView
from tlstudio.ui.data.viewmodel import Shown
from tlstudio.ui.drops import Dropped, kind_of
from tlstudio.ui.file_dialogs import ask_folder
from tlstudio.ui.words import number, tr, tr_n
from tlstudio.ui.workspace import Workspace


class DataPanel(QWidget):
    """Wires the widgets to the workspace's snapshot; every edit goes through the workspace."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self.workspace = workspace
        self.view = DataView(workspace)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.view)
        self.grid = self.view.grid
        self.browser = Browser(workspace, self.grid, self)
        self.selected = Selected(workspace, self.grid, self.view.inspector, panel=self)
        self.editing = Editing(workspace, self.grid, self.view.notice)
        self.dividing = Dividing(workspace, self.view.header.split, self.editing, self)
        self.large = Enlarging(workspace, self.grid, self)
        self.sweeping = Sweeping(workspace, self.view, self.browser, self.editing, panel=self)
        self.watch = HealthWatch(workspace, self)
        self.following = Following(workspace, self.view.live, self)
        self.brightness = Brightness(workspace, self.view.side.brightness, self)
        self.exporting = Exporting(workspace, self.view.side.export, self.view.exporting, self.view.notice)
        self.first_run = FirstRun(workspace, self.view.header.train, self.view.notice, self.view.health)
        # What keys do here; see ui/actions.py.
        self.sweep = self.sweeping.start
        self.set_class_at = self.sweeping.set_class_at
        self.set_aside = self.sweeping.set_aside
        self._connect_workspace()
        self._connect_view()
        self._connect_editing()
        self._on_project_changed()

    def focus_search(self) -> None:
        """Begin to type in the search field."""
        self.view.header.search.setFocus()
        self.view.header.search.selectAll()

    def take_drop(self, paths: list[Path]) -> bool:
        """One folder, archive or image is imported; everything else is for somebody else."""
        if len(paths) != 1 or kind_of(paths[0]) not in (Dropped.FOLDER, Dropped.ARCHIVE, Dropped.FILES):
            return False
        self.view.importing.start(paths[0])
        return True

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.selected.say_hint()
        self.following.model.look_soon()
        if not event.spontaneous():
            self.view.focus_images()
        project = self.workspace.project
        if project is not None:
            self.workspace.background.run(lambda _report, _stop: project.num_openings(), done=self._on_openings)

    def _on_openings(self, num: int) -> None:
        """The test set may have been opened in another panel."""
        if num != self.workspace.num_openings:
            self.workspace.num_openings = num
            self._on_dataset_changed()

    def _connect_workspace(self) -> None:
        changes = self.workspace.changes
        changes.project_changed.connect(self._on_project_changed)
        changes.dataset_changed.connect(self._on_dataset_changed)
        changes.runs_changed.connect(self.first_run.refresh)
        changes.runs_changed.connect(self.watch.look_soon)
        self.watch.found.connect(self._on_findings)
        self.workspace.imports.progressed.connect(self.first_run.refresh)

    def _connect_view(self) -> None:
        view = self.view
        view.header.searched.connect(self.browser.search)
        view.header.import_wanted.connect(self._choose_folder)
        view.importing.over.connect(self._on_imported)
        view.importing.failed.connect(view.notice.show_error)
        view.importing.failed.connect(self.first_run.refresh)
        view.health.images_wanted.connect(self._show_finding)
        view.toolbar.chip_chosen.connect(self.browser.choose_chip)
        view.toolbar.pick_dropped.connect(self.browser.drop_pick)
        view.toolbar.order_chosen.connect(self.browser.choose_order)
        view.toolbar.size_changed.connect(self.grid.set_tile_size)
        view.toolbar.sweep.clicked.connect(self.sweeping.start)
        self.browser.filter_changed.connect(view.toolbar.show_filter)
        self.browser.order_changed.connect(view.toolbar.show_order)
        self.browser.shown.connect(self._on_shown)
        self.grid.menu_requested.connect(self._show_menu)
        self.sweeping.begun.connect(self.large.view.put_away)
        self.sweeping.view.closed.connect(self.watch.look_soon)

    def _connect_editing(self) -> None:
        view, editing = self.view, self.editing
        view.health.fix_wanted.connect(self._mend)
        view.health.decline_wanted.connect(editing.decline)
        view.inspector.class_wanted.connect(editing.set_class)
        view.inspector.split_wanted.connect(editing.set_split)
        view.inspector.note_wanted.connect(editing.set_note)
        view.inspector.back_wanted.connect(editing.take_back)
        view.side.classes.chosen.connect(self.browser.choose_class)
        view.side.classes.added.connect(editing.add_class)
        view.side.classes.renamed.connect(editing.rename_class)
        view.side.classes.removed.connect(editing.remove_class)
        view.side.classes.merged.connect(editing.merge_classes)

    def _on_project_changed(self) -> None:
        self.view.notice.clear()
        self.view.health.show_pending(tr("Looking at the images…"))
        self.view.header.search.clear()
        self.browser.reset()
        writable = self.workspace.is_writable
        self.view.header.import_button.setEnabled(writable)
        self.view.header.split.setEnabled(writable)
        self.view.empty.button.setEnabled(writable)
        self.view.toolbar.sweep.setEnabled(writable)
        self._on_dataset_changed()

    def _on_dataset_changed(self, _change: object = None) -> None:
        dataset, writable = self.workspace.dataset, self.workspace.is_writable
        self.first_run.refresh()
        if dataset is None:
            return
        has_images = bool(dataset.samples)
        self.view.show_page(has_images=has_images, has_matches=True)
        self.view.side.show_dataset(dataset, num_openings=self.workspace.num_openings, writable=writable)
        self.browser.refresh()
        self.selected.refresh()
        self.large.refresh()
        self.sweeping.refresh()
        if self.sweeping.state is None:
            self.watch.look_soon()  # nobody sees the health during a sweep, and the checks would slow each key down
        self.workspace.changes.rail_changed.emit("data", *rail_words(dataset, self.view.health.findings))

    def _on_shown(self, shown: Shown) -> None:
        self.view.toolbar.show_counts(shown)
        self.view.header.set_subject(_subject(self.workspace.dataset, shown, is_part=self.browser.filter.is_part))
        self.view.show_page(has_images=bool(shown.num_by_chip["all"]), has_matches=bool(shown.ids))
        self.selected.say_hint()

    def _on_findings(self, findings: list[Finding]) -> None:
        if self.workspace.imports.is_running and not findings:
            self.view.health.show_pending(tr("Checked when all images are in"))
        else:
            self.view.health.show_findings(findings, self.workspace.dataset, writable=self.workspace.is_writable)
        self.browser.show_findings(findings)
        self.workspace.changes.rail_changed.emit("data", *rail_words(self.workspace.dataset, findings))

    def _on_imported(self, report: ImportReport) -> None:
        self.first_run.refresh()
        self.browser.drop_pick()
        show_outcome(self.view.notice, report, show_problems=partial(self._show_set_aside, report))

    def _show_finding(self, finding: Finding) -> None:
        self.view.header.search.clear()
        self.browser.pick(tr_n("1 image found", "{n} images found", len(finding.samples)), only=finding.samples, check=finding.check)

    def _mend(self, finding: Finding) -> None:
        """What a finding's button does; how bright deep images are is for a person to choose."""
        if finding.fix is Fix.BRIGHTNESS:
            self.brightness.open()
        else:
            self.editing.mend(finding)

    def _show_set_aside(self, report: ImportReport) -> None:
        """What one import could not take in, and nothing of earlier ones."""
        paths = {item.path for item in report.problems}
        dataset = self.workspace.dataset
        ids = [sample.id for sample in dataset.set_aside if _is_below(sample.path, paths)] if dataset is not None else []
        self.view.header.search.clear()
        self.browser.pick(tr_n("1 file not taken in", "{n} files not taken in", len(ids)), only=ids)

    def _show_menu(self, place: QPoint) -> None:
        if self.workspace.dataset is not None and self.grid.selection():
            show_menu(self, place, self.workspace.dataset, self.grid.selection(), editing=self.editing, writable=self.workspace.is_writable)

    def _choose_folder(self, copy: bool) -> None:
        folder = ask_folder(self, tr("Choose a folder of images"))
        if folder is not None:
            self.view.importing.start(folder, copy=copy)


def _is_below(path: str, ends: set[str]) -> bool:
    """Whether a path is one of these, or one of these below a folder: a folder may be imported again as a part of a larger one."""
    parts = path.split("/")
    return any("/".join(parts[start:]) in ends for start in range(len(parts)))


def _subject(dataset: Dataset | None, shown: Shown, *, is_part: bool) -> str:
    """How many images a search or a class comes to, and how many take no part."""
    if dataset is None:
        return ""
    num_all, num_aside = len(dataset.samples), len(dataset.set_aside)
    found = tr_n("{found} of 1 image", "{found} of {n} images", num_all, found=number(len(shown.ids))) if is_part else ""
    aside = tr_n("1 set aside", "{n} set aside", num_aside) if num_aside else ""
    return " · ".join(part for part in (found, aside) if part)
