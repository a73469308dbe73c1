"""What a run will take: it grows with what there is to do, and says what it stands on."""

import math

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tlstudio.domain.estimates import RunEstimate, SetSize, by_rates, estimate, head_parameters, rate_finder_s, work_s
from tlstudio.domain.machine import MachineProfile, NetworkProfile
from tlstudio.domain.networks import NetworkSpec
from tlstudio.domain.recipe import RECIPES, FineTunePart, HeadPart, LoraPart, NetworkPart, Recipe

GIB = 1 << 30
MACHINE = MachineProfile(
    device="cpu",
    device_name="CPU",
    threads=2,
    conv_flops={"fp32": 100e9, "bf16": 200e9},
    gemm_flops={"fp32": 120e9, "bf16": 250e9},
    copy_bytes_per_s=10e9,
    decode_pixels_per_s=50e6,
    memory_bytes=8 * GIB,
    measured_at=1.0,
)
CNN = NetworkSpec(
    name="cnn",
    family="CNN",
    num_parameters=1_000_000,
    macs=500_000_000,
    input_size_px=224,
    num_features=512,
    fingerprint="",
    stages=(10_000, 90_000, 300_000, 600_000),
    stage_macs=(100_000_000, 150_000_000, 150_000_000, 100_000_000),
    stage_outputs=((32, 112, 112), (64, 56, 56), (128, 28, 28), (512, 7, 7)),
    stage_kept=(800_000, 600_000, 400_000, 200_000),
)
SIZES = SetSize(num_train=1000, num_val=200, num_test=200, num_classes=5, mean_pixels=300_000)


def balanced(**changes: object) -> Recipe:
    part = msgspec.structs.replace(FineTunePart(), **changes)
    return msgspec.structs.replace(RECIPES["balanced"].build(NetworkPart(architecture="cnn")), finetune=part)


def expected(
    recipe: Recipe, profile: NetworkProfile | None = None, sizes: SetSize = SIZES, machine: MachineProfile = MACHINE
) -> RunEstimate:
    return estimate(profile or by_rates(CNN, machine), machine, recipe, sizes)


def test_only_a_head_has_no_epochs_and_trains_only_itself() -> None:
    found = expected(RECIPES["quick"].build(NetworkPart(architecture="cnn")))
    assert found.epoch_s == 0
    assert found.num_trainable == head_parameters(HeadPart(), 512, 5) == 513 * 5
    assert found.num_parameters == 1_000_000 + 513 * 5
    assert found.low_s < work_s(found) < found.high_s


def test_thorough_takes_longer_than_balanced_and_more_memory() -> None:
    network = NetworkPart(architecture="cnn")
    less, more = expected(RECIPES["balanced"].build(network)), expected(RECIPES["thorough"].build(network))
    assert more.num_trainable == more.num_parameters
    assert less.low_s < more.low_s < more.total_s < math.inf
    assert less.total_s < more.total_s
    assert less.memory_bytes < more.memory_bytes


def test_trying_rates_takes_as_long_as_its_steps() -> None:
    profile = by_rates(CNN, MACHINE)
    assert rate_finder_s(profile, MACHINE, RECIPES["quick"].build(NetworkPart(architecture="cnn")), SIZES) == 0
    few, many = balanced(batch_size=16), balanced(batch_size=64)
    assert 0 < rate_finder_s(profile, MACHINE, few, SIZES) < rate_finder_s(profile, MACHINE, many, SIZES) < math.inf
    longer = balanced(batch_size=16, epochs=900)
    assert rate_finder_s(profile, MACHINE, longer, SIZES) == pytest.approx(rate_finder_s(profile, MACHINE, few, SIZES))


def test_images_whose_features_are_known_cost_nothing_again() -> None:
    quick = RECIPES["quick"].build(NetworkPart(architecture="cnn"))
    all_known = msgspec.structs.replace(SIZES, num_cached=1400)
    per_image = by_rates(CNN, MACHINE).forward_s
    saved = expected(quick).first_pass_s - expected(quick, sizes=all_known).first_pass_s
    assert saved >= 1400 * per_image


