"""Classes that come one by one, as while images are taken in, each add a line; a line that is there stays, with what is typed in it."""

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from tlstudio.ui.data.classes_card import ClassesCard
from tlstudio.ui.data.viewmodel import ClassRow


def rows(*names: str) -> list[ClassRow]:
    return [ClassRow(id=name, name=name, position=place, key=place + 1, num_images=1, share=1.0) for place, name in enumerate(names)]


def shown(card: ClassesCard, names: str) -> list[str]:
    return sorted(names, key=lambda name: card.line(name).y())


def test_lines_stay_when_classes_come_and_go(qtbot: QtBot) -> None:
    card = ClassesCard()
    qtbot.addWidget(card)
    card.resize(200, 400)
    card.show_rows(rows("b", "d"), writable=True)
    with qtbot.waitExposed(card):
        card.show()
    kept = card.line("b")
    kept.start_rename()
    qtbot.keyClicks(kept.edit, "bees")
    card.show_rows(rows("a", "b", "c", "d"), writable=True)
    qtbot.waitUntil(lambda: shown(card, "abcd") == ["a", "b", "c", "d"] and card.line("a").y() < card.line("d").y())
    assert card.line("b") is kept
    assert kept.is_renaming
    card.show_rows(rows("d", "b"), writable=True)
    qtbot.waitUntil(lambda: card.line("d").y() < card.line("b").y())
    with qtbot.waitSignal(card.renamed) as renamed:
        qtbot.keyClick(kept.edit, Qt.Key.Key_Return)
    assert renamed.args == ["b", "bees"]
    assert not kept.is_renaming
