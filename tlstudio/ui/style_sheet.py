"""The one style sheet, generated from the tokens. Widgets choose from it by properties: `look`, `kind`, `role`, `tone`."""

from string import Template

from tlstudio.paths import resources
from tlstudio.ui.theme import Tokens

_BASE = """
QWidget { color: $text; }
QWidget#window, QWidget[look="ground"], QStackedWidget, QScrollArea, QScrollArea > QWidget > QWidget { background: transparent; }
QMainWindow { background: $ground; }
QToolTip { background: $surface; color: $text; border: 1px solid $line; padding: 4px 8px; font-size: 12px; }
QFrame[look="rail"] { background: $surface; border: none; border-right: 1px solid $line; }
QFrame[look="status"] { background: $surface; border: none; border-top: 1px solid $line; }
QFrame[look="card"] { background: $surface; border: 1px solid $line; border-radius: 10px; }
QFrame[look="sunk"] { background: $sunk; border: none; border-radius: 8px; }
QFrame[look="rule"] { background: $line; border: none; max-height: 1px; min-height: 1px; }
QFrame[look="drop"] { background: $surface; border: 2px dashed $line; border-radius: 10px; }
QFrame[look="drop"][active="true"] { background: $accent_soft; border-color: $accent; }
QFrame[look="notice"] { background: $surface; border: 1px solid $line; border-radius: 10px; }
QFrame[look="notice"][tone="bad"] { background: $bad_soft; border-color: $bad_soft; }
QFrame[look="notice"][tone="warn"] { background: $warn_soft; border-color: $warn_soft; }
QFrame#band { border-radius: 0; border-left: none; border-right: none; border-top: none; }
"""

_TEXT = """
QLabel { background: transparent; }
QLabel[role="display"] { font-size: 26px; font-weight: 600; }
QLabel[role="figure"] { font-size: 26px; font-weight: 600; }
QLabel[role="title"] { font-size: 20px; font-weight: 600; }
QLabel[role="heading"] { font-size: 15px; font-weight: 600; }
QLabel[role="strong"] { font-weight: 600; }
QLabel[role="muted"] { color: $muted; }
QLabel[role="fine"] { font-size: 12px; }
QLabel[role="small"] { color: $muted; font-size: 12px; }
QLabel[role="tiny"] { color: $muted; font-size: 11px; }
QLabel[role="accent"] { color: $accent; font-weight: 500; }
QLabel[role="warn"] { color: $warn_text; }
QLabel[role="bad"] { color: $bad_text; }
QLabel[role="good"] { color: $good_text; }
QLabel[role="badge"] { font-size: 11px; padding: 2px 7px; border-radius: 5px; background: $sunk; color: $muted; }
QLabel[role="badge"][tone="accent"] { background: $accent_soft; color: $accent; }
QLabel[role="badge"][tone="good"] { background: $good_soft; color: $good_text; }
QLabel[role="badge"][tone="warn"] { background: $warn_soft; color: $warn_text; }
QLabel[role="badge"][tone="bad"] { background: $bad_soft; color: $bad_text; }
QFrame[look="notice"] QLabel[role="badge"] { background: $surface; }
"""

