"""What goes wrong in one of the processes that train together is known to all before anybody goes on."""

from collections.abc import Callable
from unittest.mock import Mock

import pytest
import torch
from torch import Tensor, nn

from tlstudio.engine.crew import CrewLostError, Place
from tlstudio.engine.data.reading import Skipped
from tlstudio.engine.distributed import Crew
from tlstudio.engine.models.interruption import Interrupted

Step = Callable[[], tuple[Tensor, int]]


def crew(rank: int, others: tuple[float, float, float, float]) -> Crew:
    """One of two; the other tells `others`: its images, whether memory was short, whether anything went wrong, whether it says what."""
    made = Crew(Place(rank=rank, size=2, local_rank=rank, local_size=2, meeting="nobody"))
    told: list[tuple[float, ...]] = []

    def total(*numbers: float) -> list[float]:
        told.append(numbers)
        return [mine + theirs for mine, theirs in zip(numbers, (*others, 0.0), strict=True)]

    made.skipped = Skipped(num_entries=10)
    made.line.total = total  # type: ignore[method-assign]
    made._mean = lambda loss, share: loss * share  # type: ignore[method-assign]
    made.told = told  # type: ignore[attr-defined]
    return made


def failing(error: Exception) -> Step:
    def compute() -> tuple[Tensor, int]:
        raise error

    return compute


def test_each_share_counts_by_its_number_of_images() -> None:
    assert crew(0, (3, 0, 0, 0)).gradients(lambda: (torch.tensor(1.0), 5)) == 5 / 8
    assert crew(0, (0, 0, 0, 0)).gradients(lambda: (torch.tensor(0.0), 0)) == 0


@pytest.mark.parametrize("rank", [0, 1])
@pytest.mark.parametrize(
    ("error", "short"), [(Interrupted(), 0.0), (torch.OutOfMemoryError("CUDA out of memory"), 1.0), (ValueError("a bug"), 0.0)]
)
def test_what_goes_wrong_here_is_told_first_and_raised_then(rank: int, error: Exception, short: float) -> None:
    one = crew(rank, (5, 0, 0, 0))
    with pytest.raises(type(error)):
        one.gradients(failing(error))
    assert one.told == [(0, short, 1.0, 0.0, 0.0)]  # type: ignore[attr-defined]


def test_what_goes_wrong_elsewhere_is_rank_0s_matter() -> None:
    fine: Step = lambda: (torch.tensor(1.0), 5)  # noqa: E731
    with pytest.raises(torch.OutOfMemoryError):
        crew(0, (0, 1, 1, 0)).gradients(fine)
    with pytest.raises(CrewLostError):
        crew(0, (0, 0, 1, 0)).gradients(fine)
    for others in ((0, 1, 1, 0), (0, 0, 1, 0)):
        assert crew(1, others).gradients(fine) == 1


def test_weights_keep_their_layout_and_frozen_ones_get_no_gradient(monkeypatch: pytest.MonkeyPatch) -> None:
    one = Crew(Place(rank=0, size=2, local_rank=0, local_size=2, meeting="nobody"))
    conv = nn.Conv2d(3, 4, 3).to(memory_format=torch.channels_last)
    one._weights = list(conv.parameters())
    conv.bias.requires_grad_(False)
    conv.weight.grad = torch.full_like(conv.weight, 2.0)
    monkeypatch.setattr(torch.distributed, "reduce", lambda flat, *_where, **_how: flat.mul_(10) is not None and Mock())
    loss = one._mean(torch.tensor(3.0), 0.5)
    assert loss == 15
    assert conv.bias.grad is None
    assert conv.weight.grad.is_contiguous(memory_format=torch.channels_last)
    assert (conv.weight.grad == 10).all()
