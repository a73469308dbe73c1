"""Pictures of Models while the networks are ranked for the sample, with the advice, and after images were changed."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from benchmarks.camera import Camera


def take_ranking(camera: "Camera") -> None:
    """Of the open project, with real weights and a real ranking."""
    from tlstudio.domain.splits import Split
    from tlstudio.operations import edits

    workspace = camera.shell.workspace
    camera.shell.show_panel("models")
    panel = camera.shell.panels.panel("models").zoo  # type: ignore[union-attr]
    part = panel.ranking
    camera.settle()
    part.start()
    camera.until(lambda: panel.model.ranking is not None or not part.is_running, "the first network")
    camera.take("ranking", settle_ms=0)
    camera.until(lambda: not part.is_running and part.advice.isVisible(), "the advice")
    camera.take("ranked")
    changed = [sample.id for sample in workspace.dataset.ready if sample.split is Split.TRAIN][:12]  # type: ignore[union-attr]
    workspace.edit(lambda project: edits.set_aside(project, changed))
    camera.until(lambda: "12 images changed" in part.advice.hint.text(), "the mark of what is stale")
    camera.take("ranked-stale")
    workspace.undo()
    camera.settle()
