"""A recipe says everything about a training that a person may choose. Typed, versioned, checks itself when made."""

import re
from collections.abc import Callable
from typing import Literal

import msgspec

from tlstudio.messages import Message, message

RECIPE_VERSION = 3
"""2 has kinds of heads, pooling, rates of single stages, cached views and low-rank adapters; 3 has schedules, gradual unfreezing, mixed
images, growing sizes, soups and mirrored answers. What an earlier version says means the same in it."""

Augmentation = Literal["none", "light", "moderate"]
Balance = Literal["none", "weighted", "sampled"]
Schedule = Literal["cosine", "one_cycle"]
JudgedViews = Literal["one", "mirrored"]
ViewRule = Literal[1, 2]
Pooling = Literal["auto", "avg", "max", "avgmax", "catavgmax", "token"]
HeadKind = Literal["linear", "dropout", "mlp", "cosine"]
PenaltyBy = Literal["validation", "folds"]
ALL_STAGES = 1000
"""More than any network has: the stem trains too."""
CUSTOM = "custom"
"""The row of RECIPES in which nothing is hidden; the others have values of their own to go back to."""


class NetworkPart(msgspec.Struct, frozen=True, kw_only=True):
    """Which network, and which weights it starts from."""

    architecture: str
    """A name from timm's registry."""
    weights: str | None = None
    """Hash of a set in the weights library; None starts from random numbers."""
    input_size_px: int | None = None
    """None takes the size of the weights."""
    pooling: Pooling = "auto"
    """How a feature map or the tokens become one vector; auto is what the weights were trained with."""


class HeadPart(msgspec.Struct, frozen=True, kw_only=True):
    """The new last layer, on cached features: multinomial logistic regression with an L2 penalty, or one of the other kinds."""

    kind: HeadKind = "linear"
    dropout: float = 0.2
    """Share of the features that a training step leaves out; of the kinds dropout and mlp."""
    hidden: int = 256
    """Width of the layer in between, of the kind mlp."""

    penalties: tuple[float, ...] = (1e-4, 1e-3, 1e-2, 1e-1, 1.0, 10.0)
    """Strengths that are tried; the one with the lowest loss is kept."""
    penalty_by: PenaltyBy = "validation"
    """Whose loss that is: of validation, or of a k-fold cross-validation within the training images (of the kind linear)."""

    def __post_init__(self) -> None:
        if not self.penalties or min(self.penalties) <= 0:
            raise ValueError("penalties must be positive, at least one")
        if not 0 <= self.dropout < 1 or self.hidden < 1:
            raise ValueError("dropout must be in [0, 1), the hidden layer at least 1 wide")


class LoraPart(msgspec.Struct, frozen=True, kw_only=True):
    """Low-rank adaptation (Hu et al. 2022) of qkv and projection in a transformer's attention; merged into the weights at the end."""

    rank: int = 8
    alpha: float = 16.0
    """The adapter's product is scaled by alpha / rank."""

    def __post_init__(self) -> None:
        if self.rank < 1 or self.alpha <= 0:
            raise ValueError("the rank must be at least 1, alpha positive")


