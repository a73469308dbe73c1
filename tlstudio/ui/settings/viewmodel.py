"""What the settings offer, as plain values."""

import sys

from tlstudio.domain.memory import gigabytes
from tlstudio.operations.devices import DeviceInfo
from tlstudio.ui.words import tr

Choice = tuple[str, str]
"""(value, words)."""


def schemes() -> list[Choice]:
    """Light and dark."""
    return [("system", tr("Follow the system")), ("light", tr("Light")), ("dark", tr("Dark"))]


def off_and_on() -> list[Choice]:
    """A thing that is done or not."""
    return [("off", tr("Off")), ("on", tr("On"))]


def device_choices(cards: tuple[DeviceInfo, ...], chosen: str) -> list[Choice]:
    """What trainings can compute on; a card that was chosen and is gone stays in the list, marked so."""
    choices = [("auto", tr("Automatic")), ("cpu", tr("Processor"))]
    if sys.platform == "darwin":
        choices.append(("mps", tr("Apple GPU (untested)")))
    choices += [(card.id, f"{card.name}, {gigabytes(card.memory_bytes)} GB") for card in cards]
    if chosen not in dict(choices):
        choices.append((chosen, tr("{device} (not here now)", device=chosen)))
    return choices
