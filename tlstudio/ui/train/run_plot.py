"""One plot of runs: what it shows is chosen at its title."""

from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from tlstudio.domain.run_state import RunState, Status
from tlstudio.domain.runs import is_judged_alike
from tlstudio.operations.preferences import PlotChoice
from tlstudio.ui.plots.curves import CurveSpec, Style
from tlstudio.ui.plots.export import POSITIONS, Places
from tlstudio.ui.plots.live_plot import LivePlot
from tlstudio.ui.train.curve_kinds import CurveKind, beside, curve_kinds
from tlstudio.ui.train.curve_sources import Feed
from tlstudio.ui.train.curve_table import Drawn, places_over_steps, places_over_time
from tlstudio.ui.train.plot_menu import PlotMenu
from tlstudio.ui.train.run_board import RunBoard
from tlstudio.ui.train.run_curves import Across, Clock, across_of, clock_of, marks_of
from tlstudio.ui.words import tr, tr_n

REFERENCE = "reference"
_STYLES: tuple[Style, ...] = ("dotted", "dash-dot", "long-dashed", "dash-dot-dot")
_COLORS = ("class 2", "class 8", "class 4", "class 6")
"""Of the runs that are ticked: none has the dashes of another, nor of the best one; of their hues no two look alike to the colour-blind."""


class RunPlot(LivePlot):
    """Renders a `RunBoard`: the selected run, the best one beside it and those that are ticked."""

    chosen = Signal(object)
    """A `PlotChoice` that a person made."""

    def __init__(self, choice: PlotChoice, *, parent: QWidget | None = None) -> None:
        kind = curve_kinds().get(choice.curve) or next(iter(curve_kinds().values()))
        super().__init__(kind.title, unit=kind.unit, empty_text=kind.empty_text, parent=parent)
        self.kind: CurveKind = kind
        self.choice = choice
        self._board: RunBoard | None = None
        self._followed: tuple[object, ...] = ()
        self._reach: Across | Clock | None = None
        self._feeds: dict[str, Feed] = {}
        self._drawn: dict[str, tuple[RunState, Across]] = {}
        """What was drawn of the runs beside the selected one."""
        self.menu = PlotMenu(self)
        self.menu.chosen.connect(self._on_chosen)
        self.exports.places = self._places
        self._obey()

    def show_board(self, board: RunBoard) -> None:
        """Bring the plot up to date."""
        self._board = board
        state = board.state(board.selected)
        self.empty.setText(waiting_words(board) or self.kind.empty_text)
        self._follow(board, state)
        if state is None:
            return
        across = self._across(board, state)
        self._show_x(board, state, across)
        for id, feed in self._feeds.items():
            is_whole, points = feed.news(state, across)
            (self.set_points if is_whole else self.append)(id, points.xs, points.ys)
        self.set_marks([] if self.kind.is_over_time else marks_of(state, across))
        self._show_others(board, across)

    def is_told(self, kind: CurveKind) -> bool:
        """Whether a run that is drawn has values for another kind of curve."""
        board = self._board
        return board is not None and any(kind.is_told(board.state(number)) for number in (board.selected, *_others_of(board).values()))

    def _on_chosen(self, choice: PlotChoice) -> None:
        self.choice = choice
        self._obey()
        if self._board is not None:
            self.show_board(self._board)
        self.chosen.emit(choice)

    def _obey(self) -> None:
        """Show what was chosen."""
        self.kind = curve_kinds().get(self.choice.curve, self.kind)
        self._followed = ()
        is_log = self.choice.is_log and self.kind.can_be_log
        self.show_as(self.kind.title, unit=self.kind.unit, is_log=is_log, empty_text=self.kind.empty_text)
        self.menu.show_title(self.kind.title)
        self.set_smoothing(self.choice.smoothing)

    def _follow(self, board: RunBoard, state: RunState | None) -> None:
        """Other curves where another run is selected, ticked or the best; those of the selected one begin anew."""
        lines = [line for line in self.kind.lines if not self.kind.is_over_time or state is None or line.source.is_told(state)]
        besides = self._besides(board)
        others = self._others(board, besides)
        followed = (board.selected, *besides.items(), *(spec.label for spec in others), *(line.spec for line in lines))
        if followed == self._followed:
            return
        self._followed = followed
        self._feeds = {line.spec.id: Feed(line.source) for line in lines}
        self._drawn = {}
        self.set_curves(
            [
                *(self._named(line.spec, board.selected if besides.keys() - {REFERENCE} else None) for line in lines),
                *others,
            ]
        )
        self.clear()
        self.set_marks([])

    def _named(self, spec: CurveSpec, number: int | None) -> CurveSpec:
        """With the run it is of, where ticked ones lie beside it: a saved picture must tell which is which."""
        if number is None:
            return spec
        is_alone = len(self.kind.lines) == 1
        label = tr("run {number}", number=number) if is_alone else tr("run {number} {curve}", number=number, curve=spec.label)
        return replace(spec, label=label)

    def _others(self, board: RunBoard, besides: dict[str, int]) -> list[CurveSpec]:
        is_noisy, specs = self.kind.lines[0].spec.is_noisy and self.kind.level is None, []
        if REFERENCE in besides:
            label = tr("run {number}, best other", number=besides[REFERENCE])
            specs.append(CurveSpec(id=REFERENCE, label=label, color="muted", style="dashed", width=1.4, is_noisy=is_noisy))
        for number in board.overlaid:
            if f"run {number}" in besides:
                place = board.places[number]
                color, style = _COLORS[place], _STYLES[place]
                specs.append(CurveSpec(id=f"run {number}", label=_name(board, number), color=color, style=style, is_noisy=is_noisy))
        return specs

    def _besides(self, board: RunBoard) -> dict[str, int]:
        """Numbers of the runs that are drawn beside the selected one, by the id of their curve; not those that tell nothing of this."""
        found = {} if waiting_words(board) else _others_of(board)
        if self.kind.level is None:
            found = {
                id: number for id, number in found.items() if (state := board.state(number)) is None or self.kind.beside.is_told(state)
            }
        return found

    def _across(self, board: RunBoard, state: RunState) -> Across:
        """As far as the longest of the runs that are drawn reaches; only where the steps of the head are drawn they have room."""
        own = replace(across_of(state), has_head_room=self.kind.has_head)
        others = [across_of(item) for number in self._besides(board).values() if (item := board.state(number)) is not None]
        return replace(own, num_epochs=max([own.num_epochs, *(item.num_epochs for item in others)])) if own.has_finetune else own

    def _show_x(self, board: RunBoard, state: RunState, across: Across) -> None:
        reach: Across | Clock = across
        if self.kind.is_over_time:
            shown = [clock_of(item) for number in self._besides(board).values() if (item := board.state(number)) is not None]
            reach = max([clock_of(state), *shown], key=lambda clock: clock.high)
        if reach != self._reach:  # else a plot without news would be drawn anew
            self._reach = reach
            self.set_x(reach.low, reach.high, reach.ticks, reach.words, name=reach.name)

    def _places(self) -> Places:
        """Where the points are, for a table."""
        board = self._board
        state = board.state(board.selected) if board is not None else None
        if board is None or board.selected is None or state is None:
            return POSITIONS
        numbers = self._besides(board)
        if self.kind.is_over_time:
            return places_over_time(board.selected, numbers)
        across = self._across(board, state)
        beside = {
            id: Drawn(number, item, across, is_beside=True) for id, number in numbers.items() if (item := board.state(number)) is not None
        }
        return places_over_steps(Drawn(board.selected, state, across, is_beside=False), beside)

    def _show_others(self, board: RunBoard, across: Across) -> None:
        for id, number in self._besides(board).items():
            state = board.state(number)
            drawn = self._drawn.get(id)
            if state is None or (drawn is not None and drawn[0] is state and drawn[1] == across):
                continue
            self._drawn[id] = (state, across)
            points = beside(self.kind, state, across)
            self.set_points(id, points.xs, points.ys)