class FineTunePart(msgspec.Struct, frozen=True, kw_only=True):
    """After the head (LP-FT, Kumar et al. 2022): the last stages follow with smaller learning rates."""

    num_stages: int = 2
    """How many of the last stages train, `ALL_STAGES` for every one; the others stay frozen."""
    epochs: int = 14
    batch_size: int = 32
    learning_rate: float = 1e-3
    """Of the head; each stage further from it takes `stage_decay` times that of the one after it."""
    stage_decay: float = 0.3
    stage_rates: tuple[float, ...] = ()
    """Learning rates of the stages that train, the last one first; empty takes `learning_rate` and `stage_decay`."""
    num_views: int = 4
    """Different training views of an image whose activations behind the frozen stages are kept; 0 makes a new view every epoch."""
    lora: LoraPart | None = None
    """Train adapters in the stages' attention instead of all their weights."""
    weight_decay: float = 1e-4
    warmup: float = 0.1
    """Share of the steps over which the learning rate rises before it falls along a cosine."""
    schedule: Schedule = "cosine"
    """one_cycle (Smith and Topin 2019): from a 25th of the rate up within `warmup`, then down to nearly nothing; momentum the other way."""
    unfreeze_every: int = 0
    """Epochs from one stage's beginning to train to the next one's, the last stage first (Howard and Ruder 2018); 0 is all at once."""
    micro_batch: int = 0
    """Images whose gradients are computed at a time and added up to those of a batch; 0 takes what is fastest here and fits."""
    clip_norm: float = 1.0
    """Longest gradient of all weights together; a longer one is shortened to it. 0 is none."""
    mixup: float = 0.0
    """Alpha of mixup (Zhang et al. 2018), 0 is none; with `cutmix`, batches take one of both in turn, by chance."""
    cutmix: float = 0.0
    """Alpha of CutMix (Yun et al. 2019), 0 is none."""
    first_size: float = 1.0
    """Share of the input size that training images begin with; they grow to all of it over the first half of the epochs."""
    soup: int = 0
    """How many of the best epochs' weights are kept for a greedy soup at the end (Wortsman et al. 2022); 0 or 1 is none."""
    label_smoothing: float = 0.05
    patience: int = 5
    """Epochs without a better validation result before it stops; 0 never stops early."""

    def __post_init__(self) -> None:
        if self.num_stages < 1 or self.epochs < 1 or self.batch_size < 1 or self.patience < 0:
            raise ValueError("stages, epochs and batch size must be at least 1, patience at least 0")
        if not (self.learning_rate > 0 and 0 < self.stage_decay <= 1 and self.weight_decay >= 0):
            raise ValueError("the learning rate must be positive, its decay in (0, 1], weight decay 0 or more")
        if not (0 <= self.warmup < 1 and 0 <= self.label_smoothing < 1):
            raise ValueError("warm-up and label smoothing must be in [0, 1)")
        if self.unfreeze_every < 0 or self.micro_batch < 0 or self.clip_norm < 0 or self.soup < 0:
            raise ValueError("epochs between stages, micro-batch, clipping and soup must be 0 or more")
        if self.mixup < 0 or self.cutmix < 0 or not 0.25 <= self.first_size <= 1:
            raise ValueError("the alphas of mixup and CutMix must be 0 or more, the first size in [0.25, 1]")
        if self.num_views < 0 or min(self.stage_rates, default=1.0) <= 0:
            raise ValueError("views must be 0 or more, the learning rates of stages positive")

    @property
    def mixes_images(self) -> bool:
        """Whether training images are mixed with others; that needs whole images, so that no views are kept then."""
        return self.mixup > 0 or self.cutmix > 0


class Recipe(msgspec.Struct, frozen=True, kw_only=True):
    """One training, as it was asked for. `finetune=None` is a head on a frozen backbone."""

    version: int = RECIPE_VERSION
    name: str
    """The row of RECIPES it was made from."""
    task: str = "classification"
    network: NetworkPart
    head: HeadPart = HeadPart()
    finetune: FineTunePart | None = None
    augmentation: Augmentation = "none"
    class_balance: Balance = "none"
    """weighted: an error counts by how rare its class is; sampled: images of rare classes are shown more often."""
    judged_views: JudgedViews = "one"
    """mirrored: an answer is the mean of those for an image and its mirror image, here and in what is exported."""
    view_rule: ViewRule = 2
    """How training views are made; see `datasets.training_views`. What was ordered before version 3 keeps 1.

    It is judged by rule 1 of `domain.plan.Plan.judged_rule`, too; everything newer is judged by the newest rule there is when it begins.
    """
    seed: int = 0
    device: str = "auto"
    """auto, cpu, mps (an Apple GPU, untested), or cuda:N."""
    precision: Literal["auto", "fp32", "bf16"] = "auto"

    def __post_init__(self) -> None:
        if self.seed < 0:
            raise ValueError("the seed must be 0 or more")
        if not is_device(self.device):
            raise ValueError(f"unknown device {self.device!r}, there are auto, cpu, mps and cuda:0, cuda:1 and so on")

    @property
    def has_chance(self) -> bool:
        """Whether another seed may come to another model: a head that is solved on features of given weights has nothing to draw."""
        head = self.head
        is_solved = head.kind == "linear" and (head.penalty_by == "validation" or len(head.penalties) == 1)
        return self.network.weights is None or self.finetune is not None or not is_solved