_BUTTONS = """
QPushButton, QToolButton {
  background: $surface; color: $text; border: 1px solid $line; border-radius: 8px; padding: 0 13px;
  min-height: 32px; font-weight: 500;
}
QPushButton:hover, QToolButton:hover { background: $sunk; }
QPushButton:pressed, QToolButton:pressed { background: $line; }
QPushButton:focus, QToolButton:focus { border: 2px solid $accent; padding: 0 12px; min-height: 30px; }
QPushButton:disabled, QToolButton:disabled { color: $muted; background: $sunk; border-color: $line; }
QPushButton[kind="primary"] { background: $accent; color: $on_accent; border-color: $accent; }
QPushButton[kind="primary"]:hover, QPushButton[kind="primary"]:pressed { background: $accent_hover; border-color: $accent_hover; }
QPushButton[kind="primary"]:focus { border: 2px solid $text; }
QPushButton[kind="primary"]:disabled { background: $sunk; color: $muted; border-color: $line; }
QPushButton[kind="danger"] { color: $bad_text; }
QPushButton[kind="danger"]:disabled { color: $muted; }
QPushButton[kind="link"], QToolButton[kind="link"] {
  background: transparent; border: 1px solid transparent; color: $accent; padding: 0 4px; min-height: 22px;
}
QPushButton[kind="link"]:hover { color: $accent_hover; }
QPushButton[kind="link"]:focus { border: 1px solid $accent; border-radius: 5px; padding: 0 4px; min-height: 22px; }
QPushButton[kind="link"]:disabled { color: $muted; }
QPushButton[kind="link"][fit="flush"], QPushButton[kind="link"][fit="flush"]:focus { padding: 0; }
QPushButton[kind="quiet"] { background: transparent; border-color: transparent; color: $muted; padding: 0 4px; min-height: 22px; }
QPushButton[kind="quiet"]:hover { color: $text; }
QPushButton[kind="quiet"]:focus { border: 1px solid $accent; border-radius: 5px; padding: 0 4px; min-height: 22px; }
QPushButton[fit="small"] { min-height: 24px; padding: 0 10px; border-radius: 6px; }
QPushButton[fit="small"]:focus { min-height: 22px; padding: 0 9px; }
QPushButton[look="section"] {
  background: transparent; border: 1px solid transparent; border-radius: 5px; padding: 0 2px 0 20px; min-height: 26px;
  text-align: left; font-weight: 600;
}
QPushButton[look="section"]:hover { color: $accent; }
QPushButton[look="section"]:focus { border: 1px solid $accent; padding: 0 2px 0 20px; min-height: 26px; }
QPushButton[look="project"] { background: $surface; border: 1px solid $line; border-radius: 10px; padding: 0; text-align: left; }
QPushButton[look="project"]:hover { border-color: $accent; background: $surface; }
QPushButton[look="project"]:focus { border: 2px solid $accent; padding: 0; }
QPushButton[look="project"] QLabel { font-weight: 400; }
QPushButton[look="project"] QLabel[role="strong"] { font-weight: 600; }
QPushButton[look="chip"] {
  border-radius: 12px; padding: 0 10px; min-height: 22px; font-size: 12px; color: $muted; background: $surface;
}
QPushButton[look="chip"]:hover { color: $text; }
QPushButton[look="chip"]:checked { background: $accent_soft; color: $accent; border-color: $accent_soft; font-weight: 600; }
QPushButton[look="chip"]:focus { border: 1px solid $accent; padding: 0 10px; min-height: 22px; }
QPushButton[look="segment"] {
  background: transparent; border: 1px solid transparent; border-radius: 6px; color: $muted; min-height: 26px; padding: 0 5px;
}
QPushButton[look="segment"]:hover { color: $text; }
QPushButton[look="segment"]:checked { background: $surface; color: $text; border-color: $line; }
QPushButton[look="segment"]:focus { border: 1px solid transparent; padding: 0 5px; min-height: 26px; }
QPushButton[look="segment"]:checked:focus { border-color: $line; }
QPushButton[look="segment"][framed="true"]:checked:focus { border-color: $accent; }
"""

_FIELDS = """
QLineEdit, QComboBox, QSpinBox, QDoubleSpinBox, QPlainTextEdit {
  background: $surface; border: 1px solid $line; border-radius: 6px; padding: 0 8px; min-height: 28px;
  selection-background-color: $accent; selection-color: $on_accent;
}
QPlainTextEdit { padding: 4px 6px; }
QLineEdit:focus, QComboBox:focus, QSpinBox:focus, QDoubleSpinBox:focus, QPlainTextEdit:focus { border-color: $accent; }
QLineEdit:disabled, QComboBox:disabled, QSpinBox:disabled, QDoubleSpinBox:disabled { background: $sunk; color: $muted; }
QLineEdit[tone="bad"], QLineEdit[tone="bad"]:focus { border-color: $bad_text; }
QLineEdit[look="search"] { border-radius: 13px; min-height: 24px; padding: 0 8px; font-size: 12px; }
QComboBox { padding-right: 22px; }
QComboBox[fit="small"] { min-height: 22px; font-size: 12px; }
QComboBox::drop-down { border: none; width: 22px; }
QComboBox::down-arrow { image: url($icons/arrow.svg); width: 14px; height: 14px; }
QComboBox QAbstractItemView {
  background: $surface; border: 1px solid $line; outline: none; padding: 4px;
  selection-background-color: $accent_soft; selection-color: $text;
}
QComboBox QAbstractItemView::item { min-height: 26px; padding: 0 6px; border-radius: 5px; color: $text; }
QComboBox QAbstractItemView::item:selected { background: $accent_soft; color: $text; }
QSpinBox::up-button, QDoubleSpinBox::up-button, QSpinBox::down-button, QDoubleSpinBox::down-button { width: 0; border: none; }
QCheckBox, QRadioButton { spacing: 8px; background: transparent; min-height: 22px; }
QCheckBox::indicator { width: 14px; height: 14px; border: 1px solid $muted; border-radius: 4px; background: $surface; }
QCheckBox::indicator:checked { background: $accent; border-color: $accent; image: url($icons/$tick); }
QCheckBox::indicator:focus { border: 2px solid $accent; width: 12px; height: 12px; }
QRadioButton::indicator { width: 14px; height: 14px; border: 1px solid $muted; border-radius: 8px; background: $surface; }
QRadioButton::indicator:checked { border: 5px solid $accent; width: 6px; height: 6px; }
QSlider { min-height: 24px; background: transparent; }
QSlider[look="stops"] { min-height: 46px; max-height: 46px; }
QSlider::groove:horizontal { height: 4px; border-radius: 2px; background: $line; }
QSlider::sub-page:horizontal { background: $accent; border-radius: 2px; }
QSlider::handle:horizontal {
  width: 12px; height: 12px; margin: -5px 0; border-radius: 7px; background: $surface; border: 1px solid $muted;
}
QSlider::handle:horizontal:focus { border: 2px solid $accent; }
QProgressBar { background: $sunk; border: none; border-radius: 2px; max-height: 4px; min-height: 4px; }
QProgressBar::chunk { background: $accent; border-radius: 2px; }
"""

