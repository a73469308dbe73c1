"""What the throw-away process that opens PyTorch checkpoints says, a line at a time. It is believed no more than the file itself."""

from enum import StrEnum

import msgspec


class Refusal(StrEnum):
    """Why a checkpoint is not taken."""

    CODE = "code"
    """Opening it would run something."""
    WHOLE_MODEL = "whole_model"
    """A module was saved instead of its tensors, which needs the code it was made with."""
    OBJECTS = "objects"
    """Something other than tensors and plain values stands beside the tensors."""
    NOT_PYTORCH = "not_pytorch"
    """A pickle that `torch.save` did not write."""
    TORCHSCRIPT = "torchscript"
    EXPORTED = "exported"
    """A program of torch.export: `.pt2`."""
    OLD_TAR = "old_tar"
    """The format of PyTorch 0.1."""
    BOMB = "bomb"
    """It claims to hold more than its bytes can."""
    MEMORY = "memory"
    NO_TENSORS = "no_tensors"
    SPARSE = "sparse"
    QUANTISED = "quantised"
    NUMBERS = "numbers"
    """A tensor in a type of numbers that weights do not have, or without values."""
    DAMAGED = "damaged"
    DISK = "disk"
    """The disk did not take the tensors, or did not give the file."""


class Reading(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The libraries are loaded and the file is opened now."""


class Writing(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """So many bytes of so many are written."""

    done: int
    total: int


class Converted(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The tensors are written."""

    entry: str = ""
    """Where in the checkpoint they stood, such as "state_dict_ema"; empty for the checkpoint itself."""
    num_left_out: int = 0
    """Values in that place that are no tensors."""


class Refused(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Nothing is written."""

    reason: Refusal
    what: str = ""
    """The class, the tensor or the words of the system that the reason speaks of."""


Said = Reading | Writing | Converted | Refused