@given(first=st.integers(1, 3), epochs=st.integers(1, 50), views=st.sampled_from([0, 4]))
def test_every_stage_more_trains_more_numbers_and_needs_more_of_everything(first: int, epochs: int, views: int) -> None:
    less = expected(balanced(num_stages=first, epochs=epochs, num_views=views))
    more = expected(balanced(num_stages=first + 1, epochs=epochs, num_views=views))
    assert more.num_trainable - less.num_trainable == CNN.stages[-first - 1]
    assert more.epoch_s > less.epoch_s
    assert more.memory_bytes > less.memory_bytes
    assert math.isfinite(more.total_s)


def test_kept_activations_take_the_frozen_stages_out_of_every_epoch() -> None:
    kept, anew = expected(balanced(num_stages=1, num_views=4, epochs=20)), expected(balanced(num_stages=1, num_views=0, epochs=20))
    assert kept.epoch_s < anew.epoch_s
    assert kept.total_s < anew.total_s
    assert kept.cache_bytes > anew.cache_bytes
    whole = [expected(balanced(num_stages=4, num_views=views)) for views in (0, 4)]
    assert whole[0] == whole[1], "where nothing is frozen there is nothing to keep"


def test_patience_lets_it_end_early_and_the_span_says_so() -> None:
    impatient, patient = expected(balanced(epochs=40, patience=3)), expected(balanced(epochs=40, patience=0))
    assert impatient.total_s == patient.total_s
    assert impatient.low_s < patient.low_s


def test_a_batch_that_is_too_large_does_not_fit_but_could_start() -> None:
    small = msgspec.structs.replace(MACHINE, memory_bytes=900_000_000)
    found = expected(balanced(num_stages=4, batch_size=512), machine=small)
    assert not found.fits
    assert found.can_start
    none = msgspec.structs.replace(MACHINE, memory_bytes=100_000_000)
    assert not expected(balanced(), machine=none).can_start


def test_adapters_train_few_numbers_of_a_transformer() -> None:
    vit = msgspec.structs.replace(
        CNN, stages=(150_000, 450_000, 400_000), stage_macs=(), stage_kept=(), stage_outputs=((197, 192),) * 3, num_features=192
    )
    profile = by_rates(vit, MACHINE)
    found = expected(balanced(num_stages=2, lora=LoraPart(rank=8)), profile)
    assert found.num_trainable == 2 * 6 * 8 * 192 + head_parameters(HeadPart(), 192, 5)


@pytest.mark.parametrize("ratio", [0.5, 1.0, 2.0])
def test_rates_follow_the_input_size_by_its_area(ratio: float) -> None:
    size = round(224 * ratio)
    one, other = by_rates(CNN, MACHINE), by_rates(CNN, MACHINE, input_size_px=size)
    assert other.forward_s == pytest.approx(one.forward_s * ratio**2)
    assert other.stages[0].output_shape == (32, 112 * ratio, 112 * ratio)
    assert not other.is_measured


def test_a_network_of_which_little_is_known_still_gets_an_answer() -> None:
    bare = NetworkSpec(name="x", family="X", num_parameters=10_000, macs=0, input_size_px=64, num_features=8, fingerprint="")
    found = expected(balanced(), by_rates(bare, MACHINE))
    assert found.total_s > 0
    assert not found.is_measured
    assert found.high_s / work_s(found) > 1.5


def test_judging_mirror_images_too_takes_twice_the_passes_and_no_more_steps() -> None:
    once = balanced()
    twice = msgspec.structs.replace(once, judged_views="mirrored")
    one, two = expected(once), expected(twice)
    assert one.first_pass_s < two.first_pass_s < 2 * one.first_pass_s
    assert one.epoch_s < two.epoch_s < 1.5 * one.epoch_s
    assert two.cache_bytes > one.cache_bytes
    assert (two.num_trainable, two.memory_bytes) == (one.num_trainable, one.memory_bytes)
