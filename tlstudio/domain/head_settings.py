"""Rows of the settings table for the new last layer and what it is given."""

from tlstudio.domain.setting_spec import Choice, Group, Kind, part, spec
from tlstudio.messages import message

_HEADS = (
    Choice(value="linear", label=message("setting.head_kind.linear", "linear")),
    Choice(value="dropout", label=message("setting.head_kind.dropout", "with dropout")),
    Choice(value="mlp", label=message("setting.head_kind.mlp", "two layers")),
    Choice(value="cosine", label=message("setting.head_kind.cosine", "cosine")),
)
_JUDGES = (
    Choice(value="validation", label=message("setting.penalty_by.validation", "validation")),
    Choice(value="folds", label=message("setting.penalty_by.folds", "cross-validation")),
)
POOLINGS = (
    Choice(value="auto", label=message("setting.pooling.auto", "as trained")),
    Choice(value="avg", label=message("setting.pooling.avg", "average")),
    Choice(value="max", label=message("setting.pooling.max", "maximum")),
    Choice(value="avgmax", label=message("setting.pooling.avgmax", "mean of average and maximum")),
    Choice(value="catavgmax", label=message("setting.pooling.catavgmax", "side by side")),
    Choice(value="token", label=message("setting.pooling.token", "class token")),
)

HEAD = (
    spec(
        "head_kind",
        part("head", "kind"),
        message("setting.head_kind", "Head"),
        message(
            "setting.head_kind.sentence",
            "The new last layer, which names the class: linear suits most, dropout or cosine a handful of images a class, "
            "two layers many images that are hard to tell apart.",
        ),
        Kind.CHOICE,
        group=Group.HEAD,
        choices=_HEADS,
    ),
    spec(
        "head_dropout",
        part("head", "dropout"),
        message("setting.head_dropout", "Head dropout"),
        message(
            "setting.head_dropout.sentence",
            "Share of the features, what the network measures of an image, that each step leaves out by chance; raise it "
            "when training is far better than validation.",
        ),
        Kind.SHARE,
        group=Group.HEAD,
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
            "How many numbers the layer between the network's features and the classes has; raise it for many classes with "
            "many images each.",
        ),
        Kind.WHOLE,
        group=Group.HEAD,
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
            "How strongly the head is kept simple: each strength is tried, that with the lowest loss is kept; add "
            "larger ones for a handful of images a class.",
        ),
        Kind.NUMBERS,
        group=Group.HEAD,
        minimum=1e-12,
        maximum=1e12,
    ),
    spec(
        "penalty_by",
        part("head", "penalty_by"),
        message("setting.penalty_by", "Penalty chosen by"),
        message(
            "setting.penalty_by.sentence",
            "Who judges the head's penalties: validation images or, better where these are a handful, cross-validation by training "
            "images in five parts; the live model always asks validation.",
        ),
        Kind.CHOICE,
        group=Group.HEAD,
        needs=lambda recipe: recipe.head.kind == "linear",
        choices=_JUDGES,
    ),
    spec(
        "pooling",
        part("network", "pooling"),
        message("setting.pooling", "Pooling"),
        message(
            "setting.pooling.sentence",
            "How what the network sees at each place of the image becomes one list of numbers; take maximum, or both side by side, "
            "when what matters is a small spot.",
        ),
        Kind.CHOICE,
        group=Group.HEAD,
        choices=POOLINGS,
    ),
)