def waiting_words(board: RunBoard) -> str:
    """Why a run that waits has no curves yet; empty once there is something of its own to lie beside."""
    run = board.run(board.selected)
    if run is None or (status := board.status(run)) not in (Status.QUEUED, Status.WAITING):
        state = board.state(board.selected)
        is_begun = state is None or state.status.is_over or len(state.head_steps) or len(state.steps) or len(state.validations)
        return "" if is_begun else tr("Its curves begin when the images have been read.")
    if status is Status.QUEUED and board.is_held:
        return tr("Its curves begin when it starts; it waits until the queue is started.")
    if status is Status.QUEUED:
        at_work = sum(board.status(item).is_under_way for item in board.runs)
        before = at_work + (board.queue.index(run.number) if run.number in board.queue else 0)
        if before:
            return tr_n(
                "Its curves begin when it starts; 1 run is before it.", "Its curves begin when it starts; {n} runs are before it.", before
            )
    return tr("Its curves begin when it starts.")


def _name(board: RunBoard, number: int) -> str:
    """Of a run that is ticked; who lays one that was judged on other data beside another is told so."""
    name, run, selected = tr("run {number}", number=number), board.run(number), board.run(board.selected)
    is_apart = run is not None and selected is not None and not is_judged_alike(run, selected)
    return tr("{run}, other data", run=name) if is_apart else name


def _others_of(board: RunBoard) -> dict[str, int]:
    """Numbers of the runs that are ticked and of the best one, by the id of their curve."""
    found = {f"run {number}": number for number in board.overlaid if number != board.selected}
    if board.reference is not None:
        found[REFERENCE] = board.reference.number
    return found
