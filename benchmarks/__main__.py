"""Runs the cases one after the other and writes what they measured."""

import json
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path

from benchmarks.results import Result, found_in, machine, say, table

CASES = (
    "window",
    "event_loop",
    "cockpit",
    "first_model",
    "planted_copies",
    "scale",
    "head_only",
    "relabel",
    "partial",
    "full_finetune",
    "loading",
    "folder_prediction",
    "estimates",
    "probe_choice",
)
_FOLDER = Path("build/bench")
_LIMIT_S = 3600


def main(names: list[str]) -> int:
    """Run the named cases, or all; 1 where a promise was missed or a case failed."""
    before, results, failed = machine(), [], []
    for name in names or CASES:
        say(f"{name} …")
        started = time.monotonic()
        try:
            results += _run(name)
        except (ValueError, subprocess.SubprocessError) as error:
            failed.append(f"{name}: {error}")
        say(f"{name} took {time.monotonic() - started:.0f} s")
    _write(before, results, failed)
    return 1 if failed or any(item.holds is False for item in results) else 0


def _run(name: str) -> list[Result]:
    done = subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], stdout=subprocess.PIPE, text=True, timeout=_LIMIT_S, check=True)
    return found_in(done.stdout)


def _write(before: str, results: list[Result], failed: list[str]) -> None:
    _FOLDER.mkdir(parents=True, exist_ok=True)
    content = {"machine": before, "time": time.time(), "results": [asdict(item) for item in results], "failed": failed}
    (_FOLDER / "results.json").write_text(json.dumps(content, indent=1), encoding="utf-8")
    text = "\n\n".join([before, table(results), *failed])
    (_FOLDER / "results.md").write_text(text + "\n", encoding="utf-8")
    print(text)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
