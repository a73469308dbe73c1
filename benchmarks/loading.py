"""C6: images a second from files to a normalised batch, the first epoch and later ones, small photographs and large ones.

TL Studio's loader with its cache of pixels against torchvision's `ImageFolder` with a DataLoader and timm's loader, the same random crop
and flip, the same threads or as many processes, batches of 32 at 224 px. No network runs.
"""

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import imagecodecs
from PIL import Image

from benchmarks import roofline
from benchmarks.material import shared
from benchmarks.peers.field import num_threads
from benchmarks.peers.rounds import parser, rounds, turns
from benchmarks.results import Result, hand_on, median, say

_CASE = "C6 loading"
_SIZE_PX, _BATCH = 224, 32
_LARGE_PX = (4000, 3000)
Rates = dict[str, tuple[list[float], list[float]]]
"""Images a second of every contestant: in first epochs, in later ones."""
_MUST = {"small": (1.5, 3.0), "large": (8.0, 100.0)}
"""Times torchvision's loader: first epoch, later epochs."""


def main() -> None:
    """Measure and hand on."""
    wanted = parser(__doc__, rounds=2)
    wanted.add_argument("--small", type=int, default=600, help="photographs of 0.07 megapixels")
    wanted.add_argument("--large", type=int, default=32, help="photographs of 12 megapixels")
    options = wanted.parse_args()
    if min(options.small, options.large) < _BATCH:
        wanted.error(f"timm's loader leaves out what fills no batch: {_BATCH} photographs of either size are the fewest")
    folder = shared()
    if folder is None:
        raise SystemExit("the real data is not here; TLSTUDIO_SHARED names its folder")
    photographs = sorted((folder / "data" / "natural1000").rglob("*.jp*g"))
    results: list[Result] = []
    with tempfile.TemporaryDirectory() as scratch:
        for kind, number in (("small", options.small), ("large", options.large)):
            images = Path(scratch) / kind
            _fill(images, photographs[: min(number, 2 * _BATCH) if options.quick else number], large=kind == "large")
            results += _compare(kind, images, list(rounds(options)))
    hand_on(results)


def _fill(folder: Path, photographs: list[Path], *, large: bool) -> None:
    """Two classes of JPEGs of the wanted size."""
    for number, source in enumerate(photographs):
        place = folder / "train" / ("even", "odd")[number % 2] / f"{number:05d}.jpg"
        place.parent.mkdir(parents=True, exist_ok=True)
        if large:
            with Image.open(source) as image:
                image.convert("RGB").resize(_LARGE_PX, Image.Resampling.BICUBIC).save(place, quality=90)
        else:
            shutil.copyfile(source, place)


def _compare(kind: str, images: Path, numbers: list[int]) -> list[Result]:
    """Contestants in turns, three epochs each."""
    contestants = {"TL Studio": _ours, "ImageFolder": _torchvision, "timm": _timm}
    rates: Rates = {name: ([], []) for name in contestants}
    for number in numbers:
        for name in turns(list(contestants), number):
            with tempfile.TemporaryDirectory() as home:
                first, *later = list(contestants[name](images, Path(home)))
            rates[name][0].append(first)
            rates[name][1].extend(later)
            say(f"{kind}, {name}: first epoch {first:.0f} images/s, later {median(later):.0f}")
    return [*_ratios(kind, rates), *_shares(kind, list(images.rglob("*.jpg")), rates)]


def _shares(kind: str, files: list[Path], rates: Rates) -> Iterator[Result]:
    """How near everybody's first epoch comes to decoding alone; scaled decoding may go beyond."""
    limit_s = _decoding_s(files)
    for name, (first, _later) in rates.items():
        share = roofline.share(_CASE, limit_s, len(files) / median(first), "decoding at full size on all cores")
        yield replace(share, figure=f"{kind}, first epoch: {name}, of the limit")


def _decoding_s(files: list[Path]) -> float:
    """Seconds until all cores have decoded these files, their bytes in memory: libjpeg-turbo straight into red, green and blue."""
    contents = [file.read_bytes() for file in files]
    passes = []
    for _pass in range(2):
        started = time.perf_counter()
        for content in contents:
            imagecodecs.jpeg8_decode(content)
        passes.append(time.perf_counter() - started)
    return min(passes) / num_threads()


