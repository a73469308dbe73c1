"""The cockpit's state: what the slider, the rates and the head make of the recipe, the drawing and the figures."""

from dataclasses import replace

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tlstudio.domain.abilities import Abilities
from tlstudio.domain.estimates import RunEstimate, SetSize, estimate
from tlstudio.domain.machine import MachineProfile, NetworkProfile, Setting, StageCost
from tlstudio.domain.recipe import FineTunePart, NetworkPart, Recipe
from tlstudio.ui.recipe.choice import RecipeChoice
from tlstudio.ui.zoo.cockpit.captions import column_of, runs_of, told
from tlstudio.ui.zoo.cockpit.compare import depths_of
from tlstudio.ui.zoo.cockpit.figures import figures_of
from tlstudio.ui.zoo.cockpit.known import Known
from tlstudio.ui.zoo.cockpit.places import places_of
from tlstudio.ui.zoo.cockpit.rates import rate_words
from tlstudio.ui.zoo.cockpit.viewmodel import CockpitModel

RESNET = NetworkPart(architecture="resnet18")
VIT = NetworkPart(architecture="vit_tiny_patch16_224")
SIZES = SetSize(num_train=300, num_val=60, num_test=40, num_classes=4, mean_pixels=300_000)
MACHINE = MachineProfile(
    device="cpu",
    device_name="A processor",
    threads=4,
    conv_flops={"fp32": 1e11, "bf16": 1e11},
    gemm_flops={"fp32": 1e11, "bf16": 1e11},
    copy_bytes_per_s=1e10,
    decode_pixels_per_s=4e7,
    memory_bytes=24 * 1024**3,
    measured_at=1.0,
)


def _stage(num_parameters: int, *shape: int) -> StageCost:
    return StageCost(
        num_parameters=num_parameters,
        macs=10**8,
        output_shape=shape,
        forward_s=0.001,
        train_forward_s=0.001,
        backward_s=0.002,
        kept_bytes=1_000_000,
    )


def _profile(network: NetworkPart) -> NetworkProfile:
    if network == VIT:
        stages = tuple(_stage(400_000, 197, 192) for _block in range(13))
    else:
        stages = tuple(_stage(1000 * 4**place, 64, 56 >> place, 56 >> place) for place in range(5))
    return NetworkProfile(architecture=network.architecture, input_size_px=224, num_features=512, stages=stages)


def known(network: NetworkPart = RESNET, *, sizes: SetSize | None = SIZES, machine: MachineProfile = MACHINE) -> Known:
    abilities = Abilities(poolings=("auto", "avg"), stage_adapters=(0, *(2,) * 12) if network == VIT else ())
    return known_of(network, _profile(network), machine, sizes, abilities)


def known_of(network: NetworkPart, profile: NetworkProfile, machine: MachineProfile, sizes: SetSize | None, abilities: Abilities) -> Known:
    def expect(recipe: Recipe) -> RunEstimate:
        assert sizes is not None
        return estimate(profile, machine, recipe, sizes)

    return Known(network=network, profile=profile, machine=machine, sizes=sizes, abilities=abilities, expect=expect)


def model_of(found: Known) -> CockpitModel:
    model = CockpitModel()
    model.choose_network(found.network)
    model.learn(found)
    return model


@pytest.fixture
def model() -> CockpitModel:
    return model_of(known())


