"""Whether a set of a pack is weights that this program can use: by its card, and once its tensors are on the disk."""

from pathlib import Path

from tlstudio.domain.networks import WeightsCard
from tlstudio.messages import Message
from tlstudio.zoo import pack_refusals as refusals
from tlstudio.zoo.catalogue import Catalogue
from tlstudio.zoo.config import strange_argument
from tlstudio.zoo.finite import refuse_not_finite
from tlstudio.zoo.header import read_header
from tlstudio.zoo.match import MIN_FITTING, match_of
from tlstudio.zoo.recognise import is_resizable


def card_problem(card: WeightsCard, catalogue: Catalogue) -> Message | None:
    """Why no network can be made as the card says; None where one can."""
    if card.architecture not in catalogue.by_name:
        return refusals.unknown_network(card.name, card.architecture)
    if argument := strange_argument(card.architecture_arguments):
        return refusals.unknown_argument(card.name, argument)
    return None


def refuse_unusable(card: WeightsCard, tensors: Path, catalogue: Catalogue) -> None:
    """Raise `TLStudioError` where the file is no sound safetensors, not the network of the card, or holds values that are no numbers."""
    header = read_header(tensors)
    fit = match_of(header.shapes, catalogue.by_name[card.architecture], catalogue)
    known = {*card.missing_keys, *card.unexpected_keys}
    strange = [name for name in (*fit.missing, *fit.unexpected) if name not in known]
    strange += [item.name for item in fit.reshaped if not is_resizable(item)]
    # What the arguments change, the catalogue's shapes do not know.
    if fit.fitting < MIN_FITTING or (strange and not card.architecture_arguments):
        raise refusals.unfit(card.name, card.architecture, (strange or ["*"])[0])
    refuse_not_finite(tensors, header)
