"""How busy the machine is, as the status line says it."""

import pytest

from tests.journals import until
from tlstudio.domain.events import DeviceLooked, StepTrained
from tlstudio.domain.run_state import RunState, apply
from tlstudio.ui.train.load_line import load_words

CARD = DeviceLooked(card=0.87, temperature_c=61.0, card_memory_bytes=int(3.1 * 2**30), card_memory_total_bytes=24 * 2**30, processor=0.2)


def watched(look: DeviceLooked, *waiting: float) -> RunState:
    state = apply(until("balanced", StepTrained, count=80), look)
    for number, share in enumerate(waiting):
        state = apply(state, StepTrained(step=21 + number, epoch=2, loss=0.1, waiting=share))
    return state


def test_a_graphics_card_tells_load_heat_and_memory() -> None:
    assert load_words(watched(CARD, 0.0, 0.008)) == "GPU 87 % · 61 °C · 3.1 of 24 GB · data pipeline hidden (0.4 % wait)"


def test_a_disk_that_holds_the_card_up_is_named() -> None:
    assert load_words(watched(CARD, 0.5)).endswith(" · waiting for images 50.0 %")


def test_a_processor_tells_load_and_memory() -> None:
    look = DeviceLooked(processor=0.95, memory_bytes=int(1.2 * 2**30))
    assert load_words(watched(look, 0.004)) == "Processor 95 % · 1.2 GB · waiting for images 0.4 %"


@pytest.mark.parametrize(
    ("look", "words"),
    [
        (DeviceLooked(processor=0.5), "Processor 50 %"),
        (DeviceLooked(card_memory_bytes=2**30, card_memory_total_bytes=2**31), "GPU · 1.0 of 2.0 GB"),
    ],
)
def test_what_is_not_known_is_not_said(look: DeviceLooked, words: str) -> None:
    assert load_words(watched(look)) == words
