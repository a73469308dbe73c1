"""The Models panel's state over the real catalogue, without a window: filters, search, order, and speed."""

import pytest

from tests.costs import num_lines
from tlstudio.domain.networks import Preprocessing, WeightsCard
from tlstudio.domain.recipe import NetworkPart
from tlstudio.ui.zoo.rows import build_rows, gigas, millions
from tlstudio.ui.zoo.viewmodel import FILTERS, SORTS, ZooModel
from tlstudio.zoo import catalogue


def _card(architecture: str, *, name: str = "", tag: str = "", bundled: bool = False, licence: str = "apache-2.0") -> WeightsCard:
    return WeightsCard(
        hash=(name or architecture).encode().hex().ljust(64, "0"),
        architecture=architecture,
        name=name or architecture,
        preprocessing=Preprocessing(),
        num_classes=1000,
        tag=tag,
        bundled=bundled,
        licence=licence,
    )


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
    assert len({row.network.name for row in rows}) == len(book.networks) == 1371
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


def test_the_pills_keep_what_they_say(model: ZooModel) -> None:
    kept = {}
    for id in FILTERS:
        model.choose_filter(id)
        kept[id] = list(model.shown)
    assert len(kept["all"]) == len(model.rows)
    assert all(row.network.macs <= 1e9 for row in kept["fast"])
    assert all(row.top1 >= 84 for row in kept["accurate"])
    assert 50 < len(kept["accurate"]) < 600
    licences = {row.licence for row in kept["commercial"]}
    assert "apache-2.0" in licences
    assert not any("nc" in licence.split("-") for licence in licences)
    assert OWN.hash not in {row.key for row in kept["commercial"]}


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
