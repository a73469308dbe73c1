"""The table of a recipe's settings: what each is called, what it does, what it may be, and where it sits in a `Recipe`.

Front ends make their controls and their help from these rows; none of them names a field of a recipe itself.
"""

from collections.abc import Callable
from enum import StrEnum

import msgspec

from tlstudio.domain.recipe import FineTunePart, Recipe
from tlstudio.messages import Message, message

Value = str | int | float | tuple[float, ...] | None
"""None is "automatic" for the settings that have an `automatic` word."""


class Kind(StrEnum):
    """How a value is entered and written."""

    CHOICE = "choice"
    WHOLE = "whole"
    NUMBER = "number"
    SHARE = "share"
    """0..1, shown as percent."""
    NUMBERS = "numbers"
    """A short list of positive numbers."""


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """One of the values of a setting of kind CHOICE."""

    value: str
    label: Message


class SettingSpec(msgspec.Struct, frozen=True, kw_only=True):
    """A row: one setting of a recipe."""

    id: str
    label: Message
    sentence: Message
    """What it does and when to change it, in one sentence."""
    kind: Kind
    read: Callable[[Recipe], Value]
    write: Callable[[Recipe, Value], Recipe]
    main: bool = False
    """Shown without opening the door to all settings."""
    needs_finetune: bool = False
    """Has no meaning for a head on a frozen backbone."""
    choices: tuple[Choice, ...] = ()
    minimum: float = 0.0
    maximum: float = 1.0
    automatic: Message | None = None
    """What None is called, for settings that may be left to the program."""

    def applies(self, recipe: Recipe) -> bool:
        """Whether the setting changes anything in this recipe."""
        return recipe.finetune is not None or not self.needs_finetune

    def replaced(self, recipe: Recipe, value: Value) -> Recipe:
        """`recipe` with this setting at `value`. Raises `ValueError` where the value is outside the limits or of the wrong kind."""
        self._check(value)
        return self.write(recipe, value)

    def _check(self, value: Value) -> None:
        if value is None:
            if self.automatic is None:
                raise ValueError(f"{self.id} needs a value")
            return
        if self.kind is Kind.CHOICE:
            if value not in {choice.value for choice in self.choices} and self.id != "device":
                raise ValueError(f"{self.id} cannot be {value!r}")
            return
        numbers = value if isinstance(value, tuple) else (value,)
        if not numbers or isinstance(value, tuple) != (self.kind is Kind.NUMBERS):
            raise ValueError(f"{self.id} cannot be {value!r}")
        for number in numbers:
            if isinstance(number, str) or not self.minimum <= number <= self.maximum:
                raise ValueError(f"{self.id} must be between {self.minimum:g} and {self.maximum:g}, not {number!r}")
            if self.kind is Kind.WHOLE and number != int(number):
                raise ValueError(f"{self.id} must be a whole number, not {number!r}")


def _field(name: str) -> tuple[Callable[[Recipe], Value], Callable[[Recipe, Value], Recipe]]:
    """Reads and replaces a field of the recipe itself."""

    def read(recipe: Recipe) -> Value:
        value: Value = getattr(recipe, name)
        return value

    return read, lambda recipe, value: msgspec.structs.replace(recipe, **{name: value})


def _part(part: str, name: str) -> tuple[Callable[[Recipe], Value], Callable[[Recipe, Value], Recipe]]:
    """Reads and replaces a field of one part; a recipe without fine-tuning reads the part's defaults and stays as it is."""

    def read(recipe: Recipe) -> Value:
        value: Value = getattr(getattr(recipe, part) or FineTunePart(), name)
        return value

    def write(recipe: Recipe, value: Value) -> Recipe:
        held = getattr(recipe, part)
        if held is None:
            return recipe
        return msgspec.structs.replace(recipe, **{part: msgspec.structs.replace(held, **{name: value})})

    return read, write


