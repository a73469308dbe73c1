"""A soup of the best epochs' weights: greedy, never worse than the best one, the same after a kill, and nothing of it is left over."""

import contextlib
import dataclasses
from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
import pytest
import torch

from tests.engine.folders import events_of, manifest_of, state_of, write_training
from tests.faults.test_job_kill import result_of
from tlstudio.domain import events as ev
from tlstudio.domain.jobs import CONTROL_FILE, Command, Control
from tlstudio.domain.recipe import FineTunePart, LoraPart, NetworkPart, Recipe
from tlstudio.domain.run_state import RunState, Status
from tlstudio.domain.splits import Split
from tlstudio.engine import checkpoint, soup, worker
from tlstudio.engine.journal import JournalWriter
from tlstudio.engine.tasks import Score
from tlstudio.engine.tasks.classification import Classification
from tlstudio.evaluation import predictions

PART = FineTunePart(epochs=6, batch_size=6, learning_rate=2e-2, patience=0, num_views=2, soup=3)


def recipe(architecture: str = "test_resnet", **changes: object) -> Recipe:
    part = msgspec.structs.replace(PART, **changes)
    return Recipe(name="custom", network=NetworkPart(architecture=architecture, input_size_px=64), finetune=part, augmentation="moderate")


@pytest.fixture
def images(make_images) -> Path:
    return make_images({"bars": 20, "discs": 20, "rings": 20})


@pytest.fixture
def order(images: Path, tmp_path: Path) -> Callable[..., Path]:
    numbers = iter(range(1, 100))

    def write(asked: Recipe) -> Path:
        return write_training(tmp_path / f"project {next(numbers)}", asked, manifest_of(images), images=images)

    return write


@pytest.fixture
def any_mean_is_better(monkeypatch: pytest.MonkeyPatch) -> list[Score]:
    """Each look at validation finds a lower loss than the one before, so that every epoch belongs into the soup."""
    honest, told = Classification.score, []

    def score(self: Classification, logits: np.ndarray, targets: np.ndarray) -> Score:
        found = honest(self, logits, targets)
        told.append(found)
        return Score(loss=1.0 / len(told), accuracy=found.accuracy, balanced_accuracy=0.5)

    monkeypatch.setattr(Classification, "score", score)
    return told


def ended(folder: Path) -> RunState:
    assert worker.run_job(folder) == 0
    return state_of(folder)


def kinds_of_files(folder: Path) -> set[str]:
    return {file.name.split("-")[0] for file in (folder / "checkpoints").iterdir()}


def loss_of(folder: Path) -> float:
    """On validation, by the predictions that were written at the end."""
    read = predictions.read(folder / "predictions/predictions.safetensors").of(Split.VAL)
    chosen = predictions.softmax(read.logits)[np.arange(len(read.targets)), read.targets]
    return float(-np.log(chosen).mean())


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_it_is_never_worse_than_the_best_epoch_and_what_is_said_is_what_is_kept(order, seed: int) -> None:
    plain = ended(order(msgspec.structs.replace(recipe(soup=0), seed=seed)))
    folder = order(msgspec.structs.replace(recipe(), seed=seed))
    state = ended(folder)
    assert [item.loss for item in state.validations] == [item.loss for item in plain.validations], "training is the same"
    assert plain.soup is None
    assert plain.summary is not None
    assert state.summary is not None
    best = Score(loss=plain.summary.loss or 0.0, accuracy=0, balanced_accuracy=plain.summary.balanced_accuracy)
    found = Score(loss=state.summary.loss or 0.0, accuracy=0, balanced_accuracy=state.summary.balanced_accuracy)
    assert found == best if state.soup is None else found.is_better_than(best)
    assert loss_of(folder) == pytest.approx(state.summary.loss, rel=1e-3)
    assert kinds_of_files(folder) == {"best"}
    if state.soup is not None:
        assert 2 <= len(state.soup.epochs) <= 3
        assert (state.soup.loss, state.soup.balanced_accuracy) == (state.summary.loss, state.summary.balanced_accuracy)
        assert state.summary.checkpoint.endswith("-soup.safetensors")


