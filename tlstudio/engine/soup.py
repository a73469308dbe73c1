"""A greedy soup (Wortsman et al. 2022, recipe 1): the mean of the weights of the best epochs, as far as each makes it no worse.

The weights of an epoch are the running average that was validated. Batch norms keep the statistics they came with all along, so nothing
has to be measured again for a mean of weights. Adapters are merged first: a product of means is no mean of products.
"""

from collections.abc import Collection, Generator, Iterable, Sequence
from pathlib import Path

import msgspec
import torch
from safetensors import SafetensorError
from torch import Tensor

from tlstudio.domain.events import AnyEvent, SoupMade, Warned
from tlstudio.domain.splits import Split
from tlstudio.engine import checkpoint
from tlstudio.engine.best import Best, keep
from tlstudio.engine.build import Training, exam
from tlstudio.engine.evaluate import logits_of
from tlstudio.engine.exam import Exam
from tlstudio.engine.models import lora
from tlstudio.engine.models.network import Network
from tlstudio.engine.tasks import Score
from tlstudio.messages import message

KIND = "epoch"
"""What the names of its files begin with."""


class Ingredient(msgspec.Struct, frozen=True, kw_only=True):
    """The weights of an epoch that are kept on the disk: where, relative to the job folder, and what they reached."""

    score: Score
    step: int
    epoch: int
    file: str


class _Named(msgspec.Struct, frozen=True):
    """What the state of a training names."""

    kept: tuple[Ingredient, ...] = ()


class Shelf:
    """The best `number` epochs so far. What is kept is named in the training's state, so a resumed training has the same."""

    def __init__(self, folder: Path, *, number: int, names: Collection[str]) -> None:
        self.kept: tuple[Ingredient, ...] = ()
        """The best one first."""
        self._folder = folder
        self._number = number if number > 1 else 0
        self._names = frozenset(names)

    def offer(self, network: Network, score: Score, *, step: int, epoch: int) -> None:
        """Keep the weights that `network` has now where they are good enough. Raises `OSError`."""
        offered = Ingredient(score=score, step=step, epoch=epoch, file="")
        if offered not in _best_first([*self.kept, offered])[: self._number]:
            return
        saved = checkpoint.save(self._folder, KIND, offered, _trained(network, self._names), step=step)
        offered = msgspec.structs.replace(offered, file=saved.file)
        self.kept = tuple(_best_first([*self.kept, offered])[: self._number])

    def tidy(self) -> None:
        """Take away what no state on the disk names; the one before the newest counts, in case the newest is damaged."""
        if self._number:
            states = checkpoint.cards(self._folder, checkpoint.LAST, _Named)
            checkpoint.remove(self._folder, KIND, but={item.file for state in states for item in state.kept})


def make_soup(training: Training, best: Best, kept: Sequence[Ingredient]) -> Generator[AnyEvent, None, Best]:
    """The best there is, now: `best` itself, or a soup of what is `kept` where that is better. Leaves the network with any weights."""
    if len(kept) < 2:
        return best
    lora.take_out(training.network)
    sitting = exam(training, frozen=training.frozen)
    pot: list[Ingredient] = []
    total: dict[str, Tensor] = {}
    score = kept[0].score
    for item in kept:
        try:
            weights = checkpoint.load(training.job.folder, item.file, Ingredient).tensors
        except (OSError, ValueError, SafetensorError) as error:
            yield _left_out(item, error)
            continue
        tried = {name: value.float() + total.get(name, 0.0) for name, value in weights.items()}
        if pot:
            _put(training.network, tried, number=len(pot) + 1)
            with_it = yield from _score(training, sitting)
            if score.is_better_than(with_it):
                continue
            score = with_it
        else:
            score = item.score
        pot.append(item)
        total = tried
    if len(pot) < 2 or not score.is_better_than(best.score):
        return best
    _put(training.network, total, number=len(pot))
    epochs = tuple(sorted(item.epoch for item in pot))
    yield SoupMade(epochs=epochs, loss=score.loss, balanced_accuracy=score.balanced_accuracy)
    return (yield from keep(training, score, step=pot[0].step, epoch=pot[0].epoch, penalty=best.penalty, mark="soup"))


def _best_first(items: Iterable[Ingredient]) -> list[Ingredient]:
    """As `Score.is_better_than` has it; of equals the earlier epoch first."""
    return sorted(items, key=lambda item: (-round(item.score.balanced_accuracy, 9), item.score.loss, item.epoch))


def _trained(network: Network, names: Collection[str]) -> dict[str, Tensor]:
    """The tensors that training changes, named as in the plain network: `names`, and weights with adapters merged into them."""
    own = network.state_dict().keys()
    return {name: tensor for name, tensor in lora.merged_state(network).items() if name in names or name not in own}


@torch.no_grad()
def _put(network: Network, total: dict[str, Tensor], *, number: int) -> None:
    """Give the network the mean of `number` sets of weights, whose sum is `total`."""
    parameters = dict(network.named_parameters())
    for name, value in total.items():
        parameters[name].copy_(value / number)


def _score(training: Training, sitting: Exam) -> Generator[AnyEvent, None, Score]:
    features = yield from sitting.sit([entry for entry in training.entries if entry.split is Split.VAL])
    return training.task.score(logits_of(training.network, features.values), features.targets)


def _left_out(item: Ingredient, error: Exception) -> Warned:
    text = "The weights of epoch {epoch} cannot be read ({reason}); they are left out of the mean."
    return Warned(message=message("soup.damaged", text, epoch=item.epoch, reason=str(error)))