def _spec(
    id: str,
    place: tuple[Callable[[Recipe], Value], Callable[[Recipe, Value], Recipe]],
    label: Message,
    sentence: Message,
    kind: Kind,
    **more: object,
) -> SettingSpec:
    read, write = place
    return SettingSpec(id=id, label=label, sentence=sentence, kind=kind, read=read, write=write, **more)  # type: ignore[arg-type]


_DEVICES = (
    Choice(value="auto", label=message("setting.device.auto", "automatic")),
    Choice(value="cpu", label=message("setting.device.cpu", "CPU")),
    Choice(value="cuda", label=message("setting.device.cuda", "GPU (CUDA)")),
)
_AUGMENTATIONS = (
    Choice(value="none", label=message("setting.augmentation.none", "none")),
    Choice(value="light", label=message("setting.augmentation.light", "light")),
    Choice(value="moderate", label=message("setting.augmentation.moderate", "moderate")),
)
_BALANCES = (
    Choice(value="none", label=message("setting.class_balance.none", "as they are")),
    Choice(value="weighted", label=message("setting.class_balance.weighted", "weighted")),
)
_PRECISIONS = (
    Choice(value="auto", label=message("setting.precision.auto", "automatic")),
    Choice(value="fp32", label=message("setting.precision.fp32", "32 bit")),
    Choice(value="bf16", label=message("setting.precision.bf16", "bfloat16")),
)

_MAIN = (
    _spec(
        "num_stages",
        _part("finetune", "num_stages"),
        message("setting.num_stages", "Stages that train"),
        message(
            "setting.num_stages.sentence",
            "How many of the network's last stages learn with the head; take more when your images look unlike everyday photographs "
            "and you have some hundred of them.",
        ),
        Kind.WHOLE,
        main=True,
        needs_finetune=True,
        minimum=1,
        maximum=64,
    ),
    _spec(
        "epochs",
        _part("finetune", "epochs"),
        message("setting.epochs", "Epochs"),
        message(
            "setting.epochs.sentence",
            "The most times every training image is seen; raise it when validation is still improving at the end, it stops "
            "early by itself.",
        ),
        Kind.WHOLE,
        main=True,
        needs_finetune=True,
        minimum=1,
        maximum=1000,
    ),
    _spec(
        "augmentation",
        _field("augmentation"),
        message("setting.augmentation", "Augmentation"),
        message(
            "setting.augmentation.sentence",
            "Shows each image a little changed every time; take moderate for few images, none where orientation or colour "
            "is what tells classes apart.",
        ),
        Kind.CHOICE,
        main=True,
        needs_finetune=True,
        choices=_AUGMENTATIONS,
    ),
    _spec(
        "class_balance",
        _field("class_balance"),
        message("setting.class_balance", "Class balance"),
        message(
            "setting.class_balance.sentence",
            "Weighted lets every class count the same however few images it has; take it when rare classes matter.",
        ),
        Kind.CHOICE,
        main=True,
        choices=_BALANCES,
    ),
    _spec(
        "seed",
        _field("seed"),
        message("setting.seed", "Seed"),
        message(
            "setting.seed.sentence",
            "The number all chance is made from: the same seed repeats a run, another one shows how much of the result is luck.",
        ),
        Kind.WHOLE,
        main=True,
        minimum=0,
        maximum=2**31 - 1,
    ),
    _spec(
        "device",
        _field("device"),
        message("setting.device", "Device"),
        message(
            "setting.device.sentence",
            "Where it computes: automatic takes the GPU when there is one that works; take the CPU to keep the GPU free for others.",
        ),
        Kind.CHOICE,
        main=True,
        choices=_DEVICES,
    ),
)

