"""The transfer cockpit: sees what a freeze costs before it is trained, and hands the settings to Train."""

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from tlstudio.domain.recipe import NetworkPart
from tlstudio.domain.setting_spec import Value
from tlstudio.errors import TLStudioError
from tlstudio.ui.recipe.setting_row import first_refused, refusal_words
from tlstudio.ui.theme import SPACE_3, SPACE_4, SPACE_5
from tlstudio.ui.widgets.header import PanelHeader
from tlstudio.ui.widgets.notice import Notice
from tlstudio.ui.widgets.scroll_column import ScrollColumn
from tlstudio.ui.words import tr
from tlstudio.ui.workspace import Workspace
from tlstudio.ui.zoo.cockpit import known
from tlstudio.ui.zoo.cockpit.compare import ComparePopover, depths_of
from tlstudio.ui.zoo.cockpit.figure_row import CockpitFigures
from tlstudio.ui.zoo.cockpit.finder_card import FinderCard
from tlstudio.ui.zoo.cockpit.head_card import HeadCard
from tlstudio.ui.zoo.cockpit.known import Known
from tlstudio.ui.zoo.cockpit.network_combo import NetworkCombo
from tlstudio.ui.zoo.cockpit.rate_finding import RateFinding
from tlstudio.ui.zoo.cockpit.rates_card import RatesCard
from tlstudio.ui.zoo.cockpit.source_line import SourceLine
from tlstudio.ui.zoo.cockpit.stages_card import StagesCard
from tlstudio.ui.zoo.cockpit.viewmodel import CockpitModel

_LANE = "estimates"
_BAR_ROOM_PX = 10


