"""Makes resources/sample: about 400 micrographs that were never taken, with faults planted for teaching.

    python packaging/sample/make.py            writes resources/sample anew
    python packaging/sample/make.py --out DIR --count 40

Deterministic: the same bytes every time with the same versions of numpy and Pillow, for every image has a random generator of its
own, keyed by SEED and its number. Everything is drawn by `shapes` and `optics`; nothing comes from a real photograph.
"""

import argparse
import io
import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from optics import Slide, make_slide, photograph
from PIL import Image
from shapes import KINDS, Scene, draw_dirt

SEED = 20_260
SIZE_PX = 192
QUALITY = 88
NUM_SLIDES = 12
NUM_IMAGES = 400
NUM_EXACT, NUM_NEAR, NUM_WRONG = 5, 6, 3
WRONG_SHIFT = 7
"""Moves the wrong labels along, so that by the program's own split one of them trains, one validates and one tests."""
OUT = Path(__file__).resolve().parents[2] / "resources" / "sample"


@dataclass(frozen=True, kw_only=True)
class Planned:
    """One image before it is drawn: what it shows, where it is filed."""

    number: int
    slide: int
    shows: str
    filed_under: str

    @property
    def name(self) -> str:
        return f"{self.filed_under}/s{self.slide + 1:02d}_{self.number:04d}.jpg"


def plan(count: int) -> list[Planned]:
    """Kinds and slides take turns, so that every slide holds every kind; three labels are wrong, spread over the slides."""
    kinds = list(KINDS)
    planned = []
    wrong = {(count * (2 * place + 1) // (2 * NUM_WRONG) + WRONG_SHIFT) % count for place in range(NUM_WRONG)}
    for number in range(count):
        shows = kinds[number % len(kinds)]
        filed = kinds[(kinds.index(shows) + 1 + number % 3) % len(kinds)] if number in wrong else shows
        planned.append(Planned(number=number + 1, slide=(number // len(kinds)) % NUM_SLIDES, shows=shows, filed_under=filed))
    return planned


def slides() -> list[Slide]:
    """The slides of the whole set."""
    return [make_slide(number, np.random.default_rng([SEED, 1, number])) for number in range(NUM_SLIDES)]


def draw(item: Planned, slide: Slide) -> npt.NDArray[np.uint8]:
    """uint8[192, 192, 3]."""
    random = np.random.default_rng([SEED, 2, item.number])
    scene = Scene(2 * SIZE_PX, random, random.uniform(0.7, 1.3))
    KINDS[item.shows](scene, random.uniform(0.16, 0.36))
    draw_dirt(scene, slide.dirt)
    return photograph(scene, slide, random)


def encoded(pixels: npt.NDArray[np.uint8], quality: int = QUALITY) -> bytes:
    """JPEG bytes."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=quality, optimize=True)
    return buffer.getvalue()


def near_copy(data: bytes, random: np.random.Generator) -> bytes:
    """The same picture once more through a program that cuts a few pixels off, makes it smaller and saves it harder."""
    image = Image.open(io.BytesIO(data))
    cut = int(random.integers(0, 4))
    image = image.crop((cut, cut, image.width - cut, image.height - cut))
    size = int(random.integers(150, 186))
    return encoded(np.asarray(image.resize((size, size), Image.Resampling.BICUBIC)), int(random.integers(60, 75)))


def files(count: int) -> Iterator[tuple[str, bytes, dict[str, str]]]:
    """(name, bytes, what is planted) of every file of the set; `count` of them."""
    drawn = plan(count - NUM_EXACT - NUM_NEAR - 1)
    all_slides = slides()
    content: dict[str, bytes] = {}
    for item in drawn:
        content[item.name] = encoded(draw(item, all_slides[item.slide]))
        yield item.name, content[item.name], {"wrong_label": item.shows} if item.filed_under != item.shows else {}
    random = np.random.default_rng([SEED, 3])
    sound = [item for item in drawn if item.filed_under == item.shows]
    chosen = [sound[index] for index in random.choice(len(sound), NUM_EXACT + NUM_NEAR + 1, replace=False)]
    for number, source in enumerate(chosen, len(drawn) + 1):
        name = Planned(number=number, slide=source.slide, shows=source.shows, filed_under=source.shows).name
        place = number - len(drawn) - 1
        if place < NUM_EXACT:
            yield name, content[source.name], {"exact_copy": source.name}
        elif place < NUM_EXACT + NUM_NEAR:
            yield name, near_copy(content[source.name], random), {"near_copy": source.name}
        else:
            yield name, content[source.name][: len(content[source.name]) // 3], {"unreadable": "cut short"}


def write(out: Path, count: int) -> None:
    """Replace the images below `out`, and the list of what is planted."""
    for kind in KINDS:
        shutil.rmtree(out / kind, ignore_errors=True)
        (out / kind).mkdir(parents=True)
    planted: dict[str, dict[str, str]] = {}
    for name, data, fault in files(count):
        (out / name).write_bytes(data)
        for kind_of_fault, detail in fault.items():
            planted.setdefault(kind_of_fault, {})[name] = detail
    description = {
        "made_by": "packaging/sample/make.py of TL Studio; drawn by a program, no real photograph",
        "licence": "CC0-1.0",
        "classes": sorted(KINDS),
        "images": count,
        "slides": {f"s{slide.number + 1:02d}": slide.method for slide in slides()},
        "planted": planted,
    }
    (out / "sample.json").write_text(json.dumps(description, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--count", type=int, default=NUM_IMAGES)
    chosen = parser.parse_args()
    write(chosen.out, chosen.count)


if __name__ == "__main__":
    main()
