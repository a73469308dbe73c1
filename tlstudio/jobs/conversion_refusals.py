"""Why a PyTorch checkpoint is not taken, in words a person can act on."""

from pathlib import Path

from tlstudio.domain.conversion import Refusal, Refused
from tlstudio.errors import TLStudioError
from tlstudio.messages import Message, message

_ASK_FOR_TENSORS = message(
    "convert.state_dict.hint",
    "Nothing was imported and nothing in the file was run. Ask whoever made it for the tensors alone: "
    "torch.save(model.state_dict(), FILE), or a .safetensors file.",
)
_DANGEROUS = message(
    "convert.code.hint",
    "Nothing was imported and nothing in the file was run. Weights need no such thing: do not open this file in any other program.",
)
_DAMAGED = message(
    "convert.damaged.hint", "Nothing was imported. Copy or download the file again and compare its size, or get it from where it was made."
)
_DENSE = message("convert.dense.hint", "Nothing was imported. Ask for the weights as they were trained: dense, in floating point.")
_DISK = message("convert.disk.hint", "Nothing was imported and nothing half-written stays. Check the room on the disk and its rights.")

_WORDS: dict[Refusal, tuple[Message, Message]] = {
    Refusal.CODE: (
        message("convert.code", "{file} is refused: opening it would run code ({what})."),
        _DANGEROUS,
    ),
    Refusal.WHOLE_MODEL: (
        message("convert.whole_model", "{file} was saved as a whole model ({what}), which only opens by running its code."),
        _ASK_FOR_TENSORS,
    ),
    Refusal.OBJECTS: (
        message("convert.objects", "{file} holds things other than tensors ({what}), which only open by running code."),
        _ASK_FOR_TENSORS,
    ),
    Refusal.NOT_PYTORCH: (
        message("convert.not_pytorch", "{file} is a pickle that PyTorch did not write; such files can carry code and are not opened."),
        _ASK_FOR_TENSORS,
    ),
    Refusal.TORCHSCRIPT: (
        message("convert.torchscript", "{file} is a TorchScript program, not a set of weights; programs are never opened."),
        _ASK_FOR_TENSORS,
    ),
    Refusal.EXPORTED: (
        message("convert.exported", "{file} is an exported PyTorch program (.pt2), not a set of weights; programs are never opened."),
        _ASK_FOR_TENSORS,
    ),
    Refusal.OLD_TAR: (
        message("convert.old_tar", "{file} is a tar archive, as PyTorch wrote before 2017 or other programs do; it is not opened."),
        _ASK_FOR_TENSORS,
    ),
    Refusal.BOMB: (
        message("convert.bomb", "{file} claims to hold more than its bytes can: it is made to fill a computer, or damaged."),
        _DANGEROUS,
    ),
    Refusal.MEMORY: (
        message("convert.memory", "{file} asks for more memory than its size explains, or than there is."),
        _DAMAGED,
    ),
    Refusal.NO_TENSORS: (
        message("convert.no_tensors", "There are no weights in {file}: no tensors with names."),
        _ASK_FOR_TENSORS,
    ),
    Refusal.SPARSE: (message("convert.sparse", "{file} holds sparse tensors ({what}), which networks here do not have."), _DENSE),
    Refusal.QUANTISED: (
        message("convert.quantised", "{file} holds a network squeezed into 8-bit numbers ({what}); such weights cannot be trained on."),
        _DENSE,
    ),
    Refusal.NUMBERS: (message("convert.numbers", "{file} holds numbers of a kind that weights do not have ({what})."), _DENSE),
    Refusal.DAMAGED: (message("convert.damaged", "{file} is cut short or damaged: PyTorch cannot read it ({what})."), _DAMAGED),
    Refusal.DISK: (message("convert.disk", "{file} could not be converted: the disk did not do its part ({what})."), _DISK),
}


def refusal(file: Path, said: Refused) -> TLStudioError:
    """What is told of a checkpoint that was refused."""
    title, hint = _WORDS[said.reason]
    return TLStudioError(message(title.id, title.template, file=file.name, what=said.what), hint)


def stopped(file: Path) -> TLStudioError:
    """The person no longer wants it."""
    return TLStudioError(
        message("convert.stopped", "The import of {file} was stopped.", file=file.name),
        message("convert.stopped.hint", "Nothing was imported."),
    )


def too_slow(file: Path) -> TLStudioError:
    """It took longer, or more memory, than a file of its size needs."""
    return TLStudioError(
        message(
            "convert.too_slow", "{file} took longer or more memory than a checkpoint of its size needs, and was given up.", file=file.name
        ),
        _DAMAGED,
    )


def died(file: Path, code: int) -> TLStudioError:
    """The process ended without a word; a negative code is the signal."""
    return TLStudioError(
        message("convert.died", "{file} could not be opened: the process that reads it ended (code {code}).", file=file.name, code=code),
        message(
            "convert.died.hint",
            "Nothing was imported. The file is damaged or made to do harm, or memory ran out; see convert.log in the log folder.",
        ),
    )
