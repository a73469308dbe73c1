"""A file that kills its decoder, hangs it or eats its memory costs that one file."""

import os
import signal
import sys
import threading
import time
from pathlib import Path

import numpy as np
import psutil
import pytest
from PIL import Image

from tests.treacherous_decoder import COMMAND
from tlstudio.datasets import decoder
from tlstudio.datasets.decode import decode_image
from tlstudio.datasets.decoder import DecoderPool
from tlstudio.datasets.fit import fit
from tlstudio.domain.intensity import IntensityRule
from tlstudio.domain.networks import Preprocessing
from tlstudio.errors import TLStudioError


def pictures(folder: Path, *names: str) -> list[Path]:
    paths = [folder / f"{name}.png" for name in names]
    for index, path in enumerate(paths):
        Image.new("RGB", (16, 16), (index, 0, 0)).save(path)
    return paths


@pytest.mark.parametrize("workers", [1, 2])
def test_a_crash_costs_one_file(tmp_path: Path, workers: int) -> None:
    paths = pictures(tmp_path, "a", "b", "segfault", "c", "d", "e", "segfault too", "f")
    with DecoderPool(IntensityRule(), workers=workers, command=COMMAND) as pool:
        answers = list(pool.inspect(paths))
    assert [answer.path for answer in answers] == paths
    faults = {answer.path.name: answer.reason.text() for answer in answers if answer.reason}
    assert set(faults) == {"segfault.png", "segfault too.png"}
    assert "memory fault" in faults["segfault.png"]


def test_a_process_killed_from_outside_costs_nothing(tmp_path: Path) -> None:
    paths = pictures(tmp_path, "a", "killed once", "b", "c")
    with DecoderPool(IntensityRule(), workers=1, command=COMMAND) as pool:
        assert [answer.reason for answer in pool.inspect(paths)] == [None] * 4


def test_killing_the_real_process_between_and_during_work(tmp_path: Path) -> None:
    paths = pictures(tmp_path, *(f"{number:03d}" for number in range(60)))
    with DecoderPool(IntensityRule(), workers=2) as pool:
        answers = []
        for answer in pool.inspect(paths):
            answers.append(answer)
            if len(answers) in (10, 30):
                os.kill(pool.pids[0], signal.SIGKILL)
        assert [answer.path for answer in answers] == paths
        assert [answer.reason for answer in answers] == [None] * 60
        os.kill(pool.pids[0], signal.SIGKILL)
        time.sleep(0.2)
        assert [answer.reason for answer in pool.inspect(paths[:5])] == [None] * 5


def test_a_file_that_hangs_is_given_up_and_the_others_go_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoder, "FILE_LIMIT_S", 2.0)
    paths = pictures(tmp_path, "a", "hang", "b", "c")
    with DecoderPool(IntensityRule(), workers=1, command=COMMAND) as pool:
        answers = list(pool.inspect(paths))
    assert [answer.reason.id if answer.reason else None for answer in answers] == [None, "image.too_slow", None, None]


def test_slow_reading_of_the_answers_is_not_taken_for_a_slow_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoder, "FILE_LIMIT_S", 2.0)
    with DecoderPool(IntensityRule(), workers=1) as pool:
        for answer in pool.inspect(pictures(tmp_path, *"abcdefgh")):
            assert answer.reason is None
            if answer.path.stem == "b":
                time.sleep(2.3)


def test_what_libraries_print_does_not_disturb_the_pipe(tmp_path: Path) -> None:
    with DecoderPool(IntensityRule(), workers=1, command=COMMAND) as pool:
        assert [answer.reason for answer in pool.inspect(pictures(tmp_path, "noise", "reads stdin", "a"))] == [None] * 3


def test_a_program_that_cannot_start_is_said_and_does_not_loop(tmp_path: Path) -> None:
    command = (sys.executable, "-c", "raise SystemExit(3)")
    with DecoderPool(IntensityRule(), command=command) as pool, pytest.raises(TLStudioError) as refused:
        list(pool.inspect(pictures(tmp_path, "a")))
    assert refused.value.title.id == "decoder.cannot_start"
    assert "exit code 3" in str(refused.value)


def test_the_pixels_for_a_network_are_those_of_the_one_rule(tmp_path: Path) -> None:
    chance = np.random.default_rng(1)
    paths = []
    for name, mode, shape, options in (
        ("photo.jpg", "RGB", (61, 97, 3), {"exif": _turned(), "quality": 80}),
        ("drawing.png", "RGBA", (40, 33, 4), {}),
        ("scan.tif", "L", (90, 50), {}),
    ):
        paths.append(tmp_path / name)
        Image.fromarray(chance.integers(0, 256, shape, np.uint8), mode).save(paths[-1], **options)
    preprocessing = Preprocessing(input_size_px=48)
    with DecoderPool(IntensityRule(), workers=2, fitted_for=preprocessing) as pool:
        answers = list(pool.inspect(paths))
    for path, answer in zip(paths, answers, strict=True):
        assert answer.reason is None
        assert answer.fitted == fit(decode_image(path, IntensityRule()).pixels, preprocessing).tobytes()


def test_waiting_for_a_hung_file_can_be_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stop = threading.Event()
    threading.Timer(1.0, stop.set).start()
    monkeypatch.setattr(decoder, "FILE_LIMIT_S", 600.0)  # the file itself is not given up
    began = time.monotonic()
    with DecoderPool(IntensityRule(), workers=1, command=COMMAND) as pool:
        assert list(pool.inspect(pictures(tmp_path, "hang"), stop=stop)) == []
    assert time.monotonic() - began < 50, "it hangs for a minute"


def _turned() -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6
    return exif.tobytes()


def test_leaving_early_and_going_on(tmp_path: Path) -> None:
    paths = pictures(tmp_path, *(f"{number:03d}" for number in range(40)))
    with DecoderPool(IntensityRule()) as pool:
        for answer in pool.inspect(paths):
            if answer.path.stem == "003":
                break
        assert [answer.path for answer in pool.inspect(paths[5:9])] == paths[5:9]
        assert list(pool.inspect([])) == []


@pytest.mark.skipif(sys.platform == "win32", reason="no such limit there")
def test_the_process_has_a_memory_limit_and_no_sockets(tmp_path: Path) -> None:
    with DecoderPool(IntensityRule(), workers=1) as pool:
        list(pool.inspect(pictures(tmp_path, "a")))
        process = psutil.Process(pool.pids[0])
        assert process.rlimit(psutil.RLIMIT_AS)[0] <= 4 * 2**30
        assert process.net_connections(kind="all") == []
        assert process.cmdline()[-2:] == ["tlstudio", "decoder"]
