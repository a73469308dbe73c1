"""The table of tasks: one file a task. The engine, evaluation and the window look here for what a task needs."""

import msgspec

from tlstudio.messages import Message, message


class TaskSpec(msgspec.Struct, frozen=True, kw_only=True):
    """A row: lazy "package.module:Name" strings, imported by the layer that needs them."""

    id: str
    title: Message
    engine: str
    """Head, loss and scoring: satisfies engine.tasks.TrainingTask."""
    painter: str
    """How the window paints a sample and a prediction."""


TASKS: dict[str, TaskSpec] = {
    spec.id: spec
    for spec in (
        TaskSpec(
            id="classification",
            title=message("task.classification", "Image classification"),
            engine="tlstudio.engine.tasks.classification:Classification",
            painter="tlstudio.ui.tasks.classification:ClassificationPainter",
        ),
    )
}
