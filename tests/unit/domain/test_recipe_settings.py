"""The settings table: every row reads and writes a real field, keeps its limits and says what it does."""

import itertools

import msgspec
import pytest

from tlstudio.domain.prefix import num_different_views
from tlstudio.domain.recipe import ALL_STAGES, CUSTOM, RECIPES, FineTunePart, HeadPart, LoraPart, NetworkPart, Recipe, decode_recipe
from tlstudio.domain.recipe_settings import SETTINGS, settings_of
from tlstudio.domain.setting_spec import GROUP_TITLES, Group, Kind, SettingSpec

NETWORK = NetworkPart(architecture="resnet18")
BALANCED = RECIPES["balanced"].build(NETWORK)
QUICK = RECIPES["quick"].build(NETWORK)
FULL = msgspec.structs.replace(BALANCED, head=HeadPart(kind="mlp"), finetune=msgspec.structs.replace(BALANCED.finetune, lora=LoraPart()))
"""Every setting has a meaning in it, but for those of a linear head."""

PLACES = {"head_kind": "kind", "head_dropout": "dropout", "head_hidden": "hidden", "lora_rank": "lora"}
"""What a setting changes, where its name is not the field's."""

OTHER = {
    "num_stages": 3,
    "epochs": 30,
    "augmentation": "moderate",
    "class_balance": "weighted",
    "seed": 7,
    "device": "cpu",
    "learning_rate": 3e-4,
    "stage_decay": 0.5,
    "stage_rates": (1e-3, 1e-4),
    "lora_rank": 4,
    "lora_alpha": 8.0,
    "num_views": 2,
    "batch_size": 8,
    "patience": 0,
    "weight_decay": 0.01,
    "warmup": 0.2,
    "label_smoothing": 0.1,
    "head_kind": "cosine",
    "head_dropout": 0.5,
    "head_hidden": 64,
    "penalties": (0.1, 1.0),
    "penalty_by": "folds",
    "pooling": "max",
    "input_size_px": 160,
    "precision": "fp32",
    "unfreeze_every": 2,
    "schedule": "one_cycle",
    "clip_norm": 0.0,
    "micro_batch": 4,
    "mixup": 0.2,
    "cutmix": 1.0,
    "first_size": 0.6,
    "soup": 3,
    "judged_views": "mirrored",
}


@pytest.mark.parametrize("spec", SETTINGS.values(), ids=lambda spec: spec.id)
def test_a_setting_changes_the_recipe_and_nothing_else(spec: SettingSpec) -> None:
    value = OTHER[spec.id]
    changed = spec.replaced(FULL, value)
    assert changed != FULL
    assert spec.read(changed) == value
    others = [other for other in SETTINGS.values() if other.id != spec.id]
    assert [other.read(changed) for other in others] == [other.read(FULL) for other in others]


@pytest.mark.parametrize("spec", SETTINGS.values(), ids=lambda spec: spec.id)
def test_a_recipe_with_a_setting_changed_survives_the_disk(spec: SettingSpec) -> None:
    changed = spec.replaced(FULL, OTHER[spec.id])
    assert msgspec.json.decode(msgspec.json.encode(changed), type=Recipe) == changed


def test_every_field_that_a_person_may_choose_has_a_row() -> None:
    chosen_elsewhere = {"version", "view_rule", "name", "task", "network", "head", "finetune", "architecture", "weights", "rank", "alpha"}
    parts = (Recipe, NetworkPart, HeadPart, FineTunePart, LoraPart)
    fields = {field for part in parts for field in part.__struct_fields__} - chosen_elsewhere
    assert fields == {PLACES.get(id, id) for id in SETTINGS} - {"lora_alpha"}


@pytest.mark.parametrize("spec", SETTINGS.values(), ids=lambda spec: spec.id)
def test_a_setting_says_what_it_does_in_one_sentence(spec: SettingSpec) -> None:
    sentence = spec.sentence.text()
    assert sentence.endswith(".")
    assert sentence.count(". ") == 0
    assert len(sentence) <= 190


@pytest.mark.parametrize(
    ("id", "value"),
    [
        ("epochs", 0),
        ("epochs", 2.5),
        ("epochs", "many"),
        ("epochs", None),
        ("augmentation", "wild"),
        ("penalties", ()),
        ("penalties", (0.0,)),
        ("learning_rate", -1.0),
        ("learning_rate", float("nan")),
        ("warmup", 1.5),
        ("stage_rates", (1e-3, 0.0)),
        ("stage_rates", ()),
        ("lora_rank", -1),
        ("head_kind", "deep"),
        ("device", "toaster"),
    ],
)
def test_a_value_outside_the_limits_is_refused(id: str, value: object) -> None:
    with pytest.raises(ValueError, match=r".+"):
        SETTINGS[id].replaced(BALANCED, value)  # type: ignore[arg-type]


def test_a_second_gpu_may_be_named() -> None:
    assert SETTINGS["device"].replaced(BALANCED, "cuda:1").device == "cuda:1"


def test_the_input_size_may_be_left_to_the_weights() -> None:
    smaller = SETTINGS["input_size_px"].replaced(BALANCED, 128)
    assert SETTINGS["input_size_px"].replaced(smaller, None) == BALANCED