@pytest.mark.parametrize(
    "asked",
    [
        pytest.param(recipe(), id="weights"),
        pytest.param(recipe("test_vit", lora=LoraPart(rank=2), num_stages=1), id="adapters"),
        pytest.param(recipe("test_vit", lora=LoraPart(rank=2), num_views=0), id="adapters, every epoch another view"),
    ],
)
def test_the_soup_is_the_mean_of_the_merged_weights(order, asked: Recipe, any_mean_is_better, monkeypatch: pytest.MonkeyPatch) -> None:
    kept: dict[int, dict[str, torch.Tensor]] = {}
    honest = soup.Shelf.offer

    def offer(self: soup.Shelf, network, score: Score, *, step: int, epoch: int) -> None:
        merged = soup.lora.merged_state(network)
        kept[epoch] = {name: tensor.detach().clone() for name, tensor in merged.items()}
        honest(self, network, score, step=step, epoch=epoch)

    monkeypatch.setattr(soup.Shelf, "offer", offer)
    folder = order(asked)
    state = ended(folder)
    assert state.soup is not None
    assert state.soup.epochs == (4, 5, 6), "the best three, and the later the better here"
    network, card = checkpoint.open_run(folder)
    assert card.epoch == 6
    found = network.state_dict()
    assert any(not torch.equal(kept[4][name], kept[6][name]) for name in found)
    for name, tensor in found.items():
        expected = sum(kept[epoch][name].double() for epoch in (4, 5, 6)) / 3
        torch.testing.assert_close(tensor.double(), expected, atol=1e-6, rtol=1e-5)
    # And the network that was judged had these very weights.
    assert any_mean_is_better[-1].loss == pytest.approx(loss_of(folder), rel=1e-3)


def test_what_would_make_it_worse_stays_out(order, monkeypatch: pytest.MonkeyPatch) -> None:
    """Losses by look: the head, six epochs, then the soup with its second and with its third ingredient."""
    losses = iter([1.0, 0.9, 0.5, 0.8, 0.6, 0.7, 0.95, 0.55, 0.4])
    monkeypatch.setattr(
        Classification, "score", lambda self, logits, targets: Score(loss=next(losses), accuracy=0.5, balanced_accuracy=0.5)
    )
    state = ended(order(recipe()))
    assert state.soup == ev.SoupMade(epochs=(2, 5), loss=0.4, balanced_accuracy=0.5)
    assert state.summary is not None
    assert (state.summary.loss, state.summary.best_step) == (0.4, state.validations[2].step)


@pytest.mark.parametrize("last_said", [ev.Validated, ev.CheckpointSaved, ev.SoupMade, ev.PredictionsSaved])
def test_interrupted_it_makes_the_same_soup(order, last_said: type[ev.Event], monkeypatch: pytest.MonkeyPatch) -> None:
    honest_score = soup._score

    def better_than_any_epoch(*arguments):
        found = yield from honest_score(*arguments)
        return dataclasses.replace(found, loss=-1 / (1 + found.loss), balanced_accuracy=1.0)

    monkeypatch.setattr(soup, "_score", better_than_any_epoch)
    whole = order(recipe())
    expected = ended(whole)
    assert expected.soup is not None
    folder, honest = order(recipe()), JournalWriter.write
    num_said = 0

    def write(self: JournalWriter, event: ev.AnyEvent) -> None:
        nonlocal num_said
        honest(self, event)
        num_said += isinstance(event, last_said)
        if isinstance(event, last_said) and num_said == (1 if last_said in (ev.SoupMade, ev.PredictionsSaved) else 5):
            raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(JournalWriter, "write", write)
        with contextlib.suppress(KeyboardInterrupt):
            worker.run_job(folder)
    state = ended(folder)
    assert state.attempt == 2
    assert state.soup == expected.soup
    assert result_of(folder) == result_of(whole)
    assert kinds_of_files(folder) == {"best"}


