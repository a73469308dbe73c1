"""Depthwise convolutions with a stride, trained in bf16 on a processor: the one layer that is slower there in half the precision.

Its gradient for the images has no fast kernel in bf16 (oneDNN takes a general one, 20 to 100 times slower than the one for fp32, which
was a third of a training step of MobileNetV2); so this one gradient is computed in fp32 and rounded.
"""

from typing import Any

import torch
from torch import Tensor, nn


class StridedDepthwise(torch.autograd.Function):
    """`apply(images, weight, bias, stride, padding, dilation)`: as `functional.conv2d` with as many groups as channels, all in bf16."""

    @staticmethod
    def is_faster(layer: nn.Conv2d, images: Tensor) -> bool:
        """Whether `layer` would compute these images in bf16 on a processor, with a stride, channel by channel."""
        is_depthwise = layer.groups == layer.in_channels == layer.out_channels > 1
        return is_depthwise and max(layer.stride) > 1 and not images.is_cuda and torch.is_autocast_enabled("cpu")

    @staticmethod
    def forward(
        ctx: Any, images: Tensor, weight: Tensor, bias: Tensor, stride: tuple[int, int], padding: tuple[int, int], dilation: tuple[int, int]
    ) -> Tensor:
        """[N, C, H, W]."""
        ctx.save_for_backward(images, weight)
        ctx.geometry = (stride, padding, dilation)
        return torch.nn.functional.conv2d(images, weight, bias, stride, padding, dilation, weight.shape[0])

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        """Of images, weight and bias."""
        images, weight = ctx.saved_tensors
        (gradient,) = gradients
        of_images: Tensor | None = None
        if ctx.needs_input_grad[0]:
            space = torch.empty_like(images, dtype=torch.float32)  # only its sizes and its order are looked at
            found = _gradients(gradient.float(), space, weight.float(), ctx.geometry, (True, False, False))
            of_images = found[0].to(images.dtype)
        _nothing, of_weight, of_bias = _gradients(gradient, images, weight, ctx.geometry, (False, *ctx.needs_input_grad[1:3]))
        return of_images, of_weight, of_bias, None, None, None


def _gradients(
    gradient: Tensor, images: Tensor, weight: Tensor, geometry: tuple[tuple[int, int], ...], wanted: tuple[bool, bool, bool]
) -> tuple[Tensor, Tensor, Tensor]:
    stride, padding, dilation = geometry
    groups = weight.shape[0]
    found: tuple[Tensor, Tensor, Tensor] = torch.ops.aten.convolution_backward(
        gradient, images, weight, [groups], stride, padding, dilation, False, [0, 0], groups, wanted
    )
    return found
