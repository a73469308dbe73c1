"""Runs contestants on one task, each in a process of its own: peers by their scripts, TL Studio by its own job process."""

import json
import os
import resource
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping
from pathlib import Path

import msgspec
import psutil

from benchmarks.peers.environments import python_of
from benchmarks.peers.known_machine import know
from benchmarks.peers.task import Outcome, Task

_SCRIPTS = Path(__file__).resolve().parent / "scripts"
_MARK = "OUTCOME "
SCRIPT_OF = {
    "plain": "plain.py",
    "fastai": "fastai_peer.py",
    "lightning": "lightning_peer.py",
    "timm": "timm_peer.py",
    "expert": "expert.py",
}
PREDICTING = {"timm": "timm_predict.py", "onnx": "onnx_predict.py", "fastai": "fastai_predict.py"}
_LOOK_EVERY_S = 0.2
_ENVIRONMENT_OF = {"onnx": "plain"}
"""Peers that need nothing of their own."""


class PeakMemory(threading.Thread):
    """The largest memory of a process and its children together; what they share counts once."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._process = psutil.Process(pid)
        self._over = threading.Event()
        self.mb = 0.0

    def run(self) -> None:
        while not self._over.wait(_LOOK_EVERY_S):
            self.mb = max(self.mb, self._now())

    def stop(self) -> float:
        """The peak in MB."""
        self._over.set()
        self.join()
        return self.mb

    def _now(self) -> float:
        total = 0.0
        try:
            for process in (self._process, *self._process.children(recursive=True)):
                total += _memory_mb(process)
        except (psutil.NoSuchProcess, OSError):
            pass
        return total


def _memory_mb(process: psutil.Process) -> float:
    """Its proportional share of resident memory where the system tells it, else all that is resident."""
    rollup = Path(f"/proc/{process.pid}/smaps_rollup")
    if not rollup.exists():
        return float(process.memory_info().rss) / 1e6
    line = next((line for line in rollup.read_text().splitlines() if line.startswith("Pss:")), "Pss: 0")
    return int(line.split()[1]) * 1024 / 1e6


def run_peer(peer: str, task: Task, *, script: str | None = None, timeout_s: float = 3600) -> Outcome:
    """One peer (by `script`, or by the one that trains) from the start of its process to its answer.

    Raises `RuntimeError` with the end of its log where it fails.
    """
    python = python_of(_ENVIRONMENT_OF.get(peer, peer))
    with tempfile.TemporaryDirectory() as scratch:
        file, log = Path(scratch) / "task.json", Path(scratch) / "log.txt"
        task.write(file)
        environment = {**_variables(task), **os.environ, "OMP_NUM_THREADS": str(task.threads), "HF_HUB_OFFLINE": "1", "PYTHONPATH": ""}
        started = time.perf_counter()
        with log.open("w", encoding="utf-8") as out:
            process = subprocess.Popen(
                [str(python), str(_SCRIPTS / (script or SCRIPT_OF[peer])), str(file)], stdout=out, stderr=out, env=environment
            )
            memory = PeakMemory(process.pid)
            memory.start()
            code = process.wait(timeout_s)
        wall_s = time.perf_counter() - started
        peak_mb = memory.stop()
        text = log.read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line.startswith(_MARK)]
    if code or not lines:
        raise RuntimeError(f"{peer} failed:\n{text[-2000:]}")
    own = json.loads(lines[-1].removeprefix(_MARK))
    return Outcome(name=f"{peer} {task.setting.tier}", wall_s=wall_s, peak_mb=peak_mb, **own)


def _variables(task: Task) -> dict[str, str]:
    """Tier T has the allocator's settings that TL Studio gives its own jobs, as an expert would set them; tier D is as it comes."""
    from tlstudio.jobs.process import ALLOCATOR

    return dict(ALLOCATOR) if task.setting.tier == "T" else {}