def test_asked_to_stop_it_is_made_of_what_there_is(order, any_mean_is_better, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, honest = order(recipe(epochs=500)), JournalWriter.write

    def write(self: JournalWriter, event: ev.AnyEvent) -> None:
        honest(self, event)
        if isinstance(event, ev.Validated) and event.epoch == 3:
            (folder / CONTROL_FILE).write_bytes(msgspec.json.encode(Control(command=Command.STOP)))

    monkeypatch.setattr(JournalWriter, "write", write)
    state = ended(folder)
    assert state.status is Status.STOPPED
    assert state.soup is not None
    assert len(state.soup.epochs) == 3
    assert max(state.soup.epochs) == state.validations[-1].epoch < 500
    assert kinds_of_files(folder) == {"best"}


def test_a_damaged_ingredient_is_left_out_and_said(order, any_mean_is_better, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, honest = order(recipe()), soup.make_soup

    def make_soup(training, best, kept):
        assert [item.epoch for item in kept] == [6, 5, 4]
        (folder / kept[1].file).write_bytes(b"no tensors")
        return (yield from honest(training, best, kept))

    monkeypatch.setattr(soup, "make_soup", make_soup)
    state = ended(folder)
    assert state.soup is not None
    assert state.soup.epochs == (4, 6)
    assert any("weights of epoch 5 cannot be read" in item.text() for item in state.warnings)


def test_no_more_than_asked_lie_on_the_disk(order, any_mean_is_better, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []
    honest = JournalWriter.write
    folder = order(recipe(soup=2))

    def write(self: JournalWriter, event: ev.AnyEvent) -> None:
        honest(self, event)
        if isinstance(event, ev.StepTrained):
            seen.append(len(list((folder / "checkpoints").glob("epoch-*.safetensors"))))

    monkeypatch.setattr(JournalWriter, "write", write)
    ended(folder)
    assert max(seen) == 3, "those of the state before the newest stay, in case the newest is damaged"
    assert not any(isinstance(event, ev.CheckpointSaved) and "epoch-" in event.file for event in events_of(folder))


def test_where_the_newest_state_is_damaged_the_one_before_has_all_its_ingredients(
    order, any_mean_is_better, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, honest = order(recipe()), JournalWriter.write

    def write(self: JournalWriter, event: ev.AnyEvent) -> None:
        honest(self, event)
        if isinstance(event, ev.BackboneUnfrozen | ev.StepTrained) and (folder / "checkpoints").is_dir():
            lasts = sorted((folder / "checkpoints").glob("last-*.safetensors"))
            if len(lasts) == 2 and state_of(folder).validations[-1].epoch == 5:
                lasts[-1].write_bytes(b"no tensors")
                raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(JournalWriter, "write", write)
        with contextlib.suppress(KeyboardInterrupt):
            worker.run_job(folder)
    state = ended(folder)
    assert state.attempt == 2
    assert any("A checkpoint is damaged" in item.text() for item in state.warnings)
    assert not any("left out" in item.text() for item in state.warnings)
    assert state.soup is not None
    assert len(state.soup.epochs) == 3


def test_a_soup_whose_best_ingredient_is_damaged_is_what_is_kept(order, any_mean_is_better, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, honest = order(recipe()), soup.make_soup

    def make_soup(training, best, kept):
        (folder / kept[0].file).write_bytes(b"no tensors")
        return (yield from honest(training, best, kept))

    monkeypatch.setattr(soup, "make_soup", make_soup)
    state = ended(folder)
    assert state.soup is not None
    assert state.soup.epochs == (4, 5)
    assert state.summary is not None
    assert state.summary.loss == state.soup.loss
    assert state.summary.checkpoint.endswith("-soup.safetensors")
