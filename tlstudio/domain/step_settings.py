"""Rows of the settings table for the steps of a fine-tuning: their batches and limits, when it stops, what is kept."""

from tlstudio.domain.setting_spec import Group, Kind, Place, part, spec, with_finetune
from tlstudio.messages import message


def _micro_batch() -> Place:
    """None is what is fastest and fits, 0 in a recipe."""
    read, write = part("finetune", "micro_batch")
    return (lambda recipe: read(recipe) or None), (lambda recipe, value: write(recipe, value or 0))


STEPS = (
    spec(
        "batch_size",
        part("finetune", "batch_size"),
        message("setting.batch_size", "Batch size"),
        message(
            "setting.batch_size.sentence",
            "How many images share one step of learning; lower it for fewer than a hundred images, and leave it alone for "
            "memory, which is looked after by itself.",
        ),
        Kind.WHOLE,
        group=Group.STEPS,
        needs=with_finetune,
        minimum=1,
        maximum=4096,
    ),
    spec(
        "clip_norm",
        part("finetune", "clip_norm"),
        message("setting.clip_norm", "Gradient clipping"),
        message(
            "setting.clip_norm.sentence",
            "Steps whose gradient (direction and length) is longer than this are shortened to it; lower it when the loss "
            "jumps now and then, 0 never shortens.",
        ),
        Kind.NUMBER,
        group=Group.STEPS,
        needs=with_finetune,
        minimum=0.0,
        maximum=1000.0,
    ),
    spec(
        "weight_decay",
        part("finetune", "weight_decay"),
        message("setting.weight_decay", "Weight decay"),
        message(
            "setting.weight_decay.sentence",
            "Pulls the network's numbers, its weights, towards zero a little at each step; raise it when training is far "
            "better than validation.",
        ),
        Kind.NUMBER,
        group=Group.STEPS,
        needs=with_finetune,
        minimum=0.0,
        maximum=10.0,
    ),
)

KEEPING = (
    spec(
        "patience",
        part("finetune", "patience"),
        message("setting.patience", "Patience"),
        message(
            "setting.patience.sentence",
            "Epochs without a better validation result before it stops; raise it for noisy curves, 0 never stops early.",
        ),
        Kind.WHOLE,
        group=Group.KEEPING,
        needs=with_finetune,
        minimum=0,
        maximum=1000,
    ),
    spec(
        "soup",
        part("finetune", "soup"),
        message("setting.soup", "Soup of epochs"),
        message(
            "setting.soup.sentence",
            "How many of the best epochs' weights are averaged at the end where that helps on validation; take 3 to 5 when validation "
            "goes up and down, 0 or 1 keeps the best epoch.",
        ),
        Kind.WHOLE,
        group=Group.KEEPING,
        needs=with_finetune,
        minimum=0,
        maximum=20,
    ),
)

COMPUTING = (
    spec(
        "micro_batch",
        _micro_batch(),
        message("setting.micro_batch", "Micro-batch"),
        message(
            "setting.micro_batch.sentence",
            "How many images of a batch are computed at a time and then added up; set it only to fit a large network into "
            "memory that other programs use too.",
        ),
        Kind.WHOLE,
        group=Group.COMPUTING,
        needs=with_finetune,
        minimum=1,
        maximum=4096,
        automatic=message("setting.micro_batch.automatic", "automatic"),
    ),
)
