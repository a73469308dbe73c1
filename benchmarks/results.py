"""What a case measured, and how it is handed on and shown."""

import json
import os
import platform
import statistics
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

MARK = "RESULTS "


@dataclass(frozen=True, kw_only=True)
class Result:
    """One figure. `must` is what was promised, in words; `holds` None where nothing was."""

    case: str
    figure: str
    value: float
    unit: str
    must: str = ""
    holds: bool | None = None
    note: str = ""
    least: float | None = None
    """The promise as a number, where it is that the value is at least so much: for the plot."""

    def shown(self) -> str:
        """The value with its unit."""
        digits = 0 if abs(self.value) >= 100 or self.value == int(self.value) else 1 if abs(self.value) >= 10 else 2
        return f"{self.value:.{digits}f} {self.unit}".strip()


def hand_on(results: Iterable[Result]) -> None:
    """Print results so that the process that started this case finds them."""
    print(MARK + json.dumps([asdict(item) for item in results]), flush=True)


def found_in(output: str) -> list[Result]:
    """What a case handed on. Raises `ValueError` where it did not."""
    lines = [line for line in output.splitlines() if line.startswith(MARK)]
    if not lines:
        raise ValueError("the case ended without results")
    return [Result(**item) for item in json.loads(lines[-1].removeprefix(MARK))]


def table(results: Sequence[Result]) -> str:
    """Markdown, one row a figure."""
    rows = ["| case | figure | measured | must | |", "|---|---|---|---|---|"]
    for item in results:
        verdict = {True: "holds", False: "**missed**", None: ""}[item.holds]
        figure = f"{item.figure} ({item.note})" if item.note else item.figure
        rows.append(f"| {item.case} | {figure} | {item.shown()} | {item.must} | {verdict} |")
    return "\n".join(rows)


def machine() -> str:
    """This machine in a line; load is what else was running."""
    load = f", load {os.getloadavg()[0]:.1f} at the start" if hasattr(os, "getloadavg") else ""
    return f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}{load}"


def median(values: Sequence[float]) -> float:
    """The middle value."""
    return statistics.median(values)


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which a share of them lies."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def say(text: str) -> None:
    """Progress, for who waits."""
    print(f"  {text}", file=sys.stderr, flush=True)
