"""The Models panel's state over the real catalogue, without a window: filters, search, order, and speed."""

import math
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.costs import num_lines
from tlstudio.domain.networks import Preprocessing, WeightsCard
from tlstudio.domain.ranking import RankedNetwork, Ranking
from tlstudio.domain.recipe import NetworkPart
from tlstudio.domain.report import Estimate
from tlstudio.messages import message
from tlstudio.ui.zoo.families import family_sentence
from tlstudio.ui.zoo.filters import CONDITIONS, FILTERS, SIZES
from tlstudio.ui.zoo.outlook import Outlook, run_words, speed_words
from tlstudio.ui.zoo.rows import build_rows, gigas, millions
from tlstudio.ui.zoo.speed_plot import height_ticks, rate_ticks
from tlstudio.ui.zoo.viewmodel import SORTS, ZooModel, relaxations
from tlstudio.zoo import catalogue


def _card(architecture: str, *, name: str = "", tag: str = "", bundled: bool = False, licence: str = "apache-2.0") -> WeightsCard:
    return WeightsCard(
        hash=(name or architecture).encode().hex().ljust(64, "0"),
        architecture=architecture,
        name=name or architecture,
        preprocessing=Preprocessing(input_size_px=128 if bundled else 224),
        num_classes=1000,
        tag=tag,
        bundled=bundled,
        licence=licence,
    )


def _outlook(*, rate: float = 100.0, run_s: float | None = 60.0, memory: float = 1e9, is_measured: bool = False) -> Outlook:
    return Outlook(images_per_s=rate, run_s=run_s, memory_bytes=int(memory), available_bytes=4_000_000_000, is_measured=is_measured)


STARTER = _card("mobilenetv4_conv_small_050", name="Starter (MobileNetV4 small 0.5)", bundled=True)
PUBLISHED = _card("resnet18", name="ResNet-18 (a1)", tag="a1_in1k")
OWN = _card("vit_tiny_patch16_224", name="Our ViT", licence="")


@pytest.fixture(scope="module")
def rows():
    return build_rows(catalogue.load(), [STARTER, PUBLISHED, OWN])


@pytest.fixture
def model(rows) -> ZooModel:
    result = ZooModel()
    result.show_rows(rows)
    return result


def test_every_architecture_and_every_published_set_has_a_row(rows) -> None:
    book = catalogue.load()
    without = sum(not network.pretrained for network in book.networks)
    # The starter's network has no published set here and the own card is no published one: one row each, besides.
    assert len({row.network.name for row in rows}) == len(book.networks) > 1400
    assert len(rows) == book.num_pretrained + without + 2
    assert len({row.key for row in rows}) == len(rows)


def test_weights_that_are_here_take_the_place_of_the_published_set(rows) -> None:
    mine = [row for row in rows if row.network.name == "resnet18" and row.tag == "a1_in1k"]
    assert [row.card for row in mine] == [PUBLISHED]
    assert mine[0].top1 == pytest.approx(71.5, abs=0.5)


def test_what_is_ready_offline_is_shown_first_the_starter_on_top(model: ZooModel) -> None:
    assert model.filter == "ready"
    assert [row.title for row in model.shown] == ["Starter (MobileNetV4 small 0.5)", "Our ViT", "ResNet-18 (a1)"]
    assert model.num_ready == 3


def test_all_shows_everything(model: ZooModel) -> None:
    model.choose_filter("all")
    assert len(model.shown) == len(model.rows)


@pytest.mark.parametrize(
    ("text", "expected"), [("resnet 18 a1", "resnet18"), ("ViT-Tiny", "vit_tiny"), ("convnextv2 nano", "convnextv2_nano")]
)
def test_search_finds_by_any_spelling(model: ZooModel, text: str, expected: str) -> None:
    model.choose_filter("all")
    model.search(text)
    assert any(expected in row.network.name for row in model.shown)
    assert len(model.shown) < 100


def test_a_search_that_finds_nothing_here_looks_everywhere(model: ZooModel) -> None:
    model.search("eva02 base")
    assert model.filter == "all"
    assert model.shown
    model.search("no such network")
    assert model.shown == []


def test_the_views_keep_what_they_say(model: ZooModel) -> None:
    kept = {}
    for id in FILTERS:
        model.choose_filter(id)
        kept[id] = list(model.shown)
    assert len(kept["all"]) == len(model.rows)
    assert kept["fast"]
    assert all(row.macs <= 1e9 for row in kept["fast"])
    assert all(row.top1 >= 84 for row in kept["accurate"])
    assert 50 < len(kept["accurate"]) < 600
    assert {id: len(rows) for id, rows in kept.items()} == model.counts, "each view is counted before it is chosen"


