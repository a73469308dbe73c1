"""The settings table: every row reads and writes a real field, keeps its limits and says what it does."""

import msgspec
import pytest

from tlstudio.domain.recipe import RECIPES, FineTunePart, HeadPart, NetworkPart, Recipe
from tlstudio.domain.recipe_settings import SETTINGS, Kind, SettingSpec, settings_of

NETWORK = NetworkPart(architecture="resnet18")
BALANCED = RECIPES["balanced"].build(NETWORK)
QUICK = RECIPES["quick"].build(NETWORK)

OTHER = {
    "num_stages": 3,
    "epochs": 30,
    "augmentation": "moderate",
    "class_balance": "weighted",
    "seed": 7,
    "device": "cpu",
    "learning_rate": 3e-4,
    "stage_decay": 0.5,
    "batch_size": 8,
    "patience": 0,
    "weight_decay": 0.01,
    "warmup": 0.2,
    "label_smoothing": 0.1,
    "penalties": (0.1, 1.0),
    "input_size_px": 160,
    "precision": "fp32",
}


@pytest.mark.parametrize("spec", SETTINGS.values(), ids=lambda spec: spec.id)
def test_a_setting_changes_the_recipe_and_nothing_else(spec: SettingSpec) -> None:
    value = OTHER[spec.id]
    changed = spec.replaced(BALANCED, value)
    assert changed != BALANCED
    assert spec.read(changed) == value
    others = [other for other in SETTINGS.values() if other.id != spec.id]
    assert [other.read(changed) for other in others] == [other.read(BALANCED) for other in others]


@pytest.mark.parametrize("spec", SETTINGS.values(), ids=lambda spec: spec.id)
def test_a_recipe_with_a_setting_changed_survives_the_disk(spec: SettingSpec) -> None:
    changed = spec.replaced(BALANCED, OTHER[spec.id])
    assert msgspec.json.decode(msgspec.json.encode(changed), type=Recipe) == changed


def test_every_field_that_a_person_may_choose_has_a_row() -> None:
    chosen_elsewhere = {"version", "name", "task", "network", "head", "finetune"}
    fields = {*Recipe.__struct_fields__, *HeadPart.__struct_fields__, *FineTunePart.__struct_fields__} - chosen_elsewhere
    assert fields | {"input_size_px"} == set(SETTINGS)


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


def test_a_head_on_a_frozen_backbone_has_no_settings_of_fine_tuning() -> None:
    shown = {spec.id for spec in settings_of(QUICK)}
    assert {"class_balance", "seed", "device", "penalties"} <= shown
    assert not shown & {"epochs", "num_stages", "augmentation", "learning_rate"}
    assert SETTINGS["epochs"].write(QUICK, 3) == QUICK


def test_the_door_divides_the_settings() -> None:
    in_front, behind = settings_of(BALANCED, main=True), settings_of(BALANCED, main=False)
    assert {spec.id for spec in in_front} | {spec.id for spec in behind} == set(SETTINGS)
    assert len(in_front) <= 7
    assert all(spec.choices for spec in SETTINGS.values() if spec.kind is Kind.CHOICE)
