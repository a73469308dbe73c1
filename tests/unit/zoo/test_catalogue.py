"""The shipped catalogue: complete, quick to read, quick to search."""

import csv
from pathlib import Path

import pytest

from tests.costs import num_lines
from tlstudio.zoo import catalogue
from tlstudio.zoo.catalogue import Catalogue, published
from tlstudio.zoo.licences import Use, allows_commercial, use_of
from tlstudio.zoo.match import match


@pytest.fixture(scope="module")
def shipped() -> Catalogue:
    return catalogue.load()


def test_every_architecture_of_timm_is_there(shipped: Catalogue) -> None:
    timm = pytest.importorskip("timm")
    assert set(timm.list_models()) - set(shipped.by_name) == set()
    assert len(shipped.networks) >= 1371
    assert shipped.num_pretrained > 1800


def test_published_sets_are_those_of_timm(shipped: Catalogue) -> None:
    timm = pytest.importorskip("timm")
    of_timm = [network for network in shipped.networks if not network.name.startswith("torchvision/")]
    ours = {f"{network.name}.{item.tag}" if item.tag else network.name for network in of_timm for item in network.pretrained}
    assert ours == set(timm.list_pretrained())


def test_torchvisions_own_classifiers_are_there_beside_timms(shipped: Catalogue) -> None:
    names = {network.name for network in shipped.networks if network.name.startswith("torchvision/")}
    assert {"torchvision/squeezenet1_1", "torchvision/alexnet", "torchvision/googlenet", "torchvision/mnasnet1_0"} <= names
    assert "torchvision/resnet50" not in names, "timm has the same tensors under its own name"
    squeezenet = shipped.by_name["torchvision/squeezenet1_1"]
    assert (squeezenet.num_features, squeezenet.num_parameters, squeezenet.classifiers) == (512, 722_496, ("classifier.1",))
    assert shipped.by_name["torchvision/googlenet"].pretrained[0].preprocessing.mean == (0.5, 0.5, 0.5)


def test_a_row_says_what_is_published(shipped: Catalogue) -> None:
    vit = shipped.by_name["vit_tiny_patch16_224"]
    own = published(vit, "augreg_in21k_ft_in1k")
    assert own is not None
    assert (own.licence, own.num_classes, own.hub_id) == ("apache-2.0", 1000, "timm/vit_tiny_patch16_224.augreg_in21k_ft_in1k")
    assert (own.preprocessing.mean, own.preprocessing.interpolation, own.preprocessing.crop_fraction) == ((0.5, 0.5, 0.5), "bicubic", 0.9)
    assert own.top1 == pytest.approx(75.46, abs=0.05)
    assert vit.best_top1 == own.top1
    assert (vit.num_features, vit.classifiers, vit.input_size_px) == (192, ("head",), 224)
    assert published(vit, "nobody") is None


@pytest.mark.parametrize(
    ("name", "parameters", "gmacs"),
    [("resnet18", 11_176_512, 1.81), ("vit_tiny_patch16_224", 5_524_416, 1.25), ("mobilenetv2_100", 2_223_872, 0.30)],
)
def test_size_and_cost_are_the_known_ones(shipped: Catalogue, name: str, parameters: int, gmacs: float) -> None:
    network = shipped.by_name[name]
    assert network.num_parameters == parameters
    assert network.macs / 1e9 == pytest.approx(gmacs, abs=0.02)
    assert sum(network.stages) == parameters


def test_every_row_is_complete(shipped: Catalogue) -> None:
    for network in shipped.networks:
        assert network.family, network.name
        assert min(network.num_parameters, network.macs, network.input_size_px, network.num_features) > 0, network.name
        assert sum(network.stages) in (0, network.num_parameters), network.name
    assert [network.name for network in shipped.networks] == sorted(network.name for network in shipped.networks)


def test_the_stages_add_up_to_the_network(shipped: Catalogue) -> None:
    for network in shipped.networks:
        costs = (network.stage_macs, network.stage_outputs, network.stage_kept)
        assert {len(item) for item in costs} == {len(network.stages)}, network.name
        if network.stages:  # all but the classifier, which is a large part of the smallest networks only
            least = 0.7 if "squeezenet" in network.name else 0.94  # its classifier is a convolution over the whole map
            assert least * network.macs < sum(network.stage_macs) <= 1.001 * network.macs, network.name
            assert all(len(shape) in (2, 3) and min(shape) > 0 for shape in network.stage_outputs), network.name
            assert min(network.stage_kept) >= 0 < max(network.stage_kept), network.name


def test_adapters_have_places_in_transformers_alone(shipped: Catalogue) -> None:
    assert shipped.by_name["vit_tiny_patch16_224"].stage_adapters == (0, *(2,) * 12)
    assert shipped.by_name["resnet18"].stage_adapters == ()
    for network in shipped.networks:
        assert len(network.stage_adapters) in (0, len(network.stages)), network.name
        assert not network.stage_adapters or any(network.stage_adapters), network.name


