"""The probe: what it finds is kept and chooses how a training is run; what is judged stays exact."""

import itertools
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tests.engine.folders import events_of, manifest_of, state_of, write_training
from tlstudio.domain import events as ev
from tlstudio.domain.jobs import ENVIRONMENT_FILE, JOB_FILE, Command, Environment, ProbeJob
from tlstudio.domain.machine import NetworkProfile, Precision, Setting, StageCost
from tlstudio.domain.recipe import FineTunePart, NetworkPart, Recipe
from tlstudio.domain.run_state import Status
from tlstudio.engine import build, probe, probe_network, worker
from tlstudio.engine.device import choose
from tlstudio.engine.gate import Gate
from tlstudio.engine.job import read_job
from tlstudio.engine.models.create import create, find_source
from tlstudio.engine.models.network import Network
from tlstudio.engine.models.stages import stages_of
from tlstudio.engine.probe_frozen import fastest_frozen
from tlstudio.engine.stopwatch import duel, race
from tlstudio.files import FileLock
from tlstudio.zoo import profiles

PART = NetworkPart(architecture="test_resnet", input_size_px=64)
RECIPE = Recipe(name="balanced", network=PART, finetune=FineTunePart(epochs=2, batch_size=8, patience=0))
ODD = Setting(channels_last=False, precision="bf16", batch_size=4)
NOISE = st.lists(st.floats(1.0, 1.01), min_size=50, max_size=50)


@pytest.fixture
def images(make_images: Callable[..., Path]) -> Path:
    return make_images({"bars": 10, "discs": 10})


def write_probe(place: Path) -> Path:
    """The folder of a probe of this machine and of the smallest network."""
    folder = place / "0001"
    folder.mkdir()
    environment = Environment(roots={}, project_folder=str(place), cache_folder=str(place / "cache"), device="cpu", threads=1)
    (folder / ENVIRONMENT_FILE).write_bytes(msgspec.json.encode(environment))
    (folder / JOB_FILE).write_bytes(msgspec.json.encode(ProbeJob(networks=(PART,))))
    return folder


def fresh_network() -> Network:
    return create(find_source(PART, weights_file=None, seed=0))


def keep_profile(project: Path, *, threads: int = 1, frozen: Precision | None = None, **settings: Setting) -> NetworkProfile:
    """As if test_resnet had been measured here with as many `threads`."""
    stage = StageCost(num_parameters=1, macs=1, output_shape=(1, 1, 1), forward_s=1e-3, train_forward_s=1e-3, backward_s=1e-3, kept_bytes=1)
    named = {"architecture": "test_resnet", "input_size_px": 64, "num_features": 1, "is_measured": True, "frozen_precision": frozen}
    profile = NetworkProfile(stages=(stage,), **named, **settings)  # type: ignore[arg-type]
    holds_for = profiles.conditions(device_name=choose("cpu").name, threads=threads)
    profiles.save_network(project / "cache", holds_for, profile)
    return profile


def measured(network: Network) -> NetworkProfile:
    """What the probe says of a network; it tells on the way that it is at work."""
    device = choose("cpu" if network.scale.device.type == "cpu" else "auto")
    found = probe_network.measure(network, device, architecture="test_resnet", input_size_px=64)
    while True:
        try:
            assert isinstance(next(found), ev.StillWorking)
        except StopIteration as end:
            profile: NetworkProfile = end.value
            return profile


def chosen_by(true_s: Callable[[Setting], float], noise: list[float]) -> Setting:
    """What `fastest` chooses where a setting's image truly takes `true_s`, and something disturbs each run a little."""
    at = iter(noise * 10)
    found = probe_network.fastest(lambda setting: true_s(setting) * next(at), choose("cpu"), precisions=("fp32", "bf16"), budget_s=1e-3)
    while True:
        try:
            next(found)
        except StopIteration as end:
            return end.value[0]


@given(noise=NOISE, layout=st.floats(0.5, 2.0), precision=st.floats(0.2, 5.0), small=st.floats(0.8, 1.5))
def test_the_choice_is_never_slower_than_the_usual_setting_nor_much_slower_than_the_best(
    noise: list[float], layout: float, precision: float, small: float
) -> None:
    def true_s(setting: Setting) -> float:
        return (
            1e-9
            * (1.0 if setting.channels_last else layout)
            * (precision if setting.precision == "bf16" else 1.0)
            * (small if setting.batch_size < 32 else 1.0)
        )

    chosen = chosen_by(true_s, noise)
    every = [
        Setting(channels_last=order, precision=kind, batch_size=size)
        for order in (True, False)
        for kind in ("fp32", "bf16")
        for size in (8, 32)
    ]  # type: ignore[arg-type]
    assert true_s(chosen) <= true_s(Setting())
    assert true_s(chosen) * 0.94 <= min(map(true_s, every))


