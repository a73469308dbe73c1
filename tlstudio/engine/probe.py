"""The probe: what this machine reaches, and how networks run fastest on it; measured once, kept in the cache folder."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import numpy as np
import psutil
import torch
from PIL import Image
from torch import nn

from tlstudio.datasets.decode import decode_image
from tlstudio.datasets.fit import fit
from tlstudio.domain.estimates import SetSize, by_rates, estimate
from tlstudio.domain.events import AnyEvent, Finished, PhaseStarted, Progressed, StillWorking, Stopped
from tlstudio.domain.intensity import IntensityRule
from tlstudio.domain.machine import MachineProfile, cautious
from tlstudio.domain.networks import Preprocessing
from tlstudio.domain.recipe import Recipe
from tlstudio.domain.splits import Split
from tlstudio.engine.build import known_profile
from tlstudio.engine.device import Device, choose, settle
from tlstudio.engine.gate import StopAsked
from tlstudio.engine.job import Job, read_manifest, read_recipe
from tlstudio.engine.models.create import Source, create, find_source
from tlstudio.engine.probe_network import measure
from tlstudio.engine.stopwatch import best_of
from tlstudio.files import FileLock
from tlstudio.log import logger
from tlstudio.zoo import catalogue, profiles

log = logger(__name__)

_SILENCE_LIMIT_S = 180.0
_LOCK_FILE, _WAIT_S = "probe.lock", 0.2
_WHAT_S = 0.7
"""For each figure of the machine."""
_LOADING = [sys.executable, "-P", "-c", "import tlstudio.engine.train_job"]
_START_LIMIT_S = 60.0
_MEASURED_FROM_S = 60.0
"""A training that is expected to take longer measures its network first: the seconds that takes come back."""
_USUAL_PIXELS = 300_000
_SMALL_PX, _LARGE_PX = (160, 120), (1600, 1200)


def run(job: Job) -> Iterator[AnyEvent]:
    """All events of one attempt, its ending last. Raises `TLStudioError`, `CancelAsked`, `TerminateAsked`."""
    device = choose(job.environment.device, threads=job.environment.threads)
    settle(device)
    cache_folder = Path(job.environment.cache_folder)
    yield PhaseStarted(phase="probe", total=len(job.spec.networks) + bool(job.spec.machine), silence_limit_s=_SILENCE_LIMIT_S)
    lock = FileLock(_lock_file(cache_folder))
    try:
        while not lock.acquire():  # two probes at a time would measure each other
            yield StillWorking()
            yield from job.gate.obey()
            time.sleep(_WAIT_S)
        if job.spec.machine:
            profile = measure_machine(device, start_s=_start_s())
            profiles.save_machine(cache_folder, _conditions(device), profile)
            yield Progressed(done=1)
        for part in job.spec.networks:
            source = find_source(part, weights_file=None, seed=0)
            for event in _measured(job, device, source):
                yield event
                yield from job.gate.obey()
    except StopAsked:
        yield Stopped()
        return
    finally:
        lock.release()
    yield Finished()


def _lock_file(cache_folder: Path) -> Path:
    folder = cache_folder / profiles.FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder / _LOCK_FILE


def measure_first(job: Job) -> Iterator[AnyEvent]:
    """Before a long training of a network that nobody has measured here: its fastest setting. What is asked meanwhile ends it early."""
    if job.attempt > 1:
        return
    recipe = read_recipe(job.folder)
    device = choose(job.environment.device, precision=recipe.precision, threads=job.environment.threads)
    weights_file = job.environment.weights_file
    source = find_source(recipe.network, weights_file=Path(weights_file) if weights_file else None, seed=recipe.seed)
    if known_profile(job, device, source) is not None or not _is_long(job, device, source, recipe):
        return
    settle(device)
    yield PhaseStarted(phase="probe", total=None, silence_limit_s=_SILENCE_LIMIT_S)
    for event in _measured(job, device, source):
        yield event
        if not job.gate.is_open:
            return


def _start_s() -> float | None:
    """Seconds that a job's process takes until its libraries are loaded; None where that cannot be tried.

    Tried once more, because the probe itself may be the first to read them from a cold disk.
    """
    started = time.perf_counter()
    try:
        subprocess.run(
            _LOADING, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=_START_LIMIT_S, check=True
        )
    except (OSError, subprocess.SubprocessError) as error:
        log.info("how long a job takes to start could not be measured: %s", error)
        return None
    return time.perf_counter() - started


def measure_machine(device: Device, *, start_s: float | None = None) -> MachineProfile:
    """What `device` reaches, in about five seconds; each figure the best of many short repetitions."""
    where = device.torch_device
    small_s, large_s = (best_of(_decoding(size), torch.device("cpu"), budget_s=_WHAT_S) for size in (_SMALL_PX, _LARGE_PX))
    small, large = (width * height for width, height in (_SMALL_PX, _LARGE_PX))
    pixel_s = max(1e-12, (large_s - small_s) / (large - small))
    guess = cautious(str(where), device.name, threads=device.threads)
    return MachineProfile(
        device=str(where),
        device_name=device.name,
        threads=device.threads,
        conv_flops=_rates(_convolution, device),
        gemm_flops=_rates(_product, device),
        copy_bytes_per_s=_copy_rate(device),
        decode_pixels_per_s=1 / pixel_s,
        decode_s=max(1e-5, small_s - small * pixel_s),
        start_s=guess.start_s if start_s is None else start_s,
        memory_bytes=torch.cuda.mem_get_info(where)[1] if device.is_cuda else psutil.virtual_memory().total,
        measured_at=time.time(),
        versions=_conditions(device),
    )


def _measured(job: Job, device: Device, source: Source) -> Iterator[AnyEvent]:
    """Measure a network and keep what was found. Its weights decide nothing about time, so none are read."""
    network = create(replace(source, weights_file=None)).to(device.torch_device)
    size = source.preprocessing.input_size_px
    profile = yield from measure(network, device, architecture=source.architecture, input_size_px=size)
    profiles.save_network(Path(job.environment.cache_folder), _conditions(device), profile)


def _is_long(job: Job, device: Device, source: Source, recipe: Recipe) -> bool:
    """Whether the training is long enough for measuring to pay, as the machine's rates have it."""
    spec = catalogue.load().by_name.get(source.architecture)
    if spec is None:
        return False
    here = profiles.load_machine(Path(job.environment.cache_folder), _conditions(device))
    here = here or cautious(str(device.torch_device), device.name, threads=device.threads)
    manifest = read_manifest(job.folder, expected_hash=job.spec.manifest_hash)
    train, val, test = (len(manifest.of(split)) for split in (Split.TRAIN, Split.VAL, Split.TEST))
    sizes = SetSize(num_train=train, num_val=val, num_test=test, num_classes=len(manifest.classes), mean_pixels=_USUAL_PIXELS)
    profile = by_rates(spec, here, input_size_px=source.preprocessing.input_size_px)
    return estimate(profile, here, recipe, sizes).total_s >= _MEASURED_FROM_S


