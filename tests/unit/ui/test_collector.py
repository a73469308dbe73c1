"""The garbage collector runs on the UI thread alone, and is given back as it was."""

import gc
import threading
import weakref

from PySide6.QtCore import QCoreApplication, QObject
from pytestqt.qtbot import QtBot

from tlstudio.ui.collector import Collector


class Ring:
    """A cycle that only the collector can free."""

    def __init__(self, freed_in: list[int]) -> None:
        self.me = self
        weakref.finalize(self, lambda: freed_in.append(threading.get_ident()))


def test_cycles_are_freed_on_the_ui_thread_only(qtbot: QtBot) -> None:
    collector = Collector(QCoreApplication.instance())
    try:
        freed_in: list[int] = []

        def work() -> None:
            for _ in range(3000):
                Ring(freed_in)

        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        assert freed_in == []
        qtbot.waitUntil(lambda: len(freed_in) == 3000)
        assert set(freed_in) == {threading.get_ident()}
    finally:
        collector.close()
    assert gc.isenabled()
    assert isinstance(collector, QObject)