class CockpitPage(QWidget):
    """Renders `CockpitModel`; costs of the network are read in the background, what follows from them is computed at once."""

    back_wanted = Signal()

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self.workspace = workspace
        self.model = CockpitModel()
        self.header = PanelHeader(tr("Models"))
        self.networks = NetworkCombo()
        self.notice = Notice(goes_when_left=True)
        self.stages = StagesCard()
        self.figures = CockpitFigures()
        self.source = SourceLine(workspace)
        self.head = HeadCard()
        self.rates = RatesCard()
        self.finding = RateFinding(workspace, self)
        self.finder = FinderCard(self.finding, lambda: _is_sound(self))
        self._build()
        self._connect()
        self._followed = workspace.networks.chosen
        self.model.begin(workspace.choice)

    def look_at(self, network: NetworkPart) -> None:
        """The transfer of this network, with the settings as they are."""
        self.model.choose_network(network)
        self._read()

    def _build(self) -> None:
        self.header.add_left(self.networks)
        self.header.set_subject(tr("what is kept, what trains"))
        self.back = self.header.add_button(tr("← All"), on_click=self.back_wanted.emit)
        self.back.setAccessibleName(tr("All models"))
        self.back.setToolTip(tr("Back to all models"))
        self.compare = self.header.add_button(tr("Compare…"), on_click=self.on_compare)
        self.use = self.header.add_button(tr("Use these settings"), kind="primary", on_click=self.on_use)
        # The scroll bar stands in the page's own margin, so that nothing moves when it comes.
        self.setContentsMargins(SPACE_5, SPACE_4, SPACE_5 - _BAR_ROOM_PX, SPACE_4)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_3)
        self.scroll = scroll = ScrollColumn(spacing=SPACE_3, margin=0, right=_BAR_ROOM_PX)
        above = QVBoxLayout()
        above.setContentsMargins(0, 0, _BAR_ROOM_PX, 0)
        above.setSpacing(SPACE_3)
        for widget in (self.header, self.notice):
            above.addWidget(widget)
        column.addLayout(above)
        column.addWidget(scroll, 1)
        scroll.column.addWidget(self.stages)
        scroll.column.addWidget(self.figures)
        scroll.column.addWidget(self.source)
        below = QHBoxLayout()
        below.setSpacing(SPACE_3 + 2)
        left = QVBoxLayout()
        left.setSpacing(SPACE_3)
        left.addWidget(self.head)
        left.addWidget(self.finder, 1)
        below.addLayout(left, 1)
        below.addWidget(self.rates, 1)
        scroll.column.addLayout(below, 1)

    def _connect(self) -> None:
        changes = self.workspace.changes
        changes.recipe_changed.connect(self.on_recipe_changed)
        changes.network_chosen.connect(self.on_network_chosen)
        changes.weights_changed.connect(self._show)
        changes.dataset_changed.connect(self.on_dataset_changed)
        self.networks.network_chosen.connect(self.look_at)
        self.stages.freeze_wanted.connect(self.on_freeze)
        self.workspace.probing.changed.connect(self._read)
        self.workspace.probing.failed.connect(self._on_unmeasured)
        self.head.edited.connect(self.on_edited)
        self.rates.edited.connect(self.on_edited)
        self.rates.rate_edited.connect(self.on_rate_edited)
        self.finder.edited.connect(self.on_edited)
        self.finding.failed.connect(self._on_unmeasured)
        # Its plot is below the edge of a low window.
        self.finder.run.clicked.connect(lambda: self.scroll.keep_in_sight(self.finder))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._read()
        self.workspace.changes.hint_changed.emit(tr("Box height: size of the feature map · striped: runs once, then comes from the cache"))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.stages.view.fit_to(self.height())

    # --- what the workspace tells

    def on_recipe_changed(self) -> None:
        self.model.begin(self.workspace.choice)
        self._read()

    def on_network_chosen(self, network: NetworkPart) -> None:
        """Also heard when the library was read again: the proposal stays at its network then."""
        if network != self._followed:
            self._followed = network
            self.look_at(network)

    def on_dataset_changed(self, _change: object) -> None:
        self._read()

    # --- what a person wants

    def on_freeze(self, number: int) -> None:
        self.model.freeze(number)
        self._show_proposal()

    def on_compare(self) -> None:
        popover = ComparePopover(depths_of(self.model), parent=self.compare)
        popover.freeze_wanted.connect(self.on_freeze)
        popover.open_below(self.compare)

    def on_edited(self, id: str, value: Value) -> None:
        try:
            self.model.change(id, value)
        except ValueError:
            (self.head if id in self.head.rows else self.rates).refuse(id)
        else:
            self._show()

    def on_rate_edited(self, from_head: int, rate: float) -> None:
        try:
            self.model.set_rate(from_head, rate)
        except ValueError:
            self.rates.fields.refuse(from_head)
        else:
            self._show()

    def on_use(self) -> None:
        proposal = self.model.proposal
        if proposal.network is None or not _is_sound(self):
            return
        proposal.settle()
        self.workspace.choice.adopt(proposal)
        self.workspace.networks.choose(proposal.network)
        self.workspace.changes.recipe_changed.emit()
        self.workspace.changes.said.emit(tr("The next training takes these settings."))
        self.workspace.changes.show_panel.emit("train")

    # --- reading and rendering

    def _read(self) -> None:
        """Look again at network, machine and images; not while nobody looks."""
        network, dataset = self.model.proposal.network, self.workspace.dataset
        if network is not None and self.isVisible():
            device = self.workspace.networks.device
            runs, project = tuple(self.workspace.runs), self.workspace.project
            folder, is_warm = project.folder if project is not None else None, self.workspace.warm is not None
            self.workspace.background.run(
                lambda _report, _stop: known.read(network, dataset, device, runs=runs, folder=folder, is_warm=is_warm),
                done=self._on_read,
                failed=self._on_unknown,
                lane=_LANE,
            )
        self._show()

    def _on_read(self, found: Known) -> None:
        self.model.learn(found)
        self._show()

    def _on_unknown(self, error: TLStudioError) -> None:
        self.model.miss()
        self.notice.show_error(error)
        self._show()

    def _on_unmeasured(self, error: TLStudioError) -> None:
        if self.isVisible():
            self.notice.show_error(error)

    def _show(self) -> None:
        model, networks = self.model, self.workspace.networks
        model.proposal.cards, model.proposal.device = networks.cards, networks.device
        self.networks.show_networks(networks.cards, model.proposal.network)
        self.use.setEnabled(model.recipe is not None)
        self._show_proposal()

    def _show_proposal(self) -> None:
        model = self.model
        self.compare.setEnabled(model.estimate is not None)
        self.stages.show_model(model)
        self.figures.show_model(model)
        self.source.show_model(model)
        self.head.show_model(model)
        self.rates.show_model(model)
        self.finder.show_model(model)


def _is_sound(page: CockpitPage) -> bool:
    """Whether no field that can be seen holds what was refused; shows the first that does."""
    rows = (*page.head.rows.values(), *page.rates.rows.values())
    row = first_refused(row for row in rows if row.isVisibleTo(page))
    if row is not None:
        _show_refused(page, row.editor, row.label.whole_text(), row.refusal.text())
        return False
    fields = page.rates.fields
    field = fields.first_refused() if fields.isVisibleTo(page) else None
    if field is not None:
        _show_refused(page, field.field, field.field.accessibleName(), fields.refusal.text())
    return field is None


def _show_refused(page: CockpitPage, field: QWidget, name: str, problem: str) -> None:
    field.setFocus()
    page.scroll.reveal(field)
    page.workspace.changes.said.emit(refusal_words(name, problem))
