"""How soon the window is on the screen: from the start of the process to the first paint, warm, beside importing torch alone.

Both are measured the same way, from just before the process is started until it writes to a pipe, in turns A B B A, after one round
that is not counted and warms the disk's cache.
"""

import os
import subprocess
import sys
import tempfile
import time

from benchmarks.results import Result, hand_on, median, say

_ROUNDS = 10
_LIMIT_S = 60.0
_IMPORTS = """
import os
import torch, torchvision, timm
os.write({pipe}, b"imported\\n")
"""


def main() -> None:
    """Measure and hand on."""
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "TLSTUDIO_HOME": home, "TLSTUDIO_NO_WARM_WORKER": "1"}
        _window(environment)
        _torch(environment)
        windows, imports = [], []
        for round_number in range(_ROUNDS):
            turns = (windows, imports) if round_number % 2 == 0 else (imports, windows)
            for turn in turns:
                turn.append(_window(environment) if turn is windows else _torch(environment))
            say(f"round {round_number + 1}: window {windows[-1]:.2f} s, imports {imports[-1]:.2f} s")
    ratio = median(windows) / median(imports)
    hand_on(
        [
            Result(case="window", figure="process start to first paint, median of 10", value=median(windows), unit="s"),
            Result(case="window", figure="import torch, torchvision, timm, median of 10", value=median(imports), unit="s"),
            Result(case="window", figure="ratio of the two", value=ratio, unit="", must="≤ 0.33", holds=ratio <= 1 / 3),
        ]
    )


def _window(environment: dict[str, str]) -> float:
    return _seconds_until_word([sys.executable, "-m", "tlstudio"], environment, variable="TLSTUDIO_FIRST_PAINT_FD")


def _torch(environment: dict[str, str]) -> float:
    return _seconds_until_word([sys.executable, "-c", _IMPORTS], environment)


def _seconds_until_word(command: list[str], environment: dict[str, str], *, variable: str = "") -> float:
    """Time from the start of `command` until it writes to a pipe; its number is in `variable`, or fills {pipe} in the command."""
    reading, writing = os.pipe()
    if variable:
        environment = {**environment, variable: str(writing)}
    else:
        command = [part.replace("{pipe}", str(writing)) for part in command]
    started = time.perf_counter()
    process = subprocess.Popen(command, env=environment, pass_fds=(writing,), stderr=subprocess.DEVNULL)
    os.close(writing)
    try:
        if not os.read(reading, 16):
            raise SystemExit(f"{command} ended without a word")
        return time.perf_counter() - started
    finally:
        os.close(reading)
        process.terminate()
        process.wait(_LIMIT_S)


if __name__ == "__main__":
    main()
