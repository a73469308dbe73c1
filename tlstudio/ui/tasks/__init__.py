"""How the window paints a sample and a prediction: one file a task, found through the table of tasks."""

from typing import TYPE_CHECKING

from tlstudio.domain.tasks import TASKS
from tlstudio.lazy import resolve

if TYPE_CHECKING:
    from tlstudio.ui.tasks.painter import TaskPainter


def painter_of(task: str) -> "TaskPainter":
    """The painter of a task. Raises `KeyError` for a task this version does not know."""
    painter: TaskPainter = resolve(TASKS[task].painter)()
    return painter
