"""The table of actions: what keys do, where, and what they call. `?` shows it."""

from collections.abc import Callable

import msgspec
from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from tlstudio.messages import Message, message


class ActionSpec(msgspec.Struct, frozen=True, kw_only=True):
    """A row. `call` names a method of the panel `panel`, or of the window where `panel` is empty; it is looked up when the key is hit.

    A row without `call` only tells what a widget does with the key by itself.
    """

    id: str
    words: Message
    keys: tuple[str, ...]
    """As Qt writes them; the first one is shown."""
    panel: str = ""
    call: str = ""
    argument: int | str | None = None


def _panel_keys() -> tuple[ActionSpec, ...]:
    names = ("data", "models", "train", "evaluate", "use")
    return tuple(
        ActionSpec(
            id=f"show_{name}",
            words=message("action.show_panel", "Go to step {number}", number=place),
            keys=(f"Ctrl+{place}",),
            call="show_panel",
            argument=name,
        )
        for place, name in enumerate(names, 1)
    )


def _class_keys() -> tuple[ActionSpec, ...]:
    return tuple(
        ActionSpec(
            id=f"class_{place}",
            words=message("action.set_class", "Set class {number} on the selected images", number=place),
            keys=(str(place),),
            panel="data",
            call="set_class_at",
            argument=place - 1,
        )
        for place in range(1, 10)
    )


ACTIONS: dict[str, ActionSpec] = {
    spec.id: spec
    for spec in (
        ActionSpec(id="keys", words=message("action.keys", "Show the keys"), keys=("?",), call="show_keys"),
        ActionSpec(id="undo", words=message("action.undo", "Undo"), keys=("Ctrl+Z",), call="undo"),
        ActionSpec(id="redo", words=message("action.redo", "Redo"), keys=("Ctrl+Shift+Z", "Ctrl+Y"), call="redo"),
        ActionSpec(id="open", words=message("action.open", "Open a project"), keys=("Ctrl+O",), call="open_project"),
        ActionSpec(id="home", words=message("action.home", "Back to the start page"), keys=("Ctrl+W",), call="go_home"),
        ActionSpec(id="settings", words=message("action.settings", "Settings"), keys=("Ctrl+,",), call="show_panel", argument="settings"),
        *_panel_keys(),
        *_class_keys(),
        ActionSpec(
            id="unlabel",
            words=message("action.unlabel", "Take the class away"),
            keys=("U", "0"),
            panel="data",
            call="set_class_at",
            argument=-1,
        ),
        ActionSpec(
            id="aside", words=message("action.aside", "Set the selected images aside"), keys=("Del",), panel="data", call="set_aside"
        ),
        ActionSpec(
            id="sweep",
            words=message("action.sweep", "Sweep: label image by image; → skips, ← goes back, Esc ends"),
            keys=("S",),
            panel="data",
            call="sweep",
        ),
        ActionSpec(id="search", words=message("action.search", "Search"), keys=("Ctrl+F", "/"), panel="data", call="focus_search"),
        ActionSpec(id="large", words=message("action.large", "Open the image large"), keys=("Space",), panel="data"),
        ActionSpec(id="move", words=message("action.move", "Move; with Shift, select as you go"), keys=("Arrows",), panel="data"),
        ActionSpec(id="all", words=message("action.all", "Select all images shown"), keys=("Ctrl+A",), panel="data"),
        ActionSpec(id="none", words=message("action.none", "Select nothing"), keys=("Esc",), panel="data"),
        ActionSpec(
            id="freeze",
            words=message("action.freeze", "Freeze one stage more or less; Home and End go to the ends"),
            keys=("Arrows",),
            panel="models",
        ),
        ActionSpec(
            id="walk",
            words=message("action.walk", "Walk through the confusion matrix; Esc shows all mistakes"),
            keys=("Arrows",),
            panel="evaluate",
        ),
        ActionSpec(
            id="correct", words=message("action.correct", "Correct the label of the selected images"), keys=("1 – 9",), panel="evaluate"
        ),
        ActionSpec(
            id="paste", words=message("action.paste", "Try the images on the clipboard"), keys=("Ctrl+V",), panel="use", call="paste"
        ),
    )
}


class Shortcuts(QObject):
    """Puts the keys of the table on a window. A field that is typed into keeps the keys it types."""

    def __init__(self, window: QWidget, *, target_of: Callable[[str], object | None]) -> None:
        """`target_of(panel)` gives the object whose method is called, or None where the action does not apply now."""
        super().__init__(window)
        self._target_of = target_of
        for spec in ACTIONS.values():
            if spec.call:
                for keys in spec.keys:
                    self._add(window, spec, keys)

    def _add(self, window: QWidget, spec: ActionSpec, keys: str) -> None:
        shortcut = QShortcut(QKeySequence(keys), window)
        shortcut.setContext(Qt.ShortcutContext.WindowShortcut)
        shortcut.activated.connect(lambda: self._run(spec))

    def _run(self, spec: ActionSpec) -> None:
        target = self._target_of(spec.panel)
        method = getattr(target, spec.call, None)
        if method is not None:
            method() if spec.argument is None else method(spec.argument)
