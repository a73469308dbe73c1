"""The frozen part of a fine-tuning as work that is done once: where it ends, how many views of an image are kept behind it, and where."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from blake3 import blake3

from tlstudio.datasets.decode import DECODER_VERSION
from tlstudio.datasets.training_views import training_preprocessing
from tlstudio.domain.events import Warned
from tlstudio.domain.intensity import IntensityRule
from tlstudio.domain.manifest import ManifestEntry
from tlstudio.domain.plan import Plan
from tlstudio.domain.prefix import num_different_views, num_judged_views, num_views_within, prefix_bytes
from tlstudio.domain.recipe import Recipe
from tlstudio.engine.data.activations import Activations, make_room, room_bytes
from tlstudio.engine.device import Device
from tlstudio.engine.models.create import Source
from tlstudio.engine.models.folding import Folded, FoldedOnce
from tlstudio.engine.models.network import Network
from tlstudio.engine.models.split import Split, split
from tlstudio.messages import Message, message


@dataclass(frozen=True, kw_only=True, eq=False)
class Frozen:
    """What is kept of a network's frozen part in one training."""

    split: Split
    num_views: int
    """Different training views of an image; at least 1."""
    num_bytes: int
    """What all of it takes on the disk."""
    views: Activations
    pairs: Sequence[FoldedOnce] = ()
    """Batch norms as training views are made with them, where they are folded once."""
    judged: Activations
    """Of validation images as evaluation sees them, and of their mirror images where those judge too, in full precision."""
    _told: list[Message] = field(default_factory=list)

    def news(self) -> Iterator[Warned]:
        """Says once that the cache could not be written to."""
        if (self.views.has_failed or self.judged.has_failed) and not self._told:
            text = "The cache on this disk cannot be written to; from here on the whole network runs in every epoch, which takes longer."
            self._told.append(message("prefix.unwritable", text))
            yield Warned(message=self._told[0])


def find_frozen(
    network: Network,
    recipe: Recipe,
    *,
    source: Source,
    intensity: IntensityRule,
    device: Device,
    folded: Folded | None,
    judged_rule: int,
    cache_folder: Path,
    numbers: tuple[int, int],
    before: Plan | None,
) -> tuple[Frozen | None, Message | None]:
    """The frozen part of the training that `recipe` asks for, with `numbers` of training and validation images, and a word to say.

    None where every epoch makes new views: as the recipe asks for it, where the network cannot be cut, or where room is short.
    An attempt that goes on keeps no more views than the one `before`.
    """
    wanted = num_different_views(recipe)
    if before is not None:
        wanted = min(wanted, before.num_views)
    part = recipe.finetune
    cut = split(network, part.num_stages, size_px=source.preprocessing.input_size_px) if part is not None and wanted else None
    if cut is None:
        return None, None
    views, judged = _caches(cut, recipe, source, intensity, device, cache_folder, is_folded=folded is not None, judged_rule=judged_rule)
    num_train, num_val = numbers[0], num_judged_views(recipe) * numbers[1]
    number = num_views_within(room_bytes(cache_folder), cut.num_values, num_views=wanted, num_train=num_train, num_val=num_val)
    warning = _short(wanted, number) if number < wanted else None
    if not number:
        return None, warning
    num_bytes = prefix_bytes(cut.num_values, num_views=number, num_train=num_train, num_val=num_val)
    make_room(cache_folder, max(0, num_bytes - views.num_bytes - judged.num_bytes))
    pairs = folded.folded_once(device.frozen_precision) if folded is not None else ()
    return Frozen(split=cut, num_views=number, num_bytes=num_bytes, views=views, judged=judged, pairs=pairs), warning


def key_of_view(entry: ManifestEntry, view: int) -> str:
    """A training view is made from an image's content, the number of its sample and that of the view."""
    return blake3(f"{entry.content_hash} {entry.sample} {view}".encode()).hexdigest()


def key_of_mirror_image(entry: ManifestEntry) -> str:
    """Of what evaluation sees, mirrored."""
    return blake3(f"{entry.content_hash} mirrored".encode()).hexdigest()


def _caches(
    cut: Split,
    recipe: Recipe,
    source: Source,
    intensity: IntensityRule,
    device: Device,
    cache_folder: Path,
    *,
    is_folded: bool,
    judged_rule: int,
) -> tuple[Activations, Activations]:
    shared: dict[str, object] = {
        "what": "activations",
        "decoder": DECODER_VERSION,
        "intensity": intensity,
        "weights": source.weights,
        "architecture": source.architecture,
        "arguments": source.arguments,
        "boundary": cut.boundary,
        "channels_last": cut.is_channels_last,
    }
    trained = {
        "augmentation": recipe.augmentation,
        "seed": recipe.seed if recipe.augmentation != "none" else 0,
        "precision": device.precision,
        "views": recipe.view_rule,
        "cut_from": training_preprocessing(source.preprocessing),
        "folded": is_folded,
    }
    if device.frozen_precision:
        trained |= {"precision": device.frozen_precision, "folded once": is_folded}
    judged = {**shared, "preprocessing": source.preprocessing}
    return (
        Activations(cache_folder, key={**judged, **trained}, shape=cut.shape, exact=False),
        Activations(cache_folder, key={**judged, "rule": judged_rule} if judged_rule != 1 else judged, shape=cut.shape, exact=True),
    )


def _short(wanted: int, number: int) -> Message:
    if number:
        text = "There is room on the disk for {number} of {wanted} views of each image; these take turns."
        return message("prefix.fewer_views", text, number=number, wanted=wanted)
    text = (
        "There is no room on the disk to keep what the frozen stages make of the images; they run again in every epoch, which takes longer."
    )
    return message("prefix.no_room", text)
