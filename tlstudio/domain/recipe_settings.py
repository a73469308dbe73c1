"""The table of a recipe's settings: what each is called, what it does, what it may be, and where it sits in a `Recipe`.

Front ends make their controls and their help from these rows; none of them names a field of a recipe itself.
"""

from tlstudio.domain import finetune_settings
from tlstudio.domain.recipe import Recipe
from tlstudio.domain.setting_spec import Choice, Kind, SettingSpec, field, part, spec
from tlstudio.messages import message

_DEVICES = (
    Choice(value="auto", label=message("setting.device.auto", "automatic")),
    Choice(value="cpu", label=message("setting.device.cpu", "CPU")),
    Choice(value="cuda", label=message("setting.device.cuda", "GPU (CUDA)")),
    Choice(value="mps", label=message("setting.device.mps", "Apple GPU (untested)")),
)
_BALANCES = (
    Choice(value="none", label=message("setting.class_balance.none", "as they are")),
    Choice(value="weighted", label=message("setting.class_balance.weighted", "weighted")),
)
_HEADS = (
    Choice(value="linear", label=message("setting.head_kind.linear", "linear")),
    Choice(value="dropout", label=message("setting.head_kind.dropout", "linear with dropout")),
    Choice(value="mlp", label=message("setting.head_kind.mlp", "two layers")),
    Choice(value="cosine", label=message("setting.head_kind.cosine", "cosine")),
)
_POOLINGS = (
    Choice(value="auto", label=message("setting.pooling.auto", "of the weights")),
    Choice(value="avg", label=message("setting.pooling.avg", "average")),
    Choice(value="max", label=message("setting.pooling.max", "maximum")),
    Choice(value="avgmax", label=message("setting.pooling.avgmax", "mean of both")),
    Choice(value="catavgmax", label=message("setting.pooling.catavgmax", "both side by side")),
    Choice(value="token", label=message("setting.pooling.token", "class token")),
)
_PRECISIONS = (
    Choice(value="auto", label=message("setting.precision.auto", "automatic")),
    Choice(value="fp32", label=message("setting.precision.fp32", "32 bit")),
    Choice(value="bf16", label=message("setting.precision.bf16", "bfloat16")),
)

_MAIN = (
    *finetune_settings.MAIN,
    spec(
        "class_balance",
        field("class_balance"),
        message("setting.class_balance", "Class balance"),
        message(
            "setting.class_balance.sentence",
            "Weighted lets every class count the same however few images it has; take it when rare classes matter.",
        ),
        Kind.CHOICE,
        main=True,
        choices=_BALANCES,
    ),
    spec(
        "seed",
        field("seed"),
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
    spec(
        "device",
        field("device"),
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
    *finetune_settings.MORE,
    spec(
        "head_kind",
        part("head", "kind"),
        message("setting.head_kind", "Head"),
        message(
            "setting.head_kind.sentence",
            "The new last layer: linear suits most, dropout or cosine a handful of images a class, two layers many images the network "
            "finds hard.",
        ),
        Kind.CHOICE,
        choices=_HEADS,
    ),
    spec(
        "head_dropout",
        part("head", "dropout"),
        message("setting.head_dropout", "Head dropout"),
        message(
            "setting.head_dropout.sentence",
            "Share of the features that each step of the head leaves out; raise it when training is far better than validation.",
        ),
        Kind.SHARE,
        needs=lambda recipe: recipe.head.kind in ("dropout", "mlp"),
        minimum=0.0,
        maximum=0.95,
    ),
    spec(
        "head_hidden",
        part("head", "hidden"),
        message("setting.head_hidden", "Hidden width"),
        message(
            "setting.head_hidden.sentence",
            "Width of the layer between features and classes; raise it for many images and many classes, it needs more of both.",
        ),
        Kind.WHOLE,
        needs=lambda recipe: recipe.head.kind == "mlp",
        minimum=1,
        maximum=8192,
    ),
    spec(
        "penalties",
        part("head", "penalties"),
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
    spec(
        "pooling",
        part("network", "pooling"),
        message("setting.pooling", "Pooling"),
        message(
            "setting.pooling.sentence",
            "How the network's last map becomes one vector; take maximum or both when what matters is a small spot in the image.",
        ),
        Kind.CHOICE,
        choices=_POOLINGS,
    ),
    spec(
        "input_size_px",
        part("network", "input_size_px"),
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
    spec(
        "precision",
        field("precision"),
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

SETTINGS: dict[str, SettingSpec] = {row.id: row for row in (*_MAIN, *_MORE)}
"""In the order they are shown, and set where several are: what a setting depends on stands before it."""


def settings_of(recipe: Recipe, *, main: bool | None = None) -> tuple[SettingSpec, ...]:
    """The settings that mean something for `recipe`; with `main`, only those in front of the door (True) or behind it (False)."""
    return tuple(row for row in SETTINGS.values() if row.applies(recipe) and (main is None or row.main == main))
