"""Finds each peer's fastest setting on this machine: `python -m benchmarks.peers.tune`. Writes tuned.json and prints the log for TUNING.md.

`--only "expert head"` tunes some again and leaves the others as they are. One short training for each of bf16 or not with channels_last
or not, at two loader processes; the fastest of these with 0 and 1. Images a second decide.
"""

import argparse
import itertools
import json
from dataclasses import asdict, replace
from pathlib import Path

from benchmarks.peers.field import divided, task
from benchmarks.peers.race import run_peer
from benchmarks.peers.task import Setting
from benchmarks.results import say

_PEERS = (
    ("plain", "head"),
    ("lightning", "head"),
    ("fastai", "head"),
    ("plain", "all"),
    ("timm", "all"),
    ("fastai", "all"),
    ("expert", "head"),
)
_NUM_IMAGES = 200
_MOST_WORKERS = 2


def main() -> None:
    """Try everything, keep the fastest."""
    names = [f"{peer} {trains}" for peer, trains in _PEERS]
    wanted = argparse.ArgumentParser(description=__doc__)
    wanted.add_argument("--only", nargs="*", default=names, choices=names)
    only = wanted.parse_args().only
    file = Path(__file__).with_name("tuned.json")
    best: dict[str, dict[str, object]] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    with divided("flowers5", seed=0, num_images=_NUM_IMAGES) as (folder, _num_train):
        for peer, trains in _PEERS:
            if f"{peer} {trains}" not in only:
                continue
            rates: dict[Setting, float] = {}
            for bf16, channels_last in itertools.product((False, True), (False, True)):
                _try(peer, trains, Setting(tier="T", bf16=bf16, channels_last=channels_last, workers=_MOST_WORKERS), folder, rates)
            computing = max(rates, key=lambda item: rates[item])
            for workers in range(_MOST_WORKERS):
                _try(peer, trains, replace(computing, workers=workers), folder, rates)
            kept = asdict(max(rates, key=lambda item: rates[item]))
            best[f"{peer} {trains}"] = {key: value for key, value in kept.items() if key != "tier"}
            file.write_text(json.dumps(best, indent=1) + "\n", encoding="utf-8")


def _try(peer: str, trains: str, setting: Setting, folder: Path, rates: dict[Setting, float]) -> None:
    outcome = run_peer(peer, replace(task(folder, trains=trains, epochs=1, seed=0), setting=setting))
    rates[setting] = outcome.images_per_s
    number = "bf16" if setting.bf16 else "fp32"
    say(f"{peer} {trains}: {number}, channels_last {setting.channels_last}, {setting.workers} workers: {rates[setting]:.1f} images/s")


if __name__ == "__main__":
    main()
