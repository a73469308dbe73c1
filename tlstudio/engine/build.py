"""Setting up a training: everything the recipe, the manifest and this machine decide, before anything is computed."""

import importlib.metadata
import platform
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from math import ceil
from pathlib import Path

from torch import Tensor

from tlstudio import __version__
from tlstudio.datasets.decode import DECODER_VERSION
from tlstudio.datasets.training_views import training_preprocessing
from tlstudio.domain.abilities import lora_refusal
from tlstudio.domain.machine import NetworkProfile
from tlstudio.domain.manifest import Manifest, ManifestEntry
from tlstudio.domain.model_card import ModelCard
from tlstudio.domain.networks import Preprocessing
from tlstudio.domain.plan import Plan
from tlstudio.domain.recipe import FineTunePart, Recipe, ViewRule
from tlstudio.domain.splits import Split
from tlstudio.domain.tasks import TASKS
from tlstudio.engine import neighbour, norms
from tlstudio.engine.data.cut_loader import CutLoader
from tlstudio.engine.data.device_views import FILTERS
from tlstudio.engine.data.feature_cache import FeatureCache
from tlstudio.engine.data.features import FeaturePass
from tlstudio.engine.data.growing_loader import GrowingLoader
from tlstudio.engine.data.loader import Batches, Loader
from tlstudio.engine.data.pixel_cache import PixelCache
from tlstudio.engine.data.reading import Reader, Skipped
from tlstudio.engine.data.resident import ResidentLoader, has_room
from tlstudio.engine.device import Device, choose, settle
from tlstudio.engine.exam import Exam
from tlstudio.engine.frozen import Frozen, find_frozen
from tlstudio.engine.growing import growing_sizes
from tlstudio.engine.job import Job, read_manifest, read_recipe
from tlstudio.engine.models import lora
from tlstudio.engine.models.create import Source, create, find_source
from tlstudio.engine.models.folding import Folded
from tlstudio.engine.models.heads import filled_head
from tlstudio.engine.models.interruption import make_interruptible
from tlstudio.engine.models.network import Network
from tlstudio.engine.tasks import Score, TrainingTask
from tlstudio.lazy import resolve
from tlstudio.messages import Message, message
from tlstudio.processor import num_processors
from tlstudio.zoo import profiles

_SILENCE_LIMIT_S = 180.0
_SILENCE_LIMIT_CUDA_S = 75.0
"""No batch takes a card so long: it hangs. A hung job is ended within 90 s."""
_MILLIONS_IN_TIME = 30.0
_VERSIONED = ("torch", "timm", "numpy", "Pillow")


