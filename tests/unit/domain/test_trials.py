"""Sweeps: grids, chance with a seed, ranges, combinations that make no recipe, and the rule that ends a hopeless trial."""

from statistics import fmean, median

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tlstudio.domain.events import Pruned
from tlstudio.domain.pruning import FEWEST_RIVALS, GRACE_EPOCHS, pruned
from tlstudio.domain.recipe import RECIPES, NetworkPart
from tlstudio.domain.recipe_settings import SETTINGS
from tlstudio.domain.setting_text import axis_of, value_of
from tlstudio.domain.trials import Axis, SearchKind, Trial, TrialPlan, draw

BASE = RECIPES["balanced"].build(NetworkPart(architecture="test_resnet"))
RATES = Axis(setting="learning_rate", low=1e-4, high=1e-2, is_log=True)
STAGES = Axis(setting="num_stages", values=(1, 2, None))


def read(recipe, *settings):
    return tuple(SETTINGS[id].read(recipe) for id in settings)


def test_a_grid_has_every_combination_once_and_changes_nothing_else() -> None:
    plan = TrialPlan(axes=(Axis(setting="learning_rate", values=(1e-3, 3e-3)), STAGES))
    recipes = draw(BASE, plan).recipes
    assert [read(item, "learning_rate", "num_stages") for item in recipes] == [
        (1e-3, 1), (1e-3, 2), (1e-3, None), (3e-3, 1), (3e-3, 2), (3e-3, None),
    ]  # fmt: skip
    assert BASE in recipes
    assert all(SETTINGS["learning_rate"].replaced(SETTINGS["num_stages"].replaced(item, 2), 1e-3) == BASE for item in recipes)


def test_a_range_in_a_grid_is_even_in_its_logarithm_or_in_itself() -> None:
    assert RATES.grid() == pytest.approx((1e-4, 1e-3, 1e-2))
    assert Axis(setting="epochs", low=2, high=10).grid() == (2, 6, 10)
    assert Axis(setting="epochs", low=2, high=3).grid() == (2, 3), "whole numbers come once"


def test_chance_is_the_same_for_a_seed_and_lies_in_the_range() -> None:
    plan = TrialPlan(axes=(RATES, STAGES), kind=SearchKind.RANDOM, num_trials=20, seed=3)
    recipes = draw(BASE, plan).recipes
    assert draw(BASE, plan).recipes == recipes
    assert draw(BASE, msgspec.structs.replace(plan, seed=4)).recipes != recipes
    assert len(set(recipes)) == len(recipes) == 20
    rates = [read(item, "learning_rate")[0] for item in recipes]
    assert all(1e-4 <= rate <= 1e-2 for rate in rates)
    below = sum(rate < 1e-3 for rate in rates)
    assert 4 <= below <= 16, "half of a logarithmic range lies below its geometric mean"
    assert draw(BASE, msgspec.structs.replace(plan, num_trials=5)).recipes == recipes[:5]


def test_chance_among_few_values_ends_when_there_are_no_more() -> None:
    plan = TrialPlan(axes=(STAGES,), kind=SearchKind.RANDOM, num_trials=10)
    assert {read(item, "num_stages") for item in draw(BASE, plan).recipes} == {(1,), (2,), (None,)}


def test_a_combination_that_is_no_recipe_is_left_out_and_said() -> None:
    drawn = draw(BASE, TrialPlan(axes=(Axis(setting="epochs", values=(5, 5000)),)))
    assert [read(item, "epochs") for item in drawn.recipes] == [(5,)]
    assert [item.text() for item in drawn.refused] == ["Left out, epochs 5000: epochs must be between 1 and 1000, not 5000"]
    with pytest.raises(ValueError, match="between 1 and 1000"):
        draw(BASE, TrialPlan(axes=(Axis(setting="epochs", values=(5000,)),)))


def test_what_means_nothing_in_a_combination_makes_no_second_one() -> None:
    plan = TrialPlan(axes=(Axis(setting="lora_rank", values=(None, 8)), Axis(setting="lora_alpha", values=(8.0, 16.0))))
    assert [read(item, "lora_rank", "lora_alpha") for item in draw(BASE, plan).recipes] == [(None, 16.0), (8, 8.0), (8, 16.0)]
    quick = RECIPES["quick"].build(BASE.network)
    with pytest.raises(ValueError, match="epochs means nothing for the recipe quick"):
        draw(quick, TrialPlan(axes=(Axis(setting="epochs", values=(5, 6)),)))


def test_a_plan_that_cannot_be_meant_is_refused() -> None:
    with pytest.raises(ValueError, match="6 combinations, more than 4 trials"):
        TrialPlan(axes=(STAGES, Axis(setting="epochs", values=(1, 2))), num_trials=4)
    with pytest.raises(ValueError, match="1 to 50 trials"):
        TrialPlan(axes=(STAGES,), num_trials=51)
    with pytest.raises(ValueError, match="each once"):
        TrialPlan(axes=(STAGES, STAGES))
    with pytest.raises(ValueError, match="no setting speed"):
        Axis(setting="speed", values=(1, 2))
    with pytest.raises(ValueError, match="above 0"):
        Axis(setting="learning_rate", low=0.0, high=1.0, is_log=True)
    with pytest.raises(ValueError, match="needs values"):
        Axis(setting="augmentation", low=0.0, high=1.0)


