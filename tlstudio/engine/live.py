"""The live model of the warm worker: features of a run's network held in memory, and a head that follows every change of a label."""

import time
from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from tlstudio.domain.events import PlanFixed
from tlstudio.domain.jobs import JOURNAL_FILE
from tlstudio.domain.journal import decode_lines
from tlstudio.domain.manifest import ManifestEntry
from tlstudio.domain.model_card import ModelCard, SealedCard
from tlstudio.domain.plan import JUDGED_RULE
from tlstudio.domain.serving import FeaturesMissing, HeadJudged, JudgeHead
from tlstudio.domain.splits import Split
from tlstudio.engine import checkpoint
from tlstudio.engine.data.feature_cache import FeatureCache
from tlstudio.engine.data.features import FeaturePass
from tlstudio.engine.data.reading import Reader, Skipped
from tlstudio.engine.device import choose, settle
from tlstudio.engine.gate import Gate
from tlstudio.engine.head import Floats
from tlstudio.engine.job import read_recipe
from tlstudio.engine.live_head import LiveAnswer, LiveHead
from tlstudio.engine.models.create import create, find_source
from tlstudio.engine.models.folding import judge_folded
from tlstudio.engine.models.network import Network
from tlstudio.engine.tasks.classification import balancing_weights, require_solvable
from tlstudio.errors import TLStudioError
from tlstudio.evaluation import metrics
from tlstudio.messages import message

_AT_ONCE = 16
"""Images that are computed between two looks at the clock."""

Entries = tuple[ManifestEntry, ...]
Contents = tuple[tuple[str, ...], tuple[str, ...]]
"""Content hashes of training and of validation, in order."""


class LiveModel:
    """Answers `JudgeHead` for one run's network. Raises `TLStudioError` where the run or its weights are not whole.

    Validation chooses the penalty whatever `penalty_by` says: folds would take too long for an answer.
    """

    def __init__(self, request: JudgeHead) -> None:
        folder = Path(request.run_folder)
        self._environment = request.environment
        self._recipe = read_recipe(folder)
        weights = request.environment.weights_file
        self._source = find_source(self._recipe.network, weights_file=Path(weights) if weights else None, seed=self._recipe.seed)
        self._num_features = _num_features(folder)
        self._rule = _judged_rule(folder)
        self._intensity = request.manifest.intensity
        self._network: Network | None = None
        self._unreadable: set[str] = set()
        self._class_ids: tuple[str, ...] = ()
        self._contents: Contents | None = None
        self._head: LiveHead | None = None

    @staticmethod
    def key(request: JudgeHead) -> bytes:
        """Requests of the same key are for the same live model."""
        return msgspec.msgpack.encode((request.run_folder, request.environment, request.manifest.intensity))

    def answer(self, request: JudgeHead) -> HeadJudged | FeaturesMissing:
        """Raises `TLStudioError` where no head can come of these labels, or too many images cannot be read."""
        started = time.monotonic()
        wanted = [entry for part in (Split.TRAIN, Split.VAL) for entry in request.manifest.of(part) if entry.label is not None]
        train, validation = self._readable(wanted, Split.TRAIN), self._readable(wanted, Split.VAL)
        contents = _contents(train, validation)
        if contents != self._contents:
            missing = self._follow(train, validation, compute_s=request.compute_s)
            if missing:
                return FeaturesMissing(num_missing=missing, num_images=len(wanted))
            train, validation = self._readable(train, Split.TRAIN), self._readable(validation, Split.VAL)
        classes = request.manifest.classes
        if (ids := tuple(item.id for item in classes)) != self._class_ids:
            self._class_ids = ids
            self._heads.forget()
        answer, truth = self._solve(request, train, validation)
        predicted = answer.probabilities.argmax(axis=1)
        matrix = metrics.confusion(truth, predicted, num_classes=len(classes))
        counts = metrics.count(matrix)
        return HeadJudged(
            class_ids=ids,
            class_names=tuple(item.name for item in classes),
            predicted={entry.sample: int(index) for entry, index in zip(validation, predicted, strict=True)},
            confusion=tuple(tuple(row) for row in matrix.tolist()),
            accuracy=float(metrics.accuracy(counts)),
            balanced_accuracy=float(metrics.balanced_accuracy(counts)),
            loss=answer.loss,
            penalty=answer.penalty,
            is_settled=answer.is_settled,
            num_train=len(train),
            num_left_out=len(wanted) - len(train) - len(validation),
            seconds=time.monotonic() - started,
        )

    def _solve(self, request: JudgeHead, train: Entries, validation: Entries) -> tuple[LiveAnswer, NDArray[np.int64]]:
        learned, truth = _labels(train), _labels(validation)
        require_solvable(learned, truth)
        num_classes = len(request.manifest.classes)
        weights = balancing_weights(learned, num_classes=num_classes) if request.balance != "none" else None
        answer = self._heads.answer(
            learned,
            truth,
            num_classes=num_classes,
            penalties=self._recipe.head.penalties,
            class_weights=weights,
            chooses=request.chooses,
        )
        return answer, truth

    def _readable(self, entries: Sequence[ManifestEntry], split: Split) -> Entries:
        return tuple(entry for entry in entries if entry.split is split and entry.content_hash not in self._unreadable)

    def _follow(self, train: Entries, validation: Entries, *, compute_s: float) -> int:
        """Hold the features of other images; returns how many are still to be computed, and holds those before then."""
        cache = FeatureCache(
            Path(self._environment.cache_folder),
            source=self._source,
            intensity=self._intensity,
            num_features=self._num_features,
            judged_views=self._recipe.judged_views,
            rule=self._rule,
        )
        found = [_found(cache, entry) for entry in (*train, *validation)]
        missing = [entry for entry, vector in zip((*train, *validation), found, strict=True) if vector is None]
        if missing:
            left = self._compute(cache, missing, seconds=compute_s) if compute_s > 0 else len(missing)
            if left:
                return left
            train, validation = self._readable(train, Split.TRAIN), self._readable(validation, Split.VAL)
            found = [_found(cache, entry) for entry in (*train, *validation)]
        values = [vector for vector in found if vector is not None]
        if len(values) < len(train) + len(validation):
            raise _unkept()
        require_solvable(_labels(train), _labels(validation))
        self._head = LiveHead(np.stack(values[: len(train)]), np.stack(values[len(train) :]), before=self._head)
        self._contents = _contents(train, validation)
        return 0

    def _compute(self, cache: FeatureCache, missing: list[ManifestEntry], *, seconds: float) -> int:
        """Put features into the cache until they are all there or the time is over; returns how many are left."""
        deadline = time.monotonic() + seconds
        device = choose(self._environment.device, threads=self._environment.threads)
        settle(device)
        if self._network is None:
            self._network = create(self._source).to(device.torch_device)
            judge_folded(self._network, size_px=self._source.preprocessing.input_size_px, rule=self._rule)
            self._network.is_mirrored = self._recipe.judged_views == "mirrored"
        skipped = Skipped(num_entries=len(missing) + self._num_held)
        features = FeaturePass(
            network=self._network,
            device=device,
            cache=cache,
            reader=Reader(roots=self._environment.roots, intensity=self._intensity),
            preprocessing=self._source.preprocessing,
            skipped=skipped,
            gate=Gate(is_patient=False),
            silence_limit_s=0.0,
        )
        done = 0
        while done < len(missing) and (done == 0 or time.monotonic() < deadline):
            batch = missing[done : done + _AT_ONCE]
            for _event in features.run(batch):
                pass  # nobody looks at the journal of an interactive answer
            self._unreadable |= {entry.content_hash for entry in batch if entry.sample in skipped.reasons}
            done += len(batch)
        return len(missing) - done if done < len(missing) else 0

    @property
    def _heads(self) -> LiveHead:
        assert self._head is not None
        return self._head

    @property
    def _num_held(self) -> int:
        return sum(len(part) for part in self._contents) if self._contents is not None else 0


