"""Checkpoints: tensors in a safetensors file, everything else in the JSON beside it, which names the tensors' hash.

The JSON is written last: a checkpoint is there when its JSON is. Names carry the step, so that a newer one never takes the
place of an older one before it is whole. `best-…` is the whole model with its card, enough to predict anywhere; `last-…`
is what an interrupted training goes on from, in two generations.
"""

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

import msgspec
import safetensors.torch
import torch
from blake3 import blake3
from safetensors import SafetensorError
from torch import Tensor

from tlstudio import files
from tlstudio.domain.events import CheckpointSaved, Finished, Stopped, Warned
from tlstudio.domain.jobs import CHECKPOINTS, JOURNAL_FILE
from tlstudio.domain.journal import decode_lines
from tlstudio.domain.model_card import ModelCard, SealedCard
from tlstudio.engine.models.create import create_empty
from tlstudio.engine.models.heads import make_head
from tlstudio.engine.models.network import Network
from tlstudio.errors import TLStudioError
from tlstudio.messages import message

BEST, LAST = "best", "last"
_NUM_GENERATIONS = 2

Card = TypeVar("Card", bound=msgspec.Struct)


@dataclass(frozen=True, kw_only=True, eq=False)
class Loaded(Generic[Card]):
    """A checkpoint that is whole."""

    card: Card
    tensors: dict[str, Tensor]
    file: str
    """Relative to the job folder."""


def save(folder: Path, kind: str, card: msgspec.Struct, tensors: dict[str, Tensor], *, step: int, mark: str = "") -> CheckpointSaved:
    """Write a checkpoint into the job `folder`. Raises `OSError`; the older ones stay then.

    `mark` tells it from another of the same kind and step, which it counts as newer than.
    """
    place = folder / CHECKPOINTS
    place.mkdir(mode=0o700, exist_ok=True)
    file = place / f"{kind}-{step:08d}{mark and '-'}{mark}.safetensors"
    data = safetensors.torch.save({name: _compact(tensor) for name, tensor in tensors.items()})
    hash = blake3(data).hexdigest()
    files.write_bytes(file, data)
    files.write_json(file.with_suffix(".json"), SealedCard(hash=hash, card=msgspec.Raw(msgspec.json.encode(card))))
    return CheckpointSaved(step=step, file=f"{CHECKPOINTS}/{file.name}", hash=hash, is_best=kind == BEST)


def take_away_old(folder: Path) -> None:
    """Of the `last` ones keep the newest generations only; called when the journal knows of the newest."""
    for file in _newest_first(folder, LAST)[_NUM_GENERATIONS:]:
        _unlink(file)


def cards(folder: Path, kind: str, card: type[Card]) -> list[Card]:
    """The cards of all checkpoints of a kind that can be read, as `card`; their tensors are not looked at."""
    found: list[Card] = []
    for file in _newest_first(folder, kind):
        with suppress(OSError, ValueError):
            found.append(msgspec.json.decode(msgspec.json.decode(file.read_bytes(), type=SealedCard).card, type=card))
    return found


def load_last(folder: Path, kind: type[Card]) -> tuple[Loaded[Card] | None, list[Warned]]:
    """The newest whole `last` checkpoint, its card of `kind`, and a word on each damaged one that was passed over."""
    warnings: list[Warned] = []
    for file in _newest_first(folder, LAST):
        try:
            return _load(file, kind), warnings
        except (OSError, ValueError, SafetensorError) as error:
            text = "A checkpoint is damaged ({file}: {reason}); the one before it is used."
            warnings.append(Warned(message=message("checkpoint.damaged", text, file=file.name, reason=str(error))))
    return None, warnings


def newest(folder: Path, kind: str) -> str | None:
    """The newest checkpoint's tensors, relative to the job folder."""
    files_there = _newest_first(folder, kind)
    return f"{CHECKPOINTS}/{files_there[0].stem}.safetensors" if files_there else None


