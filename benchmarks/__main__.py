"""Runs the cases one after the other and writes what they measured: `python -m benchmarks --cases C1,C3 --rounds 5 --minutes 30`.

The machine is measured before all others (`roofline`). A case whose time has come to an end begins no further round; one that has not
begun by then is left out, which is said.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.peers import known_machine
from benchmarks.plot import draw
from benchmarks.results import Result, found_in, machine, say, table

_FOLDER = Path("build/bench")
_LIMIT_S = 7200
_GRACE_S = 600.0
"""For what a round takes longer than those before it."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """A row of CASES. `module` is in this package."""

    module: str
    id: str = ""
    """C1 to C8 of the table of speeds; several may share one."""
    has_rounds: bool = False
    """Whether it knows `--rounds`, `--minutes` and `--quick`."""
    quick: tuple[str, ...] = ()
    """What makes it short where it knows none of these."""


CASES = (
    Case(module="head_only", id="C1", has_rounds=True),
    Case(module="relabel", id="C2", quick=("--images", "200", "--changes", "6")),
    Case(module="partial", id="C3", has_rounds=True),
    Case(module="full_finetune", id="C4", has_rounds=True),
    Case(module="time_to_accuracy", id="C5", has_rounds=True),
    Case(module="loading", id="C6", has_rounds=True),
    Case(module="folder_prediction", id="C7", has_rounds=True),
    Case(module="window", id="C8"),
    Case(module="event_loop", id="C8", has_rounds=True),
    Case(module="scale", id="C8", quick=("--images", "2000")),
    Case(module="cockpit"),
    Case(module="first_model"),
    Case(module="planted_copies"),
    Case(module="estimates"),
    Case(module="probe_choice"),
)


def main(arguments: list[str]) -> int:
    """Run the wanted cases, or all; 1 where a promise was missed or a case failed."""
    options = _options(arguments)
    wanted = {name for name in options.cases.split(",") if name}
    cases = [case for case in CASES if not wanted or wanted & {case.id, case.module}]
    if unknown := wanted - {name for case in cases for name in (case.id, case.module)}:
        raise SystemExit(f"there are no cases {', '.join(sorted(unknown))}")
    known_machine.forget()
    before, started = machine(), time.monotonic()
    results, failed = _attempt(Case(module="roofline"), [], _LIMIT_S)
    for number, case in enumerate(cases):
        left_s = 60 * options.minutes - (time.monotonic() - started)
        if left_s <= 0:
            failed.append(f"{case.module}: not run, the time was over")
            continue
        more, errors = _attempt(case, _arguments(case, options, left_s / (len(cases) - number)), min(_LIMIT_S, left_s + _GRACE_S))
        results, failed = results + more, failed + errors
        _write(before, results, failed)
    print(_write(before, results, failed))
    return 1 if failed or any(item.holds is False for item in results) else 0


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--cases", default="", help="C1 to C8 or names of modules, with commas; all where none is named")
    parser.add_argument("--rounds", type=int, help="of each race")
    parser.add_argument("--minutes", type=float, default=float("inf"), help="for all cases together")
    parser.add_argument("--quick", action="store_true", help="small and once, to see that everything works")
    return parser.parse_args(arguments)


def _arguments(case: Case, options: argparse.Namespace, share_s: float) -> list[str]:
    """An equal share of what time is left."""
    if not case.has_rounds:
        return list(case.quick) if options.quick else []
    found = ["--minutes", f"{share_s / 60:.2f}"]
    found += ["--rounds", str(options.rounds)] if options.rounds else []
    return found + (["--quick"] if options.quick else [])


def _attempt(case: Case, arguments: list[str], limit_s: float) -> tuple[list[Result], list[str]]:
    """What a case handed on, and what went wrong."""
    say(f"{case.module} …")
    started, command = time.monotonic(), [sys.executable, "-m", f"benchmarks.{case.module}", *arguments]
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=limit_s, check=True, env=_environment())
        return found_in(done.stdout), []
    except (ValueError, subprocess.SubprocessError) as error:
        return [], [f"{case.module}: {error}"]
    finally:
        say(f"{case.module} took {time.monotonic() - started:.0f} s")


def _environment() -> dict[str, str]:
    """With the allocator's settings that TL Studio gives its jobs, for cases that compute in their own process."""
    from tlstudio.jobs.process import ALLOCATOR

    return {**ALLOCATOR, **os.environ}


def _write(before: str, results: list[Result], failed: list[str]) -> str:
    _FOLDER.mkdir(parents=True, exist_ok=True)
    content = {"machine": before, "time": time.time(), "results": [asdict(item) for item in results], "failed": failed}
    (_FOLDER / "results.json").write_text(json.dumps(content, indent=1), encoding="utf-8")
    text = "\n\n".join([before, table(results), *failed])
    (_FOLDER / "results.md").write_text(text + "\n", encoding="utf-8")
    draw(_FOLDER / "ratios.svg", results)
    return text


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
