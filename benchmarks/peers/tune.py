"""Finds each peer's fastest setting on this machine: `python -m benchmarks.peers.tune`. Writes tuned.json and prints the log for TUNING.md.

One short training for each of bf16 or not, channels_last or not, 0, 1 or 2 loader processes; images a second decide.
"""

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


def main() -> None:
    """Try everything, keep the fastest."""
    best: dict[str, dict[str, object]] = {}
    with divided("flowers5", seed=0, num_images=_NUM_IMAGES) as (folder, _num_train):
        for peer, trains in _PEERS:
            rates: dict[Setting, float] = {}
            for bf16, channels_last, workers in itertools.product((False, True), (False, True), (0, 1, 2)):
                setting = Setting(tier="T", bf16=bf16, channels_last=channels_last, workers=workers)
                outcome = run_peer(peer, replace(task(folder, trains=trains, epochs=1, seed=0), setting=setting))
                rates[setting] = outcome.images_per_s
                number = "bf16" if bf16 else "fp32"
                say(f"{peer} {trains}: {number}, channels_last {channels_last}, {workers} workers: {rates[setting]:.1f} images/s")
            kept = asdict(max(rates, key=lambda item: rates[item]))
            best[f"{peer} {trains}"] = {key: value for key, value in kept.items() if key != "tier"}
    Path(__file__).with_name("tuned.json").write_text(json.dumps(best, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
