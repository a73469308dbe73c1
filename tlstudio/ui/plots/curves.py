"""What a curve of a plot is called and how it is drawn; never by colour alone."""

from dataclasses import dataclass, replace
from typing import Literal

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPen

from tlstudio.ui import theme

Style = Literal["line", "marks", "dashed", "dotted", "dash-dot", "dash-dot-dot", "long-dashed"]

_DASHES = {
    "dashed": (4.0, 3.0),
    "dotted": (1.0, 2.2),
    "dash-dot": (5.0, 2.5, 1.0, 2.5),
    "dash-dot-dot": (4.0, 1.8, 1.0, 1.8, 1.0, 1.8),
    "long-dashed": (6.0, 1.8),
}
MARK_RADIUS = 2.6
_PALE = 0.35


@dataclass(frozen=True, kw_only=True)
class CurveSpec:
    """A row of a plot's legend. `color` is a token of the theme, or "class 3" for the fourth colour of classes."""

    id: str
    label: str
    color: str
    style: Style = "line"
    width: float = 1.6
    is_noisy: bool = False
    """Whether smoothing is for it: a value for each batch."""
    opacity: float = 1.0
    breaks_at: float | None = None
    """No line joins a point up to here with one beyond: what is told before is something else."""

    @property
    def is_beside(self) -> bool:
        """Whether it is drawn as a line to compare with, which is read also between its points."""
        return self.style in _DASHES

    def pale(self) -> "CurveSpec":
        """The curve as it is, to lie behind its smoothed one."""
        return replace(self, id=f"{self.id} as it is", opacity=_PALE, width=1.2)

    def ink(self) -> QColor:
        """Its colour in the scheme in force."""
        kind, _, position = self.color.partition(" ")
        ink = QColor(theme.class_color(int(position)) if kind == "class" else theme.color(self.color))
        ink.setAlphaF(self.opacity)
        return ink

    def pen(self) -> QPen:
        """Made once a theme, never in a paint."""
        pen = QPen(self.ink(), self.width)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap if self.style in ("line", "marks") else Qt.PenCapStyle.FlatCap)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        if self.style in _DASHES:
            pen.setDashPattern(_DASHES[self.style])
        return pen


@dataclass(frozen=True)
class Mark:
    """Something that happened at a place across a plot."""

    x: float
    text: str
