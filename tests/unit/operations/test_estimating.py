"""What the window and the terminal ask before a training starts."""

from pathlib import Path

import msgspec

from tests.recorded import make_project
from tlstudio import paths
from tlstudio.domain.estimates import SetSize, estimate
from tlstudio.domain.events import Summary
from tlstudio.domain.machine import Setting
from tlstudio.domain.recipe import RECIPES, NetworkPart
from tlstudio.domain.run_state import Status
from tlstudio.domain.runs import Run
from tlstudio.operations import estimates
from tlstudio.zoo import catalogue, profiles

SIZES = SetSize(num_train=100, num_val=20, num_test=20, num_classes=3, mean_pixels=100_000)


def test_without_a_measurement_a_cautious_machine_stands_in() -> None:
    here = estimates.machine("cpu")
    assert not here.is_measured
    assert here.memory_bytes > 0
    assert here.threads >= 1


def test_what_was_measured_is_found_again_and_under_other_libraries_is_not() -> None:
    here = estimates.machine("cpu")
    holds_for = profiles.conditions(device_name=here.device_name, threads=here.threads)
    measured = msgspec.structs.replace(here, conv_flops={"fp32": 1e12, "bf16": 2e12}, measured_at=5.0)
    profiles.save_machine(paths.cache_dir(), {**holds_for, "torch": "another"}, measured)
    assert not estimates.machine("cpu").is_measured
    profiles.save_machine(paths.cache_dir(), holds_for, measured)
    assert estimates.machine("cpu").conv_flops == measured.conv_flops

    part = NetworkPart(architecture="resnet18")
    guessed = estimates.profile_of(part, estimates.machine("cpu"))
    assert (guessed.is_measured, guessed.input_size_px) == (False, 224)
    own = msgspec.structs.replace(guessed, is_measured=True, inference=Setting(batch_size=8))
    profiles.save_network(paths.cache_dir(), holds_for, own)
    assert estimates.profile_of(part, estimates.machine("cpu")) == own
    other_size = msgspec.structs.replace(part, input_size_px=160)
    assert not estimates.profile_of(other_size, estimates.machine("cpu")).is_measured


def test_a_damaged_measurement_counts_as_none() -> None:
    here = estimates.machine("cpu")
    holds_for = profiles.conditions(device_name=here.device_name, threads=here.threads)
    profiles.save_machine(paths.cache_dir(), holds_for, msgspec.structs.replace(here, measured_at=5.0))
    for file in (paths.cache_dir() / profiles.FOLDER).iterdir():
        file.write_text("{")
    assert not estimates.machine("cpu").is_measured


def test_every_network_of_the_catalogue_has_an_estimate() -> None:
    here = estimates.machine("cpu")
    quick = RECIPES["quick"]
    for spec in catalogue.load().networks[::7]:
        profile = estimates.profile_of(NetworkPart(architecture=spec.name), here)
        found = estimate(profile, here, quick.build(NetworkPart(architecture=spec.name)), SIZES)
        assert 0 < found.low_s < found.high_s < 1e6, spec.name


def test_what_an_earlier_run_has_looked_at_costs_no_second_look(tmp_path: Path) -> None:
    project = make_project(tmp_path / "Insects")
    recipe = RECIPES["quick"].build(NetworkPart(architecture="resnet152"))
    summary = Summary(accuracy=1.0, balanced_accuracy=1.0, loss=0.0, best_step=0, seconds=1.0, checkpoint="c")
    run = Run(number=1, recipe=recipe, weights_name="", created_at=0.0, status=Status.FINISHED, summary=summary)
    first, dataset = estimates.estimate(recipe, project.dataset()), project.dataset()
    assert estimates.estimate(recipe, dataset, [run]).total_s == first.total_s, "the cache was cleared since"
    (paths.cache_dir() / "features").mkdir(parents=True)
    (paths.cache_dir() / "features" / "some.features").touch()
    assert estimates.estimate(recipe, dataset, [run]).first_pass_s < first.first_pass_s / 2
    other_seed = msgspec.structs.replace(recipe, seed=1)
    assert estimates.estimate(other_seed, dataset, [run]).total_s == first.total_s, "other random numbers, other features"
    project.close()
