"""A student learns to answer as its teachers do, by Beyer et al. 2022 ("A good teacher is patient and consistent").

The same view goes to teacher and student. From the student's pre-logit features f, one linear map per teacher predicts the teacher's
standardised pre-logit features z; the teacher's frozen classifier makes logits of the prediction. Minimised is, summed over the
teachers, mean |map(f) - z|^2 (FitNets, Romero et al. 2015, eq. 3) + KL(teacher || student) of the class probabilities (Hinton et al. 2015).
What is kept is the running average of the weights.
"""

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
from lessons import CHUNK, WINDOW, Lesson, Lessons
from safetensors import SafetensorError
from safetensors.torch import load, save
from teachers import Teacher, arguments_for
from torch import Tensor, nn
from torch.nn import functional

from tlstudio import files
from tlstudio.domain.networks import Preprocessing
from tlstudio.engine.models.create import Source, create
from tlstudio.engine.models.network import Network

BATCH = 128
CHECKPOINT = "checkpoint.safetensors"
_LEARNING_RATE, _WEIGHT_DECAY, _WARM_UP = 1.5e-3, 0.05, 0.02
_SMALL_UNTIL, _SMALL_SHARE = 0.5, 0.75
"""The first half of the steps see pictures of 75 % of the side, which takes half the time (progressive resizing, Howard 2018)."""
_LOOKS = 2
"""Times a view is studied, in the mean: to answer costs the teachers as much as a look costs the student, but what is seen often is
learned by heart."""
_AVERAGE_REACH = 0.02
"""The averaged weights reach back over this share of the training so far."""
_CHECKPOINT_EVERY = 500
_CHECKPOINT_S = 120.0
"""Where so many steps take longer, it is saved by time."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is trained, and for how long."""

    architecture: str
    size_px: int
    num_samples: int
    seed: int = 0
    begin_with: Path | None = None
    """Weights in safetensors that the student starts from instead of random ones."""

    @property
    def num_steps(self) -> int:
        return self.num_samples // BATCH

    @property
    def preprocessing(self) -> Preprocessing:
        """Pictures come in normalised to -1..1."""
        half = (0.5, 0.5, 0.5)
        return Preprocessing(input_size_px=self.size_px, mean=half, std=half)

    @property
    def num_views(self) -> int:
        """Different views that are studied."""
        return (self._first_chunk(self.num_steps - 1) + WINDOW) * CHUNK

    def lessons(self, step: int) -> tuple[int, Tensor]:
        """The first chunk of the window of a step, and the rows in it: i64[BATCH]."""
        chance = torch.Generator().manual_seed(1_000_003 * self.seed + step)
        return self._first_chunk(step), torch.randint(WINDOW * CHUNK, (BATCH,), generator=chance)

    def _first_chunk(self, step: int) -> int:
        return step * BATCH // (_LOOKS * CHUNK)

    def rate(self, step: int) -> float:
        """Learning rate: linear warm-up, then half a cosine."""
        warm = max(1.0, _WARM_UP * self.num_steps)
        share = (step - warm) / max(1.0, self.num_steps - warm)
        return _LEARNING_RATE * (step / warm if step < warm else 0.5 * (1 + math.cos(math.pi * share)))

    def side(self, step: int) -> int:
        """Side in pixels of the pictures of a step."""
        return round(self.size_px * _SMALL_SHARE) if step < _SMALL_UNTIL * self.num_steps else self.size_px


@dataclass(frozen=True, kw_only=True)
class Step:
    """Where the training stands after `samples` pictures; `loss` is the mean since the last one told."""

    samples: int
    loss: float


class Pupil(nn.Module):
    """The student with the maps that it is taught through; only the student is kept."""

    def __init__(self, student: Network, *, teachers: dict[str, Teacher], example: Lesson) -> None:
        super().__init__()
        self.student = student
        self.maps = nn.ModuleDict({name: nn.Linear(student.num_features, teacher.weight.shape[1]) for name, teacher in teachers.items()})
        self._teachers = teachers
        for name in teachers:  # what the teachers say to some lessons stands for all; it is kept with the state
            self.register_buffer(f"mean_{name}", example.answers[name].float().mean(0))
            self.register_buffer(f"std_{name}", example.answers[name].float().std(0).clamp_min(1e-6))

    def loss(self, images: Tensor, answers: dict[str, Tensor]) -> Tensor:
        """images uint8[N, 3, S, S], answers f16[N, D] a teacher."""
        features = self.student.features(images.permute(0, 2, 3, 1))
        total = features.new_zeros(())
        for name, teacher in self._teachers.items():
            mean, std = self.get_buffer(f"mean_{name}"), self.get_buffer(f"std_{name}")
            wanted = answers[name].float()
            told = self.maps[name](features)
            target = (wanted - mean) / std
            ours = functional.linear(told * std + mean, teacher.weight, teacher.bias)
            theirs = functional.linear(wanted, teacher.weight, teacher.bias)
            total = total + functional.mse_loss(told, target)
            total = total + functional.kl_div(ours.log_softmax(1), theirs.log_softmax(1), reduction="batchmean", log_target=True)
        return total


def new_student(plan: Plan) -> Network:
    """The network as the training finds it."""
    source = Source(
        architecture=plan.architecture,
        arguments=arguments_for(plan.architecture, size_px=plan.size_px),
        preprocessing=plan.preprocessing,
        weights=f"random-{plan.architecture}-{plan.seed}",
        weights_file=plan.begin_with,
        seed=plan.seed,
    )
    return create(source)