def _conditions(device: Device) -> profiles.Conditions:
    return profiles.conditions(device_name=device.name, threads=device.threads)


def _rates(make: Callable[[Device, torch.dtype], tuple[Callable[[], object], float]], device: Device) -> dict[str, float]:
    """Operations a second by precision."""
    rates = {}
    for name, dtype in (("fp32", torch.float32), ("bf16", torch.bfloat16)):
        work, flops = make(device, dtype)
        with torch.inference_mode():
            rates[name] = flops / best_of(work, device.torch_device, budget_s=_WHAT_S)
    return rates


def _convolution(device: Device, dtype: torch.dtype) -> tuple[Callable[[], object], float]:
    """3 x 3 on maps as they are in the middle of a network."""
    channels, side, number = (256, 56, 64) if device.is_cuda else (64, 56, 1)
    layer = nn.Conv2d(channels, channels, 3, padding=1, bias=False, device=device.torch_device, dtype=dtype)
    layer.to(memory_format=torch.channels_last)
    maps = torch.ones(number, channels, side, side, device=device.torch_device, dtype=dtype).to(memory_format=torch.channels_last)
    return lambda: layer(maps), 2.0 * number * side * side * channels * channels * 9


def _product(device: Device, dtype: torch.dtype) -> tuple[Callable[[], object], float]:
    side = 4096 if device.is_cuda else 512
    one, other = (torch.ones(side, side, device=device.torch_device, dtype=dtype) for _matrix in range(2))
    return lambda: one @ other, 2.0 * side**3


def _copy_rate(device: Device) -> float:
    """Larger than any cache of a processor."""
    source = torch.ones(1 << 25, device=device.torch_device)
    target = torch.empty_like(source)
    return 2 * source.nbytes / best_of(lambda: target.copy_(source), device.torch_device, budget_s=_WHAT_S)


def _decoding(size: tuple[int, int]) -> Callable[[], object]:
    """From the bytes of a photo to fitted pixels, by one thread."""
    random = np.random.default_rng(0)
    coarse = Image.fromarray(random.integers(0, 256, (size[1] // 16, size[0] // 16, 3), dtype=np.uint8)).resize(size)
    noisy = np.clip(np.asarray(coarse, np.int16) + random.integers(-8, 9, (size[1], size[0], 3)), 0, 255).astype(np.uint8)
    buffer = BytesIO()
    Image.fromarray(noisy).save(buffer, "JPEG", quality=90)
    data, rule, preprocessing = buffer.getvalue(), IntensityRule(), Preprocessing()
    return lambda: fit(decode_image(data, rule).pixels, preprocessing)
