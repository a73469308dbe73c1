"""What every test shares: a home of its own, the real data, and the rule that nothing is left behind."""

import functools
import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import psutil
import pytest
from hypothesis import settings
from PIL import Image
from pytestqt.qtbot import QtBot

from tlstudio.datasets.fingerprints import fingerprint_of
from tlstudio.datasets.near_copies import NearCopySearch

if TYPE_CHECKING:
    from tests.engine.crews import Start

REPOSITORY = Path(__file__).resolve().parent.parent
PATIENCE_MS = 30_000

# A limit of time says how busy the machine is; other examples every time make a failure speak of chance and not of the change.
settings.register_profile("patient", deadline=None, derandomize=True)
settings.load_profile("patient")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """All folders of the program live under a fresh one, so that no test sees another's or the user's."""
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("TLSTUDIO_HOME", str(folder))
    return folder


@pytest.fixture
def start(home: Path) -> Iterator["Start"]:
    """Starts a training in two processes."""
    from tests.engine.crews import launching  # loads torch

    with launching(home) as begin:
        yield begin


@pytest.fixture
def qtbot(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> QtBot:
    """Waits as long as a busy machine needs: a test says what comes about, never how fast."""
    for name in ("waitUntil", "waitSignal", "waitSignals"):
        monkeypatch.setattr(qtbot, name, functools.partial(getattr(qtbot, name), timeout=PATIENCE_MS))
    return qtbot


@pytest.fixture(scope="session")
def shared() -> Path:
    """The real images and weights; `shared/data/SOURCES.md` lists them."""
    folder = Path(os.environ.get("TLSTUDIO_SHARED", REPOSITORY.parent / "shared")).resolve()
    if not (folder / "data").is_dir():
        pytest.skip(f"real data is not here: set TLSTUDIO_SHARED (looked in {folder})")
    return folder


MakeImages = Callable[..., Path]


@pytest.fixture
def make_images(tmp_path: Path) -> MakeImages:
    """Builds a folder of class folders with small, distinct PNGs that a classifier can tell apart.

    `make_images({"discs": 12, "bars": 12}, name="particles", size=64)` returns the folder.
    """

    def make(num_by_class: dict[str, int], *, name: str = "images", size: int = 64, seed: int = 0) -> Path:
        random = np.random.default_rng(seed)
        folder = tmp_path / name
        seen = NearCopySearch()
        for index, (class_name, number) in enumerate(num_by_class.items()):
            (folder / class_name).mkdir(parents=True, exist_ok=True)
            for item in range(number):
                Image.fromarray(_new_picture(index, size, random, seen)).save(folder / class_name / f"{class_name}_{item:03d}.png")
        return folder

    return make


def _new_picture(index: int, size: int, random: np.random.Generator, seen: NearCopySearch) -> np.ndarray:
    """uint8[size, size, 3]: one that is no near copy of another, as stripes may be by chance."""
    for attempt in range(50):
        picture = _picture(index, size, random)
        look = fingerprint_of(picture)
        if look is None or not seen.add({f"{index} {attempt} {random.bit_generator.state}": look}):
            break
    return picture


def _picture(index: int, size: int, random: np.random.Generator) -> np.ndarray:
    """uint8[size, size, 3]: stripes whose direction and spacing depend on the class, in random light and noise."""
    y, x = np.mgrid[:size, :size] / size
    angle = index * np.pi / 4 + random.normal(0, 0.08)
    wave = np.sin(2 * np.pi * (4 + 3 * (index % 2)) * (x * np.cos(angle) + y * np.sin(angle)) + random.uniform(0, 6))
    light = random.uniform(90, 160) + 40 * random.uniform(-1, 1, 3)
    image = light + wave[..., None] * 50 + random.normal(0, 12, (size, size, 3))
    return np.clip(image, 0, 255).astype(np.uint8)


@pytest.fixture(autouse=True)
def nothing_left_behind() -> Iterator[None]:
    """A test that leaves a thread or a child process running fails."""
    threads = set(threading.enumerate())
    children = {child.pid for child in psutil.Process().children(recursive=True)}
    yield
    deadline = time.monotonic() + 30  # a job that has said its last word still takes its libraries down
    while time.monotonic() < deadline:
        left = _leftovers(threads, children)
        if not left:
            return
        time.sleep(0.05)
    assert not left, f"left running: {left}"


def _leftovers(threads: set[threading.Thread], children: set[int]) -> list[str]:
    left = [f"thread {item.name}" for item in threading.enumerate() if item not in threads and not _is_foreign(item)]
    for child in psutil.Process().children(recursive=True):
        try:
            if child.pid not in children and child.status() != psutil.STATUS_ZOMBIE:
                left.append(f"process {child.pid} {' '.join(child.cmdline())}")
        except psutil.NoSuchProcess:
            continue
    return left


def _is_foreign(thread: threading.Thread) -> bool:
    """Pools that libraries keep for the life of a process."""
    return thread.name.startswith(("ThreadPoolExecutor", "pymp-", "Dummy", "pin_memory", "asyncio", "tqdm_monitor"))


@pytest.fixture(autouse=True)
def subnormal_numbers() -> Iterator[None]:
    """A job run inside the test's process flushes subnormal numbers to zero, as in its own process; the next test has them back."""
    yield
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.set_flush_denormal(False)


@pytest.fixture(autouse=True)
def no_unexpected_logs(request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """A warning or error in the program's log fails a test, unless it says `@pytest.mark.expects_log`."""
    caplog.set_level(logging.INFO)
    yield
    if request.node.get_closest_marker("expects_log"):
        return
    unexpected = [
        record.getMessage()
        for record in caplog.get_records("call")
        if record.levelno >= logging.WARNING and record.name.startswith("tlstudio")
    ]
    assert not unexpected, f"unexpected log: {unexpected}"


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """Where everything is there (CI), a skip is a failure: a check that did not run proves nothing."""
    outcome = yield
    report = outcome.get_result()  # type: ignore[attr-defined]
    if report.skipped and os.environ.get("CI") and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped where nothing may skip: {report.longrepr}"