def _ratios(kind: str, rates: Rates) -> list[Result]:
    results = []
    for epoch, which in (("first epoch", 0), ("later epochs", 1)):
        own = median(rates["TL Studio"][which])
        results.append(Result(case=_CASE, figure=f"{kind}, {epoch}: TL Studio", value=own, unit="images/s"))
        for name in ("ImageFolder", "timm"):
            theirs, least = median(rates[name][which]), _MUST[kind][which]
            figure, note, value = f"{kind}, {epoch}: times as fast as {name}", f"{theirs:.0f} images/s", own / theirs
            must, holds = f"≥ {least:g} x", value >= least
            results.append(Result(case=_CASE, figure=figure, value=value, unit="x", must=must, holds=holds, note=note, least=least))
    return results


def _timed(epoch: Callable[[int], Iterator[int]]) -> Iterator[float]:
    """Images a second of three epochs."""
    for number in range(3):
        started = time.perf_counter()
        num_images = sum(epoch(number))
        yield num_images / (time.perf_counter() - started)


def _ours(images: Path, home: Path) -> Iterator[float]:
    """The loader of a training run, on a manifest as a run gets it; normalised as the network does it."""
    import torch
    from blake3 import blake3

    from tlstudio.datasets.training_views import training_preprocessing
    from tlstudio.domain.intensity import IntensityRule
    from tlstudio.domain.manifest import LABEL, ManifestAnnotation, ManifestEntry
    from tlstudio.domain.networks import Preprocessing
    from tlstudio.domain.splits import Split
    from tlstudio.engine.data.loader import Loader
    from tlstudio.engine.data.pixel_cache import PixelCache
    from tlstudio.engine.data.reading import Reader, Skipped
    from tlstudio.engine.models.network import Network

    torch.set_num_threads(num_threads())
    files = sorted((images / "train").rglob("*.jpg"))
    entries = [
        ManifestEntry(
            sample=number,
            root=1,
            path=str(file.relative_to(images)),
            content_hash=blake3(file.read_bytes()).hexdigest(),
            annotations=(ManifestAnnotation(kind=LABEL, class_index=number % 2),),
            split=Split.TRAIN,
        )
        for number, file in enumerate(files)
    ]
    preprocessing = Preprocessing(input_size_px=_SIZE_PX, interpolation="bilinear")
    reader = Reader(roots={"1": str(images)}, intensity=IntensityRule())
    loader = Loader(
        entries=entries,
        pixels=PixelCache(home, reader=reader, preprocessing=training_preprocessing(preprocessing), views=2),
        skipped=Skipped(num_entries=len(entries)),
        augmentation="light",
        size_px=_SIZE_PX,
        interpolation="bilinear",
        batch_size=_BATCH,
        seed=0,
        threads=num_threads(),
    )
    network = Network(torch.nn.Identity(), preprocessing=preprocessing, num_features=1)

    def epoch(number: int) -> Iterator[int]:
        for batch in loader.batches(number):
            _normalised = network.prepare(batch.images)
            yield len(batch.targets)

    yield from _timed(epoch)


def _torchvision(images: Path, _home: Path) -> Iterator[float]:
    import torch
    from torchvision import datasets, transforms

    views = transforms.Compose(
        [
            transforms.RandomResizedCrop(_SIZE_PX, scale=(0.5, 1.0)),
            transforms.RandomHorizontalFlip(),
            transforms.ToTensor(),
            transforms.Normalize((0.5,) * 3, (0.25,) * 3),
        ]
    )
    data = datasets.ImageFolder(str(images / "train"), views)
    batches = torch.utils.data.DataLoader(data, batch_size=_BATCH, shuffle=True, num_workers=num_threads(), persistent_workers=True)
    yield from _timed(lambda _number: (len(targets) for _images, targets in batches))


def _timm(images: Path, _home: Path) -> Iterator[float]:
    import torch
    from timm.data import create_dataset, create_loader

    batches = create_loader(
        create_dataset("", root=str(images / "train"), is_training=True),
        input_size=(3, _SIZE_PX, _SIZE_PX),
        batch_size=_BATCH,
        is_training=True,
        use_prefetcher=False,
        scale=(0.5, 1.0),
        hflip=0.5,
        color_jitter=None,
        num_workers=num_threads(),
        persistent_workers=True,
        device=torch.device("cpu"),
    )
    yield from _timed(lambda _number: (len(targets) for _images, targets in batches))


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", str(num_threads()))
    main()