def _found(cache: FeatureCache, entry: ManifestEntry) -> Floats | None:
    """f32[D]; those it is judged by are never rounded, as in a training."""
    return cache.get(entry.content_hash, exact=entry.split is not Split.TRAIN)


def _contents(train: Entries, validation: Entries) -> Contents:
    return tuple(entry.content_hash for entry in train), tuple(entry.content_hash for entry in validation)


def _labels(entries: Entries) -> NDArray[np.int64]:
    return np.array([entry.label for entry in entries], np.int64)


def _num_features(folder: Path) -> int:
    """Width of the network's features, by the card of the run's model; its tensors are not read."""
    file = (folder / checkpoint.kept_file(folder)).with_suffix(".json")
    try:
        sealed = msgspec.json.decode(file.read_bytes(), type=SealedCard)
        return msgspec.json.decode(sealed.card, type=ModelCard).num_features
    except (OSError, ValueError) as error:
        raise checkpoint.damaged_run(folder, file.name, error) from error


def _judged_rule(folder: Path) -> int:
    """As the run's plan has it, so that the live model reads the features that the run has left."""
    try:
        lines = [line for line, _offset in decode_lines((folder / JOURNAL_FILE).read_bytes())]
    except OSError:
        lines = []
    return next((line.event.plan.judged_rule for line in reversed(lines) if isinstance(line.event, PlanFixed)), JUDGED_RULE)


def _unkept() -> TLStudioError:
    return TLStudioError(
        message("live.unkept", "The cache on this disk cannot be written to, so the features of new images are not kept."),
        message("live.unkept.hint", "Free some space, or make the cache's folder writable. Nothing was lost."),
    )