_MORE = (
    _spec(
        "learning_rate",
        _part("finetune", "learning_rate"),
        message("setting.learning_rate", "Learning rate"),
        message(
            "setting.learning_rate.sentence",
            "How large the steps of the head are; make it three times smaller when the loss jumps or validation falls "
            "after the backbone is unfrozen.",
        ),
        Kind.NUMBER,
        needs_finetune=True,
        minimum=1e-7,
        maximum=10.0,
    ),
    _spec(
        "stage_decay",
        _part("finetune", "stage_decay"),
        message("setting.stage_decay", "Stage decay"),
        message(
            "setting.stage_decay.sentence",
            "Each stage further from the head takes this share of the step of the one after it; lower it to keep more of "
            "what was pretrained.",
        ),
        Kind.NUMBER,
        needs_finetune=True,
        minimum=1e-3,
        maximum=1.0,
    ),
    _spec(
        "batch_size",
        _part("finetune", "batch_size"),
        message("setting.batch_size", "Batch size"),
        message(
            "setting.batch_size.sentence",
            "Images that share one step; lower it for very few images, and leave it alone for memory, which is looked after by itself.",
        ),
        Kind.WHOLE,
        needs_finetune=True,
        minimum=1,
        maximum=4096,
    ),
    _spec(
        "patience",
        _part("finetune", "patience"),
        message("setting.patience", "Patience"),
        message(
            "setting.patience.sentence",
            "Epochs without a better validation result before it stops; raise it for noisy curves, 0 never stops early.",
        ),
        Kind.WHOLE,
        needs_finetune=True,
        minimum=0,
        maximum=1000,
    ),
    _spec(
        "weight_decay",
        _part("finetune", "weight_decay"),
        message("setting.weight_decay", "Weight decay"),
        message(
            "setting.weight_decay.sentence",
            "Pulls weights towards zero a little; raise it when training is far better than validation.",
        ),
        Kind.NUMBER,
        needs_finetune=True,
        minimum=0.0,
        maximum=10.0,
    ),
    _spec(
        "warmup",
        _part("finetune", "warmup"),
        message("setting.warmup", "Warm-up"),
        message(
            "setting.warmup.sentence",
            "Share of the steps over which the learning rate rises before it falls; raise it when the loss jumps at the start.",
        ),
        Kind.SHARE,
        needs_finetune=True,
        minimum=0.0,
        maximum=0.9,
    ),
    _spec(
        "label_smoothing",
        _part("finetune", "label_smoothing"),
        message("setting.label_smoothing", "Label smoothing"),
        message(
            "setting.label_smoothing.sentence",
            "Keeps the network from being too sure; raise it when some labels may be wrong, 0 switches it off.",
        ),
        Kind.SHARE,
        needs_finetune=True,
        minimum=0.0,
        maximum=0.9,
    ),
    _spec(
        "penalties",
        _part("head", "penalties"),
        message("setting.penalties", "Head penalties"),
        message(
            "setting.penalties.sentence",
            "Strengths that are tried for the new head, the one with the lowest validation loss is kept; add stronger ones "
            "for a handful of images.",
        ),
        Kind.NUMBERS,
        minimum=1e-12,
        maximum=1e12,
    ),
    _spec(
        "input_size_px",
        (
            lambda recipe: recipe.network.input_size_px,
            lambda recipe, value: msgspec.structs.replace(recipe, network=msgspec.structs.replace(recipe.network, input_size_px=value)),
        ),
        message("setting.input_size_px", "Input size, px"),
        message(
            "setting.input_size_px.sentence",
            "The side of the square the network sees; raise it for small details, it costs time with the square of the size.",
        ),
        Kind.WHOLE,
        minimum=32,
        maximum=2048,
        automatic=message("setting.input_size_px.automatic", "of the weights"),
    ),
    _spec(
        "precision",
        _field("precision"),
        message("setting.precision", "Precision"),
        message(
            "setting.precision.sentence",
            "How exactly it computes: automatic takes the fastest that is safe on this machine; take 32 bit to compare "
            "with other programs.",
        ),
        Kind.CHOICE,
        choices=_PRECISIONS,
    ),
)

SETTINGS: dict[str, SettingSpec] = {spec.id: spec for spec in (*_MAIN, *_MORE)}


def settings_of(recipe: Recipe, *, main: bool | None = None) -> tuple[SettingSpec, ...]:
    """The settings that mean something for `recipe`; with `main`, only those in front of the door (True) or behind it (False)."""
    return tuple(spec for spec in SETTINGS.values() if spec.applies(recipe) and (main is None or spec.main == main))
