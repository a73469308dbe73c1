"""Makes resources/starter: the small backbone that ships with the program, taught by two pretrained networks.

    python packaging/starter/make.py            2 hours on two cores, minutes on a GPU; once stopped, it goes on

Its inputs lie in the folder that TLSTUDIO_SHARED names (default ../shared): data/natural1000, weights, and for the scores the four sets of
`probe.SETS`. Work in progress lies in build/starter; resources/starter is replaced in one step once everything is done and judged.
"""

import argparse
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import msgspec
import publish
import teachers
import torch
import views
from blake3 import blake3
from distil import BATCH, CHECKPOINT, Plan, learn, student_of
from lessons import Lessons
from probe import SETS, LabelledSet, accuracies, load_sets, mean
from teachers import Teacher
from views import Photographs

from tlstudio import files
from tlstudio.errors import TLStudioError

ROOT = Path(__file__).resolve().parents[2]
ARCHITECTURE = "mobilenetv4_conv_small"
SIZE_PX = 128
NUM_SAMPLES = 800_000
NUM_JUDGED = 12
"""How often the student is judged on the way."""
CURVE = "curve.json"


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """Where everything is read from."""

    data: Path
    weights: Path

    @classmethod
    def under(cls, shared: Path) -> "Inputs":
        """The inputs in a folder. Raises `SystemExit` naming every part that is missing."""
        found = cls(data=shared / "data", weights=shared / "weights")
        needed = [
            found.data / "natural1000",
            *(found.data / name for name in SETS),
            *(found.weights / name for name in teachers.FILES.values()),
        ]
        missing = [str(path) for path in needed if not path.exists()]
        if missing:
            raise SystemExit("These inputs are missing: " + ", ".join(missing) + ". Name their folder with --shared. Nothing was changed.")
        return found


def main() -> None:
    """Teach, learn, judge, publish."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=Path(os.environ.get("TLSTUDIO_SHARED", ROOT.parent / "shared")))
    parser.add_argument("--work", type=Path, default=ROOT / "build" / "starter", help="where work in progress lies")
    parser.add_argument("--out", type=Path, default=ROOT / "resources" / "starter")
    parser.add_argument("--architecture", default=ARCHITECTURE)
    parser.add_argument("--samples", type=int, default=NUM_SAMPLES, help="pictures studied in all")
    parser.add_argument("--begin-with", type=Path, help="weights in safetensors to start from instead of random ones")
    options = parser.parse_args()
    if options.samples < BATCH:
        parser.error(f"--samples must be at least {BATCH}")
    try:
        _make(options)
    except KeyboardInterrupt:
        sys.exit(f"Stopped. The same command goes on from {options.work}; {options.out} is as it was.")
    except (OSError, ValueError, TLStudioError) as error:
        sys.exit(
            f"It could not be made: {error}. {options.out} is as it was; what was done lies in {options.work}, the same command goes on."
        )


def _make(options: argparse.Namespace) -> None:
    inputs = Inputs.under(options.shared)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    masters = dict(teachers.load(inputs.weights, size_px=SIZE_PX, device=device))
    photographs = views.load(inputs.data / "natural1000", size_px=SIZE_PX)
    plan = Plan(architecture=options.architecture, size_px=SIZE_PX, num_samples=options.samples, begin_with=options.begin_with)
    folder = work_folder(options.work, masters, photographs) / _name(plan)
    scores = _study(plan, masters, Lessons(photographs, masters), folder, load_sets(plan.preprocessing, inputs.data))
    student = student_of(plan, folder / CHECKPOINT)
    publish.publish(student, plan, masters, scores=scores, out=options.out)
    print(f"{options.out}: mean accuracy {mean(scores):.3f}")


def _name(plan: Plan) -> str:
    """Of the folder of this plan's work: other beginnings, another folder."""
    beginning = "random" if plan.begin_with is None else blake3(plan.begin_with.read_bytes()).hexdigest()[:12]
    return f"{plan.architecture}-{plan.num_samples}-{beginning}"


def work_folder(work: Path, masters: dict[str, Teacher], photographs: Photographs) -> Path:
    """Where the work with these teachers and photographs lies: other inputs, another folder."""
    key = blake3("".join(teacher.card.hash for teacher in masters.values()).encode())
    for picture in photographs.pixels:
        key.update(picture.numpy().tobytes())
    return work / key.hexdigest()[:12]


def _study(plan: Plan, masters: dict[str, Teacher], lessons: Lessons, folder: Path, sets: dict[str, LabelledSet]) -> dict[str, float]:
    """Train to the end and judge on the way; the scores over the samples stand in the folder as a curve. Returns the last ones."""
    file, last = folder / CURVE, plan.num_steps * BATCH
    curve: dict[int, dict[str, float]] = {}
    if file.exists():
        curve = msgspec.json.decode(file.read_bytes(), type=dict[int, dict[str, float]])

    def judge(samples: int) -> None:
        curve[samples] = accuracies(student_of(plan, folder / CHECKPOINT), sets)
        files.write_json(file, curve)
        print(f"mean accuracy {mean(curve[samples]):.3f} {curve[samples]}", flush=True)

    start = time.monotonic()
    for step in learn(plan, masters, lessons, folder):
        print(f"studied {step.samples:,} of {last:,} · loss {step.loss:.3f} · {time.monotonic() - start:.0f} s", flush=True)
        if step.samples >= max(curve, default=0) + plan.num_samples / NUM_JUDGED:
            judge(step.samples)
    if last not in curve:
        judge(last)
    return curve[last]


if __name__ == "__main__":
    main()
