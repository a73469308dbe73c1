"""Pictures of the transfer cockpit: a convolutional network, a transformer with adapters, a large one, and the head alone.

By itself, and so at another scale: `QT_SCALE_FACTOR=1.5 python -m benchmarks.cockpit_pictures FOLDER`.
"""

from typing import TYPE_CHECKING

from benchmarks.alone import take_alone

if TYPE_CHECKING:
    from benchmarks.camera import Camera

# Name of the picture, architecture, frozen stages, rank of adapters.
_CASES = (
    ("cockpit-cnn", "resnet18", 3, None),
    ("cockpit-everything", "mobilenetv2_100", 0, None),
    ("cockpit-head", "resnet18", 5, None),
    ("cockpit-transformer", "vit_tiny_patch16_224", 9, None),
    ("cockpit-adapters", "vit_tiny_patch16_224", 7, 8),
    ("cockpit-large", "vit_large_patch16_224", 19, None),
)


def take_cockpit(camera: "Camera") -> None:
    """All of them, on the open project; the panel is left as it was."""
    from tlstudio.domain.recipe import NetworkPart

    camera.shell.show_panel("models")
    panel = camera.shell.panels.panel("models")
    for name, architecture, frozen, rank in _CASES:
        panel.show_cockpit(NetworkPart(architecture=architecture))  # type: ignore[union-attr]
        page = panel.cockpit  # type: ignore[union-attr]
        camera.until(lambda page=page, wanted=architecture: _knows(page, wanted), architecture)  # type: ignore[misc]
        page.on_freeze(frozen)
        if rank is not None:
            page.on_edited("lora_rank", rank)
        camera.take(name)
    take_finder(camera, panel)
    panel.on_back_wanted()  # type: ignore[union-attr]


def take_finder(camera: "Camera", panel: object) -> None:
    """A learning rate is found for the chosen network, scrolled into view; the job is real."""
    panel.show_cockpit(camera.shell.workspace.networks.chosen)  # type: ignore[attr-defined]
    page = panel.cockpit  # type: ignore[attr-defined]
    camera.until(lambda: page.model.known is not None and page.model.known.network == page.model.proposal.network, "the chosen network")
    page.on_freeze(max(1, page.model.num_stages - 2))
    page.finder.run.click()
    camera.until(lambda: len(page.finding.model.state.rates) > 20, "some rates")
    camera.take("cockpit-finding", prepare=lambda: page.scroll.ensureWidgetVisible(page.finder))
    camera.until(lambda: not page.finding.model.is_running, "the learning rate")
    camera.take("cockpit-finder", prepare=lambda: page.scroll.ensureWidgetVisible(page.finder))


def _knows(page: object, architecture: str) -> bool:
    known = page.model.known  # type: ignore[attr-defined]
    return known is not None and known.network.architecture == architecture


if __name__ == "__main__":
    take_alone(take_cockpit)
