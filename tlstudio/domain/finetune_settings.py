"""Rows of the settings table for fine-tuning: how much of the network trains, and with which learning rates."""

import msgspec

from tlstudio.domain.recipe import ALL_STAGES, FineTunePart, LoraPart, Recipe
from tlstudio.domain.setting_spec import Choice, Group, Kind, Place, Value, field, part, spec, with_finetune
from tlstudio.messages import message


def _with_lora(recipe: Recipe) -> bool:
    return recipe.finetune is not None and recipe.finetune.lora is not None


def _lora(recipe: Recipe) -> LoraPart | None:
    return recipe.finetune.lora if recipe.finetune is not None else None


def _tuned(recipe: Recipe, **fields: object) -> Recipe:
    if recipe.finetune is None:
        return recipe
    tuned: FineTunePart = msgspec.structs.replace(recipe.finetune, **fields)
    return msgspec.structs.replace(recipe, finetune=tuned)


def _num_stages() -> Place:
    """None is all of them, however many the network has."""
    read, write = part("finetune", "num_stages")
    return (lambda recipe: None if read(recipe) == ALL_STAGES else read(recipe)), (lambda recipe, value: write(recipe, value or ALL_STAGES))


def _stage_rates() -> Place:
    """No rates are None here: they follow from the stage decay then."""
    read, _write = part("finetune", "stage_rates")
    return (lambda recipe: read(recipe) or None), (lambda recipe, value: _tuned(recipe, stage_rates=value or ()))


def _lora_rank() -> Place:
    """None, or 0, is no adapter at all."""

    def read(recipe: Recipe) -> Value:
        lora = _lora(recipe)
        return None if lora is None else lora.rank

    def write(recipe: Recipe, value: Value) -> Recipe:
        held = _lora(recipe) or LoraPart()
        return _tuned(recipe, lora=msgspec.structs.replace(held, rank=value) if value else None)

    return read, write


def _lora_alpha() -> Place:
    def read(recipe: Recipe) -> Value:
        return (_lora(recipe) or LoraPart()).alpha

    def write(recipe: Recipe, value: Value) -> Recipe:
        lora = _lora(recipe)
        return recipe if lora is None else _tuned(recipe, lora=msgspec.structs.replace(lora, alpha=value))

    return read, write


_AUGMENTATIONS = (
    Choice(value="none", label=message("setting.augmentation.none", "none")),
    Choice(value="light", label=message("setting.augmentation.light", "light")),
    Choice(value="moderate", label=message("setting.augmentation.moderate", "moderate")),
)
_SCHEDULES = (
    Choice(value="cosine", label=message("setting.schedule.cosine", "cosine")),
    Choice(value="one_cycle", label=message("setting.schedule.one_cycle", "one cycle")),
)

MAIN = (
    spec(
        "num_stages",
        _num_stages(),
        message("setting.num_stages", "Stages that train"),
        message(
            "setting.num_stages.sentence",
            "Layers come in groups, the stages: how many of the last ones learn with the new head; take more when your "
            "images are unlike everyday photographs and there are hundreds of them.",
        ),
        Kind.WHOLE,
        main=True,
        needs=with_finetune,
        minimum=1,
        maximum=64,
        automatic=message("setting.num_stages.automatic", "all"),
    ),
    spec(
        "epochs",
        part("finetune", "epochs"),
        message("setting.epochs", "Epochs"),
        message(
            "setting.epochs.sentence",
            "An epoch is one pass over all training images: so many are trained, fewer where patience ends it early; raise it when "
            "validation still improves at the end.",
        ),
        Kind.WHOLE,
        main=True,
        needs=with_finetune,
        minimum=1,
        maximum=1000,
    ),
    spec(
        "augmentation",
        field("augmentation"),
        message("setting.augmentation", "Augmentation"),
        message(
            "setting.augmentation.sentence",
            "Shows each image a little changed every time; take moderate for few images, none where orientation or colour "
            "is what tells classes apart.",
        ),
        Kind.CHOICE,
        main=True,
        needs=with_finetune,
        choices=_AUGMENTATIONS,
    ),
)

