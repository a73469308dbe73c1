"""A screen reader hears a name for every control, and the keyboard reaches every control, in every panel."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QHeaderView,
    QLineEdit,
    QPlainTextEdit,
    QProgressBar,
    QScrollBar,
    QWidget,
)

from tests.gui.conftest import Window
from tlstudio.ui.panels import PANELS

CONTROLS = (QAbstractButton, QComboBox, QLineEdit, QAbstractSpinBox, QAbstractSlider, QAbstractItemView, QPlainTextEdit, QProgressBar)
SILENT = (QScrollBar, QHeaderView)


def controls(root: QWidget) -> Iterator[QWidget]:
    """Every control a person may use; the inner parts of Qt's own controls are left to Qt."""
    for widget in root.findChildren(QWidget):
        is_inner = isinstance(widget.parent(), QComboBox | QAbstractSpinBox | QLineEdit) or widget.objectName().startswith("qt_")
        if isinstance(widget, CONTROLS) and not isinstance(widget, SILENT) and not is_inner and not _in_popup(widget):
            yield widget


def _in_popup(widget: QWidget) -> bool:
    """The list of a combo box is Qt's own."""
    return widget.window() is not widget and widget.window().windowType() == Qt.WindowType.Popup


def nameless(root: QWidget) -> list[str]:
    return [f"{type(item).__name__} in {type(item.parent()).__name__}" for item in controls(root) if not _name(item).strip()]


def unreachable(root: QWidget) -> list[str]:
    """Enabled controls that are on the screen and that Tab never comes to."""
    return [
        f"{type(item).__name__} {_name(item)!r}"
        for item in controls(root)
        if item.isVisible() and item.isEnabled() and not isinstance(item, QProgressBar) and not _takes_tab(item)
    ]


def _takes_tab(widget: QWidget) -> bool:
    """Of buttons of which one is chosen, Tab comes to that one and the arrow keys to the others."""
    group = widget.group() if isinstance(widget, QAbstractButton) else None
    if group is not None and group.exclusive():
        return any(bool(item.focusPolicy() & Qt.FocusPolicy.TabFocus) for item in group.buttons())
    return bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus)


def _name(widget: QWidget) -> str:
    return widget.accessibleName() or (widget.text() if isinstance(widget, QAbstractButton) else "")


def test_the_start_page(window: Window, insects: Path) -> None:
    window.open(insects)
    window.shell.go_home()
    window.idle()
    assert not nameless(window.shell.start)
    assert not unreachable(window.shell.start)


@pytest.mark.parametrize("panel", PANELS)
def test_a_panel(window: Window, insects: Path, panel: str) -> None:
    window.open(insects)
    window.shell.show_panel(panel)
    window.idle()
    widget = window.shell.panels.panel(panel)
    assert widget is not None
    assert not nameless(widget)
    assert not unreachable(widget)
    assert not window.failures


def test_the_rail_and_the_status_line(window: Window, insects: Path) -> None:
    window.open(insects)
    assert not nameless(window.shell.rail)
    assert not unreachable(window.shell.rail)
    assert window.shell.rail.item("data").accessibleName() == "Data, 30 images, 3 classes, in order"


def test_tab_goes_round_the_data_panel(window: Window, insects: Path) -> None:
    panel = window.open(insects)
    panel.view.header.search.setFocus()
    seen: list[QWidget] = []
    for _ in range(60):
        focused = window.shell.focusWidget()
        if focused is None or focused in seen:
            break
        seen.append(focused)
        window.qtbot.keyClick(focused, Qt.Key.Key_Tab)
    for expected in (panel.grid, panel.view.header.train, panel.view.side.classes.add_button, window.shell.rail.item("data")):
        assert expected in seen, f"{expected.accessibleName()} is not on the way"