def test_what_a_network_computes_is_told_for_the_input_of_its_weights(rows) -> None:
    starter = next(row for row in rows if row.card is STARTER)
    assert (starter.network.input_size_px, starter.input_px) == (224, 128)
    assert starter.macs == pytest.approx(starter.network.macs * (128 / 224) ** 2, abs=1)
    assert all(row.macs == row.network.macs for row in rows if row.input_px == row.network.input_size_px)


def test_commercial_use_leaves_out_every_licence_with_conditions(model: ZooModel) -> None:
    model.choose_filter("all")
    model.set_condition("commercial", is_wanted=True)
    licences = {row.licence for row in model.shown}
    assert "apache-2.0" in licences
    assert not any("nc" in licence.split("-") for licence in licences)
    assert OWN.hash not in {row.key for row in model.shown}
    model.set_condition("commercial", is_wanted=False)
    assert len(model.shown) == len(model.rows)


def test_what_fits_is_known_only_of_networks_with_an_outlook(model: ZooModel) -> None:
    small, large = (row for row in model.rows if (row.network.name, row.tag) in (("resnet18", "tv_in1k"), ("resnet152", "tv_in1k")))
    if small.network.name != "resnet18":
        small, large = large, small
    model.show_outlooks({small.place: _outlook(memory=2e9), large.place: _outlook(memory=9e9)})
    model.choose_filter("all")
    model.set_condition("fits", is_wanted=True)
    assert {row.network.name for row in model.shown} == {row.network.name for row in model.rows if row.place == small.place}


@given(
    filter=st.sampled_from(sorted(FILTERS)),
    conditions=st.frozensets(st.sampled_from(sorted(CONDITIONS))),
    family=st.sampled_from(["", "ResNet", "MobileNetV4", "DINOv2 ViT"]),
    size=st.sampled_from(sorted(SIZES)),
    text=st.sampled_from(["", "a1", "tiny", "small 224", "no such network"]),
)
@settings(max_examples=25, deadline=None)
def test_conditions_add_up_and_their_counts_are_true(rows, filter, conditions, family, size, text) -> None:
    model = ZooModel()
    model.show_rows(rows)
    for id in conditions:
        model.set_condition(id, is_wanted=True)
    model.choose_family(family)
    model.choose_size(size)
    model.choose_filter(filter)
    model.search(text)
    most = SIZES[size].max_parameters or 10**12
    expected = {
        row.key
        for row in rows
        if FILTERS[model.filter].keeps(row)
        and all(CONDITIONS[id].keeps(row) for id in conditions)
        and family in ("", row.network.family)
        and row.network.num_parameters <= most
        and row.matches(text.split())
    }
    assert {row.key for row in model.shown} == expected
    assert model.counts[model.filter] == len(expected)
    for item in relaxations(model):
        assert item.num_without >= len(expected)


def test_where_nothing_fits_the_condition_that_costs_most_is_named_first(model: ZooModel) -> None:
    model.choose_filter("all")
    model.choose_family("VGG")
    model.choose_size("tiny")
    assert model.shown == []
    found = relaxations(model)
    assert [(item.words, item.num_without > 0) for item in found] == [("VGG", True), ("≤ 5 M", True)]
    assert found[0].num_without > found[1].num_without
    model.clear()
    assert len(model.shown) == len(model.rows)


def ranking_of(fits: dict[str, float]) -> Ranking:
    """A ranking that found these, by the hash of the weights."""
    networks = tuple(
        RankedNetwork(
            weights=hash,
            architecture="",
            name="",
            fit=Estimate(value=value, low=value, high=value),
            accuracy=Estimate(value=value, low=value, high=value),
            images_per_second=100.0,
            num_images=60,
            num_cached=0,
            is_as_good=False,
        )
        for hash, value in fits.items()
    )
    return Ranking(networks=networks, num_units=60, num_folds=5, num_classes=3, advised=None, advice=message("test", "Take any."))


def test_figures_from_here_are_kept_when_the_library_is_read_again(model: ZooModel, rows) -> None:
    place = next(row for row in rows if row.card is PUBLISHED).place
    model.show_outlooks({place: _outlook(memory=1e9)})
    model.show_ranking(ranking_of({PUBLISHED.hash: 0.88}))
    model.show_rows(rows)
    row = next(row for row in model.rows if row.card is PUBLISHED)
    assert (row.fit, row.outlook) == (0.88, _outlook(memory=1e9))