@pytest.mark.parametrize(
    ("id", "text", "axis"),
    [
        ("learning_rate", "1e-4:1e-2:log", RATES),
        ("epochs", "2:10", Axis(setting="epochs", low=2, high=10)),
        ("num_stages", "1, 2, all", STAGES),
        ("augmentation", "none,light", Axis(setting="augmentation", values=("none", "light"))),
        ("epochs", "5", None),
        ("stage_rates", "1e-3,1e-4", None),
        ("mixup", "0.0,2", Axis(setting="mixup", values=(0.0, 2.0))),
        ("weight_decay", "0,0.05", Axis(setting="weight_decay", values=(0.0, 0.05))),
        ("weight_decay", "0,1e-4", Axis(setting="weight_decay", values=(0.0, 1e-4))),
        ("patience", "0,2", Axis(setting="patience", values=(0, 2))),
        ("epochs", "05,10", Axis(setting="epochs", values=(5, 10))),
    ],
)
def test_values_and_ranges_are_typed(id: str, text: str, axis: Axis | None) -> None:
    assert axis_of(SETTINGS[id], text) == axis


def test_what_is_no_range_is_told() -> None:
    for text in ("1e-2:1e-4", "a:b", "1:2:3", "1:2:cubic"):
        with pytest.raises(ValueError, match="learning_rate needs a range such as"):
            axis_of(SETTINGS["learning_rate"], text)


@pytest.mark.parametrize("text", ["0,001;0,01", "0,001", "0,001,0,01", "0,001:0,01", "1; 2", "0,2", "1,0,5", " 0,2", "-0,2"])
def test_who_types_decimals_with_a_comma_is_told_how_they_are_written(text: str) -> None:
    with pytest.raises(ValueError, match=r"after a point and a comma between values, such as 0\.001,0\.01, not"):
        axis_of(SETTINGS["learning_rate"], text)


@pytest.mark.parametrize(("id", "text"), [("penalties", "0,2"), ("stage_rates", "0,2,0,1"), ("label_smoothing", "0,2"), ("mixup", "0,2")])
def test_a_comma_for_decimals_is_refused_in_one_value_and_in_a_list_of_them(id: str, text: str) -> None:
    with pytest.raises(ValueError, match="needs decimals after a point"):
        value_of(SETTINGS[id], text)


def test_a_leading_zero_says_nothing_of_decimals_where_no_comma_follows() -> None:
    assert (value_of(SETTINGS["epochs"], "05"), value_of(SETTINGS["mixup"], "00.5")) == (5, 0.5)


def test_a_trial_comes_back_from_its_order_as_it_was() -> None:
    plan = TrialPlan(axes=(RATES, STAGES, Axis(setting="augmentation", values=("none", "light"))), kind=SearchKind.RANDOM)
    trial = Trial(sweep=1, number=2, num_trials=3, plan=plan, rivals=((0.5, 0.75), (1.0,)))
    assert msgspec.json.decode(msgspec.json.encode(trial), type=Trial) == trial


# --- the median rule

GOOD = ((0.5, 0.7, 0.9, 0.9),) * 3


def test_a_trial_worse_than_the_median_of_running_means_ends_after_its_grace() -> None:
    assert pruned((0.1, 0.2), GOOD) is None, "every trial has its grace"
    assert pruned((0.1, 0.2, 0.69), GOOD) == Pruned(epoch=3, num_rivals=3)
    assert pruned((0.1, 0.2, 0.7), GOOD) is None, "as good as the median is good enough"
    assert pruned((0.8, 0.2, 0.1), GOOD) is None, "its best counts, not its last"
    assert pruned((0.1, 0.2, 0.3), GOOD[:2]) is None, "two are too few to be worse than"
    assert pruned((0.1, 0.2, 0.3), (*GOOD[:2], ())) is None, "one without an epoch is no rival"


shares = st.floats(0, 1)
curves = st.lists(shares, min_size=1, max_size=8).map(tuple)


@given(curve=curves, rivals=st.lists(curves, max_size=6).map(tuple))
def test_the_rule_is_the_one_of_the_paper(curve: tuple[float, ...], rivals: tuple[tuple[float, ...], ...]) -> None:
    found = pruned(curve, rivals)
    if len(curve) < GRACE_EPOCHS or len(rivals) < FEWEST_RIVALS:
        assert found is None
        return
    bar = median([fmean(rival[: len(curve)]) for rival in rivals])
    assert abs(max(curve) - bar) < 1e-6 or (found is not None) == (max(curve) < bar)
    assert pruned((*curve[:-1], 1.0), rivals) is None, "nothing is worse than a perfect epoch"
    assert pruned(curve, tuple(reversed(rivals))) == found, "whatever the order of the rivals"
