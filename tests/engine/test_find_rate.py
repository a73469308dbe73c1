"""The learning-rate range test through the real job: rising rates, a loss that falls and runs away, nothing kept, stopped when asked."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from tests.engine.folders import events_of, manifest_of, state_of, write_training
from tlstudio.domain import events as ev
from tlstudio.domain.jobs import CONTROL_FILE, JOB_FILE, MANIFEST_FILE, Command, Control, FindRateJob
from tlstudio.domain.manifest import ManifestEntry, manifest_hash
from tlstudio.domain.rate_finder import HIGHEST_RATE, LOWEST_RATE
from tlstudio.domain.recipe import FineTunePart, NetworkPart, Recipe
from tlstudio.domain.run_state import Status
from tlstudio.engine import find_rate, worker
from tlstudio.engine.data.away import ImagesAway
from tlstudio.engine.data.loader import Loader
from tlstudio.engine.finetune import FineTuning
from tlstudio.messages import message

RECIPE = Recipe(
    name="custom",
    network=NetworkPart(architecture="test_resnet", input_size_px=64),
    finetune=FineTunePart(batch_size=8, num_stages=2),
    augmentation="light",
)


@pytest.fixture
def folder(make_images, tmp_path: Path) -> Path:
    images = make_images({"bars": 20, "discs": 20, "rings": 20})
    made = write_training(tmp_path / "project", RECIPE, manifest_of(images), images=images)
    job = FindRateJob(manifest_hash=manifest_hash((made / MANIFEST_FILE).read_bytes()), num_steps=60)
    (made / JOB_FILE).write_bytes(msgspec.json.encode(job))
    return made


def test_rates_rise_the_loss_runs_away_and_a_rate_before_that_is_suggested(folder: Path) -> None:
    before = {file.name for file in folder.iterdir()}
    assert worker.run_job(folder) == 0
    state = state_of(folder)
    assert state.status is Status.FINISHED
    rates = [item.rate for item in state.rates]
    assert rates[0] == LOWEST_RATE
    assert rates == sorted(rates)
    assert rates[-1] <= HIGHEST_RATE
    losses = [item.loss for item in state.rates if item.loss is not None]
    assert max(losses) > 2 * losses[0], "the largest rates are far too large"
    assert state.found is not None
    assert state.found.rate is not None
    lowest = min((item for item in state.rates if item.loss is not None), key=lambda item: item.loss)
    assert LOWEST_RATE < state.found.rate <= 1.05 * lowest.rate
    left = {file.name for file in folder.iterdir()} - before
    assert not {"checkpoints", "predictions"} & left, "what was trained is thrown away"
    assert not any(isinstance(event, ev.CheckpointSaved) for event in events_of(folder))


def test_the_same_order_finds_the_same(folder: Path, make_images, tmp_path: Path) -> None:
    assert worker.run_job(folder) == 0
    again = tmp_path / "again"
    again.mkdir()
    for name in ("job.json", "recipe.json", "manifest.jsonl", "environment.json"):
        (again / name).write_bytes((folder / name).read_bytes())
    assert worker.run_job(again) == 0
    assert [item.loss for item in state_of(folder).rates] == [item.loss for item in state_of(again).rates]


@pytest.mark.parametrize(("command", "status"), [(Command.STOP, Status.STOPPED), (Command.CANCEL, Status.CANCELLED)])
def test_it_ends_when_it_is_asked_to(folder: Path, monkeypatch: pytest.MonkeyPatch, command: Command, status: Status) -> None:
    honest = FineTuning.train

    def then_asked(self: FineTuning, *arguments: object, **named: object) -> object:
        self.gate.command = command  # as the control thread does
        return honest(self, *arguments, **named)  # type: ignore[arg-type]

    (folder / CONTROL_FILE).write_bytes(msgspec.json.encode(Control(command=Command.RUN)))
    monkeypatch.setattr(FineTuning, "train", then_asked)
    assert worker.run_job(folder) == 0
    state = state_of(folder)
    assert state.status is status
    assert state.found is None
    assert len(state.rates) <= 1


def test_a_loss_that_is_no_number_is_the_end_of_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    losses = iter([1.0] * 8 + [float("nan")])

    def told(_tuning: FineTuning, _batch: object, *, share: float):
        yield ev.StillWorking()
        return next(losses)

    monkeypatch.setattr(find_rate, "_step", told)
    assert worker.run_job(folder) == 0
    state = state_of(folder)
    assert state.status is Status.FINISHED
    assert [item.loss for item in state.rates] == [1.0] * 8 + [None]
    assert state.found == ev.RateFound(rate=None)


@pytest.mark.parametrize("trouble", ["images away", "too little memory"])
def test_what_a_training_waits_out_or_mends_does_not_end_it(folder: Path, monkeypatch: pytest.MonkeyPatch, trouble: str) -> None:
    honest_view, honest_train = Loader.view, FineTuning.train
    calls = itertools.count(1)
    is_mended = False

    def view(self: Loader, entry: ManifestEntry, epoch: int) -> object:
        nonlocal is_mended
        if trouble == "images away" and not is_mended and next(calls) >= 20:
            return ImagesAway(message("test.away", "Away."), are_back=lambda: True)
        return honest_view(self, entry, epoch)

    def train(self: FineTuning, *arguments: object, **named: object) -> object:
        if trouble == "too little memory" and next(calls) == 3:
            raise MemoryError
        return honest_train(self, *arguments, **named)  # type: ignore[arg-type]

    def waited(self: ImagesAway, gate: object) -> Iterator[ev.AnyEvent]:
        nonlocal is_mended
        is_mended = True
        yield ev.Paused(step=0, reason=self.title)
        yield ev.Continued(step=0)

    monkeypatch.setattr(Loader, "view", view)
    monkeypatch.setattr(ImagesAway, "wait", waited)
    monkeypatch.setattr(FineTuning, "train", train)
    assert worker.run_job(folder) == 0
    state = state_of(folder)
    assert state.status is Status.FINISHED
    assert [item.step for item in state.rates] == list(range(1, len(state.rates) + 1))
    assert len(state.rates) > 8
    assert is_mended or trouble == "too little memory"