@given(noise=NOISE, share=st.floats(0.3, 1.5))
def test_frozen_stages_leave_single_precision_only_for_what_is_faster(noise: list[float], share: float) -> None:
    times = itertools.cycle(noise)
    found = fastest_frozen(lambda setting: next(times) * (share if setting.precision == "bf16" else 1.0), 1e-3, channels_last=True)
    while True:
        try:
            next(found)
        except StopIteration as end:
            precision, told = end.value
            break
    assert precision == "fp32" or share < 1
    assert precision == "bf16" or share > 0.95
    assert told == pytest.approx(share if precision == "bf16" else 1.0, rel=0.02)


def test_a_network_too_large_to_be_tried_stays_exact() -> None:
    with pytest.raises(StopIteration) as end:
        next(fastest_frozen(lambda _setting: pytest.fail("it takes too long"), 10.0, channels_last=True))
    assert end.value.value == ("fp32", 1.0)


def test_what_is_only_as_fast_as_the_usual_setting_is_not_taken() -> None:
    assert chosen_by(lambda setting: 1e-9 if setting == Setting() else 0.99e-9, [1.0] * 50) == Setting()


@pytest.mark.parametrize(("image_s", "num_runs", "expected"), [(3.0, 6, "bf16"), (30.0, 2, "fp32")])
def test_a_large_network_is_run_a_few_times_only(image_s: float, num_runs: int, expected: str) -> None:
    runs: list[Setting] = []

    def run(setting: Setting) -> float:
        runs.append(setting)
        return image_s * (0.5 if setting.precision == "bf16" else 1.0)

    found = probe_network.fastest(run, choose("cpu"), precisions=("fp32", "bf16"), budget_s=7.0)
    while True:
        try:
            next(found)
        except StopIteration as end:
            chosen, _seconds = end.value
            break
    assert len(runs) == num_runs
    assert all(setting.batch_size == 1 for setting in runs)
    assert (chosen.precision, chosen.batch_size) == (expected, 32), "its batch is as usual"


def test_a_single_lucky_run_wins_no_duel() -> None:
    runs = iter([1.0, 0.5, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0])  # the holder runs first in the second round
    *_rounds, last = duel("new", "old", lambda _item: next(runs), margin=0.03)
    assert last == (False, 0.5)


def test_the_hopeless_are_not_tried_again() -> None:
    tried: list[str] = []

    def run(item: str) -> float:
        tried.append(item)
        return {"fast": 1.0, "close": 1.1, "slow": 9.0}[item]

    *_before, times = race(["slow", "fast", "close"], run, budget_s=0.0)
    assert times == {"fast": 1.0, "close": 1.1, "slow": 9.0}
    assert tried.count("slow") == 1
    assert tried.count("close") == 2


def test_measuring_tells_of_every_stage_and_leaves_the_network_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe_network, "_INFERENCE_S", 0.05)
    monkeypatch.setattr(probe_network, "_TRAINING_S", 0.05)
    network = fresh_network()
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    profile = measured(network)
    assert profile.is_measured
    assert profile.inference.precision == "fp32", "what is judged is exact"
    assert profile.frozen_precision in ("fp32", "bf16")
    assert 0 < profile.frozen_share <= 1
    assert len(profile.stages) == len(stages_of(network.backbone))
    assert sum(stage.num_parameters for stage in profile.stages) == sum(item.numel() for item in network.backbone.parameters())
    assert all(min(stage.forward_s, stage.train_forward_s, stage.kept_bytes, stage.macs) > 0 for stage in profile.stages)
    assert sum(stage.backward_s for stage in profile.stages) > 0
    assert profile.stages[-1].output_shape[0] == network.num_features
    assert all(torch.equal(tensor, before[name]) for name, tensor in network.state_dict().items())
    assert not any(parameter.requires_grad or parameter.grad is not None for parameter in network.parameters())


def test_features_are_the_same_in_either_order_of_memory() -> None:
    network, images = fresh_network(), torch.randint(0, 256, (3, 64, 64, 3), dtype=torch.uint8)
    with torch.inference_mode():
        usual = network.features(images)
        network.lay_out(channels_last=False)
        other = network.features(images)
    assert next(item for item in network.parameters() if item.ndim == 4).is_contiguous()
    torch.testing.assert_close(other, usual, rtol=1e-4, atol=1e-5)


def test_a_training_runs_as_was_measured_and_goes_on_so_after_another_measurement(images: Path, tmp_path: Path) -> None:
    project = tmp_path / "project"
    keep_profile(project, frozen="fp32", training=ODD, inference=Setting(batch_size=16))
    folder = write_training(project, RECIPE, manifest_of(images), images=images)
    assert worker.run_job(folder) == 0
    plan = state_of(folder).plan
    assert plan is not None
    assert (plan.channels_last, plan.precision, plan.micro_batch, plan.batch_size, plan.feature_batch) == (False, "bf16", 8, 8, 16)
    assert plan.frozen_precision == "fp32"

    stopped = write_training(project, RECIPE, manifest_of(images), images=images, number=2)
    lines = (folder / "journal.jsonl").read_bytes().splitlines(keepends=True)
    (stopped / "journal.jsonl").write_bytes(b"".join(lines[: 1 + next(i for i, line in enumerate(lines) if b"plan_fixed" in line)]))
    keep_profile(project, frozen="bf16", training=Setting(), inference=Setting())
    assert worker.run_job(stopped) == 0
    assert state_of(stopped).plan == plan
    resumed = next(event for event in events_of(stopped) if isinstance(event, ev.Resumed))
    assert resumed.plan_change is None


