"""A run's fine-tuned network, kept in the weights library for other projects to start from."""

from pathlib import Path

import msgspec

from tlstudio.domain.model_card import ModelCard, SealedCard
from tlstudio.domain.networks import WeightsCard
from tlstudio.domain.runs import Run
from tlstudio.errors import TLStudioError
from tlstudio.messages import message
from tlstudio.operations import runs
from tlstudio.project.project import Project
from tlstudio.zoo import catalogue
from tlstudio.zoo.config import strange_argument
from tlstudio.zoo.finite import refuse_not_finite
from tlstudio.zoo.header import Header, read_header
from tlstudio.zoo.library import Library
from tlstudio.zoo.match import match_of
from tlstudio.zoo.stored import hash_file, hash_stored

_BACKBONE = "backbone."
"""What stands before the names of the network's own tensors in a checkpoint; everything else is the head of this project."""


def keep_as_weights(project: Project, run_number: int | str, name: str = "") -> WeightsCard:
    """Take the network that a finished run has fine-tuned into the weights library, without its head; returns its card.

    It is called `name`, or after the project and the run. The licence is that of the weights the run started from. A network
    that is in the library already stays as it is. Raises `TLStudioError`; then nothing was stored.
    """
    run = runs.usable_run(project, run_number)
    file = _checkpoint(project, run)
    model = _card(file, run)
    if model.step == 0:
        raise _untouched(run)
    header = read_header(file)
    _refuse_unfit(header, model, run)
    refuse_not_finite(file, header)
    library = Library()
    parent = next((card for card in library.cards() if card.hash == model.weights), None)
    card = WeightsCard(
        hash=hash_stored(file, header, prefix=_BACKBONE),
        architecture=model.architecture,
        name=name.strip() or f"{model.architecture} ({project.name}, run {run.number})",
        preprocessing=model.preprocessing,
        num_classes=0,
        licence=parent.licence if parent is not None else "",
        source=f"fine-tuned in {project.name}, run {run.number}",
        label_names=model.class_names,
        architecture_arguments=model.architecture_arguments,
    )
    return library.add(card, file, prefix=_BACKBONE)


def _untouched(run: Run) -> TLStudioError:
    """Why the network is as it came: it was not trained at all, or the best model of the run is the one before its fine-tuning."""
    hint = "Nothing was stored. Choose a run whose fine-tuning has made it better, for example with the recipe Balanced."
    if run.recipe.finetune is None:
        text = "The model of run {number} has the network as it came: only its head was trained."
        return TLStudioError(message("keep.untouched", text, number=run.number), message("keep.untouched.hint", hint))
    text = "The model of run {number} has the network as it came: its fine-tuning did not become better than the head before it."
    hint = "Nothing was stored. Choose a run whose fine-tuning has made it better; more epochs or other learning rates may help."
    return TLStudioError(message("keep.no_better", text, number=run.number), message("keep.no_better.hint", hint))


def _checkpoint(project: Project, run: Run) -> Path:
    assert run.summary is not None, "a usable run has a summary"
    return runs.folder_of(project, run) / run.summary.checkpoint


def _card(file: Path, run: Run) -> ModelCard:
    """What the checkpoint says it is, its tensors proved by their hash."""
    try:
        sealed = msgspec.json.decode(file.with_suffix(".json").read_bytes(), type=SealedCard)
        if hash_file(file) != sealed.hash:
            raise ValueError("its hash is wrong")
        return msgspec.json.decode(sealed.card, type=ModelCard)
    except (OSError, ValueError) as error:
        raise TLStudioError(
            message("keep.damaged", "The model of run {number} is missing or damaged.", number=run.number),
            message("keep.damaged.hint", "Nothing was stored. Train again, or bring {file} back from a copy.", file=file.name),
            details=str(error),
        ) from error


def _refuse_unfit(header: Header, model: ModelCard, run: Run) -> None:
    """Tensors that the architecture does not have could never be loaded as weights of it."""
    shapes = {name.removeprefix(_BACKBONE): shape for name, shape in header.shapes.items() if name.startswith(_BACKBONE)}
    table = catalogue.load()
    network = table.by_name.get(model.architecture)
    if network is not None and not strange_argument(model.architecture_arguments):
        fit = match_of(shapes, network, table)
        # What the arguments change, such as the table of positions for another input size, the catalogue does not know.
        if not fit.unexpected and (not fit.reshaped or model.architecture_arguments):
            return
    raise TLStudioError(
        message(
            "keep.unfit",
            "The network of run {number} is not {architecture} as it is known here.",
            number=run.number,
            architecture=model.architecture,
        ),
        message("keep.unfit.hint", "Nothing was stored. The run itself predicts and exports as before."),
    )
