"""Networks (architectures), the sets of weights that exist for them, and the weights that are here."""

import msgspec

from tlstudio.messages import Message


class Preprocessing(msgspec.Struct, frozen=True, kw_only=True):
    """From canonical pixels to what a network expects. `mean` and `std` are per channel, for pixels in 0..1."""

    input_size_px: int = 224
    mean: tuple[float, float, float] = (0.485, 0.456, 0.406)
    std: tuple[float, float, float] = (0.229, 0.224, 0.225)
    interpolation: str = "bicubic"
    """bilinear, bicubic or nearest."""
    crop_fraction: float = 0.875
    """The short side is resized to input_size_px / crop_fraction, then the centre is cropped."""


class PretrainedSpec(msgspec.Struct, frozen=True, kw_only=True):
    """A set of weights that timm publishes for an architecture; not necessarily on this machine."""

    tag: str
    licence: str = ""
    hub_id: str = ""
    num_classes: int = 1000
    preprocessing: Preprocessing = Preprocessing()
    top1: float | None = None
    """Published ImageNet-1k top-1, in percent."""


class NetworkSpec(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the catalogue: one architecture of timm's registry."""

    name: str
    family: str
    num_parameters: int
    """Without the classifier of its weights: what is kept when a new head is put on."""
    macs: int
    """Multiply-accumulates of one image at `input_size_px`; 0 where it is not known."""
    input_size_px: int
    num_features: int
    """Width of the vector that a new head reads."""
    fingerprint: str
    """Of all parameter names and shapes without the classifier, see `zoo.fingerprint`."""
    classifiers: tuple[str, ...] = ()
    """Prefixes of the names of tensors that a new head replaces, left out when fingerprints are compared; rows of the first are classes."""
    pretrained: tuple[PretrainedSpec, ...] = ()
    """What is published for it, timm's own choice first."""
    stages: tuple[int, ...] = ()
    """Parameters of each group of layers from the input to the last before the classifier; empty where it cannot be divided."""

    stage_macs: tuple[int, ...] = ()
    """Multiply-accumulates of each of `stages` for one image at `input_size_px`; empty where they are not known."""
    stage_outputs: tuple[tuple[int, ...], ...] = ()
    """Shape of what each stage hands on for one image: [C, H, W], or [tokens, D]."""
    stage_kept: tuple[int, ...] = ()
    """Numbers of one image that a backward pass through each stage keeps."""
    stage_adapters: tuple[int, ...] = ()
    """Linear layers of attention in each of `stages`, which low-rank adapters can be given to; empty where there are none at all."""
    year: int = 0
    """Of the paper; 0 where it is not known."""
    paper: str = ""
    """Authors and title, short."""

    @property
    def best_top1(self) -> float | None:
        """The best published ImageNet-1k top-1, in percent, of its sets of weights."""
        return max((item.top1 for item in self.pretrained if item.top1 is not None), default=None)


class WeightsCard(msgspec.Struct, frozen=True, kw_only=True):
    """A set of weights that is on this machine, as `card.json` beside its `model.safetensors` says."""

    version: int = 1
    hash: str
    """blake3 of model.safetensors, hex: the identity that recipes name."""
    architecture: str
    name: str
    """What people see."""
    preprocessing: Preprocessing
    num_classes: int
    licence: str = ""
    source: str = ""
    label_names: tuple[str, ...] = ()
    architecture_arguments: dict[str, str | int | float | bool] = {}
    """Keyword arguments of `timm.create_model` that the weights need, such as pad_type="same"."""
    missing_keys: tuple[str, ...] = ()
    unexpected_keys: tuple[str, ...] = ()
    bundled: bool = False
    size_bytes: int = 0
    tag: str = ""
    """The published set these weights are, where that is known: `PretrainedSpec.tag`."""
    added: str = ""
    """When it was imported: ISO 8601, UTC."""


class Recognition(msgspec.Struct, frozen=True, kw_only=True):
    """What a file of weights seems to be, for the user to confirm before it is imported."""

    file: str
    """Absolute path of the tensors."""
    origin: str = ""
    """Absolute path of what the person brought: another than `file` where it was a checkpoint that had to be converted."""
    candidates: tuple[str, ...]
    """Architectures whose names and shapes fit, the likeliest first; never empty."""
    proposal: WeightsCard
    """The card as it would be stored for `candidates[0]`."""
    is_certain: bool = True
    """Only the first candidate fits, or config.json or the file's name says that it is the one."""
    notes: tuple[Message, ...] = ()
    """What a person should know before saying yes, such as where the preprocessing was taken from."""
    prefix: str = ""
    """What a training framework put before all names; taken off when the weights are stored."""
    already_here: bool = False
    """The library holds exactly this file."""