class TestTheSlider:
    def test_a_new_project_begins_with_the_head_alone(self, model: CockpitModel) -> None:
        assert (model.num_frozen, model.num_stages) == (5, 5)
        assert [box.state for box in model.boxes] == ["cached"] * 5 + ["new"]
        assert model.freeze_words == "Only the head trains"
        assert model.figures.epoch.value == "none"

    def test_three_frozen_stages_leave_two_that_train(self, model: CockpitModel) -> None:
        model.freeze(3)
        assert [box.state for box in model.boxes] == ["cached"] * 3 + ["trains"] * 2 + ["new"]
        assert model.recipe is not None
        assert model.recipe.name == "balanced"
        assert model.recipe.finetune is not None
        assert model.recipe.finetune.num_stages == 2
        assert model.freeze_words == "Frozen: 3 of 5 stages"

    def test_everything_can_train(self, model: CockpitModel) -> None:
        model.freeze(0)
        assert model.num_frozen == 0
        assert model.freeze_words == "Everything trains"
        assert model.figures.cache.sub == "pixels and features"

    @given(st.lists(st.integers(0, 5), min_size=1, max_size=8))
    def test_it_stands_where_it_was_put_last(self, moves: list[int]) -> None:
        model = model_of(known())
        for number in moves:
            model.freeze(number)
        assert model.num_frozen == moves[-1]
        assert sum(box.rate is not None for box in model.boxes[:-1]) == 5 - moves[-1]
        assert model.estimate == estimate(_profile(RESNET), MACHINE, model.recipe, SIZES)  # type: ignore[arg-type]

    def test_fewer_frozen_stages_cost_more_time_memory_and_numbers(self, model: CockpitModel) -> None:
        seen = []
        for number in (5, 3, 0):
            model.freeze(number)
            assert model.estimate is not None
            seen.append((model.estimate.total_s, model.estimate.memory_bytes, model.estimate.num_trainable))
        assert seen == sorted(seen)

    def test_what_train_has_is_what_it_shows(self) -> None:
        choice = RecipeChoice()
        choice.choose_network(RESNET)
        choice.choose_recipe("balanced")
        choice.change("num_stages", 4)
        model = CockpitModel()
        model.begin(choice)
        model.learn(known())
        assert model.num_frozen == 1
        model.freeze(2)
        assert choice.recipe is not None
        assert choice.recipe.finetune is not None
        assert choice.recipe.finetune.num_stages == 4, "a proposal is no choice until it is used"


def test_the_stem_of_a_transformer_reads_the_same_measured_or_from_the_catalogue() -> None:
    catalogue = known(VIT)
    stem = msgspec.structs.replace(catalogue.profile.stages[0], output_shape=(192, 14, 14))
    measured = msgspec.structs.replace(catalogue.profile, stages=(stem, *catalogue.profile.stages[1:]))
    stems = [model_of(replace(catalogue, profile=profile)).boxes[0] for profile in (catalogue.profile, measured)]
    assert [(box.map, box.map_short) for box in stems] == [("14²", "14²")] * 2


class TestRates:
    def test_each_stage_takes_a_share_of_the_one_after_it(self, model: CockpitModel) -> None:
        model.freeze(3)
        assert [column_of(box)[1] for box in model.boxes] == ["–", "–", "–", "9e-5", "3e-4", "1e-3"]

    def test_one_rate_by_hand_leaves_the_others(self, model: CockpitModel) -> None:
        model.freeze(2)
        model.set_rate(1, 5e-5)
        assert [column_of(box)[1] for box in model.boxes[2:]] == ["2.7e-5", "5e-5", "3e-4", "1e-3"]
        assert model.has_own_rates

    def test_a_stage_that_is_opened_later_goes_on_by_the_rule(self, model: CockpitModel) -> None:
        model.freeze(4)
        model.set_rate(0, 1e-4)
        model.freeze(3)
        assert model.rates == pytest.approx((1e-4, 3e-5))
        model.freeze(5)
        model.freeze(4)
        assert model.rates == pytest.approx((1e-4,))

    def test_back_to_the_rule(self, model: CockpitModel) -> None:
        model.freeze(4)
        model.set_rate(0, 1e-4)
        model.change("stage_rates", None)
        assert model.rates == pytest.approx((3e-4,))
        assert not model.has_own_rates

    def test_a_rate_below_what_may_be_entered_does_not_stand_in_the_way_of_another(self) -> None:
        model = model_of(known(VIT))
        model.freeze(0)
        model.change("stage_decay", 0.1)
        model.set_rate(0, 2e-4)
        assert model.rates[0] == pytest.approx(2e-4)

    def test_every_block_of_a_transformer_that_trains_has_a_rate_it_moves_with(self) -> None:
        model = model_of(known(VIT))
        model.freeze(0)
        assert [column_of(box)[1] for box in model.boxes] == ["1e-5"] * 10 + ["2.7e-5", "9e-5", "3e-4", "1e-3"]

    @pytest.mark.parametrize(("rate", "words"), [(1e-3, "1e-3"), (2.7e-5, "2.7e-5"), (0.25, "0.25"), (1.0, "1")])
    def test_rates_are_written_short(self, rate: float, words: str) -> None:
        assert rate_words(rate) == words


