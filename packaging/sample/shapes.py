"""The four kinds and what lies about beside them, as optical thickness maps. Lengths are in pixels of the map (twice the image's).

Each `draw_*` adds objects to a `Scene` until about the same share of it is covered, so that neither the amount of dark pixels nor
the size of things tells the kinds apart; what does is outline, arrangement and inner structure.
"""

from dataclasses import dataclass, field

import numpy as np
from fields import Field


@dataclass
class Scene:
    """`layers`: thickness [H, W], one a focal plane; `opaque`: dirt that swallows light."""

    size: int
    random: np.random.Generator
    magnification: float
    layers: list[Field] = field(default_factory=list)
    opaque: Field = field(init=False)
    taken: list[tuple[float, float, float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.layers = [np.zeros((self.size, self.size)) for _ in range(3)]
        self.opaque = np.zeros((self.size, self.size))

    def coverage(self) -> float:
        """Share of the map with any thickness."""
        return float(np.mean(np.maximum.reduce(self.layers) > 0.5))

    def free_place(self, radius: float, *, tries: int = 12) -> tuple[float, float]:
        """A centre that touches few others; cells may overlap where it is crowded."""
        best, best_gap = (0.0, 0.0), -1e9
        for _ in range(tries):
            x, y = self.random.uniform(-0.03, 1.03, 2) * self.size
            gap = min((np.hypot(x - ox, y - oy) - radius - other for ox, oy, other in self.taken), default=1e9)
            if gap > 0:
                best = (x, y)
                break
            if gap > best_gap:
                best, best_gap = (x, y), gap
        self.taken.append((*best, radius))
        return best

    def add(self, x: float, y: float, reach: float, thickness: "Patch", *, layer: int | None = None) -> None:
        """Put `thickness(dx, dy)` around (x, y); thicker wins where things overlap."""
        plane = self.layers[self.random.choice(3, p=(0.7, 0.18, 0.12)) if layer is None else layer]
        left, right = max(0, int(x - reach)), min(self.size, int(x + reach) + 2)
        top, bottom = max(0, int(y - reach)), min(self.size, int(y + reach) + 2)
        if left >= right or top >= bottom:
            return
        dy, dx = np.mgrid[top:bottom, left:right].astype(np.float64)
        patch = thickness(dx - x, dy - y)
        part = plane[top:bottom, left:right]
        np.maximum(part, patch, out=part)


class Patch:
    """A function of offsets from a centre, turned by `angle`: thickness [h, w] >= 0."""

    def __init__(self, angle: float) -> None:
        self._cos, self._sin = np.cos(angle), np.sin(angle)

    def __call__(self, dx: Field, dy: Field) -> Field:
        return self.thickness(dx * self._cos + dy * self._sin, dy * self._cos - dx * self._sin)

    def thickness(self, u: Field, v: Field) -> Field:
        raise NotImplementedError


def dome(distance: Field, radius: float) -> Field:
    """Thickness of a ball or a round rod at `distance` from its axis."""
    return np.sqrt(np.maximum(0.0, radius**2 - distance**2))


class Rod(Patch):
    """A bent round rod; a dividing one has a waist."""

    def __init__(self, random: np.random.Generator, length: float, radius: float) -> None:
        super().__init__(random.uniform(0, 2 * np.pi))
        self.half, self.radius = length / 2, radius
        self.bend = random.normal(0, 0.0022) / (radius / 8)
        self.waist = random.choice([0.0, 0.0, random.uniform(0.25, 0.55)])
        self.granules = [(random.uniform(-0.8, 0.8) * self.half, random.uniform(0.1, 0.3)) for _ in range(random.integers(0, 3))]

    def thickness(self, u: Field, v: Field) -> Field:
        along = np.clip(u, -self.half, self.half)
        axis = self.bend * along**2
        distance = np.hypot(u - along, v - axis)
        radius = self.radius * (1 - self.waist * np.exp(-((u / (0.55 * self.radius)) ** 2)))
        body = np.sqrt(np.maximum(0.0, radius**2 - distance**2))
        for place, depth in self.granules:
            body *= 1 + depth * np.exp(-(((u - place) ** 2 + (v - axis) ** 2) / (0.45 * self.radius) ** 2))
        return body


class Ball(Patch):
    """One coccus, a little flattened where it has divided."""

    def __init__(self, random: np.random.Generator, radius: float, angle: float) -> None:
        super().__init__(angle)
        self.radius, self.flat = radius, random.uniform(0.84, 1.0)

    def thickness(self, u: Field, v: Field) -> Field:
        return dome(np.hypot(u / self.flat, v), self.radius)


class Yeast(Patch):
    """An egg-shaped cell with wall, vacuole and granules."""

    def __init__(self, random: np.random.Generator, radius: float, angle: float, *, is_bud: bool = False) -> None:
        super().__init__(angle)
        self.long, self.short = radius * random.uniform(1.0, 1.28), radius * random.uniform(0.88, 1.0)
        self.egg = random.uniform(-0.12, 0.12)
        turn, away = random.uniform(0, 2 * np.pi), random.uniform(0.1, 0.36) * radius
        self.vacuole = None if is_bud else (away * np.cos(turn), away * np.sin(turn), radius * random.uniform(0.32, 0.52))
        number = 1 if is_bud else int(random.integers(2, 6))
        self.granules = [(*(random.uniform(-0.6, 0.6, 2) * radius), random.uniform(0.06, 0.13) * radius) for _ in range(number)]
        self.unit = radius

    def thickness(self, u: Field, v: Field) -> Field:
        width = self.short * (1 + self.egg * u / self.long)
        rim = np.hypot(u / self.long, v / width)
        inside = np.maximum(0.0, 1 - rim**2)
        body = 0.62 * self.unit * np.sqrt(inside)
        wall = 0.30 * self.unit * np.exp(-(((rim - 0.93) / 0.075) ** 2)) * (rim < 1.06)
        if self.vacuole is not None:
            x, y, radius = self.vacuole
            hole = np.hypot(u - x, v - y) / radius
            body -= 0.42 * self.unit * np.sqrt(np.maximum(0.0, 1 - hole**2))
            wall = wall + 0.10 * self.unit * np.exp(-(((hole - 1) / 0.12) ** 2)) * (rim < 0.97)
        for x, y, radius in self.granules:
            body += 0.3 * self.unit * np.exp(-((u - x) ** 2 + (v - y) ** 2) / radius**2) * (rim < 0.9)
        return np.maximum(0.0, body + wall)


class Diatom(Patch):
    """A boat-shaped frustule: strong rim, ribs across, a line along the middle."""

    def __init__(self, random: np.random.Generator, length: float, width: float) -> None:
        super().__init__(random.uniform(0, 2 * np.pi))
        self.half, self.width = length / 2, width / 2
        self.power = random.uniform(1.7, 3.2)
        self.ends = random.uniform(0.75, 1.2)
        self.period = random.uniform(5.0, 8.0) * (length / 130) ** 0.3
        self.slant = random.normal(0, 0.22)
        self.ribs = random.uniform(0.35, 0.7)
        self.bend = random.normal(0, 0.0006)
        self.plates = [(sign * random.uniform(0.3, 0.5), random.uniform(0.14, 0.26)) for sign in (-1, 1)] if random.random() < 0.6 else []

    def thickness(self, u: Field, v: Field) -> Field:
        v = v - self.bend * u**2
        s = np.clip(np.abs(u) / self.half, 0, 1)
        outline = self.width * (1 - s**self.power) ** self.ends
        inside = (np.abs(v) < outline) & (s < 1)
        across = np.abs(v) / np.maximum(outline, 1e-6)
        body = 0.42 * self.width * np.sqrt(np.maximum(0.0, 1 - across**2))
        ribs = 1 + self.ribs * np.sin(2 * np.pi * (np.abs(u) + self.slant * np.abs(v)) / self.period) * (across > 0.14)
        rim = 0.42 * self.width * np.exp(-(((outline - np.abs(v)) / 2.2) ** 2))
        raphe = 0.40 * self.width * np.exp(-((v / 1.5) ** 2)) * (np.abs(u) > 0.07 * self.half) * (s < 0.9)
        nodule = 0.35 * self.width * np.exp(-(u**2 + v**2) / (0.22 * self.width + 2) ** 2)
        plates = sum(
            (0.4 * self.width * np.exp(-(((u / self.half - place) / size) ** 4)) * (across < 0.8) for place, size in self.plates), 0.0
        )
        return np.where(inside, body * ribs + rim + raphe + nodule + plates, 0.0)


def draw_rods(scene: Scene, share: float) -> None:
    """Bacilli, single or two in a row."""
    random = scene.random
    radius = random.uniform(7.5, 11.0) * scene.magnification
    aspect = random.uniform(2.6, 4.6)
    for _ in range(60):
        length = 2 * radius * aspect * random.uniform(0.75, 1.25)
        x, y = scene.free_place(length * 0.5)
        rod = Rod(random, length, radius * random.uniform(0.9, 1.1))
        layer = int(random.choice(3, p=(0.7, 0.18, 0.12)))
        scene.add(x, y, length, rod, layer=layer)
        if random.random() < 0.3:
            step = length + 2.0 * radius
            second = Rod(random, length * random.uniform(0.8, 1.1), radius)
            turn = random.normal(0, 0.25)
            second._cos, second._sin = (
                rod._cos * np.cos(turn) - rod._sin * np.sin(turn),
                rod._sin * np.cos(turn) + rod._cos * np.sin(turn),
            )
            scene.add(x + step * rod._cos, y + step * rod._sin, length * 1.2, second, layer=layer)
        if scene.coverage() > share:
            return


def draw_chains(scene: Scene, share: float) -> None:
    """Streptococci: balls in winding chains."""
    random = scene.random
    radius = random.uniform(8.0, 11.5) * scene.magnification
    for _ in range(40):
        number = int(random.integers(4, 13))
        x, y = scene.free_place(radius * number * 0.6)
        angle, turning = random.uniform(0, 2 * np.pi), random.normal(0, 0.12)
        layer = int(random.choice(3, p=(0.7, 0.18, 0.12)))
        for index in range(number):
            size = radius * random.uniform(0.92, 1.08)
            scene.add(x, y, size * 1.3, Ball(random, size, angle), layer=layer)
            step = radius * (1.62 if index % 2 == 0 else 1.9)
            x, y = x + step * np.cos(angle), y + step * np.sin(angle)
            angle += turning + random.normal(0, 0.22)
            turning += random.normal(0, 0.05)
        if scene.coverage() > share:
            return


def draw_yeast(scene: Scene, share: float) -> None:
    """Budding yeast: mother cells, most with a bud."""
    random = scene.random
    radius = random.uniform(20.0, 30.0) * scene.magnification
    for _ in range(30):
        size = radius * random.uniform(0.82, 1.15)
        x, y = scene.free_place(size * 1.3)
        layer = int(random.choice(3, p=(0.7, 0.18, 0.12)))
        angle = random.uniform(0, 2 * np.pi)
        mother = Yeast(random, size, angle)
        for _ in range(int(random.choice([0, 1, 1, 1, 2]))):
            bud = size * random.uniform(0.35, 0.72)
            out = angle + random.normal(0, 0.5) + random.choice([0, np.pi])
            distance = size * 1.02 + bud * 0.82
            scene.add(x + distance * np.cos(out), y + distance * np.sin(out), bud * 1.6, Yeast(random, bud, out, is_bud=True), layer=layer)
        scene.add(x, y, size * 1.6, mother, layer=layer)
        if scene.coverage() > share:
            return


def draw_diatoms(scene: Scene, share: float) -> None:
    """Pennate diatoms."""
    random = scene.random
    length = random.uniform(95.0, 150.0) * scene.magnification
    slimness = random.uniform(3.0, 5.2)
    for _ in range(30):
        size = length * random.uniform(0.75, 1.2)
        x, y = scene.free_place(size * 0.42)
        scene.add(x, y, size * 0.6, Diatom(random, size, size / slimness * random.uniform(0.85, 1.15)))
        if scene.coverage() > share:
            return


KINDS = {"chains": draw_chains, "diatoms": draw_diatoms, "rods": draw_rods, "yeast": draw_yeast}
"""Class name -> how it is drawn."""


def draw_dirt(scene: Scene, amount: float) -> None:
    """Specks, fibres, blobs out of focus and now and then a bubble."""
    random = scene.random
    for _ in range(random.poisson(14 * amount)):
        x, y = random.uniform(0, scene.size, 2)
        _speck(scene, x, y, random.gamma(2.0, 1.1))
    for _ in range(random.poisson(1.2 * amount)):
        _fibre(scene)
    for _ in range(random.poisson(2.0 * amount)):
        x, y = random.uniform(0, scene.size, 2)
        radius = random.uniform(6, 26)
        scene.add(x, y, radius * 1.2, _Lump(random, radius), layer=2)


class _Lump(Patch):
    """Something shapeless."""

    def __init__(self, random: np.random.Generator, radius: float) -> None:
        super().__init__(random.uniform(0, 2 * np.pi))
        self.radius = radius
        self.waves = [(number, random.uniform(0, 6.3), random.normal(0, 0.13)) for number in (2, 3, 5)]

    def thickness(self, u: Field, v: Field) -> Field:
        angle = np.arctan2(v, u)
        edge = self.radius * (1 + sum(size * np.cos(number * angle + phase) for number, phase, size in self.waves))
        return 0.25 * dome(np.hypot(u, v) / np.maximum(edge, 1.0) * self.radius, self.radius)


def _speck(scene: Scene, x: float, y: float, radius: float) -> None:
    reach = int(3 * radius) + 2
    left, top = int(x) - reach, int(y) - reach
    window = np.s_[max(0, top) : max(0, top + 2 * reach), max(0, left) : max(0, left + 2 * reach)]
    part = scene.opaque[window]
    dy, dx = np.mgrid[: part.shape[0], : part.shape[1]].astype(np.float64)
    distance = np.hypot(dx + max(0, left) - x, dy + max(0, top) - y)
    part += scene.random.uniform(0.2, 0.9) * np.exp(-((distance / max(radius, 0.8)) ** 2))


def _fibre(scene: Scene) -> None:
    random = scene.random
    x, y = random.uniform(0, scene.size, 2)
    angle = random.uniform(0, 2 * np.pi)
    depth = random.uniform(0.15, 0.5)
    for _ in range(int(random.integers(30, 160))):
        column, row = int(x), int(y)
        if 1 <= column < scene.size - 1 and 1 <= row < scene.size - 1:
            part = scene.opaque[row - 1 : row + 2, column - 1 : column + 2]
            np.maximum(part, depth, out=part)
        angle += random.normal(0, 0.07)
        x, y = x + 1.5 * np.cos(angle), y + 1.5 * np.sin(angle)