def run_ours(task: Task, recipe_name: str, *, changed: Mapping[str, object] | None = None, **finetune: object) -> Outcome:
    """TL Studio with a home of its own, in which nothing is but what it measures of a machine by itself.

    The import is not counted, for the peers have none.

    `seconds` begins when the job's libraries are loaded. `changed` replaces fields of the recipe, `finetune` those of its fine-tuning.
    """
    with tempfile.TemporaryDirectory() as home:
        before = os.environ.get("TLSTUDIO_HOME")
        os.environ["TLSTUDIO_HOME"] = home
        try:
            return _run_ours(task, recipe_name, Path(home), finetune, changed or {})
        finally:
            os.environ.pop("TLSTUDIO_HOME")
            if before is not None:
                os.environ["TLSTUDIO_HOME"] = before


def _run_ours(task: Task, recipe_name: str, home: Path, finetune: dict[str, object], changed: Mapping[str, object]) -> Outcome:
    from tlstudio.domain.recipe import RECIPES, NetworkPart
    from tlstudio.domain.splits import Split
    from tlstudio.jobs.watcher import follow
    from tlstudio.operations import evaluating, importing, projects, training, weights

    network = NetworkPart(architecture=task.network, input_size_px=task.size_px)
    if task.weights is not None:
        card = weights.import_weights(weights.inspect_weights(Path(task.weights), architecture=task.network))
        network = NetworkPart(architecture=card.architecture, weights=card.hash, input_size_px=task.size_px)
    recipe = msgspec.structs.replace(RECIPES[recipe_name].build(network), seed=task.seed, device="cpu", **changed)
    if recipe.finetune is not None:
        recipe = msgspec.structs.replace(recipe, finetune=msgspec.structs.replace(recipe.finetune, **finetune))
    know(task.network, task.size_px)
    project = projects.create_project(home / "race")
    try:
        importing.import_data(project, Path(task.folder))
        started, cpu_before = time.perf_counter(), _children_cpu_s()
        job = training.start_training(project, recipe, override="the benchmark compares on the same division")
        memory = PeakMemory(job.process.pid)
        memory.start()
        states = list(follow(job.folder, process=job.process))
        wall_s = time.perf_counter() - started
        peak_mb = memory.stop()
        job.process.wait()
        cpu_s = _children_cpu_s() - cpu_before
        if states[-1].summary is None:
            raise RuntimeError(f"TL Studio failed: {states[-1]}")
        judged = evaluating.evaluate_run(project, job.number, Split.TEST)
        epochs = recipe.finetune.epochs if recipe.finetune is not None else task.epochs
        num_train = sum(1 for item in Path(task.folder, "train").rglob("*") if item.is_file())
        return Outcome(
            name=f"TL Studio {recipe_name}",
            seconds=wall_s - loading_s(job.folder),
            wall_s=wall_s,
            num_images=epochs * num_train,
            accuracy=judged.accuracy.value,
            peak_mb=peak_mb,
            cpu_s=cpu_s,
            trained_s=_trained_s(job.folder),
        )
    finally:
        project.close()


def _children_cpu_s() -> float:
    """Seconds of processors that processes had which were started from here and have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def loading_s(folder: Path) -> float:
    """From the job's first word until its libraries are loaded."""
    phases, first = _phases(folder)
    return phases["load"] - first


def _trained_s(folder: Path) -> float:
    """From when its libraries are loaded until its model is trained and validated."""
    phases, _first = _phases(folder)
    return phases["evaluate"] - phases["load"]


def _phases(folder: Path) -> tuple[dict[str, float], float]:
    """When each phase of a job began, and when it said its first word."""
    from tlstudio.domain.events import PhaseStarted, Started
    from tlstudio.domain.journal import decode_line

    lines = [decode_line(line) for line in (folder / "journal.jsonl").read_bytes().splitlines()]
    events = [line for line in lines if line is not None]
    first = next(line.time for line in events if isinstance(line.event, Started))
    return {line.event.phase: line.time for line in events if isinstance(line.event, PhaseStarted)}, first