def test_a_training_with_other_threads_runs_as_was_measured_with_the_nearest_number_and_says_so(
    images: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build, "num_processors", lambda: 64)
    project = tmp_path / "project"
    keep_profile(project, threads=64, training=Setting(batch_size=2))
    keep_profile(project, threads=4, training=ODD, inference=Setting(batch_size=16))
    folder = write_training(project, RECIPE, manifest_of(images), images=images)
    assert worker.run_job(folder) == 0
    plan = state_of(folder).plan
    assert plan is not None
    assert (plan.threads, plan.measured_threads) == (1, 4)
    assert (plan.channels_last, plan.precision, plan.micro_batch, plan.feature_batch) == (False, "bf16", 8, 16)

    keep_profile(project, threads=1, training=Setting())
    again = write_training(project, RECIPE, manifest_of(images), images=images, number=2)
    assert worker.run_job(again) == 0
    plan = state_of(again).plan
    assert plan is not None
    assert (plan.measured_threads, plan.channels_last, plan.precision) == (None, True, "fp32"), "its own measurement comes first"


def test_a_precision_that_was_asked_for_is_kept(images: Path, tmp_path: Path) -> None:
    project = tmp_path / "project"
    keep_profile(project, frozen="bf16", training=ODD)
    folder = write_training(project, msgspec.structs.replace(RECIPE, precision="fp32"), manifest_of(images), images=images)
    assert worker.run_job(folder) == 0
    plan = state_of(folder).plan
    assert plan is not None
    assert (plan.precision, plan.frozen_precision, plan.channels_last) == ("fp32", "fp32", False)


def test_only_a_long_training_measures_its_network_first(images: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = tmp_path / "project"
    short = write_training(project, RECIPE, manifest_of(images), images=images)
    assert worker.run_job(short) == 0
    assert not (project / "cache" / profiles.FOLDER).exists()
    monkeypatch.setattr(probe, "_MEASURED_FROM_S", 0.0)
    monkeypatch.setattr(probe_network, "_INFERENCE_S", 0.05)
    monkeypatch.setattr(probe_network, "_TRAINING_S", 0.05)
    long = write_training(project, RECIPE, manifest_of(images), images=images, number=2)
    assert worker.run_job(long) == 0
    assert len(list((project / "cache" / profiles.FOLDER).iterdir())) == 1
    phases = [event.phase for event in events_of(long) if isinstance(event, ev.PhaseStarted)]
    assert phases.index("probe") < phases.index("finetune")


def test_a_probe_job_keeps_what_it_finds_of_the_machine_and_of_networks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe, "_WHAT_S", 0.02)
    monkeypatch.setattr(probe_network, "_INFERENCE_S", 0.05)
    monkeypatch.setattr(probe_network, "_TRAINING_S", 0.05)
    folder = write_probe(tmp_path)
    assert worker.run_job(folder) == 0
    assert state_of(folder).status is Status.FINISHED
    holds_for = profiles.conditions(device_name=choose("cpu").name, threads=1)
    machine = profiles.load_machine(tmp_path / "cache", holds_for)
    assert machine is not None
    assert machine.is_measured
    rates = [*machine.conv_flops.values(), *machine.gemm_flops.values(), machine.copy_bytes_per_s, machine.decode_pixels_per_s]
    assert all(rate > 1e6 for rate in rates)
    assert profiles.load_network(tmp_path / "cache", holds_for, architecture="test_resnet", input_size_px=64) is not None


def test_two_probes_wait_for_each_other(tmp_path: Path) -> None:
    folder, gate = write_probe(tmp_path), Gate()
    (tmp_path / "cache" / profiles.FOLDER).mkdir(parents=True)
    lock = FileLock(tmp_path / "cache" / profiles.FOLDER / "probe.lock")
    assert lock.acquire()
    events = probe.run(read_job(folder, gate=gate, history=()))
    assert isinstance(next(events), ev.PhaseStarted)
    assert isinstance(next(events), ev.StillWorking)
    assert isinstance(next(events), ev.StillWorking)
    gate.command = Command.STOP
    assert isinstance(next(events), ev.Stopped), "it can be stopped while it waits"
    assert not list(events)
    lock.release()


@pytest.mark.gpu
def test_a_card_is_measured_too() -> None:
    device = choose("auto")
    assert device.is_cuda
    machine = probe.measure_machine(device)
    assert machine.device.startswith("cuda")
    assert machine.conv_flops["bf16"] > 1e12
    assert measured(fresh_network().to(device.torch_device)).forward_s > 0
