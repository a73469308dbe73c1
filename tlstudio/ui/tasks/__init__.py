"""How the window paints a sample and a prediction: one file a task, found through the table of tasks."""

from importlib import import_module
from typing import TYPE_CHECKING

from tlstudio.domain.tasks import TASKS

if TYPE_CHECKING:
    from tlstudio.ui.tasks.painter import TaskPainter


def painter_of(task: str) -> "TaskPainter":
    """The painter of a task. Raises `KeyError` for a task this version does not know."""
    module, name = TASKS[task].painter.split(":")
    painter: TaskPainter = getattr(import_module(module), name)()
    return painter
