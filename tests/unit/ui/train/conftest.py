"""What the tests of the Train panel's state share: a model without a window, with a network and images, and runs."""

import pytest

from tlstudio.domain.dataset import Dataset
from tlstudio.domain.events import Summary
from tlstudio.domain.networks import Preprocessing, WeightsCard
from tlstudio.domain.recipe import RECIPES, NetworkPart
from tlstudio.domain.run_state import Status
from tlstudio.domain.runs import Run
from tlstudio.domain.samples import Class, Sample, SampleState
from tlstudio.domain.splits import Split, SplitPlan
from tlstudio.ui.train.viewmodel import TrainModel

NETWORK = NetworkPart(architecture="resnet18", weights="ab" * 32)
CARD = WeightsCard(hash="ab" * 32, architecture="resnet18", name="ResNet-18 (a1)", preprocessing=Preprocessing(), num_classes=1000)


def run_of(number: int, *, status: Status = Status.FINISHED, balanced: float | None = 0.9, recipe: str = "quick") -> Run:
    summary = None
    if balanced is not None:
        summary = Summary(accuracy=balanced, balanced_accuracy=balanced, loss=0.25, best_step=0, seconds=52.0, checkpoint="c")
    built = RECIPES[recipe].build(NETWORK)
    return Run(number=number, recipe=built, weights_name=CARD.name, created_at=0.0, status=status, summary=summary)


def _dataset(num_train: int = 843) -> Dataset:
    def sample(id: int, split: Split) -> Sample:
        return Sample(
            id=id, root=1, path=f"{id}.png", content_hash="", width_px=1, height_px=1, format="PNG",
            state=SampleState.READY, class_id="a", split=split,
        )  # fmt: skip

    samples = tuple(sample(id, Split.TRAIN) for id in range(num_train))
    return Dataset(samples=samples, classes=(Class(id="a", name="ants", position=0),), roots=(), plan=SplitPlan())


@pytest.fixture
def model() -> TrainModel:
    result = TrainModel()
    result.dataset = _dataset()
    result.choice.cards = (CARD,)
    result.choice.choose_network(NETWORK)
    return result