def remove(folder: Path, kind: str, *, but: Collection[str] = ()) -> None:
    """Take all checkpoints of a kind away, `but` for these, relative to the job folder; and what a kill has left of writing one."""
    kept = {Path(file).stem for file in but}
    for file in [*(folder / CHECKPOINTS).glob(f"{kind}-*"), *(folder / CHECKPOINTS).glob(f".{kind}-*")]:
        if file.stem not in kept:
            file.unlink(missing_ok=True)


def load_best(folder: Path, file: str) -> Loaded[ModelCard]:
    """The kept checkpoint `file` of the job in `folder`. Raises `TLStudioError` where it is gone or damaged."""
    try:
        return load(folder, file, ModelCard)
    except (OSError, ValueError, SafetensorError) as error:
        raise damaged_run(folder, file, error) from error


def load(folder: Path, file: str, kind: type[Card]) -> Loaded[Card]:
    """The checkpoint `file` of the job in `folder`. Raises `OSError`, `ValueError` or `SafetensorError` where it is not whole."""
    return _load((folder / file).with_suffix(".json"), kind)


def damaged_run(folder: Path, file: str, error: Exception) -> TLStudioError:
    """What a person is told where the kept checkpoint `file` cannot be read."""
    return TLStudioError(
        message("checkpoint.best_damaged", "The model of run {run} is missing or damaged.", run=folder.name),
        message("checkpoint.best_damaged.hint", "Its figures are safe. Train again, or bring {file} back from a copy.", file=file),
        details=str(error),
    )


def open_run(folder: Path) -> tuple[Network, ModelCard]:
    """The network a finished or stopped run has kept, ready to predict on the CPU. Raises `TLStudioError`."""
    loaded = load_best(folder, kept_file(folder))
    network = create_empty(loaded.card.architecture, loaded.card.architecture_arguments, loaded.card.preprocessing)
    fill(network, loaded)
    return network, loaded.card


def kept_file(folder: Path) -> str:
    """What the run's ending names as its model. Raises `TLStudioError` where the run has none."""
    try:
        lines = list(decode_lines((folder / JOURNAL_FILE).read_bytes()))
    except OSError:
        lines = []
    for line, _offset in reversed(lines):
        if isinstance(line.event, Finished | Stopped) and line.event.summary is not None:
            return line.event.summary.checkpoint
    raise TLStudioError(
        message("run.no_model", "Run {run} has no model yet.", run=folder.name),
        message("run.no_model.hint", "Let it finish, continue it, or choose another run."),
    )


def fill(network: Network, kept: Loaded[ModelCard]) -> None:
    """Give a network the tensors of a kept checkpoint, its head included, and have it judge as that was judged."""
    card = kept.card
    network.is_mirrored = card.judged_views == "mirrored"
    network.put_head(make_head(card.head, num_features=card.num_features, num_classes=len(card.classes)))
    network.load_state_dict(kept.tensors)


def _load(file: Path, kind: type[Card]) -> Loaded[Card]:
    """Raises `OSError`, `ValueError` or `SafetensorError` where it is not whole."""
    sealed = msgspec.json.decode(file.read_bytes(), type=SealedCard)
    tensors = file.with_suffix(".safetensors")
    data = tensors.read_bytes()
    if blake3(data).hexdigest() != sealed.hash:
        raise ValueError("its hash is wrong")
    card = msgspec.json.decode(sealed.card, type=kind)
    return Loaded(card=card, tensors=safetensors.torch.load(data), file=f"{CHECKPOINTS}/{tensors.name}")


def _newest_first(folder: Path, kind: str) -> list[Path]:
    return sorted((folder / CHECKPOINTS).glob(f"{kind}-*.json"), key=lambda file: file.stem, reverse=True)


def _unlink(file: Path) -> None:
    file.unlink(missing_ok=True)
    file.with_suffix(".safetensors").unlink(missing_ok=True)


def _compact(tensor: Tensor) -> Tensor:
    """A copy on the CPU; in half precision where that loses not a bit (weights that came in half precision)."""
    copy = tensor.detach().to("cpu", copy=True).contiguous()
    if copy.dtype is torch.float32:
        half = copy.half()
        if torch.equal(half.float(), copy):
            return half
    return copy
