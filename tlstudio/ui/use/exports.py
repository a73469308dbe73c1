"""The export column: one card a row of EXPORTERS, each following its job."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtWidgets import QVBoxLayout, QWidget

from tlstudio.domain.exporters import EXPORTERS
from tlstudio.domain.run_state import RunState
from tlstudio.domain.runs import Run
from tlstudio.errors import TLStudioError
from tlstudio.operations import exporting, side_jobs
from tlstudio.operations.side_jobs import Exported
from tlstudio.ui.job_watch import Started
from tlstudio.ui.theme import SPACE_2, SPACE_3
from tlstudio.ui.use.dialogs import ask_export
from tlstudio.ui.use.export_card import ExportCard
from tlstudio.ui.use.export_texts import ExportView, export_view
from tlstudio.ui.use.showing import show_in_folder
from tlstudio.ui.widgets.text import Text
from tlstudio.ui.words import tr
from tlstudio.ui.workspace import Workspace


class ExportColumn(QWidget):
    """Exports of the run in use. A job that runs on while another run is looked at is found again by its folder."""

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.workspace = workspace
        self._run: Run | None = None
        self._outputs: dict[str, Path] = {}
        self._folders: dict[str, Path] = {}
        self._stops_wanted: set[tuple[int, str]] = set()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_3)
        column.addWidget(Text(tr("Export"), role="strong"))
        column.addSpacing(-SPACE_2 // 2)
        self.cards: dict[str, ExportCard] = {}
        for format, spec in EXPORTERS.items():
            card = ExportCard(spec)
            card.export_asked.connect(partial(self.on_export_asked, format))
            card.show_asked.connect(partial(self.on_show_asked, format))
            card.stop_asked.connect(partial(self.on_stop_asked, format))
            self.cards[format] = card
            column.addWidget(card)
        column.addStretch(1)

    def show_run(self, run: Run | None) -> None:
        """Show the exports of another run, as their journals tell them."""
        self._run = run
        self._outputs.clear()
        self._folders.clear()
        for card in self.cards.values():
            card.show_view(ExportView())
        project = self.workspace.project
        if project is not None and run is not None:
            self.workspace.background.run(
                lambda _report, _stop: side_jobs.list_exports(project, run),
                done=partial(self._show_found, run),
                lane="numbers",
            )

    def on_export_asked(self, format: str) -> None:
        project, run = self.workspace.project, self._run
        if project is None or run is None:
            return
        output = ask_export(self, project.folder / f"{project.name} run {run.number}{EXPORTERS[format].suffix}")
        if output is None:
            return
        self._outputs[format] = output
        self._follow(format, run, lambda: exporting.export_run(project, run.number, format, output, warm=self.workspace.warm))

    def on_show_asked(self, format: str) -> None:
        output = self._outputs.get(format)
        if output is not None and not show_in_folder(output):
            self.workspace.changes.said.emit(tr("The file is {place}", place=str(output)))

    def on_stop_asked(self, format: str) -> None:
        """Stop the export; one that is still being started is stopped as soon as it can be told."""
        folder = self._folders.get(format)
        if folder is not None:
            self._stop(folder)
        elif self._run is not None:
            self._stops_wanted.add((self._run.number, format))

    def _stop(self, folder: Path) -> None:
        self.workspace.background.run(lambda _report, _stop: side_jobs.stop_job(folder), lane="control")

    def _show_found(self, run: Run, found: list[Exported]) -> None:
        """The newest export of each format counts; one that still runs is watched."""
        if run is not self._run:
            return
        for item in {item.format: item for item in found}.values():
            if item.format not in self.cards or item.format in self._folders:
                continue
            self._outputs[item.format], self._folders[item.format] = item.output, item.folder
            self.cards[item.format].show_view(export_view(item.state, item.output, is_there=item.is_there))
            if not item.state.status.is_over:
                self.workspace.watches.watch(item.number, item.folder, on_state=self._listener(item.format, run))

    def _follow(self, format: str, run: Run, start: Callable[[], Started]) -> None:
        card = self.cards[format]
        card.show_view(ExportView(progress=tr("Starting")))
        self._folders.pop(format, None)
        self._stops_wanted.discard((run.number, format))

        def on_started(job: Started) -> None:
            if run is self._run:
                self._folders[format] = job.folder
            if (run.number, format) in self._stops_wanted:
                self._stop(job.folder)

        def on_failed(failure: TLStudioError) -> None:
            if run is self._run:
                card.show_view(ExportView(failure=failure))

        self.workspace.watches.start(start, started=on_started, failed=on_failed, on_state=self._listener(format, run))

    def _listener(self, format: str, run: Run) -> Callable[[RunState], None]:
        def on_state(state: RunState) -> None:
            if run is self._run:
                self.cards[format].show_view(export_view(state, self._outputs.get(format)))
            if state.status.is_over:
                self.workspace.training.start_warm_worker()

        return on_state