def test_a_stage_hands_on_and_keeps_what_is_known_of_it(shipped: Catalogue) -> None:
    resnet, vit = shipped.by_name["resnet18"], shipped.by_name["vit_tiny_patch16_224"]
    assert resnet.stage_outputs == ((64, 56, 56), (64, 56, 56), (128, 28, 28), (256, 14, 14), (512, 7, 7))
    # The first stage: four convolutions of 3 x 3 from 64 to 64 channels; each keeps its input, each norm its own.
    assert resnet.stage_macs[1] == 4 * 64 * 64 * 9 * 56 * 56
    assert resnet.stage_kept[1] == pytest.approx(9 * 64 * 56 * 56, rel=0.01)
    assert vit.stage_outputs[1:] == ((197, 192),) * 12
    # A block: qkv, two products of attention, projection, and an MLP four times as wide.
    assert vit.stage_macs[5] == 197 * 192 * 192 * 12 + 2 * 197 * 197 * 192
    swin = shipped.by_name["swin_tiny_patch4_window7_224"]
    assert swin.stage_outputs[-1] == (768, 7, 7), "channels first, although it computes with channels last"


def test_year_and_paper_go_together(shipped: Catalogue) -> None:
    assert (shipped.by_name["resnet50"].year, shipped.by_name["resnet50"].paper) == (
        2015,
        "He et al.: Deep Residual Learning for Image Recognition",
    )
    for network in shipped.networks:
        assert bool(network.year) == bool(network.paper), network.name
        assert network.year in (0, *range(2014, 2027)), network.name
    assert sum(network.year > 0 for network in shipped.networks) > 0.8 * len(shipped.networks)


def test_every_published_accuracy_is_in(shipped: Catalogue, shared: Path) -> None:
    with open(shared / "data/timm_results/results-imagenet.csv", newline="", encoding="utf-8") as file:
        published_rows = {row["model"]: float(row["top1"]) for row in csv.DictReader(file)}
    ours = {f"{network.name}.{item.tag}": item.top1 for network in shipped.networks for item in network.pretrained}
    assert {name: ours.get(name) for name in published_rows} == published_rows


def test_reading_it_takes_no_python_for_each_row(shipped: Catalogue) -> None:
    """A twentieth of a second, which a busy machine could not be held to; what is done row by row in Python would cost more."""
    catalogue._load.cache_clear()
    assert num_lines(catalogue.load) < len(shipped.networks)


def test_search_finds_words_in_any_order_and_spelling(shipped: Catalogue) -> None:
    assert "vit_tiny_patch16_224" in {network.name for network in shipped.search("ViT-Tiny/16")}
    assert {network.name for network in shipped.search("mobilenet v4 small 050")} == {"mobilenetv4_conv_small_050"}
    assert "resnet50" in {network.name for network in shipped.search("a1 ResNet50")}
    assert shipped.search("no such network") == ()
    assert shipped.search() == shipped.networks


def test_search_combines_conditions(shipped: Catalogue) -> None:
    small = shipped.search(family="ResNet", max_parameters=6_000_000)
    assert small
    assert all(network.family == "ResNet" and network.num_parameters <= 6_000_000 for network in small)
    assert [network.name for network in shipped.search("vit", ready={"vit_tiny_patch16_224", "resnet18"})] == ["vit_tiny_patch16_224"]
    commercial = {network.name for network in shipped.search(licence_commercial=True)}
    assert "resnet18" in commercial
    assert "convnextv2_huge" not in commercial, "its only sets are for research"


def test_searching_all_rows_is_quick(shipped: Catalogue) -> None:
    shipped.search("warm")
    cost = num_lines(lambda: shipped.search("vit base", licence_commercial=True, max_parameters=100_000_000))
    assert cost < 20 * len(shipped.networks)


@pytest.mark.parametrize(
    ("licence", "use"),
    [
        ("apache-2.0", Use.COMMERCIAL),
        ("MIT", Use.COMMERCIAL),
        ("cc-by-nc-4.0", Use.NON_COMMERCIAL),
        ("fair-noncommercial-research-license", Use.NON_COMMERCIAL),
        ("apple-amlr", Use.NON_COMMERCIAL),
        ("dinov3-license", Use.CONDITIONS),
        ("a licence of tomorrow", Use.CONDITIONS),
        ("", Use.NOT_STATED),
    ],
)
def test_licences_say_what_they_allow(licence: str, use: Use) -> None:
    assert use_of(licence) is use
    assert allows_commercial(licence) is (use is Use.COMMERCIAL)


def test_every_licence_in_the_table_was_looked_at(shipped: Catalogue) -> None:
    known = {use_of(item.licence) for network in shipped.networks for item in network.pretrained}
    assert known == set(Use)


@pytest.mark.parametrize(
    "name",
    ["resnet18", "vit_tiny_patch16_224", "mobilenetv4_conv_small_050", "deit_tiny_distilled_patch16_224", "levit_128", "caformer_s18"],
)
@pytest.mark.parametrize("num_classes", [0, 5])
def test_a_network_made_by_timm_has_the_fingerprint_of_its_row(shipped: Catalogue, name: str, num_classes: int) -> None:
    """With a classifier of any size and without one."""
    torch, timm = pytest.importorskip("torch"), pytest.importorskip("timm")
    with torch.device("meta"):
        network = timm.create_model(name, num_classes=num_classes)
    shapes = {key: tuple(tensor.shape) for key, tensor in network.state_dict().items()}
    fit = match(shapes, shipped)
    assert fit.is_exact
    assert name in {item.name for item in fit.networks}
    if num_classes == 0:
        assert sum(parameter.numel() for parameter in network.parameters()) == shipped.by_name[name].num_parameters
