"""Weights whose first layer reads another number of channels, made to read colour images."""

from torch import Tensor

NUM_CHANNELS = 3
_CONVOLUTION_RANK = 4


def adapted(tensors: dict[str, Tensor], known: dict[str, Tensor]) -> dict[str, Tensor]:
    """`tensors` with every first convolution [O, C, H, W] that differs from `known` in its channels alone as [O, 3, H, W].

    The rule of timm's `adapt_input_conv` (Wightman, 2019) in this direction: repeated, cut to three and scaled by C / 3, so that an
    image whose channels are alike gives what its one channel gave before.
    """
    return {name: _adapted(tensor) if _is_stem(tensor, known.get(name)) else tensor for name, tensor in tensors.items()}


def _is_stem(tensor: Tensor, known: Tensor | None) -> bool:
    if known is None or not tensor.ndim == known.ndim == _CONVOLUTION_RANK:
        return False
    others = (tensor.shape[0], *tensor.shape[2:]) == (known.shape[0], *known.shape[2:])
    return others and known.shape[1] == NUM_CHANNELS != tensor.shape[1]


def _adapted(tensor: Tensor) -> Tensor:
    num = tensor.shape[1]
    repeated = tensor.float().repeat(1, -(-NUM_CHANNELS // num), 1, 1)[:, :NUM_CHANNELS]
    return (repeated * (num / NUM_CHANNELS)).to(tensor.dtype)