@dataclass(frozen=True, kw_only=True, eq=False)
class Training:
    """A training that is ready to begin."""

    job: Job
    recipe: Recipe
    manifest: Manifest
    entries: tuple[ManifestEntry, ...]
    """Labelled, with a split."""
    source: Source
    network: Network
    device: Device
    plan: Plan
    task: TrainingTask
    reader: Reader
    skipped: Skipped
    frozen: Frozen | None = None
    """What of the network is run only once; None where the whole network runs in every epoch."""
    folded: Folded | None = None
    """How training steps compute batch norms; None where they run as they are judged."""
    warning: Message | None = None
    """What a person should know of how the frozen part is run, or of images that cannot grow."""
    sizes: tuple[int, ...] = ()
    """Of training images by epoch, in pixels, where they grow."""

    @property
    def silence_limit_s(self) -> float:
        """A job that says nothing for longer is taken for hung; a batch of a large network on a slow processor takes minutes."""
        if self.device.is_cuda:
            return _SILENCE_LIMIT_CUDA_S
        millions = sum(parameter.numel() for parameter in self.network.parameters()) / 1e6
        return _SILENCE_LIMIT_S * max(1.0, millions / _MILLIONS_IN_TIME)

    def feature_pass(self) -> FeaturePass:
        """The pass of the frozen backbone."""
        cache = FeatureCache(
            Path(self.job.environment.cache_folder),
            source=self.source,
            intensity=self.manifest.intensity,
            num_features=self.network.num_features,
            judged_views=self.recipe.judged_views,
            rule=self.plan.judged_rule,
        )
        return FeaturePass(
            network=self.network,
            device=self.device,
            cache=cache,
            reader=self.reader,
            preprocessing=self.source.preprocessing,
            skipped=self.skipped,
            gate=self.job.gate,
            silence_limit_s=self.silence_limit_s,
        )

    @contextmanager
    def stepping(self) -> Iterator[None]:
        """Within this the network computes as a training step does: in the precision that was chosen, with folded batch norms."""
        with self.device.autocast(), self.folded.stepping() if self.folded is not None else nullcontext():
            yield

    @contextmanager
    def freezing(self) -> Iterator[None]:
        """Within this its frozen part makes training views: on a processor folded once, in the precision measured to be fastest."""
        if self.frozen is None or not self.device.frozen_precision:
            with self.stepping():
                yield
            return
        folded = self.folded.judging(pairs=self.frozen.pairs) if self.folded is not None else nullcontext()
        with self.device.autocast(self.device.frozen_precision), folded:
            yield

    def put_head(self, tensors: Mapping[str, Tensor]) -> None:
        """Put a head of the recipe's kind on the network, with these values."""
        sizes = {"num_features": self.network.num_features, "num_classes": self.task.num_outputs}
        self.network.put_head(filled_head(self.recipe.head, tensors, **sizes))

    def card(self, score: Score, *, step: int, epoch: int, penalty: float) -> ModelCard:
        """The card of the network as it is now."""
        return ModelCard(
            task=self.recipe.task,
            architecture=self.source.architecture,
            architecture_arguments=dict(self.source.arguments),
            preprocessing=self.source.preprocessing,
            intensity=self.manifest.intensity,
            decoder_version=DECODER_VERSION,
            classes=self.manifest.classes,
            num_features=self.network.num_features,
            head=self.recipe.head,
            judged_views=self.recipe.judged_views,
            judged_rule=self.plan.judged_rule,
            weights=self.source.weights,
            manifest=self.job.spec.manifest_hash,
            step=step,
            epoch=epoch,
            penalty=penalty,
            accuracy=score.accuracy,
            balanced_accuracy=score.balanced_accuracy,
            loss=score.loss,
            app_version=__version__,
        )


def build(job: Job) -> Training:
    """Raises `TLStudioError` where a file, the network or its weights are not as they should be."""
    recipe = read_recipe(job.folder)
    manifest = read_manifest(job.folder, expected_hash=job.spec.manifest_hash)
    entries = tuple(entry for entry in manifest.entries if entry.label is not None and entry.split is not None)
    environment = job.environment
    source = find_source(recipe.network, weights_file=_path(environment.weights_file), seed=recipe.seed)
    # The recipe's wish came into the environment when the run was ordered; a later attempt may be given another device.
    device = choose(environment.device, precision=recipe.precision, threads=_threads(job))
    device = replace(device, loader_threads=environment.loader_threads)
    settle(device)
    if environment.good_neighbour:
        neighbour.limit_memory(device, num_processes=job.crew.num_here)
        job.gate.courtesy = neighbour.courtesy_on(device)
    measured = _nearest_profile(job, device, source)
    device = _tuned(job, device, recipe, measured.profile if measured is not None else None)
    network = create(source).to(device.torch_device)
    if recipe.finetune is not None and recipe.finetune.lora is not None:
        refusal = lora_refusal(source.architecture, lora.layers_by_stage(network.backbone), num_stages=recipe.finetune.num_stages)
        if refusal is not None:
            raise refusal
    network.lay_out(channels_last=device.channels_last)
    judged_rule = norms.judged_rule(recipe, before=job.last_plan)
    folded = norms.fold_as_planned(network, recipe, rule=judged_rule, size_px=source.preprocessing.input_size_px, before=job.last_plan)
    frozen, warning = find_frozen(
        network,
        recipe,
        source=source,
        intensity=manifest.intensity,
        device=device,
        folded=folded,
        judged_rule=judged_rule,
        cache_folder=Path(environment.cache_folder),
        numbers=(_number(entries, Split.TRAIN), _number(entries, Split.VAL)),
        before=job.last_plan,
    )
    sizes, rigid = growing_sizes(network, recipe, size_px=source.preprocessing.input_size_px)
    network.is_mirrored = recipe.judged_views == "mirrored"  # only now: the cut is of one view
    make_interruptible(network, job.gate)
    task: Callable[..., TrainingTask] = resolve(TASKS[recipe.task].engine)
    reader = Reader(roots=environment.roots, intensity=manifest.intensity)
    return Training(
        job=job,
        recipe=recipe,
        manifest=manifest,
        entries=entries,
        source=source,
        network=network,
        device=device,
        plan=_plan(recipe, entries, device, source, measured=measured, frozen=frozen, is_folded=folded is not None, job=job),
        task=task(manifest, recipe, job.gate),
        reader=reader,
        skipped=Skipped(num_entries=len(entries), reader=reader),
        frozen=frozen,
        folded=folded,
        warning=warning or rigid,
        sizes=sizes,
    )


