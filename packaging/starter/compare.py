"""Compares students: each studies the same lessons equally long, then is judged and timed.

python packaging/starter/compare.py            keeps what is done below build/starter and prints the table
"""

import argparse

import msgspec
import teachers
import torch
import views
from distil import CHECKPOINT, Plan, learn, new_student, student_of
from inputs import SIZE_PX, Inputs, add_folders, clear_words, work_folder
from lessons import Lessons
from probe import accuracies, load_sets, mean, milliseconds

from tlstudio import files

CANDIDATES = ("mobilenetv4_conv_small_050", "mobilenetv3_small_100", "mobilenetv4_conv_small", "edgenext_xx_small")
NUM_SAMPLES = 30_000
YARDSTICK, YARDSTICK_PX = "mobilenetv2_100", 224


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """What was measured of a candidate: accuracies by set, and its size in 16 bits."""

    random: dict[str, float]
    taught: dict[str, float]
    megabytes: float


def main() -> None:
    """Train, judge and time every candidate; a candidate that is done is not done again."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_folders(parser)
    options = parser.parse_args()
    with clear_words(work=options.work, kept="Nothing that ships was touched."):
        _compare(options)


def _compare(options: argparse.Namespace) -> None:
    inputs = Inputs.under(options.shared)
    print("Reading the teachers, to compute on cpu, the photographs and the four sets", flush=True)
    masters = teachers.load(inputs.weights, size_px=SIZE_PX, device=torch.device("cpu"))
    photographs = views.load(inputs.photographs, size_px=SIZE_PX)
    work = work_folder(options.work, masters=masters, photographs=photographs)
    lessons = Lessons(photographs, teachers=masters, forgets=False)
    plans = [Plan(architecture=name, size_px=SIZE_PX, num_samples=NUM_SAMPLES) for name in CANDIDATES]
    sets = load_sets(plans[0].preprocessing, inputs.data)
    file = work / "compare.json"
    rows = msgspec.json.decode(file.read_bytes(), type=dict[str, Compared]) if file.exists() else {}
    for plan in plans:
        if plan.architecture not in rows:
            folder = work / f"{plan.architecture}-{plan.num_samples}-compared"
            for step in learn(plan, teachers=masters, lessons=lessons, folder=folder):
                print(f"{plan.architecture}: {step.samples:,} of {plan.num_samples:,} · loss {step.loss:.3f}", flush=True)
            rows[plan.architecture] = Compared(
                random=accuracies(new_student(plan), sets),
                taught=accuracies(student_of(plan, folder / CHECKPOINT), sets),
                megabytes=2 * sum(tensor.numel() for tensor in new_student(plan).parameters()) / 1e6,
            )
            files.write_json(file, rows)
            print(plan.architecture, rows[plan.architecture], flush=True)
    networks = {plan.architecture: (new_student(plan), SIZE_PX) for plan in plans}
    _print_table(rows, milliseconds({YARDSTICK: (masters["mobilenet"].network, YARDSTICK_PX), **networks}))


def _print_table(rows: dict[str, Compared], times: dict[str, float]) -> None:
    print("| network | MB | random | taught | ms an image | of the yardstick's |\n|---|---|---|---|---|---|")
    for name, row in rows.items():
        share = times[name] / times[YARDSTICK]
        print(f"| `{name}` | {row.megabytes:.1f} | {mean(row.random):.3f} | {mean(row.taught):.3f} | {times[name]:.2f} | {share:.3f} |")
    print(f"| `{YARDSTICK}` at {YARDSTICK_PX} px | | | | {times[YARDSTICK]:.2f} | 1 |")


if __name__ == "__main__":
    main()
