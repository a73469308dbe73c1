"""What a training will take here, before it starts: the machine, the chosen network, the data."""

import msgspec

from tlstudio import paths
from tlstudio.domain import estimates
from tlstudio.domain.dataset import Dataset
from tlstudio.domain.estimates import RunEstimate, SetSize, by_rates
from tlstudio.domain.machine import MachineProfile, NetworkProfile
from tlstudio.domain.recipe import NetworkPart, Recipe
from tlstudio.domain.splits import Split
from tlstudio.jobs.folder import versions
from tlstudio.operations import devices
from tlstudio.operations.starting import require_network, weights_of
from tlstudio.processor import num_threads
from tlstudio.zoo import catalogue, profiles

_MEAN_PIXELS = 640 * 480
"""Where the size of no image is known."""


def machine(device: str = "auto") -> MachineProfile:
    """What the probe found of `device`, with the memory that is free now; a cautious guess where nothing was measured."""
    info = _device(device)
    kept = profiles.load_machine(paths.cache_dir(), _conditions(info))
    found = kept or cautious(info.id, info.name)
    return msgspec.structs.replace(found, memory_bytes=info.free_bytes)


def cautious(device: str, name: str) -> MachineProfile:
    """What almost any machine reaches that runs this program."""
    is_cpu = device == "cpu"
    threads = num_threads()
    conv, gemm, copy = (25e9 * threads, 35e9 * threads, 6e9) if is_cpu else (4e12, 6e12, 200e9)
    return MachineProfile(
        device=device,
        device_name=name,
        threads=threads,
        conv_flops={"fp32": conv, "bf16": conv},
        gemm_flops={"fp32": gemm, "bf16": gemm},
        copy_bytes_per_s=copy,
        decode_pixels_per_s=40e6,
        memory_bytes=0,
        measured_at=0.0,
    )


def profile_of(network: NetworkPart, on: MachineProfile | None = None) -> NetworkProfile:
    """What `network` costs on the machine `on` (this one): measured here, or worked out by the machine's rates.

    Raises `TLStudioError` where there is no such network or its weights are not here.
    """
    on = on or machine()
    require_network(network)
    spec = catalogue.load().by_name[network.architecture]
    card = weights_of(network)
    size = network.input_size_px or (card.preprocessing.input_size_px if card is not None else spec.input_size_px)
    holds_for = profiles.conditions(device_name=on.device_name, threads=on.threads, versions=versions())
    kept = profiles.load_network(paths.cache_dir(), holds_for, architecture=network.architecture, input_size_px=size)
    return kept or by_rates(spec, on, input_size_px=size)


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


def estimate(recipe: Recipe, dataset: Dataset) -> RunEstimate:
    """What `recipe` will take with these images, here and now. Raises `TLStudioError` as `profile_of` does."""
    here = machine(recipe.device)
    return estimates.estimate(profile_of(recipe.network, here), here, recipe, size_of(dataset))


def _conditions(info: devices.DeviceInfo) -> profiles.Conditions:
    return profiles.conditions(device_name=info.name, threads=num_threads(), versions=versions())


def _device(wanted: str) -> devices.DeviceInfo:
    """The card where one is asked for, or is there to be used, else the processor."""
    cards = () if wanted == "cpu" or devices.torch_is_for_cpu() else devices.graphics_cards()
    if wanted == "auto" and cards:
        return cards[0]
    return next((card for card in cards if card.id == wanted), None) or devices.cpu()
