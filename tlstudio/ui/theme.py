"""Every colour, size and space of the window, and how they reach Qt."""

from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QPalette
from PySide6.QtWidgets import QApplication

Choice = Literal["system", "light", "dark"]

SPACE_1, SPACE_2, SPACE_3, SPACE_4, SPACE_5, SPACE_6 = 4, 8, 12, 16, 20, 24
RADIUS, RADIUS_LARGE = 8, 10
TINY, SMALL, BODY, HEADING, TITLE, FIGURE = 11, 12, 13, 15, 20, 26
RAIL_WIDTH = 216
CONTROL_HEIGHT = 34


@dataclass(frozen=True, kw_only=True)
class Tokens:
    """The colours of one scheme. `*_text` is the shade of a signal colour that reads at 4.5 : 1 on its soft ground."""

    is_dark: bool
    ground: str
    surface: str
    sunk: str
    line: str
    text: str
    muted: str
    accent: str
    accent_soft: str
    accent_hover: str
    on_accent: str
    good: str
    good_soft: str
    good_text: str
    warn: str
    warn_soft: str
    warn_text: str
    bad: str
    bad_soft: str
    bad_text: str
    training: str
    validation: str
    split_train: str
    split_val: str
    split_test: str


LIGHT = Tokens(
    is_dark=False,
    ground="#F5F6F8",
    surface="#FFFFFF",
    sunk="#EEF0F3",
    line="#E2E5EA",
    text="#1A1E26",
    muted="#5F697C",
    accent="#3B5BDB",
    accent_soft="#ECF0FF",
    accent_hover="#3350C4",
    on_accent="#FFFFFF",
    good="#1F9D61",
    good_soft="#E0F4EA",
    good_text="#14713F",
    warn="#B7791F",
    warn_soft="#F9EEDC",
    warn_text="#8A5A10",
    bad="#D1383D",
    bad_soft="#FBE4E5",
    bad_text="#B32C31",
    training="#3B5BDB",
    validation="#E8590C",
    split_train="#3B5BDB",
    split_val="#9775FA",
    split_test="#15AABF",
)

DARK = Tokens(
    is_dark=True,
    ground="#15171C",
    surface="#1D2027",
    sunk="#14161A",
    line="#2D323C",
    text="#E7EAEF",
    muted="#98A1B0",
    accent="#7D95FF",
    accent_soft="#262D4A",
    accent_hover="#93A7FF",
    on_accent="#12141C",
    good="#4CC38A",
    good_soft="#1B3328",
    good_text="#4CC38A",
    warn="#E2A93B",
    warn_soft="#3A2F1B",
    warn_text="#E2A93B",
    bad="#F2777A",
    bad_soft="#40252A",
    bad_text="#F58A8D",
    training="#7D95FF",
    validation="#FF922B",
    split_train="#7D95FF",
    split_val="#B197FC",
    split_test="#3BC9DB",
)

_CLASS_COLORS = (
    "#3B5BDB", "#E8590C", "#2B8A3E", "#AE3EC9", "#1098AD", "#E03131",
    "#F08C00", "#66A80F", "#C2255C", "#7048E8", "#0B7285", "#868E96",
)  # fmt: skip


class Theme(QObject):
    """The scheme in force; follows the system where the user has not chosen."""

    changed = Signal()

    def __init__(self, app: QApplication, choice: Choice) -> None:
        super().__init__(app)
        self._app = app
        self.choice: Choice = choice
        self.tokens = LIGHT
        app.setStyle("Fusion")
        app.setFont(_font(app.font()))
        app.styleHints().colorSchemeChanged.connect(self._on_scheme_changed)
        self.choose(choice)

    def choose(self, choice: Choice) -> None:
        """Take "light" or "dark", or follow the "system" from now on."""
        self.choice = choice
        scheme = {"light": Qt.ColorScheme.Light, "dark": Qt.ColorScheme.Dark}.get(choice, Qt.ColorScheme.Unknown)
        self._app.styleHints().setColorScheme(scheme)
        self._apply()

    def _on_scheme_changed(self) -> None:
        if self.choice == "system":
            self._apply()

    def _apply(self) -> None:
        global _tokens
        is_dark = self.choice == "dark" or (self.choice == "system" and self._app.styleHints().colorScheme() == Qt.ColorScheme.Dark)
        wanted = DARK if is_dark else LIGHT
        if wanted is self.tokens and self._app.styleSheet():
            return
        self.tokens = _tokens = wanted
        from tlstudio.ui.style_sheet import style_sheet

        self._app.setPalette(_palette(wanted))
        self._app.setStyleSheet(style_sheet(wanted))
        self.changed.emit()


_tokens = LIGHT


def tokens() -> Tokens:
    """The colours in force."""
    return _tokens


def color(name: str) -> QColor:
    """A colour in force by its token, such as `color("accent")`; ask again at every paint."""
    return QColor(getattr(_tokens, name))


def class_color(position: int) -> QColor:
    """The colour of a class by its position; repeats after twelve, so it never carries meaning alone."""
    base = QColor(_CLASS_COLORS[position % len(_CLASS_COLORS)])
    return base.lighter(125) if _tokens.is_dark else base


def split_color(split: str) -> QColor:
    """The colour of "train", "val" or "test"."""
    return color(f"split_{split}")


def font(pixels: int = BODY, *, weight: int = 400) -> QFont:
    """The window's face at a size of the type scale, for what is painted by hand."""
    result = QFont(QApplication.font())
    result.setPixelSize(pixels)
    result.setWeight(QFont.Weight(weight))
    return result


def _font(system: QFont) -> QFont:
    result = QFont(system)
    result.setFamilies(["Inter", *system.families()])
    result.setPixelSize(BODY)
    # Figures in columns stand still while they change.
    result.setFeature(QFont.Tag("tnum"), 1)
    return result


def _palette(t: Tokens) -> QPalette:
    palette = QPalette()
    roles = {
        QPalette.ColorRole.Window: t.ground,
        QPalette.ColorRole.WindowText: t.text,
        QPalette.ColorRole.Base: t.surface,
        QPalette.ColorRole.AlternateBase: t.sunk,
        QPalette.ColorRole.Text: t.text,
        QPalette.ColorRole.PlaceholderText: t.muted,
        QPalette.ColorRole.Button: t.surface,
        QPalette.ColorRole.ButtonText: t.text,
        QPalette.ColorRole.BrightText: t.bad,
        QPalette.ColorRole.Highlight: t.accent,
        QPalette.ColorRole.HighlightedText: t.on_accent,
        QPalette.ColorRole.Link: t.accent,
        QPalette.ColorRole.LinkVisited: t.accent,
        QPalette.ColorRole.ToolTipBase: t.surface,
        QPalette.ColorRole.ToolTipText: t.text,
        QPalette.ColorRole.Accent: t.accent,
        QPalette.ColorRole.Light: t.surface,
        QPalette.ColorRole.Midlight: t.sunk,
        QPalette.ColorRole.Mid: t.line,
        QPalette.ColorRole.Dark: t.line,
        QPalette.ColorRole.Shadow: t.line,
    }
    for role, value in roles.items():
        palette.setColor(role, QColor(value))
    for role in (QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText, QPalette.ColorRole.WindowText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(t.muted))
    return palette