TRAINS = (
    spec(
        "unfreeze_every",
        part("finetune", "unfreeze_every"),
        message("setting.unfreeze_every", "Unfreeze every"),
        message(
            "setting.unfreeze_every.sentence",
            "Stages begin to learn one after the other, the last one first, so many epochs apart; take 1 or 2 when "
            "validation falls as soon as they begin, 0 lets all begin at once.",
        ),
        Kind.WHOLE,
        group=Group.TRAINS,
        needs=with_finetune,
        minimum=0,
        maximum=1000,
    ),
    spec(
        "lora_rank",
        _lora_rank(),
        message("setting.lora_rank", "LoRA rank"),
        message(
            "setting.lora_rank.sentence",
            "Instead of a transformer's own weights, trains small matrices that are added to them (LoRA), so many numbers "
            "wide; take 4 to 16 for a large network and few images.",
        ),
        Kind.WHOLE,
        group=Group.TRAINS,
        needs=with_finetune,
        minimum=0,
        maximum=256,
        automatic=message("setting.lora_rank.automatic", "none"),
    ),
    spec(
        "lora_alpha",
        _lora_alpha(),
        message("setting.lora_alpha", "LoRA alpha"),
        message(
            "setting.lora_alpha.sentence",
            "How strongly the matrices of LoRA count, divided by their rank; leave it at twice the rank, and lower it when "
            "validation falls.",
        ),
        Kind.NUMBER,
        group=Group.TRAINS,
        needs=_with_lora,
        minimum=0.01,
        maximum=1024.0,
    ),
)

RATES = (
    spec(
        "learning_rate",
        part("finetune", "learning_rate"),
        message("setting.learning_rate", "Learning rate"),
        message(
            "setting.learning_rate.sentence",
            "How large the steps are by which the head learns; make it three times smaller when the loss jumps, or "
            "validation falls once the stages learn too.",
        ),
        Kind.NUMBER,
        group=Group.RATES,
        needs=with_finetune,
        minimum=1e-7,
        maximum=10.0,
    ),
    spec(
        "stage_decay",
        part("finetune", "stage_decay"),
        message("setting.stage_decay", "Stage decay"),
        message(
            "setting.stage_decay.sentence",
            "Each stage further from the head takes this share of the step of the one after it, down to a hundredth of the "
            "head's; lower it to keep more of what the network knew before.",
        ),
        Kind.NUMBER,
        group=Group.RATES,
        needs=with_finetune,
        minimum=1e-3,
        maximum=1.0,
    ),
    spec(
        "stage_rates",
        _stage_rates(),
        message("setting.stage_rates", "Rates of stages"),
        message(
            "setting.stage_rates.sentence",
            "A learning rate for each stage that trains, the last one first; set them to hold one stage back, left empty "
            "they follow the stage decay.",
        ),
        Kind.NUMBERS,
        group=Group.RATES,
        needs=with_finetune,
        minimum=1e-9,
        maximum=10.0,
        automatic=message("setting.stage_rates.automatic", "by stage decay"),
    ),
    spec(
        "schedule",
        part("finetune", "schedule"),
        message("setting.schedule", "Schedule"),
        message(
            "setting.schedule.sentence",
            "How the learning rate falls after its rise: cosine evenly; one cycle begins lower and ends near nothing, for a "
            "short training with large steps and a warm-up of 30 %.",
        ),
        Kind.CHOICE,
        group=Group.RATES,
        needs=with_finetune,
        choices=_SCHEDULES,
    ),
    spec(
        "warmup",
        part("finetune", "warmup"),
        message("setting.warmup", "Warm-up"),
        message(
            "setting.warmup.sentence",
            "Share of the steps over which the learning rate rises before it falls; raise it when the loss jumps at the start.",
        ),
        Kind.SHARE,
        group=Group.RATES,
        needs=with_finetune,
        minimum=0.0,
        maximum=0.9,
    ),
)
