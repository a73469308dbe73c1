"""Makes resources/starter: the small backbone that ships with the program, taught by two pretrained networks.

    python packaging/starter/make.py            2 hours on two cores, minutes on a GPU; once stopped, it goes on

Its inputs lie in the folder that TLSTUDIO_SHARED names (default ../shared): data/natural1000, weights, and for the scores the four sets of
`probe.SETS`. Work in progress lies in build/starter; resources/starter is replaced once everything is done and judged.
"""

import argparse
import time
from dataclasses import replace
from pathlib import Path

import msgspec
import publish
import teachers
import timm
import torch
import views
from blake3 import blake3
from cards import Judgement
from distil import BATCH, CHECKPOINT, Plan, learn, new_student, num_studied, student_of
from inputs import ROOT, SAMPLE, SIZE_PX, Inputs, add_folders, clear_words, work_folder
from lessons import Lessons
from probe import LabelledSet, accuracies, load_set, load_sets, mean, milliseconds
from teachers import Teacher

from tlstudio import files
from tlstudio.engine.models.network import Network

ARCHITECTURE = "mobilenetv4_conv_small"
NUM_SAMPLES = 800_000
NUM_JUDGED = 12
"""At most so often the student is judged on the way: at the next saved state after each such share of its pictures."""
CURVE = "curve.json"
YARDSTICK, YARDSTICK_PX = "mobilenet", 224
"""The teacher that the student is timed beside, at the size it was trained for."""


def main() -> None:
    """Teach, learn, judge, publish."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_folders(parser)
    parser.add_argument("--out", type=Path, default=ROOT / "resources" / "starter")
    parser.add_argument("--architecture", default=ARCHITECTURE)
    parser.add_argument("--samples", type=int, default=NUM_SAMPLES, help="pictures studied in all")
    parser.add_argument("--begin-with", type=Path, help="weights in safetensors to start from instead of random ones")
    options = parser.parse_args()
    if options.samples < BATCH:
        parser.error(f"--samples must be at least {BATCH}")
    if not timm.is_model(options.architecture):
        parser.error(f"timm has no network called {options.architecture}")
    with clear_words(work=options.work, kept=f"{options.out} is as it was."):
        _make(options)


def _make(options: argparse.Namespace) -> None:
    publish.repair(work=options.work, out=options.out)
    inputs = Inputs.under(options.shared)
    publish.prove_writable(work=options.work, out=options.out)
    plan = Plan(architecture=options.architecture, size_px=SIZE_PX, num_samples=options.samples, begin_with=options.begin_with)
    publish.encode(new_student(plan))  # too large a network is refused now, not after hours
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    _say(f"Reading the teachers, to compute on {device}, the photographs and the four sets")
    masters = teachers.load(inputs.weights, size_px=SIZE_PX, device=device)
    photographs = views.load(inputs.photographs, size_px=SIZE_PX)
    sets = load_sets(plan.preprocessing, inputs.data)
    folder = work_folder(options.work, masters=masters, photographs=photographs) / _name(plan)
    scores = _study(plan, masters=masters, lessons=Lessons(photographs, teachers=masters), folder=folder, sets=sets)
    student = student_of(plan, folder / CHECKPOINT)
    _say("Judging it beside its teachers and random weights")
    judged = _judge(student, scores, plan=plan, masters=masters, sets=sets, num_photographs=len(photographs.pixels))
    publish.publish(student, plan, teachers=masters, judged=judged, work=options.work, out=options.out)
    _say(f"{options.out}: mean accuracy {judged.mean:.3f}")


def _name(plan: Plan) -> str:
    """Of the folder of this plan's work: other beginnings, another folder."""
    beginning = "random" if plan.begin_with is None else blake3(plan.begin_with.read_bytes()).hexdigest()[:12]
    return f"{plan.architecture}-{plan.num_samples}-{beginning}"


def _study(plan: Plan, *, masters: dict[str, Teacher], lessons: Lessons, folder: Path, sets: dict[str, LabelledSet]) -> dict[str, float]:
    """Train to the end and judge on the way; the scores over the samples stand in the folder as a curve. Returns the last ones."""
    last, begun = plan.num_steps * BATCH, num_studied(folder)
    curve = _read_curve(folder / CURVE)
    _say(
        f"Going on from {begun:,} of {last:,} pictures, in {folder}"
        if begun
        else f"Beginning, in {folder}: the first lessons take a few minutes"
    )

    def judge(samples: int) -> None:
        curve[samples] = accuracies(student_of(plan, folder / CHECKPOINT), sets)
        files.write_json(folder / CURVE, curve)
        _say(f"mean accuracy {mean(curve[samples]):.3f} {curve[samples]}")

    start = time.monotonic()
    for step in learn(plan, teachers=masters, lessons=lessons, folder=folder):
        _say(f"studied {step.samples:,} of {last:,} · loss {step.loss:.3f} · {time.monotonic() - start:.0f} s")
        if step.samples >= max(curve, default=0) + plan.num_samples / NUM_JUDGED:
            judge(step.samples)
    if last not in curve:
        judge(last)
    return curve[last]


def _read_curve(file: Path) -> dict[int, dict[str, float]]:
    """Accuracy by set, by pictures studied; empty where nothing was judged yet."""
    try:
        return msgspec.json.decode(file.read_bytes(), type=dict[int, dict[str, float]])
    except FileNotFoundError:
        return {}
    except msgspec.DecodeError as error:
        raise ValueError(f"{file} is damaged ({error}); remove it, and the curve begins anew") from error


def _judge(
    student: Network,
    scores: dict[str, float],
    *,
    plan: Plan,
    masters: dict[str, Teacher],
    sets: dict[str, LabelledSet],
    num_photographs: int,
) -> Judgement:
    """All that the cards tell of a finished student."""
    random = new_student(replace(plan, begin_with=None))
    sample = {"sample": load_set(plan.preprocessing, SAMPLE, leaves_out_unreadable=True)}
    yardstick = masters[YARDSTICK].network.cpu()
    times = milliseconds({"student": (student, plan.size_px), "yardstick": (yardstick, YARDSTICK_PX)})
    return Judgement(
        scores=scores,
        num_images={name: len(labelled.labels) for name, labelled in sets.items()},
        random=mean(accuracies(random, sets)),
        teachers={name: mean(accuracies(teacher.network, sets)) for name, teacher in masters.items()},
        time_share=times["student"] / times["yardstick"],
        yardstick=f"`{masters[YARDSTICK].card.architecture}` at {YARDSTICK_PX} px",
        sample=mean(accuracies(student, sample)),
        random_sample=mean(accuracies(random, sample)),
        num_photographs=num_photographs,
    )


def _say(text: str) -> None:
    """At once, also where the output is a file."""
    print(text, flush=True)


if __name__ == "__main__":
    main()
