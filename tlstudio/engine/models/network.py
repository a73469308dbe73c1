"""A network as the program runs it: canonical pixels in, features or logits out; normalisation inside."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

import torch
from torch import Tensor, nn

from tlstudio.domain.networks import Preprocessing


class Network(nn.Module):
    """`backbone` of timm without its classifier, and a `head` of one of the kinds in `engine.models.heads` once there is one.

    Images are uint8[N, S, S, 3] as `datasets.fit` makes them, on the network's device.

    A network that `is_mirrored` judges an image by the mean of its features and those of its mirror image (test-time augmentation as in
    Krizhevsky et al. 2012, of features instead of answers). To a linear head that is the mean of the two logits; the other kinds read the
    mean features, which is one vector on the exact path for all of them. A training step looks at one view, whatever is judged.
    """

    def __init__(self, backbone: nn.Module, *, preprocessing: Preprocessing, num_features: int) -> None:
        super().__init__()
        self.backbone = backbone
        self.num_features = num_features
        self.memory_format = torch.channels_last
        self.is_mirrored = False
        self.as_judged: Callable[[], AbstractContextManager[None]] = nullcontext
        """Within this it computes as it judges, and its weights stay: each look at images, and each pass for features, is one."""
        self.head: nn.Module | None = None
        mean, std = (torch.tensor(values, dtype=torch.float32) for values in (preprocessing.mean, preprocessing.std))
        self.scale: Tensor
        self.shift: Tensor
        self.register_buffer("scale", (1.0 / (255.0 * std)).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("shift", (-mean / std).view(1, 3, 1, 1), persistent=False)

    def lay_out(self, *, channels_last: bool) -> None:
        """Keep weights and images in this order of memory from now on: which one is faster depends on the network."""
        self.memory_format = torch.channels_last if channels_last else torch.contiguous_format
        self.to(memory_format=self.memory_format)

    def prepare(self, images: Tensor) -> Tensor:
        """uint8[N, S, S, 3] to normalised f32[N, 3, S, S]; images come with their channels last and mostly stay so."""
        by_rows = images.device.type == "cpu" and self.scale.dtype is torch.float32 and not torch.compiler.is_compiling()
        normalised = self._by_rows(images) if by_rows else images.permute(0, 3, 1, 2).float() * self.scale + self.shift
        return normalised if self.memory_format is torch.channels_last else normalised.contiguous()

    def _by_rows(self, images: Tensor) -> Tensor:
        """The same bits on a processor, five times as fast: torch repeats three values slowly, a row of pixels with vector instructions."""
        width = images.shape[2]
        scale, shift = (values.flatten().repeat(width) for values in (self.scale, self.shift))
        rows = images.to(scale.dtype, copy=True).flatten(2).mul_(scale).add_(shift)
        return rows.view(images.shape).permute(0, 3, 1, 2)

    def features(self, images: Tensor) -> Tensor:
        """f32[N, D]: what the head reads where it judges. Raises `ValueError` where the backbone makes something else."""
        features = self.seen(images)
        if features.shape != (len(images), self.num_features):
            raise ValueError(f"features of shape {tuple(features.shape)}, expected ({len(images)}, {self.num_features})")
        return features

    def seen(self, images: Tensor) -> Tensor:
        """The same without looking at the shape, which would fix the number of images in an exported graph."""
        features = self.one_view(images)
        return (features + self.one_view(mirrored(images))) / 2 if self.is_mirrored else features

    def one_view(self, images: Tensor) -> Tensor:
        """Features f32[N, D] of the images as they are: what a training step learns from."""
        features: Tensor = self.backbone(self.prepare(images))
        return features

    def forward(self, images: Tensor) -> Tensor:
        """Logits f32[N, K] of one view each."""
        return self.judge(self.one_view(images))

    def judge(self, features: Tensor) -> Tensor:
        """Logits f32[N, K] of features f32[N, D]."""
        assert self.head is not None, "a network without a head has no answers"
        logits: Tensor = self.head(features)
        return logits

    def put_head(self, head: nn.Module) -> None:
        """Put a head on: features f32[N, D] to logits f32[N, K]."""
        self.head = head.to(self.scale.device)


def mirrored(images: Tensor) -> Tensor:
    """[N, S, S, 3], left and right swapped."""
    return images.flip(2)