def plan_change(before: Plan | None, now: Plan) -> Message | None:
    """What a person is told where an attempt goes on under another plan than the one before."""
    if before is None or before == now:
        return None
    names = [name for name in now.__struct_fields__ if getattr(before, name) != getattr(now, name)]
    text = "It goes on under other conditions than before ({what}); the result may differ in its last digits."
    return message("train.plan_changed", text, what=", ".join(name.replace("_", " ") for name in names))


def _threads(job: Job) -> int | None:
    """Those of the attempt before, so that its bits can be met again."""
    if job.environment.threads is not None:  # as a good neighbour; what processes of one machine share is less still
        return min(job.environment.threads, job.crew.threads or job.environment.threads)
    before = job.last_plan
    return before.threads if before is not None and before.processes == job.crew.size else job.crew.threads


def known_profile(job: Job, device: Device, source: Source) -> NetworkProfile | None:
    """What was measured of this network on this device with as many threads, at this input size."""
    measured = _nearest_profile(job, device, source)
    return measured.profile if measured is not None and measured.threads == device.threads else None


def _nearest_profile(job: Job, device: Device, source: Source) -> profiles.Measured | None:
    """The same, else that of another number of threads: a good neighbour has fewer, several processes share them."""
    return profiles.nearest_network(
        Path(job.environment.cache_folder),
        profiles.conditions(device_name=device.name, threads=device.threads),
        architecture=source.architecture,
        input_size_px=source.preprocessing.input_size_px,
        most_threads=num_processors(),
    )


def _tuned(job: Job, device: Device, recipe: Recipe, profile: NetworkProfile | None) -> Device:
    """As the attempt before ran, else as is fastest, else as usual."""
    if job.last_plan is not None:
        return device.as_before(job.last_plan, wanted=recipe.precision)
    tuned = device if profile is None else device.tuned(profile, trains=recipe.finetune is not None, wanted=recipe.precision)
    return tuned if recipe.view_rule == 2 else replace(tuned, frozen_precision="")  # older recipes train as they did


def _number(entries: tuple[ManifestEntry, ...], split: Split) -> int:
    return sum(entry.split is split for entry in entries)