_VIEWS = """
QAbstractScrollArea { background: transparent; border: none; }
QScrollBar { background: transparent; border: none; margin: 0; }
QScrollBar:vertical { width: 10px; }
QScrollBar:horizontal { height: 10px; }
QScrollBar::handle { background: $line; border-radius: 3px; margin: 2px; }
QScrollBar::handle:vertical { min-height: 32px; }
QScrollBar::handle:horizontal { min-width: 32px; }
QScrollBar::handle:hover { background: $muted; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QTableView { background: $surface; border: none; outline: none; gridline-color: transparent; selection-background-color: $accent_soft; }
QTableView::item { border: none; border-bottom: 1px solid $line; padding: 0 7px; color: $text; }
QTableView::item:selected { background: $accent_soft; color: $text; }
QTableView::indicator { width: 14px; height: 14px; border: 1px solid $muted; border-radius: 4px; background: $surface; }
QTableView::indicator:checked { background: $accent; border-color: $accent; image: url($icons/$tick); }
QHeaderView { background: $surface; border: none; }
QHeaderView::section {
  background: $surface; color: $muted; border: none; border-bottom: 1px solid $line; padding: 0 10px; font-weight: 400;
}
QHeaderView::down-arrow, QHeaderView::up-arrow { width: 10px; height: 10px; }
QTableCornerButton::section { background: $surface; border: none; }
QMenu { background: $surface; border: 1px solid $line; border-radius: 8px; padding: 4px; }
QMenu::item { padding: 6px 24px 6px 12px; border-radius: 5px; background: transparent; color: $text; }
QMenu::item:selected { background: $accent_soft; }
QMenu::item:disabled { color: $muted; }
QMenu::separator { height: 1px; background: $line; margin: 4px 8px; }
QDialog, QMessageBox { background: $ground; }
"""

_FILES = """
QFileDialog QToolButton, QFileDialog QToolButton:focus { min-height: 24px; max-height: 24px; padding: 2px; border-radius: 6px; }
QFileDialog QToolButton:focus { border: 1px solid $accent; }
QFileDialog QListView, QFileDialog QTreeView { background: $surface; border: 1px solid $line; }
QFileDialog QListView, QFileDialog QTreeView, QFileDialog QHeaderView { font-size: 12px; }
QFileDialog QHeaderView::section { padding: 2px 4px; }
"""
"""The system's own dialog for files, where there is none, is one of Qt's: its buttons have icons and no room for our padding."""

_SHEET = Template(_BASE + _TEXT + _BUTTONS + _FIELDS + _VIEWS + _FILES)


def style_sheet(tokens: Tokens) -> str:
    """The style sheet of one scheme."""
    values = {name: getattr(tokens, name) for name in tokens.__dataclass_fields__}
    icons = (resources() / "icons").as_posix()
    return _SHEET.substitute(values, icons=icons, tick="tick-dark.svg" if tokens.is_dark else "tick-light.svg")
