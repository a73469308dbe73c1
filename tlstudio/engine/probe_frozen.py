"""In which precision frozen stages make training views fastest: measured by itself, for they never go back.

A processor may be twice as fast in bf16 going forward and yet not where it also computes gradients, or the other way round.
"""

from collections.abc import Callable, Generator

import msgspec

from tlstudio.domain.events import AnyEvent, StillWorking
from tlstudio.domain.machine import Precision, Setting
from tlstudio.engine.models.folding import multiplies_bf16
from tlstudio.engine.stopwatch import duel

_BUDGET_S = 2.0
_NUM_PASSES = 10
"""Of a duel."""
_MARGIN = 0.03


def fastest_frozen(
    run: Callable[[Setting], float], image_s: float, *, channels_last: bool
) -> Generator[AnyEvent, None, tuple[Precision, float]]:
    """The precision, and what an image takes in it of what it takes in single precision.

    `run`: seconds an image of one pass; `image_s`: about as many. A network so large that nothing fits into the time stays exact, and
    so does everything on a processor without instructions for bf16, which may take many times as long for it.
    """
    size = min(Setting().batch_size, int(_BUDGET_S / (_NUM_PASSES * image_s)))
    if size < 1 or not multiplies_bf16():
        return "fp32", 1.0
    exact = Setting(channels_last=channels_last, batch_size=size)
    short = msgspec.structs.replace(exact, precision="bf16")
    best = {exact: float("inf"), short: float("inf")}

    def timed(setting: Setting) -> float:
        took = run(setting)
        best[setting] = min(best[setting], took)
        return took

    wins = False
    for wins, _left_s in duel(short, exact, timed, margin=_MARGIN):  # noqa: B007 (the last word counts)
        yield StillWorking()
    return ("bf16", best[short] / best[exact]) if wins else ("fp32", 1.0)
