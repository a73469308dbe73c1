"""What the peers' scripts share: reading the task, making the network, judging it. No peer is faster or slower for it."""

import json
import os
import sys
import time
from types import SimpleNamespace

import timm
import torch
from safetensors.torch import load_file
from torch import nn
from torchvision import datasets, transforms


def read_task() -> SimpleNamespace:
    """The task named by the first argument."""
    with open(sys.argv[1], encoding="utf-8") as file:
        task = json.load(file, object_hook=lambda item: SimpleNamespace(**item))
    torch.set_num_threads(task.threads)
    torch.manual_seed(task.seed)
    begin()
    return task


_begun: dict[str, float] = {}


def begin() -> None:
    """What counts starts now; reading the task does it, when a script's libraries are loaded."""
    _begun.update(_clocks())


def _clocks() -> dict[str, float]:
    times = os.times()
    return {"seconds": time.perf_counter(), "cpu_s": times.user + times.system + times.children_user + times.children_system}


def spent() -> dict[str, float]:
    """Seconds, and those of processors, since what counts began."""
    return {name: now - _begun[name] for name, now in _clocks().items()}


def network(task: SimpleNamespace, num_classes: int) -> nn.Module:
    """timm's network with the task's weights and a new classifier."""
    model = timm.create_model(task.network, num_classes=num_classes, **vars(task.arguments))
    load_weights(task, model)
    if task.setting.channels_last:
        model = model.to(memory_format=torch.channels_last)
    return model


def load_weights(task: SimpleNamespace, model: nn.Module) -> None:
    """The task's weights into a network of timm's names; ends the script where they are those of another."""
    if not task.weights:
        return
    own = model.state_dict()
    state = {name: tensor.float() for name, tensor in load_file(task.weights).items() if name in own and own[name].shape == tensor.shape}
    missing, _unexpected = model.load_state_dict(state, strict=False)
    foreign = [name for name in missing if not name.endswith("num_batches_tracked") and not name.startswith("classifier")]
    if foreign:
        raise SystemExit(f"weights lack {foreign}")


def training_views(task: SimpleNamespace) -> transforms.Compose:
    """Random crop and flip, as torchvision's tutorial has them."""
    return transforms.Compose(
        [
            transforms.RandomResizedCrop(task.size_px, scale=(0.5, 1.0)),
            transforms.RandomHorizontalFlip(),
            transforms.ToTensor(),
            transforms.Normalize(task.mean, task.std),
        ]
    )


def judged_views(task: SimpleNamespace) -> transforms.Compose:
    """The centre."""
    return transforms.Compose(
        [
            transforms.Resize(round(task.size_px / 0.875)),
            transforms.CenterCrop(task.size_px),
            transforms.ToTensor(),
            transforms.Normalize(task.mean, task.std),
        ]
    )


def folder(task: SimpleNamespace, split: str, views: transforms.Compose) -> datasets.ImageFolder:
    """One split as torchvision reads it."""
    return datasets.ImageFolder(f"{task.folder}/{split}", views)


def loader(task: SimpleNamespace, split: str, *, training: bool) -> torch.utils.data.DataLoader:
    """torch's loader over it."""
    data = folder(task, split, training_views(task) if training else judged_views(task))
    workers = task.setting.workers
    return torch.utils.data.DataLoader(
        data, batch_size=task.setting.batch_size, shuffle=training, num_workers=workers, persistent_workers=workers > 0
    )


def laid_out(task: SimpleNamespace, images: torch.Tensor) -> torch.Tensor:
    """In the order of memory that the setting asks for."""
    return images.contiguous(memory_format=torch.channels_last) if task.setting.channels_last else images


def autocast(task: SimpleNamespace) -> torch.autocast:
    """bf16 where the setting asks for it."""
    return torch.autocast("cpu", dtype=torch.bfloat16, enabled=task.setting.bf16)


@torch.inference_mode()
def accuracy(task: SimpleNamespace, model: nn.Module, split: str) -> float:
    """Share of a split's images that it names rightly."""
    model.eval()
    right = total = 0
    for images, targets in loader(task, split, training=False):
        with autocast(task):
            right += int((model(laid_out(task, images)).argmax(1) == targets).sum())
        total += len(targets)
    return right / total


def freeze(task: SimpleNamespace, model: nn.Module) -> None:
    """Leave what the task trains: the classifier, the last stage with it, or everything."""
    if task.trains == "all":
        return
    for parameter in model.parameters():
        parameter.requires_grad_(False)
    opened = [model.get_classifier()]
    if task.trains == "last":
        opened.append(model.layer4 if hasattr(model, "layer4") else model.blocks[-1])
    for module in opened:
        for parameter in module.parameters():
            parameter.requires_grad_(True)


def answer(*, spent: dict[str, float], num_images: int, accuracy: float) -> None:
    """Hand the figures to the process that started this one; `spent` until the work was done."""
    print("OUTCOME " + json.dumps({**spent, "num_images": num_images, "accuracy": accuracy}), flush=True)
