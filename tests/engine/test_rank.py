"""Ranking through the real job: what it finds, in which order, what it passes over, and what it does not do again."""

import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
import pytest
import timm
import torch
from PIL import Image
from safetensors.torch import save_file

from tests.engine.folders import events_of, state_of
from tlstudio import paths
from tlstudio.domain.events import NetworkLooked, NetworkRanked
from tlstudio.domain.folds import FoldPlan
from tlstudio.domain.jobs import JOB_FILE, MANIFEST_FILE, Command, Control, RankJob
from tlstudio.domain.manifest import Manifest
from tlstudio.domain.networks import Preprocessing, WeightsCard
from tlstudio.domain.recipe import NetworkPart
from tlstudio.domain.run_state import Status
from tlstudio.domain.splits import Split
from tlstudio.engine import rank, worker
from tlstudio.jobs.launch import StartedJob
from tlstudio.operations import crossvalidating, edits, estimates, ranking
from tlstudio.operations.importing import import_data
from tlstudio.project.project import Project
from tlstudio.zoo import profiles
from tlstudio.zoo.library import Library
from tlstudio.zoo.stored import hash_file

SMALL = Preprocessing(input_size_px=64)


@pytest.fixture(autouse=True)
def no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    def launch(folder: Path, *, warm: object = None, notes: object = ()) -> StartedJob:
        return StartedJob(number=int(folder.name), folder=folder, process=None)  # type: ignore[arg-type]

    monkeypatch.setattr(ranking, "launch", launch)
    monkeypatch.setattr(crossvalidating, "launch", launch)


@pytest.fixture
def project(tmp_path: Path, make_images) -> Iterator[Project]:
    opened = Project.create(tmp_path / "Survey")
    import_data(opened, make_images({"discs": 24, "bars": 24, "rings": 18}))
    yield opened
    opened.close()


@pytest.fixture
def cards(tmp_path: Path) -> tuple[WeightsCard, ...]:
    """Two small networks with random weights, in the library."""
    return tuple(_kept(tmp_path, name, seed) for seed, name in enumerate(("test_resnet", "test_vit")))


def _kept(folder: Path, architecture: str, seed: int) -> WeightsCard:
    torch.manual_seed(seed)
    size = {"img_size": 64} if "vit" in architecture else {}
    file = folder / f"{architecture}.safetensors"
    save_file(timm.create_model(architecture, num_classes=0, **size).state_dict(), file)
    card = WeightsCard(
        hash=hash_file(file),
        architecture=architecture,
        name=f"Random {architecture}",
        preprocessing=SMALL,
        num_classes=0,
        architecture_arguments=size,  # type: ignore[arg-type]
    )
    return Library().add(card, file)


def ranked(project: Project, cards: tuple[WeightsCard, ...] | None = None, plan: FoldPlan | None = None) -> Path:
    started = ranking.start_ranking(project, cards=cards, plan=plan, device="cpu")
    assert worker.run_job(started.folder) == 0
    return started.folder


def test_it_says_what_a_cross_validation_of_each_network_says(project: Project, cards: tuple[WeightsCard, ...]) -> None:
    plan = FoldPlan(num_folds=4, seed=3)
    report = ranking.report_of(folder := ranked(project, cards, plan), state_of(folder))
    assert report is not None
    assert {item.weights for item in report.networks} == {card.hash for card in cards}
    for card in cards:
        network = NetworkPart(architecture=card.architecture, weights=card.hash)
        other = crossvalidating.start_cross_validation(project, network, plan, device="cpu").folder
        assert worker.run_job(other) == 0
        judged = crossvalidating.report_of(other, state_of(other))
        found = report.of(card.hash)
        assert judged is not None
        assert found is not None
        # The standardisation is not the very same, and a solver may stop on the other side of an image that is a near tie.
        assert found.fit.value == pytest.approx(judged.balanced_accuracy.value, abs=0.1)
        assert found.num_images == judged.num_images
    assert report.num_folds == 4


def test_the_test_set_takes_no_part_and_copies_stay_together(project: Project, cards: tuple[WeightsCard, ...], tmp_path: Path) -> None:
    source = tmp_path / "copies"
    for name in ("discs", "bars"):
        (source / name).mkdir(parents=True)
        noise = np.random.default_rng(len(name)).integers(0, 256, (8, 8, 3)).astype(np.uint8)
        for copy in range(3):
            Image.fromarray(noise).resize((64, 64), Image.Resampling.NEAREST).save(source / name / f"{copy}.png")
    import_data(project, source)
    started = ranking.start_ranking(project, cards=cards, device="cpu")
    manifest = Manifest.decode((started.folder / MANIFEST_FILE).read_bytes())
    assert {entry.split for entry in manifest.entries} == {Split.TRAIN, Split.VAL}
    assert project.num_openings() == 0
    folds: dict[str, set[int | None]] = {}
    for entry in manifest.entries:
        folds.setdefault(entry.content_hash, set()).add(entry.fold)
    assert all(len(found) == 1 for found in folds.values())
    assert max(Counter(entry.content_hash for entry in manifest.entries).values()) == 3


