"""The two plots: loss and balanced accuracy of the selected run, beside the best one and those that are ticked."""

from PySide6.QtWidgets import QHBoxLayout, QWidget

from tlstudio.ui.plots.curves import CurveSpec, Style
from tlstudio.ui.plots.live_plot import LivePlot
from tlstudio.ui.theme import SPACE_3
from tlstudio.ui.train.run_board import RunBoard
from tlstudio.ui.train.run_curves import Across, CurveNews, RunCurves, beside
from tlstudio.ui.words import tr

TRAINING, VALIDATION, REFERENCE = "training", "validation", "reference"
_STYLES: tuple[Style, ...] = ("dotted", "dash-dot", "dashed", "dotted")
_COLORS = ("class 2", "class 3", "class 4", "class 7")


class CurvesView(QWidget):
    """Renders a `RunBoard`; points are appended while a run goes on."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE_3 + 2)
        self.loss = LivePlot(tr("Loss"), empty_text=tr("The curves of a run appear here while it trains."))
        self.balanced = LivePlot(
            tr("Balanced accuracy"), unit="percent", empty_text=tr("How well the classes are told apart, each counting the same.")
        )
        row.addWidget(self.loss, 1)
        row.addWidget(self.balanced, 1)
        self._followed: tuple[object, ...] = ()
        self._curves = RunCurves()

    def show_board(self, board: RunBoard) -> None:
        """Bring both plots up to date."""
        self._follow(board)
        state = board.state(board.selected)
        if state is None:
            return
        news = self._curves.news(state)
        self._show_news(news)
        self._show_others(board, news.across)

    def _follow(self, board: RunBoard) -> None:
        """Other curves where another run is selected, ticked or the best; those of the selected one begin anew."""
        reference = board.reference
        followed = (board.selected, reference.number if reference is not None else None, *board.overlaid)
        if followed == self._followed:
            return
        self._followed = followed
        self._curves = RunCurves()
        others = self._others(board)
        validation = CurveSpec(id=VALIDATION, label=tr("validation"), color="validation", style="marks", width=2.0)
        self.loss.set_curves([CurveSpec(id=TRAINING, label=tr("training"), color="training"), validation, *others])
        self.balanced.set_curves([validation, *others])
        for plot in (self.loss, self.balanced):
            plot.clear()
            plot.set_mark(None)

    def _others(self, board: RunBoard) -> list[CurveSpec]:
        specs = []
        if board.reference is not None:
            specs.append(CurveSpec(id=REFERENCE, label=tr("best other run"), color="muted", style="dashed", width=1.4))
        ticked = [number for number in board.overlaid if number != board.selected]
        for place, number in enumerate(ticked):
            label = tr("run {number}", number=number)
            specs.append(CurveSpec(id=f"run {number}", label=label, color=_COLORS[place], style=_STYLES[place], width=1.6))
        return specs

    def _show_news(self, news: CurveNews) -> None:
        if news.restart:
            self.loss.set_points(TRAINING, news.training.xs, news.training.ys)
            for plot in (self.loss, self.balanced):
                plot.set_x(news.across.low, news.across.high, news.across.ticks, news.across.words)
        else:
            self.loss.append(TRAINING, news.training.xs, news.training.ys)
        for plot, points in ((self.loss, news.loss), (self.balanced, news.balanced)):
            plot.set_points(VALIDATION, points.xs, points.ys)
            plot.set_mark(news.unfrozen_at, tr("backbone unfrozen"))

    def _show_others(self, board: RunBoard, across: Across) -> None:
        others = {f"run {number}": number for number in board.overlaid if number != board.selected}
        if board.reference is not None:
            others[REFERENCE] = board.reference.number
        for id, number in others.items():
            state = board.state(number)
            if state is None:
                continue
            for plot, is_loss in ((self.loss, True), (self.balanced, False)):
                points = beside(state, across, loss=is_loss)
                plot.set_points(id, points.xs, points.ys)
