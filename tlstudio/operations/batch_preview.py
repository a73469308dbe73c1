"""What a training batch looks like, before it is trained on: the first images of an epoch as the network would be shown them."""

from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from tlstudio.datasets.decoder import DecoderPool
from tlstudio.datasets.training_views import order_of, training_preprocessing, view
from tlstudio.domain.networks import Preprocessing
from tlstudio.domain.prefix import num_different_views, view_of
from tlstudio.domain.progress import Stop
from tlstudio.domain.recipe import Recipe
from tlstudio.domain.samples import Sample
from tlstudio.domain.splits import Split
from tlstudio.errors import ImagesAwayError
from tlstudio.messages import message
from tlstudio.operations import readiness
from tlstudio.operations.starting import weights_of
from tlstudio.project.project import Project
from tlstudio.zoo import catalogue

Pixels = NDArray[np.uint8]


@dataclass(frozen=True, kw_only=True, eq=False)
class BatchView:
    """One image as the network sees it: uint8[S, S, 3], before its colours are normalised."""

    sample: Sample
    pixels: Pixels


class BatchPreview:
    """Keeps the squares that views are cut from, so that another setting shows at once. Not thread-safe; use it from one thread."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._kept: dict[str, Pixels] = {}
        self._kept_for: object = None

    def views(self, recipe: Recipe, *, num: int, epoch: int = 0, stop: Stop | None = None) -> list[BatchView]:
        """The first `num` training images of an epoch (from 0) in the order of a run of `recipe`; fewer where there are not as many.

        A view is what the run sees to a level or two, but for JPEGs much larger than the input, which a run decodes at a fraction of
        their size. Images that cannot be read are left out. Raises `TLStudioError` where the weights are not on this machine, and
        `ImagesAwayError` where most of the images cannot be found.
        """
        preprocessing = _preprocessing(recipe)
        cut_from = training_preprocessing(preprocessing) if recipe.finetune is not None else preprocessing
        samples = self._first(recipe, num, epoch)
        squares = self._squares(samples, cut_from, stop)
        self._refuse_where_away([sample for sample in samples if sample.content_hash not in squares], of=len(samples))
        return [
            BatchView(
                sample=sample,
                pixels=view(
                    squares[sample.content_hash],
                    # A head alone is solved on features of the images as evaluation sees them.
                    recipe.augmentation if recipe.finetune is not None else "none",
                    rule=recipe.view_rule,
                    size_px=preprocessing.input_size_px,
                    interpolation=preprocessing.interpolation,
                    seed=recipe.seed,
                    epoch=view_of(epoch, num_different_views(recipe)),
                    sample=sample.id,
                ),
            )
            for sample in samples
            if sample.content_hash in squares
        ]

    def _refuse_where_away(self, missing: list[Sample], *, of: int) -> None:
        """One image that is gone is left out; where most are away, or their folder, the few still known are no picture of a batch."""
        dataset = self._project.dataset()
        roots = {root.id: Path(root.path) for root in dataset.roots}
        is_folder_away = any(not roots[sample.root].exists() for sample in missing)
        if is_folder_away or (missing and 2 * sum(not dataset.file_of(sample).exists() for sample in missing) >= of):
            raise ImagesAwayError(
                message("batch.away", "The images are away."), message("batch.away.hint", "Shown again when they are back.")
            )

    def _first(self, recipe: Recipe, num: int, epoch: int) -> list[Sample]:
        dataset = self._project.dataset()
        trained = {item.id for item in readiness.trained_classes(dataset)}
        samples = [sample for sample in dataset.ready if sample.split is Split.TRAIN and sample.class_id in trained]
        return [samples[row] for row in order_of(len(samples), seed=recipe.seed, epoch=epoch)[:num]]

    def _squares(self, samples: list[Sample], preprocessing: Preprocessing, stop: Stop | None) -> dict[str, Pixels]:
        """uint8[S, S, 3] by content; those of the last call are not decoded again."""
        rule = self._project.settings().intensity
        if self._kept_for != (rule, preprocessing):
            self._kept, self._kept_for = {}, (rule, preprocessing)
        self._kept = {sample.content_hash: self._kept[sample.content_hash] for sample in samples if sample.content_hash in self._kept}
        missing = [sample for sample in samples if sample.content_hash not in self._kept]
        if missing:
            dataset, size = self._project.dataset(), preprocessing.input_size_px
            with DecoderPool(rule, workers=1, fitted_for=preprocessing) as pool:
                answers = pool.inspect([dataset.file_of(sample) for sample in missing], stop=stop)
                for sample, inspected in zip(missing, answers, strict=False):  # a stop ends the answers early
                    if inspected.fitted:
                        self._kept[sample.content_hash] = np.frombuffer(inspected.fitted, np.uint8).reshape(size, size, 3)
        return self._kept


def _preprocessing(recipe: Recipe) -> Preprocessing:
    """As the run would have it: of the weights, or of those usual for the network, at the input size asked for."""
    card = weights_of(recipe.network)
    if card is not None:
        found = card.preprocessing
    else:
        network = catalogue.load().by_name.get(recipe.network.architecture)
        found = network.pretrained[0].preprocessing if network is not None and network.pretrained else Preprocessing()
    return msgspec.structs.replace(found, input_size_px=recipe.network.input_size_px or found.input_size_px)
