"""What a training will take here, before it starts: the machine, the chosen network, the data."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from tlstudio import paths
from tlstudio.domain import estimates
from tlstudio.domain.dataset import Dataset
from tlstudio.domain.estimates import RunEstimate, SetSize, by_rates
from tlstudio.domain.machine import MachineProfile, NetworkProfile, cautious, timed
from tlstudio.domain.memory import gigabytes
from tlstudio.domain.recipe import NetworkPart, Recipe
from tlstudio.domain.runs import Run
from tlstudio.domain.splits import Split
from tlstudio.errors import TLStudioError
from tlstudio.messages import Message, message
from tlstudio.operations import devices, earlier_runs, preferences
from tlstudio.operations.starting import require_network, weights_of
from tlstudio.processor import job_threads, num_threads
from tlstudio.zoo import catalogue, profiles

_FEATURES_FOLDER = "features"
_MEAN_PIXELS = 640 * 480
"""Where the size of no image is known."""
_NO_IMAGES = SetSize(num_train=0, num_val=0, num_test=0, num_classes=0, mean_pixels=_MEAN_PIXELS)
_WARM_START_S = 0.3
"""Of a job in a process that waits with its libraries loaded."""


def machine(device: str = "auto", *, is_warm: bool = False) -> MachineProfile:
    """What the probe found of `device`, with the memory that is free now; a cautious guess where nothing was measured.

    `is_warm`: a process waits with its libraries loaded, so that a job need not start one.
    """
    info = _device(device)
    threads = job_threads(good_neighbour=preferences.load().good_neighbour)
    kept = (profiles.load_machine(paths.cache_dir(), holds_for) for holds_for in _conditions(info.name, threads))
    found = next((item for item in kept if item is not None), None) or cautious(info.id, info.name, threads=threads)
    start_s = min(_WARM_START_S, found.start_s) if is_warm else found.start_s
    return msgspec.structs.replace(found, threads=threads, memory_bytes=info.free_bytes, start_s=start_s)


def profile_of(network: NetworkPart, on: MachineProfile | None = None) -> NetworkProfile:
    """What `network` costs on the machine `on` (this one): measured here, or worked out by the machine's rates.

    Everything that tells of a network's speed asks here, so that no two places tell different ones. What a ranking timed in passing
    corrects the machine's rates.

    Raises `TLStudioError` where there is no such network or its weights are not here.
    """
    on = on or machine()
    require_network(network)
    spec = catalogue.load().by_name[network.architecture]
    card = weights_of(network)
    size = network.input_size_px or (card.preprocessing.input_size_px if card is not None else spec.input_size_px)
    for holds_for in _conditions(on.device_name, on.threads):
        kept = profiles.load_network(paths.cache_dir(), holds_for, architecture=network.architecture, input_size_px=size)
        if kept is not None:
            return kept
    found = by_rates(spec, on, input_size_px=size)
    holds_for = profiles.conditions(device_name=on.device_name, threads=on.threads)
    timing = profiles.load_timing(paths.cache_dir(), holds_for, architecture=network.architecture, input_size_px=size)
    return found if timing is None else timed(found, timing)


def size_of(dataset: Dataset) -> SetSize:
    """What of a data set decides about time."""
    taking_part = [sample for sample in dataset.ready if sample.class_id is not None and sample.split is not None]
    pixels = [sample.width_px * sample.height_px for sample in taking_part if sample.width_px]
    numbers = dataset.num_by_split
    return SetSize(
        num_train=numbers[Split.TRAIN],
        num_val=numbers[Split.VAL],
        num_test=numbers[Split.TEST],
        num_classes=len({sample.class_id for sample in taking_part}),
        mean_pixels=sum(pixels) / len(pixels) if pixels else _MEAN_PIXELS,
    )


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What is known of one network, these images and this machine before a training: `of` a recipe costs microseconds."""

    here: MachineProfile
    profile: NetworkProfile
    sizes: SetSize
    runs: tuple[Run, ...] = ()
    """Of the project so far."""
    earlier: tuple[tuple[Run, earlier_runs.Ended], ...] = ()
    """Those of them whose time says something of the next one's."""
    is_warm: bool = False
    has_features: bool = False
    """Whether features of some network are kept."""

    def of(self, recipe: Recipe) -> RunEstimate:
        """What `recipe`, of this network, will take."""
        alike, here, sizes = earlier_runs.of_the_same(recipe, self.earlier), self.here, self.sizes
        if not self.is_warm:
            here = msgspec.structs.replace(here, start_s=earlier_runs.start_s(alike, here.start_s))
        took = tuple(earlier_runs.took(alike, self.profile, here, sizes))
        if self.has_features and _were_features_seen(recipe, self.runs):
            sizes = msgspec.structs.replace(sizes, num_cached=sizes.num_images)
        return estimates.corrected(estimates.estimate(self.profile, here, recipe, sizes), took)


