"""The table of a recipe's settings: what each is called, what it does, what it may be, and where it sits in a `Recipe`.

Front ends make their controls and their help from these rows; none of them names a field of a recipe itself.
"""

from tlstudio.domain import finetune_settings, head_settings, image_settings, step_settings
from tlstudio.domain.recipe import Recipe
from tlstudio.domain.setting_spec import Choice, Group, Kind, SettingSpec, field, spec, with_finetune
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
    Choice(value="sampled", label=message("setting.class_balance.sampled", "sampled")),
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
            "Weighted lets every class count the same however few images it has, sampled shows them equally often in fine-tuning; take "
            "one when rare classes matter.",
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
    *finetune_settings.TRAINS,
    *finetune_settings.RATES,
    *step_settings.STEPS,
    *image_settings.IMAGES,
    *step_settings.KEEPING,
    *head_settings.HEAD,
    *step_settings.COMPUTING,
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
        group=Group.COMPUTING,
        needs=with_finetune,  # everything else is exact
        choices=_PRECISIONS,
    ),
)

SETTINGS: dict[str, SettingSpec] = {row.id: row for row in (*_MAIN, *_MORE)}
"""In the order they are shown, and set where several are: what a setting depends on stands before it."""


def settings_of(recipe: Recipe, *, main: bool | None = None) -> tuple[SettingSpec, ...]:
    """The settings that mean something for `recipe`; with `main`, only those in front of the door (True) or behind it (False)."""
    return tuple(row for row in SETTINGS.values() if row.applies(recipe) and (main is None or row.main == main))