@pytest.mark.parametrize(
    ("seconds", "measured", "worked_out"),
    [(0.4, "1 s", "~5 s"), (21, "21 s", "~20 s"), (70, "1 min", "~1 min"), (182, "3 min", "~3 min"), (2880, "48 min", "~48 min"),
     (9100, "2 h 32 min", "~3 h"), (400_000, "5 days", "~5 days")],
)  # fmt: skip
def test_times_are_as_exact_as_they_are_known(seconds: float, measured: str, worked_out: str) -> None:
    assert run_words(_outlook(run_s=seconds, is_measured=True)) == measured
    assert run_words(_outlook(run_s=seconds)) == worked_out
    assert run_words(_outlook(run_s=None)) == ""


@pytest.mark.parametrize(("rate", "shown"), [(9312.0, "9,310"), (820.4, "820"), (61.0, "61"), (4.26, "4.3"), (0.042, "0.04")])
def test_speeds_have_three_figures_at_most(rate: float, shown: str) -> None:
    assert speed_words(_outlook(rate=rate, is_measured=True)) == shown
    assert speed_words(_outlook(rate=rate)) == f"~{shown}"


@pytest.mark.parametrize("is_measured", [True, False])
def test_a_speed_too_slow_to_wait_for_is_short(is_measured: bool) -> None:
    assert speed_words(_outlook(rate=0.00034, is_measured=is_measured)) == "<0.01"


def test_the_common_families_are_told_in_plain_words() -> None:
    common = Counter(network.family for network in catalogue.load().networks).most_common(80)
    for family, _num in common:
        assert family_sentence(family) != f"An architecture of the {family} family.", family
    assert family_sentence("Nobody's") == "An architecture of the Nobody's family."


def test_a_family_and_a_search_narrow_each_other(model: ZooModel) -> None:
    model.choose_filter("all")
    model.choose_family("MobileNetV4")
    whole = len(model.shown)
    model.search("large")
    assert 0 < len(model.shown) < whole
    assert all(row.network.family == "MobileNetV4" and "large" in row.network.name for row in model.shown)
    model.choose_family("")
    assert len(model.families) == len(catalogue.load().families)


@pytest.mark.parametrize("falling", [False, True])
@pytest.mark.parametrize("by", [by for by in SORTS if by not in ("name", "weights")])
def test_rows_without_a_value_stay_at_the_end(model: ZooModel, by: str, falling: bool) -> None:
    model.show_outlooks({row.place: _outlook(rate=len(row.title), run_s=row.input_px) for row in model.rows[::3]})
    model.show_ranking(ranking_of({STARTER.hash: 0.84, PUBLISHED.hash: 0.91}))
    model.choose_filter("all")
    model.sort(by, falling=falling)
    values = [SORTS[by](row) for row in model.shown]
    known = [value for value in values if value is not None]
    assert values[: len(known)] == sorted(known, reverse=falling)


def test_a_filter_looks_at_each_row_but_once(model: ZooModel) -> None:
    """So it answers within a frame: a few lines of Python a row, on a busy machine as on an idle one."""
    model.choose_filter("all")
    model.search("a")
    for text in ("resnet", "vit large", "mobilenet", "x"):
        assert num_lines(lambda text=text: model.search(text)) < 20 * len(model.rows)


def test_the_network_in_use_is_known_whatever_its_input_size(model: ZooModel) -> None:
    model.chosen = NetworkPart(architecture="resnet18", weights=PUBLISHED.hash, input_size_px=160)
    used = [row for row in model.rows if model.is_in_use(row)]
    assert [row.card for row in used] == [PUBLISHED]


def test_figures_are_short() -> None:
    assert [millions(n) for n in (3_774_024, 303_690_752, 1_234_958_336)] == ["3.8 M", "303.7 M", "1.23 B"]
    assert [gigas(n) for n in (186_000_000, 4_089_184_256, 322_430_828_544, 0)] == ["0.19 G", "4.09 G", "322 G", "–"]


def test_a_search_for_the_words_of_a_family_narrows_beside_it(model: ZooModel) -> None:
    family = next(row.network.family for row in model.rows if row.network.name == "resnet18")
    model.clear()
    model.choose_family(family)
    model.search(f"{family} zzz")
    assert [item.num_without for item in relaxations(model)][-1] == 0
    model.search("")
    model.set_condition("commercial", is_wanted=True)
    assert len(model.wanted()) == 2
    assert {asked.words for asked in model.wanted().values()} == {family, CONDITIONS["commercial"].title()}


@pytest.mark.parametrize("values", [[90.0], [23.0, 69.0], [81.2, 81.8], [1.0, 5000.0]])
def test_each_axis_of_the_plot_has_its_ends_or_round_values_named(values: list[float]) -> None:
    rates = rate_ticks([-math.log10(value) for value in values])
    heights = height_ticks(values)
    for ticks in (rates, heights):
        assert len({words for _, words in ticks}) == len(ticks) >= min(2, len(values))
