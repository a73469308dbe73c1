"""Compares students: each studies the same lessons equally long, then is judged and timed.

python packaging/starter/compare.py            keeps what is done below build/starter and prints the table
"""

import argparse
import os
from pathlib import Path

import msgspec
import teachers
import torch
import views
from distil import CHECKPOINT, Plan, learn, new_student, student_of
from lessons import Lessons
from make import ROOT, SIZE_PX, Inputs, work_folder
from probe import accuracies, load_sets, mean, milliseconds

from tlstudio import files

CANDIDATES = ("mobilenetv4_conv_small_050", "mobilenetv3_small_100", "mobilenetv4_conv_small", "edgenext_xx_small")
NUM_SAMPLES = 30_000
YARDSTICK, YARDSTICK_PX = "mobilenetv2_100", 224


def main() -> None:
    """Train, judge and time every candidate; a candidate that is done is not done again."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=Path(os.environ.get("TLSTUDIO_SHARED", ROOT.parent / "shared")))
    parser.add_argument("--work", type=Path, default=ROOT / "build" / "starter")
    options = parser.parse_args()
    inputs = Inputs.under(options.shared)
    masters = dict(teachers.load(inputs.weights, size_px=SIZE_PX, device=torch.device("cpu")))
    photographs = views.load(inputs.data / "natural1000", size_px=SIZE_PX)
    work = work_folder(options.work, masters, photographs)
    lessons = Lessons(photographs, masters, forgets=False)
    plans = [Plan(architecture=name, size_px=SIZE_PX, num_samples=NUM_SAMPLES) for name in CANDIDATES]
    sets = load_sets(plans[0].preprocessing, inputs.data)
    file = work / "compare.json"
    rows: dict[str, dict[str, object]] = msgspec.json.decode(file.read_bytes()) if file.exists() else {}
    for plan in plans:
        if plan.architecture not in rows:
            folder = work / f"{plan.architecture}-{plan.num_samples}-compared"
            for step in learn(plan, masters, lessons, folder):
                print(f"{plan.architecture}: {step.samples:,} of {plan.num_samples:,} · loss {step.loss:.3f}", flush=True)
            rows[plan.architecture] = {
                "random": accuracies(new_student(plan), sets),
                "taught": accuracies(student_of(plan, folder / CHECKPOINT), sets),
                "megabytes": 2 * sum(tensor.numel() for tensor in new_student(plan).parameters()) / 1e6,
            }
            files.write_json(file, rows)
            print(plan.architecture, rows[plan.architecture], flush=True)
    networks = {plan.architecture: (new_student(plan), SIZE_PX) for plan in plans}
    times = milliseconds({YARDSTICK: (masters["mobilenet"].network, YARDSTICK_PX), **networks})
    print("| network | MB | random | taught | ms an image | of the yardstick's |\n|---|---|---|---|---|---|")
    for name, row in rows.items():
        random, taught = (mean(row[key]) for key in ("random", "taught"))  # type: ignore[arg-type]
        share = times[name] / times[YARDSTICK]
        print(f"| `{name}` | {row['megabytes']:.1f} | {random:.3f} | {taught:.3f} | {times[name]:.2f} | {share:.3f} |")
    print(f"| `{YARDSTICK}` at {YARDSTICK_PX} px | | | | {times[YARDSTICK]:.2f} | 1 |")


if __name__ == "__main__":
    main()