def test_all_stages_are_all_of_any_network() -> None:
    everything = SETTINGS["num_stages"].replaced(BALANCED, None)
    assert SETTINGS["num_stages"].read(everything) is None
    assert everything.finetune is not None
    assert everything.finetune.num_stages == ALL_STAGES == RECIPES["thorough"].build(NETWORK).finetune.num_stages  # type: ignore[union-attr]


@pytest.mark.parametrize("id", RECIPES)
def test_a_recipe_is_called_as_its_row_and_custom_starts_as_balanced(id: str) -> None:
    recipe = RECIPES[id].build(NETWORK)
    assert recipe.name == id
    assert decode_recipe(msgspec.json.encode(recipe)) == recipe
    if id == CUSTOM:
        assert recipe == msgspec.structs.replace(BALANCED, name=CUSTOM)


def test_a_head_on_a_frozen_backbone_has_no_settings_of_fine_tuning() -> None:
    shown = {spec.id for spec in settings_of(QUICK)}
    assert {"class_balance", "seed", "device", "penalties"} <= shown
    assert not shown & {"epochs", "num_stages", "augmentation", "learning_rate"}
    assert SETTINGS["epochs"].write(QUICK, 3) == QUICK


@pytest.mark.parametrize(
    ("kind", "shown"),
    [("linear", set()), ("cosine", set()), ("dropout", {"head_dropout"}), ("mlp", {"head_dropout", "head_hidden"})],
)
def test_only_the_settings_of_the_chosen_head_are_shown(kind: str, shown: set[str]) -> None:
    recipe = SETTINGS["head_kind"].replaced(QUICK, kind)
    assert {"head_dropout", "head_hidden"} & {spec.id for spec in settings_of(recipe)} == shown


def test_every_setting_has_a_meaning_somewhere_and_stands_behind_what_it_depends_on() -> None:
    solved = {"penalty_by"}
    """What only a head has that is solved."""
    assert {spec.id for spec in settings_of(FULL)} == set(SETTINGS) - solved
    assert solved <= {spec.id for spec in settings_of(BALANCED)}
    recipe = BALANCED
    for id in SETTINGS:
        recipe = SETTINGS[id].replaced(recipe, SETTINGS[id].read(FULL))
    assert recipe == FULL


def test_no_adapters_is_none_and_nought_alike() -> None:
    with_adapters = SETTINGS["lora_rank"].replaced(BALANCED, 4)
    assert with_adapters.finetune is not None
    assert with_adapters.finetune.lora == LoraPart(rank=4)
    assert SETTINGS["lora_alpha"].applies(with_adapters)
    assert not SETTINGS["lora_alpha"].applies(BALANCED)
    assert SETTINGS["lora_rank"].replaced(with_adapters, 0) == SETTINGS["lora_rank"].replaced(with_adapters, None) == BALANCED


def test_rates_of_stages_may_be_left_to_the_decay() -> None:
    by_hand = SETTINGS["stage_rates"].replaced(BALANCED, (1e-3, 1e-4))
    assert by_hand.finetune is not None
    assert by_hand.finetune.stage_rates == (1e-3, 1e-4)
    assert SETTINGS["stage_rates"].replaced(by_hand, None) == BALANCED


def test_the_door_divides_the_settings() -> None:
    in_front, behind = settings_of(BALANCED, main=True), settings_of(BALANCED, main=False)
    assert {spec.id for spec in in_front} | {spec.id for spec in behind} == {spec.id for spec in settings_of(BALANCED)}
    assert len(in_front) <= 7
    assert all(spec.choices for spec in SETTINGS.values() if spec.kind is Kind.CHOICE)


def test_a_setting_behind_the_door_stands_under_a_heading_with_its_like() -> None:
    groups = [spec.group for spec in SETTINGS.values() if not spec.main]
    assert None not in groups
    assert [group for group, _same in itertools.groupby(groups)] == list(Group) == list(GROUP_TITLES)


def test_the_micro_batch_may_be_left_to_the_program() -> None:
    small = SETTINGS["micro_batch"].replaced(BALANCED, 4)
    assert small.finetune is not None
    assert small.finetune.micro_batch == 4
    assert SETTINGS["micro_batch"].replaced(small, None) == BALANCED


@pytest.mark.parametrize("mixing", ["mixup", "cutmix"])
def test_mixed_images_are_whole_ones_so_that_no_views_are_kept(mixing: str) -> None:
    mixed = SETTINGS[mixing].replaced(BALANCED, 0.2)
    assert num_different_views(BALANCED) == 4
    assert num_different_views(mixed) == 0
    assert not SETTINGS["num_views"].applies(mixed)
    assert "new view every epoch" in SETTINGS[mixing].sentence.text()


def test_what_changes_nothing_is_not_offered() -> None:
    growing = SETTINGS["first_size"].replaced(BALANCED, 0.5)
    assert num_different_views(growing) == 0
    assert SETTINGS["num_views"].applies(BALANCED)
    assert not SETTINGS["num_views"].applies(growing)
    assert SETTINGS["precision"].applies(BALANCED)
    assert not SETTINGS["precision"].applies(QUICK), "features and a solved head are exact"