class TestWhatIsCached:
    def test_without_kept_views_the_frozen_stages_run_every_epoch(self, model: CockpitModel) -> None:
        model.freeze(3)
        assert model.figures.epoch.sub.endswith("then cached")
        assert column_of(model.boxes[0])[2] == "once"
        model.change("num_views", 0)
        assert [box.state for box in model.boxes[:3]] == ["frozen"] * 3
        assert column_of(model.boxes[0])[2] != "once"
        assert not model.figures.epoch.sub.endswith("cached")

    @given(st.integers(0, 5), st.integers(0, 4))
    def test_shares_of_time_come_to_a_whole(self, number: int, views: int) -> None:
        model = model_of(known())
        model.freeze(2)
        model.change("num_views", views)
        model.freeze(number)
        shares = [box.time_share for box in model.boxes if box.time_share is not None]
        assert sum(shares) == pytest.approx(1.0)


class TestTransformers:
    def test_blocks_are_told_with_their_tokens(self) -> None:
        model = model_of(known(VIT))
        model.freeze(9)
        assert model.boxes[12].name == "block 12"
        assert model.boxes[12].map == "197 tokens"
        assert model.freeze_words == "Frozen: 9 of 13 blocks"
        assert [(run.first, run.last) for run in runs_of(model.boxes)] == [(0, 8), (9, 12), (13, 13)]

    def test_adapters_train_far_less(self) -> None:
        model = model_of(known(VIT))
        model.freeze(9)
        assert model.estimate is not None
        before = model.estimate.num_trainable
        model.change("lora_rank", 4)
        assert {box.state for box in model.boxes[9:13]} == {"adapters"}
        assert model.estimate.num_trainable < before / 10

    def test_they_do_not_go_over_to_another_network(self) -> None:
        model = model_of(known(VIT))
        model.freeze(9)
        model.change("lora_rank", 4)
        model.choose_network(RESNET)
        model.learn(known())
        assert model.recipe is not None
        assert model.recipe.finetune is not None
        assert model.recipe.finetune.lora is None


class TestComparison:
    def test_depths_differ_in_what_they_take_and_the_draft_stays(self, model: CockpitModel) -> None:
        model.freeze(4)
        model.change("head_kind", "cosine")
        depths = depths_of(model)
        assert [depth.num_frozen for depth in depths] == [5, 3, 0]
        assert len({depth.figures for depth in depths}) == 3
        assert model.num_frozen == 4

    def test_a_network_of_one_piece_has_two(self) -> None:
        held = known()
        profile = msgspec.structs.replace(held.profile, stages=held.profile.stages[:1])
        model = model_of(known_of(RESNET, profile, MACHINE, SIZES, held.abilities))
        assert [depth.num_frozen for depth in depths_of(model)] == [1, 0]
        assert model.boxes[0].name == "network"