def test_with_nothing_changed_the_answer_is_there_and_a_changed_label_computes_no_feature(
    project: Project, cards: tuple[WeightsCard, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = ranked(project, cards)
    again = ranking.start_ranking(project, cards=cards, device="cpu")
    assert (again.folder, again.process) == (first, None)

    changed = [sample for sample in project.dataset().ready if sample.split is Split.TRAIN][:5]
    other = next(item.id for item in project.dataset().classes if item.id != changed[0].class_id)
    edits.set_class(project, [sample.id for sample in changed], other)
    known = ranking.latest(project)
    assert known is not None
    assert known.num_changed == 5
    monkeypatch.setattr(rank, "create", None)  # no network is even made
    second = ranked(project, cards)
    assert second != first
    found = [event for event in events_of(second) if isinstance(event, NetworkRanked)]
    assert [event.num_cached for event in found] == [event.num_images for event in found]
    known = ranking.latest(project)
    assert known is not None
    assert (known.number, known.num_changed) == (2, 0)


def test_weights_that_came_later_are_ranked_beside_what_is_known(project: Project, cards: tuple[WeightsCard, ...]) -> None:
    first = ranked(project, cards[:1])
    folder = ranked(project, cards)
    looked = {event.name for event in events_of(folder) if isinstance(event, NetworkLooked)}
    assert looked == {cards[1].name}
    assert state_of(folder).ranked[0] == state_of(first).ranked[0]
    assert len(state_of(folder).ranked) == 2


def test_damaged_weights_and_those_without_room_are_told_and_passed_over(
    project: Project, cards: tuple[WeightsCard, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    damaged = _kept(tmp_path, "test_convnext", 5)
    file = Library().file_of(damaged.hash)
    data = bytearray(file.read_bytes())
    data[-1] ^= 1
    file.write_bytes(data)
    started = ranking.start_ranking(project, cards=(damaged, *cards), device="cpu")
    job = msgspec.json.decode((started.folder / JOB_FILE).read_bytes(), type=RankJob)
    huge = [msgspec.structs.replace(item, memory_bytes=10**6 * 2**30) if item.weights == cards[1].hash else item for item in job.candidates]
    (started.folder / JOB_FILE).write_bytes(msgspec.json.encode(msgspec.structs.replace(job, candidates=tuple(huge))))
    assert worker.run_job(started.folder) == 0
    state = state_of(started.folder)
    assert state.status is Status.FINISHED
    assert [event.weights for event in state.ranked] == [cards[0].hash]
    reasons = {event.weights: event.reason.text() for event in state.passed}
    assert "is damaged" in reasons[damaged.hash] or "are damaged" in reasons[damaged.hash]
    assert "1,000,000 GB of memory" in reasons[cards[1].hash]


def test_stopping_keeps_what_is_ranked_and_an_interrupted_one_goes_on(project: Project, cards: tuple[WeightsCard, ...]) -> None:
    folder = ranked(project, cards)
    journal = folder / "journal.jsonl"
    lines = journal.read_bytes().splitlines(keepends=True)
    first = next(number for number, line in enumerate(lines) if b'"network_ranked"' in line)
    journal.write_bytes(b"".join(lines[: first + 1]))
    kept = state_of(folder).ranked
    assert len(kept) == 1
    stopped = project.folder / "rankings" / "0002"
    shutil.copytree(folder, stopped)
    (stopped / "control.json").write_bytes(msgspec.json.encode(Control(command=Command.STOP)))
    assert worker.run_job(stopped) == 0
    state = state_of(stopped)
    assert (state.status, state.ranked) == (Status.STOPPED, kept)
    known = ranking.latest(project)
    assert known is not None
    assert [item.weights for item in known.report.networks] == [kept[0].weights]

    assert worker.run_job(folder) == 0
    state = state_of(folder)
    assert (state.status, len(state.ranked), state.ranked[0]) == (Status.FINISHED, 2, kept[0])


def test_the_way_is_told_with_its_share_and_the_fastest_come_first(project: Project, cards: tuple[WeightsCard, ...]) -> None:
    folder = ranked(project, cards)
    looked = [event for event in events_of(folder) if isinstance(event, NetworkLooked)]
    shares = [event.share for event in looked]
    assert shares == sorted(shares)
    assert [looked[0].number, looked[-1].number, looked[-1].total] == [1, 2, 2]
    job = msgspec.json.decode((folder / JOB_FILE).read_bytes(), type=RankJob)
    assert [item.forward_s for item in job.candidates] == sorted(item.forward_s for item in job.candidates)
    assert all(event.images_per_second > 0 for event in state_of(folder).ranked)


def test_what_is_measured_later_is_the_speed_of_the_advice_too(project: Project, cards: tuple[WeightsCard, ...]) -> None:
    folder = ranked(project, cards)
    parts = {card.hash: NetworkPart(architecture=card.architecture, weights=card.hash) for card in cards}
    here = estimates.machine("cpu")
    report = ranking.report_of(folder, state_of(folder), device="cpu")
    assert report is not None
    for item in report.networks:
        profile = estimates.profile_of(parts[item.weights], here)
        assert profile.is_timed, "what a ranking has timed is known to everything that tells of speed"
        assert item.images_per_second == pytest.approx(1 / profile.forward_s)
        assert item.images_per_second == pytest.approx(
            next(e.images_per_second for e in state_of(folder).ranked if e.weights == item.weights)
        )

    slow = estimates.profile_of(parts[cards[0].hash], here)
    stages = tuple(msgspec.structs.replace(stage, forward_s=1000 * stage.forward_s) for stage in slow.stages)
    measured = msgspec.structs.replace(slow, stages=stages, is_measured=True)
    holds_for = profiles.conditions(device_name=here.device_name, threads=here.threads)
    profiles.save_network(paths.cache_dir(), holds_for, measured)
    known = ranking.latest(project, device="cpu")
    assert known is not None
    found = known.report.of(cards[0].hash)
    assert found is not None
    assert found.images_per_second == pytest.approx(1 / measured.forward_s)