def expected(
    network: NetworkPart,
    dataset: Dataset | None,
    runs: Sequence[Run] = (),
    *,
    device: str = "auto",
    folder: Path | None = None,
    is_warm: bool = False,
) -> Expected:
    """Read what a training of `network` with these images will take, here and now; the rest as in `estimate`."""
    here = machine(device, is_warm=is_warm)
    features = paths.cache_dir() / _FEATURES_FOLDER
    return Expected(
        here=here,
        profile=profile_of(network, here),
        sizes=size_of(dataset) if dataset is not None else _NO_IMAGES,
        runs=tuple(runs),
        earlier=tuple(earlier_runs.of_network(network, runs, folder, here)) if folder is not None else (),
        is_warm=is_warm,
        has_features=features.is_dir() and any(features.iterdir()),
    )


def estimate(
    recipe: Recipe, dataset: Dataset, runs: Sequence[Run] = (), *, folder: Path | None = None, is_warm: bool = False
) -> RunEstimate:
    """What `recipe` will take with these images, here and now; `runs` are those of the project so far, `is_warm` as in `machine`.

    Where `folder`, the project's, is given, what runs of the same network and machine took corrects it.
    Raises `TLStudioError` as `profile_of` does.
    """
    return expected(recipe.network, dataset, runs, device=recipe.device, folder=folder, is_warm=is_warm).of(recipe)


def _were_features_seen(recipe: Recipe, runs: Sequence[Run]) -> bool:
    """Whether an earlier run has looked at the images with the same network."""
    is_seeded = recipe.network.weights is None
    looks = (recipe.network, recipe.judged_views)
    seen = (run.recipe for run in runs if run.is_usable and (run.recipe.network, run.recipe.judged_views) == looks)
    return any(not is_seeded or other.seed == recipe.seed for other in seen)


def memory_note(expected: RunEstimate, recipe: Recipe) -> Message | None:
    """What a person should know before it starts where the memory does not suffice as things are."""
    if expected.fits:
        return None
    figures = {"needed": gigabytes(expected.memory_bytes), "free": gigabytes(expected.available_bytes)}
    if recipe.finetune is None:
        text = "This training is expected to need {needed} GB of memory, and {free} GB are free. Close other programs if it fails."
        return message("train.little_memory.head", text, **figures)
    text = "This training is expected to need {needed} GB of memory, and {free} GB are free. It may be slow; fewer stages or a smaller "
    return message("train.little_memory", text + "batch need less.", **figures)


def require_memory(expected: RunEstimate, recipe: Recipe) -> None:
    """Raise `TLStudioError` where not even the network itself finds room."""
    if expected.can_start:
        return
    raise TLStudioError(
        message(
            "train.no_memory",
            "{network} needs {needed} GB of memory to be loaded at all, and {free} GB are free.",
            network=recipe.network.architecture,
            needed=gigabytes(expected.least_bytes),
            free=gigabytes(expected.available_bytes),
        ),
        message("train.no_memory.hint", "Nothing was started. Close other programs, or choose a smaller network in Models."),
    )


def _conditions(device_name: str, threads: int) -> list[profiles.Conditions]:
    """Of so many threads, else of all there are: what was measured before jobs left one to other programs is nearer than a guess."""
    return [profiles.conditions(device_name=device_name, threads=number) for number in dict.fromkeys((threads, num_threads()))]


def _device(wanted: str) -> devices.DeviceInfo:
    """The card where one is asked for, or is there to be used, else the processor."""
    cards = () if wanted == "cpu" or devices.torch_is_for_cpu() else devices.graphics_cards()
    if wanted == "auto" and cards:
        return cards[0]
    return next((card for card in cards if card.id == wanted), None) or devices.cpu()
