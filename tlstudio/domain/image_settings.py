"""Rows of the settings table for what a training shows of its images and labels."""

from tlstudio.domain.recipe import Recipe
from tlstudio.domain.setting_spec import Choice, Group, Kind, field, part, spec, with_finetune
from tlstudio.messages import message

_JUDGED_VIEWS = (
    Choice(value="one", label=message("setting.judged_views.one", "the image")),
    Choice(value="mirrored", label=message("setting.judged_views.mirrored", "mirrored too")),
)


def _keeps_views(recipe: Recipe) -> bool:
    """Mixed images are whole ones and growing ones change: nothing is kept of either behind the frozen stages."""
    part = recipe.finetune
    return part is not None and not part.mixes_images and part.first_size >= 1


IMAGES = (
    spec(
        "input_size_px",
        part("network", "input_size_px"),
        message("setting.input_size_px", "Input size, px"),
        message(
            "setting.input_size_px.sentence",
            "Each image is shown to the network as a square with this side; raise it for small details, twice the side takes "
            "about four times as long.",
        ),
        Kind.WHOLE,
        group=Group.IMAGES,
        minimum=32,
        maximum=2048,
        automatic=message("setting.input_size_px.automatic", "of the weights"),
    ),
    spec(
        "first_size",
        part("finetune", "first_size"),
        message("setting.first_size", "First size"),
        message(
            "setting.first_size.sentence",
            "Share of the input size that training begins with, growing to all of it by half of the epochs; take 60 % to save time when "
            "all stages train.",
        ),
        Kind.SHARE,
        group=Group.IMAGES,
        needs=with_finetune,
        minimum=0.25,
        maximum=1.0,
    ),
    spec(
        "mixup",
        part("finetune", "mixup"),
        message("setting.mixup", "Mixup"),
        message(
            "setting.mixup.sentence",
            "Blends pairs of images and their labels; take 0.2 for few images and many epochs, it makes a new view every "
            "epoch and is slower, 0 switches it off.",
        ),
        Kind.NUMBER,
        group=Group.IMAGES,
        needs=with_finetune,
        minimum=0.0,
        maximum=10.0,
    ),
    spec(
        "cutmix",
        part("finetune", "cutmix"),
        message("setting.cutmix", "CutMix"),
        message(
            "setting.cutmix.sentence",
            "Pastes a piece of one image into another, with its share of the label; take 1 when small parts tell classes "
            "apart, it makes a new view every epoch and is slower, 0 switches it off.",
        ),
        Kind.NUMBER,
        group=Group.IMAGES,
        needs=with_finetune,
        minimum=0.0,
        maximum=10.0,
    ),
    spec(
        "num_views",
        part("finetune", "num_views"),
        message("setting.num_views", "Kept views"),
        message(
            "setting.num_views.sentence",
            "How many changed versions of each image are kept as the stages that do not learn see them, which saves their "
            "time; 0 makes a new one every epoch.",
        ),
        Kind.WHOLE,
        group=Group.IMAGES,
        needs=_keeps_views,
        minimum=0,
        maximum=64,
    ),
    spec(
        "label_smoothing",
        part("finetune", "label_smoothing"),
        message("setting.label_smoothing", "Label smoothing"),
        message(
            "setting.label_smoothing.sentence",
            "Keeps the network from being too sure; raise it when some labels may be wrong, 0 switches it off.",
        ),
        Kind.SHARE,
        group=Group.IMAGES,
        needs=with_finetune,
        minimum=0.0,
        maximum=0.9,
    ),
    spec(
        "judged_views",
        field("judged_views"),
        message("setting.judged_views", "Answers from"),
        message(
            "setting.judged_views.sentence",
            "Whether an answer is for the image alone or the mean with its mirror image, which takes twice the time; take the image "
            "alone where left and right tell classes apart.",
        ),
        Kind.CHOICE,
        group=Group.IMAGES,
        choices=_JUDGED_VIEWS,
    ),
)