class TestFigures:
    def test_nothing_is_said_before_it_is_known(self) -> None:
        model = CockpitModel()
        model.choose_network(RESNET)
        assert model.boxes == ()
        assert model.figures.whole.value == "–"
        model.learn(known(VIT))
        assert model.boxes == (), "of another network, that was chosen before"

    def test_without_images_the_network_is_drawn_and_the_figures_say_what_is_missing(self) -> None:
        model = model_of(known(sizes=None))
        model.freeze(3)
        assert len(model.boxes) == 6
        assert model.figures.memory.sub == "add images first"
        assert model.warning == model.source == ""

    def test_a_span_that_could_be_anything_is_not_told(self) -> None:
        guess = RunEstimate(
            first_pass_s=1,
            epoch_s=10,
            total_s=100,
            low_s=20,
            high_s=300,
            memory_bytes=1,
            least_bytes=1,
            available_bytes=1,
            num_trainable=1,
            num_parameters=1,
            cache_bytes=1,
            is_measured=False,
        )
        model = model_of(known())
        recipe, profile = model.recipe, known().profile
        assert recipe is not None
        assert figures_of(guess, recipe, profile).whole.sub == "not measured yet"
        assert figures_of(msgspec.structs.replace(guess, low_s=75), recipe, profile).whole.sub == "1 min to 5 min"

    def test_the_whole_is_told_as_runs_are_timed(self) -> None:
        model = model_of(known())
        estimate, recipe = model.estimate, model.recipe
        assert estimate is not None
        assert recipe is not None
        slow = msgspec.structs.replace(estimate, total_s=3600.0, start_s=1800.0)
        assert figures_of(slow, recipe, known().profile).whole.value == "about 30 min", "without loading libraries"

    def test_too_little_memory_is_said_before_it_starts(self) -> None:
        small = msgspec.structs.replace(MACHINE, memory_bytes=600_000_000)
        model = model_of(known(machine=small))
        model.freeze(0)
        assert model.figures.memory.is_bad
        assert model.warning.startswith("Needs 0.8 GB to be loaded at all, this computer has 0.6 GB free")
        model = model_of(known(machine=msgspec.structs.replace(MACHINE, memory_bytes=900_000_000)))
        model.freeze(0)
        assert model.figures.memory.is_bad
        assert "freeze more stages" in model.warning
        model = model_of(known())
        model.freeze(0)
        assert not model.warning
        assert not model.figures.memory.is_bad

    def test_where_they_come_from(self, model: CockpitModel) -> None:
        assert model.source.startswith("Worked out from this computer's rates")
        measured = msgspec.structs.replace(_profile(RESNET), is_measured=True)
        held = known()
        model.learn(known_of(RESNET, measured, held.machine, SIZES, held.abilities))
        assert model.source == "Measured with this network on this computer."

    def test_every_stage_is_told_in_words(self, model: CockpitModel) -> None:
        model.freeze(4)
        assert told(model.boxes[0]).startswith("stem, 56², frozen, 1.0 k parameters, runs once, then comes from the cache")
        assert told(model.boxes[4]).startswith("stage 4, 3², trains, 0.3 M parameters, rate 3e-4, 100 % of the time")


@given(st.floats(300, 2000), st.integers(2, 66))
def test_boxes_and_stops_lie_side_by_side_within_the_width(width: float, count: int) -> None:
    places = places_of(width, count)
    ends = [left + wide for left, wide in zip(places.lefts, places.widths, strict=True)]
    assert all(wide > 0 for wide in places.widths)
    assert all(end <= left for end, left in zip(ends, places.lefts[1:], strict=False))
    assert ends[-1] <= width + 0.01
    assert len(places.stops) == count
    assert all(end <= stop <= left for end, stop, left in zip(ends, places.stops[1:], places.lefts[1:], strict=False))


@pytest.mark.parametrize(
    ("part", "batch"),
    [
        (None, 16),
        (FineTunePart(batch_size=64), 48),
        (FineTunePart(batch_size=24), 24),
        (FineTunePart(batch_size=64, micro_batch=8), 8),
        (FineTunePart(batch_size=24, micro_batch=32), 24),
    ],
    ids=["a head", "as measured", "less than measured", "as asked for", "more asked for than a step has"],
)
def test_beside_the_memory_stands_how_many_images_are_computed_at_once(part: FineTunePart | None, batch: int) -> None:
    profile = msgspec.structs.replace(_profile(RESNET), is_measured=True, inference=Setting(batch_size=16), training=Setting(batch_size=48))
    recipe = Recipe(name="custom", network=RESNET, finetune=part)
    words = figures_of(estimate(profile, MACHINE, recipe, SIZES), recipe, profile).memory.sub
    assert words.endswith(f"batch {batch}")
