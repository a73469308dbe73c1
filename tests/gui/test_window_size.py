"""The window opens inside the screen, however small or magnified that is."""

import pytest
from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QScreen
from pytestqt.qtbot import QtBot

from tlstudio.ui.app import build_application
from tlstudio.ui.shell import Shell
from tlstudio.ui.workspace import Workspace


@pytest.mark.parametrize(
    ("available", "opens", "smallest"),
    [
        (QSize(2880, 1800), QSize(1440, 900), QSize(1024, 640)),
        (QSize(1440, 870), QSize(1440, 834), QSize(1024, 640)),
        (QSize(960, 600), QSize(960, 564), QSize(960, 564)),
    ],
    ids=["large", "laptop with a task bar", "laptop at 150 %"],
)
@pytest.mark.usefixtures("home")
def test_the_window_is_never_larger_than_the_screen(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, available: QSize, opens: QSize, smallest: QSize
) -> None:
    build_application(["tlstudio"])
    monkeypatch.setattr(QScreen, "availableGeometry", lambda _screen: QRect(0, 0, available.width(), available.height()))
    workspace = Workspace()
    shell = Shell(workspace)
    workspace.setParent(shell)
    qtbot.addWidget(shell)
    shell.show()
    qtbot.waitExposed(shell)
    assert shell.size() == opens
    assert shell.minimumSize() == smallest
    shell.close()
