"""Pictures of the Models panel: weights that are here, a network that is not, everything, nothing that fits, no weights at all."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from benchmarks.camera import Camera


def take_zoo(camera: "Camera") -> None:
    """Every state of the panel, with the project that is open."""
    camera.shell.show_panel("models")
    panel: Any = camera.shell.panels.panel("models").zoo  # type: ignore[union-attr]
    camera.until(lambda: bool(panel.model.rows) and panel.model.rows[0].outlook is not None, "what networks would take here")
    camera.take("zoo-ready", panels=("models",))
    panel.filters.chips.chip("all").click()
    panel.on_search("resnet")
    away = next(row for row in panel.model.shown if row.network.name == "resnet50" and row.tag == "a1_in1k")
    panel.on_selected(away.key)
    camera.settle(3000)  # the first plot is drawn when its library has been loaded
    camera.take("zoo-away", panels=("models",))
    panel.on_search("")
    panel.filters.chips.chip("commercial").click()
    panel.on_sort("top1", True)
    camera.take("zoo-all", panels=("models",))
    panel.model.choose_family("VGG")
    panel.model.choose_size("tiny")
    panel.on_search("")
    camera.take("zoo-nothing", panels=("models",))
    panel.model.clear(filter="ready")
    panel.model.show_rows([row for row in panel.model.rows if not row.is_ready])
    panel.on_search("")
    camera.take("zoo-empty", panels=("models",))
    panel.on_weights_changed()
    camera.until(lambda: panel.model.num_ready > 0, "the weights that are here")