def is_device(name: str) -> bool:
    """Whether `name` can be the device of a recipe; whether this machine has it is seen when a job starts."""
    return name in ("auto", "cpu", "mps") or re.fullmatch(r"cuda(:\d+)?", name) is not None


def decode_recipe(data: bytes | str) -> Recipe:
    """A recipe as this or an earlier version wrote it. Raises `msgspec.DecodeError`, also where a later version did."""
    recipe = msgspec.json.decode(data, type=Recipe)
    if recipe.version > RECIPE_VERSION:
        raise msgspec.ValidationError(f"a recipe of version {recipe.version}, later than {RECIPE_VERSION}")
    return recipe if recipe.version == RECIPE_VERSION else _upgraded(recipe)


def _upgraded(recipe: Recipe) -> Recipe:
    """Version 1 knew no views that are kept: every epoch made new ones. Before version 3 views were made in another way."""
    finetune = recipe.finetune
    if finetune is not None and recipe.version == 1:
        finetune = msgspec.structs.replace(finetune, num_views=0)
    return msgspec.structs.replace(recipe, version=RECIPE_VERSION, finetune=finetune, view_rule=1)


class RecipeSpec(msgspec.Struct, frozen=True, kw_only=True):
    """A row of RECIPES: what people choose from."""

    id: str
    title: Message
    sentence: Message
    build: Callable[[NetworkPart], Recipe]


def _quick(network: NetworkPart) -> Recipe:
    return Recipe(name="quick", network=network)


def _balanced(network: NetworkPart) -> Recipe:
    return Recipe(name="balanced", network=network, finetune=FineTunePart(), augmentation="light")


def _thorough(network: NetworkPart) -> Recipe:
    """Layer-wise rates as Clark et al. (2020) and Bao et al. (2022) fine-tune whole transformers; a new view every epoch."""
    part = FineTunePart(
        num_stages=ALL_STAGES,
        epochs=30,
        stage_decay=0.75,
        num_views=0,
        label_smoothing=0.1,
        patience=8,
    )
    return Recipe(name="thorough", network=network, finetune=part, augmentation="moderate")


def _custom(network: NetworkPart) -> Recipe:
    return msgspec.structs.replace(_balanced(network), name=CUSTOM)


RECIPES: dict[str, RecipeSpec] = {
    spec.id: spec
    for spec in (
        RecipeSpec(
            id="quick",
            title=message("recipe.quick", "Quick"),
            sentence=message("recipe.quick.sentence", "A new head on cached features; the network itself stays as it is. Seconds."),
            build=_quick,
        ),
        RecipeSpec(
            id="balanced",
            title=message("recipe.balanced", "Balanced"),
            sentence=message(
                "recipe.balanced.sentence",
                "New head first on cached features, then the last stages with smaller steps. Stops when validation stops improving.",
            ),
            build=_balanced,
        ),
        RecipeSpec(
            id="thorough",
            title=message("recipe.thorough", "Thorough"),
            sentence=message(
                "recipe.thorough.sentence",
                "New head first, then all layers: the nearer to the image, the smaller the steps. More epochs and stronger augmentation; "
                "the slowest.",
            ),
            build=_thorough,
        ),
        RecipeSpec(
            id=CUSTOM,
            title=message("recipe.custom", "Custom"),
            sentence=message(
                "recipe.custom.sentence",
                "Everything can be set, each with a sentence. It begins with what stands; after Quick, the fine-tuning is that of the "
                "recipe before it, at first Balanced.",
            ),
            build=_custom,
        ),
    )
}
