"""The cards of a starter: the one the program reads, timm's config, and the one that people read."""

from dataclasses import dataclass

from blake3 import blake3
from distil import Plan
from teachers import Teacher

from tlstudio.domain.networks import WeightsCard

_TAG = "starter"
_LICENCE = "apache-2.0"
_KNOWN_AS = {"mobilenetv4_conv_small": "MobileNetV4 small"}
"""What people call an architecture; others go by timm's name."""
_HASH_DIGITS = 12


@dataclass(frozen=True, kw_only=True)
class EarlierStarter:
    """A starter that a later one went on from: what it had studied, and the commit whose code made it."""

    commit: str
    num_samples: int
    num_views: int
    rule: str


EARLIER = {
    "40b91f9d33f9": EarlierStarter(commit="cf24ebb", num_samples=800_000, num_views=32_000, rule="without a change of colour"),
}
"""By the first digits of the hash (blake3) of its file."""


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """What was measured of a finished student and beside it."""

    scores: dict[str, float]
    """Accuracy by set."""
    num_images: dict[str, int]
    """Images by set."""
    random: float
    """Mean accuracy of the same network with random weights."""
    teachers: dict[str, float]
    """Mean accuracy of each teacher at the student's size."""
    time_share: float
    """Time of an image, as a share of that of `yardstick`."""
    yardstick: str
    sample: float
    """Accuracy on the sample images that ship with the program."""
    random_sample: float
    """The same, of the network with random weights."""
    num_photographs: int

    @property
    def mean(self) -> float:
        """Mean accuracy over the sets."""
        return sum(self.scores.values()) / len(self.scores)


def timm_config(plan: Plan, *, num_features: int) -> dict[str, object]:
    """As timm's `save_for_hf` writes it, so that `timm.create_model("local-dir:…")` reads the folder too."""
    rule = plan.preprocessing
    return {
        "architecture": plan.architecture,
        "num_classes": 0,
        "num_features": num_features,
        "pretrained_cfg": {
            "tag": _TAG,
            "input_size": [3, plan.size_px, plan.size_px],
            "interpolation": rule.interpolation,
            "crop_pct": rule.crop_fraction,
            "mean": rule.mean,
            "std": rule.std,
            "num_classes": 0,
            "license": _LICENCE,
        },
    }


def card_for_the_program(data: bytes, *, plan: Plan, teachers: dict[str, Teacher]) -> WeightsCard:
    """Of the tensors' file `data`."""
    names = " and ".join(teacher.card.architecture for teacher in teachers.values())
    return WeightsCard(
        hash=blake3(data).hexdigest(),
        architecture=plan.architecture,
        name=f"Starter ({_KNOWN_AS.get(plan.architecture, plan.architecture)})",
        preprocessing=plan.preprocessing,
        num_classes=0,
        licence=_LICENCE,
        source=f"made by this project: taught by {names}" + _went_on(plan),
        bundled=True,
        size_bytes=len(data),
        tag=_TAG,
    )


def card_for_people(num_bytes: int, *, plan: Plan, teachers: dict[str, Teacher], judged: Judgement) -> str:
    """Markdown: how it was made, from what, under which terms, its scores and its limits."""
    return f"""# Starter: pretrained features for a machine that has nothing

A small network that TL Studio's project trained itself, so that a fresh, offline machine can transfer at once.

| | |
|---|---|
| network | `{plan.architecture}` of timm, without a classifier, {num_bytes / 1e6:.1f} MB in 16 bits |
| input | {plan.size_px} px, RGB, normalised to -1..1 |
| time | {judged.time_share:.3f} of that of {judged.yardstick}, in the same run |
| terms | Apache-2.0 |

## How it was made
It learned to give the same features and class probabilities as two larger networks, its teachers, on random crops, flips, changes of colour
and mixtures of {judged.num_photographs:,} photographs (Beyer et al. 2022, "A good teacher is patient and consistent"; Asano and Saeed 2023,
"Extrapolating from a single image to a thousand classes using distillation"). No label was used.

{_history(plan)}

Teachers:
{_taught_by(teachers)}

The photographs (a sample of ImageNet, for research) were looked at and are not contained.

## Scores
Accuracy of a linear classifier on its features, 5 folds, every image of each set, `packaging/starter/probe.py`:

| set | images | accuracy |
|---|---|---|
{_rows(judged)}
| **mean** | | **{judged.mean:.3f}** |

Beside it, the mean of the same sets: the same network with random weights {judged.random:.3f},
its teachers at {plan.size_px} px {_teachers_means(teachers, judged)}.

## Limits
It has seen crops of photographs of everyday things: animals, tools, vehicles, food. It is a fair start for photographs, a good
one for textures, and a weak one for what looks like neither, such as micrographs: on the sample images of this program the same classifier
reaches {judged.sample:.2f}, with random weights {judged.random_sample:.2f} (`packaging/starter/RESULTS.md` has more).
It knows no classes by itself. Networks pretrained on a million images give clearly
better features: import stronger weights when you can (Models, *Import weights*).
"""


def _rows(judged: Judgement) -> str:
    return "\n".join(f"| `{name}` | {judged.num_images[name]:,} | {score:.3f} |" for name, score in judged.scores.items())


def _taught_by(teachers: dict[str, Teacher]) -> str:
    lines = []
    for teacher in teachers.values():
        card = teacher.card
        parts = (f"`{card.architecture}`", card.tag and f"weights `{card.tag}`", card.licence or "terms not stated", teacher.note)
        lines.append("- " + ", ".join(part for part in parts if part))
    return "\n".join(lines)


def _teachers_means(teachers: dict[str, Teacher], judged: Judgement) -> str:
    return " and ".join(f"{judged.teachers[name]:.3f} (`{teacher.card.architecture}`)" for name, teacher in teachers.items())


def _beginning(plan: Plan) -> str:
    """First digits of the hash of the weights that the training began with; empty for random ones."""
    return "" if plan.begin_with is None else blake3(plan.begin_with.read_bytes()).hexdigest()[:_HASH_DIGITS]


def _went_on(plan: Plan) -> str:
    beginning = _beginning(plan)
    if not beginning:
        return ""
    what = "its own starter before it" if beginning in EARLIER else "other weights"
    return f"; went on from {what} (blake3 {beginning}…)"


def _history(plan: Plan) -> str:
    beginning = _beginning(plan)
    now = f"{plan.num_samples:,} looks at {plan.num_views:,} views, by the rule of `packaging/starter/` as it is now"
    again = "python packaging/starter/make.py"
    if not beginning:
        return f"It began with random weights and took {now}. This command makes it again: `{again}`."
    earlier = EARLIER.get(beginning)
    if earlier is None:
        return f"""It began with other weights (their blake3 starts with {beginning}), of which nothing more is known here, and took {now}.
This command makes it again: `{again} --begin-with FILE`."""
    return f"""In two parts, {earlier.num_samples + plan.num_samples:,} looks in all:

1. {earlier.num_samples:,} looks at {earlier.num_views:,} views {earlier.rule}, from random weights, by the code of commit
   `{earlier.commit}`: this project's starter before this one (blake3 `{beginning}…`), with the same teachers and photographs.
2. From there {now}.

These two commands repeat the second part:

```
git show {earlier.commit}:resources/starter/model.safetensors > first.safetensors
{again} --begin-with first.safetensors
```

From random weights `{again}` alone makes a starter by the present rule; the score of such a one has not been measured."""