def student_of(plan: Plan, checkpoint: Path) -> Network:
    """The averaged student of a saved state, on the CPU."""
    student = new_student(plan)
    tensors = _read(checkpoint)
    student.load_state_dict({name.removeprefix("average."): tensor for name, tensor in tensors.items() if name.startswith("average.")})
    return student.eval()


def num_studied(folder: Path) -> int:
    """Pictures that the training in a folder has studied so far. Raises `ValueError` where its saved state is damaged."""
    checkpoint = folder / CHECKPOINT
    return int(_read(checkpoint)["step"]) * BATCH if checkpoint.is_file() else 0


def learn(plan: Plan, *, teachers: dict[str, Teacher], lessons: Lessons, folder: Path) -> Iterator[Step]:
    """Train, telling how it goes every `_CHECKPOINT_EVERY` steps or `_CHECKPOINT_S` seconds, where it is also saved; goes on from what
    `folder` holds.

    Raises `ValueError` where that is damaged. Each saved state holds the averaged student under "average."; the lessons of a step depend
    on seed and step only.
    """
    folder.mkdir(parents=True, exist_ok=True)
    device = next(iter(teachers.values())).weight.device
    torch.manual_seed(plan.seed)
    pupil = Pupil(new_student(plan), teachers=teachers, example=lessons.chunk(0)).to(device).to(memory_format=torch.channels_last).train()
    optimizer = torch.optim.AdamW(_groups(pupil), lr=_LEARNING_RATE, fused=True)
    average = {name: tensor.detach().clone() for name, tensor in pupil.student.state_dict().items()}
    first = _resume(folder / CHECKPOINT, pupil, optimizer, average)
    total, since, saved = torch.zeros((), device=device), 0, time.monotonic()
    for step in range(first, plan.num_steps):
        for group in optimizer.param_groups:
            group["lr"] = plan.rate(step)
        lesson = lessons.take(*plan.lessons(step))
        images = _sized(lesson.images.to(device), plan.side(step))
        loss = pupil.loss(images, {name: answers.to(device) for name, answers in lesson.answers.items()})
        optimizer.zero_grad()
        torch.autograd.backward(loss)
        optimizer.step()
        _follow(average, pupil.student, step)
        total, since = total + loss.detach(), since + 1
        is_due = (step + 1) % _CHECKPOINT_EVERY == 0 or time.monotonic() - saved >= _CHECKPOINT_S
        if is_due or step + 1 == plan.num_steps:
            _save(folder / CHECKPOINT, step + 1, pupil, optimizer, average)
            yield Step(samples=(step + 1) * BATCH, loss=float(total) / since)
            total, since, saved = torch.zeros((), device=device), 0, time.monotonic()


def _groups(pupil: Pupil) -> list[dict[str, object]]:
    """Weights decay; norms and biases do not."""
    matrices = [parameter for parameter in pupil.parameters() if parameter.ndim > 1]
    vectors = [parameter for parameter in pupil.parameters() if parameter.ndim <= 1]
    return [{"params": matrices, "weight_decay": _WEIGHT_DECAY}, {"params": vectors, "weight_decay": 0.0}]


def _sized(images: Tensor, side_px: int) -> Tensor:
    if images.shape[-1] == side_px:
        return images
    return functional.interpolate(images, size=(side_px, side_px), mode="bilinear", antialias=True)


@torch.no_grad()
def _follow(average: dict[str, Tensor], student: Network, step: int) -> None:
    share = 1.0 / (1.0 + _AVERAGE_REACH * step)
    for name, tensor in student.state_dict().items():
        if tensor.is_floating_point():
            average[name].lerp_(tensor, share)
        else:
            average[name].copy_(tensor)


def _save(path: Path, step: int, pupil: Pupil, optimizer: torch.optim.Optimizer, average: dict[str, Tensor]) -> None:
    tensors = {f"pupil.{name}": tensor for name, tensor in pupil.state_dict().items()}
    tensors |= {f"average.{name}": tensor for name, tensor in average.items()}
    for index, state in optimizer.state_dict()["state"].items():
        tensors |= {f"optimizer.{index}.{name}": value for name, value in state.items()}
    tensors["step"] = torch.tensor(step)
    files.write_bytes(path, save({name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}))


def _read(path: Path) -> dict[str, Tensor]:
    try:
        return load(path.read_bytes())
    except SafetensorError as error:
        raise ValueError(f"{path} is cut short or damaged ({error}); remove it, and the training begins anew") from error


def _resume(path: Path, pupil: Pupil, optimizer: torch.optim.Optimizer, average: dict[str, Tensor]) -> int:
    """The step to go on with."""
    if not path.is_file():
        return 0
    tensors = _read(path)
    pupil.load_state_dict({name.removeprefix("pupil."): tensor for name, tensor in tensors.items() if name.startswith("pupil.")})
    states: dict[int, dict[str, Tensor]] = {}
    for name, tensor in tensors.items():
        if name.startswith("average."):
            average[name.removeprefix("average.")].copy_(tensor)
        elif name.startswith("optimizer."):
            _, index, key = name.split(".")
            states.setdefault(int(index), {})[key] = tensor
    optimizer.load_state_dict({"state": states, "param_groups": optimizer.state_dict()["param_groups"]})
    for parameter, state in optimizer.state.items():  # the fused step pairs memory, not places: it wants the order of the parameter's
        for key, tensor in state.items():
            if tensor.shape == parameter.shape:
                state[key] = torch.empty_like(parameter).copy_(tensor)
    return int(tensors["step"])
