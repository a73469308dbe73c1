"""The trials of one sweep: their settings against what they reached, the best in bold, a bar below each figure."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QAbstractTableModel, QItemSelectionModel, QModelIndex, QPersistentModelIndex, QRectF, Qt, Signal
from PySide6.QtGui import QFont, QPainter, QResizeEvent
from PySide6.QtWidgets import QHeaderView, QStyleOptionViewItem, QTableView

from tlstudio.ui import theme
from tlstudio.ui.widgets.columns import Column, header_data
from tlstudio.ui.widgets.table import TONE_ROLE, BadgeDelegate, style_table
from tlstudio.ui.words import tr

Index = QModelIndex | QPersistentModelIndex
SHARE_ROLE = Qt.ItemDataRole.UserRole + 41
"""How long the bar below a figure is, 0..1."""
_NUMBER_PX, _FIGURE_PX, _SETTING_PX, _LOSS_PX, _TIME_PX = 52, 130, 110, 80, 64
_LEAST_STATE_PX, _STATE_PX = 72, 320
_BAR_PX, _INSET_PX = 3, 10


@dataclass(frozen=True, kw_only=True)
class TrialLine:
    """A row."""

    run: int
    number: int
    values: tuple[str, ...]
    figure: str
    share: float | None
    """Balanced accuracy: the bar's scale goes from 0 to 100 %, so that a small difference looks like one."""
    loss: str
    time: str
    state: str
    tone: str
    is_best: bool


class TrialsModel(QAbstractTableModel):
    """Rows for Qt; their columns are the sweep's settings."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: Sequence[TrialLine] = ()
        self.columns: list[Column[TrialLine]] = []
        self._settings: tuple[str, ...] = ()

    def show_lines(self, settings: tuple[str, ...], lines: Sequence[TrialLine]) -> None:
        """Show these; nothing moves where they are as before."""
        if (settings, list(lines)) == (self._settings, list(self.lines)):
            return
        self.beginResetModel()
        self._settings, self.lines = settings, lines
        of_settings = [_setting(place, name) for place, name in enumerate(settings)]
        self.columns = [
            Column("trial", lambda: tr("Trial"), lambda line: str(line.number)),
            *of_settings,
            Column("figure", lambda: tr("Val balanced acc."), lambda line: line.figure, True),
            Column("loss", lambda: tr("Val loss"), lambda line: line.loss, True),
            Column("time", lambda: tr("Time"), lambda line: line.time, True),
            Column("state", lambda: tr("State"), lambda line: line.state),
        ]
        self.endResetModel()

    def place_of(self, run: int | None) -> int | None:
        """The row of a run."""
        return next((place for place, line in enumerate(self.lines) if line.run == run), None)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.lines)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.columns)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        is_tip = role == Qt.ItemDataRole.ToolTipRole  # names of settings are long
        return header_data(self.columns, section, orientation, Qt.ItemDataRole.DisplayRole if is_tip else role)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        line, column = self.lines[index.row()], self.columns[index.column()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return column.text(line)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return column.side
        if role == Qt.ItemDataRole.FontRole:
            return _bold() if line.is_best else None
        if role == SHARE_ROLE:
            return line.share if column.key == "figure" else None
        return line.tone if role == TONE_ROLE and column.key == "state" else None


class TrialsTable(QTableView):
    """Reports the run of the trial that is clicked."""

    selected = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.lines = TrialsModel()
        self.lines.setParent(self)
        self._is_showing = False
        self.setModel(self.lines)
        style_table(self, name=tr("Trials of the sweep"))
        self.horizontalHeader().setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setItemDelegate(_BarDelegate(self))
        self.setSelectionMode(QTableView.SelectionMode.SingleSelection)
        self.lines.modelReset.connect(self._size_columns)
        self.selectionModel().currentRowChanged.connect(self._on_current)

    def show_lines(self, settings: tuple[str, ...], lines: Sequence[TrialLine], *, selected: int | None) -> None:
        """Show these with one of them selected."""
        self._is_showing = True
        self.lines.show_lines(settings, lines)
        place = self.lines.place_of(selected)
        if place is not None and place != self.currentIndex().row():
            how = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
            self.selectionModel().setCurrentIndex(self.lines.index(place, 0), how)
        self._is_showing = False

    def _size_columns(self) -> None:
        header, last = self.horizontalHeader(), len(self.lines.columns) - 1
        header.setMinimumSectionSize(_NUMBER_PX)
        figure = last - 3
        for place in range(last + 1):
            header.setSectionResizeMode(place, QHeaderView.ResizeMode.Stretch if 0 < place < figure else QHeaderView.ResizeMode.Fixed)
        room_px = self.viewport().width() - _NUMBER_PX - _FIGURE_PX - (figure - 1) * _SETTING_PX
        # Where it is narrow the settings and the figure are what counts: as in the table of runs, the rest is folded away.
        has_more = room_px >= _LOSS_PX + _TIME_PX + _LEAST_STATE_PX
        for place in (figure + 1, figure + 2):
            self.setColumnHidden(place, not has_more)
        state_px = min(_STATE_PX, max(_LEAST_STATE_PX, room_px - has_more * (_LOSS_PX + _TIME_PX)))
        for place, width_px in ((0, _NUMBER_PX), (figure, _FIGURE_PX), (figure + 1, _LOSS_PX), (figure + 2, _TIME_PX), (last, state_px)):
            header.resizeSection(place, width_px)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.lines.columns:
            self._size_columns()

    def _on_current(self, current: QModelIndex) -> None:
        if current.isValid() and not self._is_showing:
            self.selected.emit(self.lines.lines[current.row()].run)


class _BarDelegate(BadgeDelegate):
    """A thin bar below the figure, the longer the better."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        super().paint(painter, option, index)
        share = index.data(SHARE_ROLE)
        if share is None:
            return
        room = QRectF(option.rect).adjusted(_INSET_PX, 0, -_INSET_PX, 0)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("accent"))
        painter.drawRoundedRect(QRectF(room.left(), room.bottom() - 2 * _BAR_PX, share * room.width(), _BAR_PX), 1, 1)
        painter.restore()


def _setting(place: int, name: str) -> Column[TrialLine]:
    return Column(f"setting {place}", lambda: name, lambda line: line.values[place])


def _bold() -> QFont:
    return theme.font(weight=600)
