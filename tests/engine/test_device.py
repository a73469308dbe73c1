"""What is computed on, and what is said where it is not what was asked for."""

import pytest
import torch

from tlstudio.domain.machine import Setting
from tlstudio.engine import device, probe_network


def test_without_a_card_the_processor_is_used_and_that_is_said_only_where_a_card_was_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    chosen = device.choose("auto")
    assert str(chosen.torch_device) == "cpu"
    assert chosen.warning is None
    asked = device.choose("cuda:0")
    assert str(asked.torch_device) == "cpu"
    assert asked.warning is not None
    assert "no usable graphics card" in asked.warning.text()


@pytest.mark.parametrize(
    ("wanted", "capability", "count", "expected"),
    [("auto", (9, 0), 1, "cuda:0"), ("cuda:1", (9, 0), 2, "cuda:1"), ("cuda:1", (9, 0), 1, "cpu"), ("auto", (7, 0), 1, "cpu")],
)
def test_a_card_is_taken_where_it_is_there_and_new_enough(
    monkeypatch: pytest.MonkeyPatch, wanted: str, capability: tuple[int, int], count: int, expected: str
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: count)
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda _index: capability)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda _device: "Card")
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation: True)
    chosen = device.choose(wanted)
    assert str(chosen.torch_device) == expected
    assert chosen.precision == ("bf16" if expected != "cpu" else "fp32")


def test_an_apple_gpu_is_taken_only_where_it_was_asked_for_and_is_called_untested(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    assert str(device.choose("auto").torch_device) == "cpu"
    chosen = device.choose("mps", precision="bf16")
    assert (str(chosen.torch_device), chosen.precision) == ("mps", "fp32")
    assert chosen.warning is not None
    assert "untested" in chosen.warning.text()


def test_without_an_apple_gpu_the_processor_is_used_and_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    chosen = device.choose("mps")
    assert str(chosen.torch_device) == "cpu"
    assert chosen.warning is not None
    assert "Apple GPU cannot be used" in chosen.warning.text()


def test_on_a_card_single_precision_is_not_shortened_and_nothing_goes_to_another_card(monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[torch.device] = []
    monkeypatch.setattr(torch.cuda, "set_device", taken.append)
    monkeypatch.setattr(torch, "use_deterministic_algorithms", lambda *_args, **_how: None)
    monkeypatch.setattr(torch, "set_num_threads", lambda _number: None)
    backends = (torch.backends.cudnn, torch.backends.cuda.matmul)
    before = [backend.allow_tf32 for backend in backends]
    try:
        for backend in backends:
            backend.allow_tf32 = True
        device.settle(device.Device(torch_device=torch.device("cuda:1"), name="Card", threads=1, precision="bf16"))
        assert not any(backend.allow_tf32 for backend in backends)
    finally:
        for backend, was in zip(backends, before, strict=True):
            backend.allow_tf32 = was
    assert taken == [torch.device("cuda:1")]


def test_an_apple_gpu_is_measured_in_full_precision_only() -> None:
    apple = device.Device(torch_device=torch.device("mps"), name="Apple GPU", threads=1, precision="fp32")
    assert not apple.has_bf16

    tried: list[Setting] = []

    def run(setting: Setting) -> float:
        tried.append(setting)
        return 1e-9

    for _event in probe_network.fastest(run, apple, precisions=("fp32",), budget_s=1e-3):
        pass
    assert {setting.batch_size for setting in tried} >= {1, 8, 32}