def _plan(
    recipe: Recipe,
    entries: tuple[ManifestEntry, ...],
    device: Device,
    source: Source,
    *,
    measured: profiles.Measured | None,
    frozen: Frozen | None,
    is_folded: bool,
    job: Job,
) -> Plan:
    before = job.last_plan
    other_threads = measured.threads if measured is not None and measured.threads != device.threads else None
    num_train = _number(entries, Split.TRAIN)
    part = recipe.finetune
    batch = part.batch_size if part else device.feature_batch
    epochs = part.epochs if part else 0
    fastest = measured.profile.images_at_once(batch) if part and measured else batch
    at_once = part.micro_batch or fastest if part else fastest
    return Plan(
        device=str(device.torch_device),
        device_name=device.name,
        threads=device.threads,
        measured_threads=before.measured_threads if before is not None else other_threads,
        processes=job.crew.size,
        precision=device.precision,
        channels_last=device.channels_last,
        batch_size=batch,
        micro_batch=before.micro_batch if before is not None else min(batch, at_once),  # less where memory was short before
        feature_batch=device.feature_batch,
        input_size_px=source.preprocessing.input_size_px,
        num_train=num_train,
        num_val=_number(entries, Split.VAL),
        num_test=_number(entries, Split.TEST),
        num_steps=epochs * ceil(num_train / batch),
        num_epochs=epochs,
        num_views=frozen.num_views if frozen is not None else 0,
        boundary=frozen.split.boundary if frozen is not None else "",
        prefix_bytes=frozen.num_bytes if frozen is not None else 0,
        folded=is_folded,
        frozen_precision=device.frozen_precision if frozen is not None else "",
        judged_rule=norms.judged_rule(recipe, before=before),
        resident=frozen is None and _is_resident(recipe, device, source, num_train=num_train, before=before),
        seed=recipe.seed,
        versions=_versions(),
    )


def _is_resident(recipe: Recipe, device: Device, source: Source, *, num_train: int, before: Plan | None) -> bool:
    """Whether the training images go to the card; where the attempt before had them elsewhere, so has this one."""
    if recipe.finetune is None or recipe.finetune.first_size < 1:
        return False
    if recipe.view_rule != 2 or source.preprocessing.interpolation not in FILTERS or (before is not None and not before.resident):
        return False
    return has_room(device.torch_device, num_images=num_train, side_px=training_preprocessing(source.preprocessing).input_size_px)


def _versions() -> dict[str, str]:
    installed = {name.lower(): importlib.metadata.version(name) for name in _VERSIONED}
    return {"tlstudio": __version__, "python": platform.python_version(), **installed}


def _path(text: str | None) -> Path | None:
    return Path(text) if text else None


def loader(training: Training, part: FineTunePart) -> Batches:
    """Training views for the fine-tuning."""
    preprocessing = training.source.preprocessing
    whole = Loader(
        entries=[entry for entry in training.entries if entry.split is Split.TRAIN],
        pixels=_pixels(training, training_preprocessing(preprocessing), views=training.recipe.view_rule),
        skipped=training.skipped,
        augmentation=training.recipe.augmentation,
        size_px=preprocessing.input_size_px,
        interpolation=preprocessing.interpolation,
        batch_size=part.batch_size,
        is_sampled=training.recipe.class_balance == "sampled",
        seed=training.recipe.seed,
        threads=training.device.num_readers,
        is_pinned=training.device.is_cuda,
        rank=training.job.crew.rank,
        size=training.job.crew.size,
    )
    if training.sizes:
        return GrowingLoader(loader=whole, sizes=training.sizes)
    if training.plan.resident:
        return ResidentLoader(whole, device=training.device.torch_device)
    if training.frozen is None:
        return whole
    return CutLoader(loader=whole, frozen=training.frozen, device=training.device, freezing=training.freezing)


def exam(training: Training, *, frozen: Frozen | None = None) -> Exam:
    """The exact path for validation and for the last predictions; with `frozen` its frozen part is run once an image."""
    return Exam(
        network=training.network,
        device=training.device,
        pixels=_pixels(training, training.source.preprocessing, views=None),
        skipped=training.skipped,
        gate=training.job.gate,
        frozen=frozen,
    )


def _pixels(training: Training, preprocessing: Preprocessing, *, views: ViewRule | None) -> PixelCache:
    cache_folder = Path(training.job.environment.cache_folder)
    return PixelCache(cache_folder, reader=training.reader, preprocessing=preprocessing, views=views)
