"""The curves of runs as event files that TensorBoard shows; needs the extra `tensorboard`.

One folder for each run. Only the parts of that package are used that write records; TensorFlow is none of them.
"""

import importlib.util
import io
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tlstudio import files
from tlstudio.domain.jobs import JOURNAL_FILE
from tlstudio.domain.journal import decode_lines
from tlstudio.domain.run_state import RunState, apply
from tlstudio.domain.runs import Run
from tlstudio.errors import TLStudioError
from tlstudio.messages import message
from tlstudio.operations.runs import folder_of
from tlstudio.project.project import Project

Value = Callable[[Any], float | None]

_OF_HEAD: dict[str, Value] = {"head/loss": lambda event: event.loss}
_OF_STEPS: dict[str, Value] = {
    "loss/training": lambda event: event.loss,
    "training/learning_rate": lambda event: event.learning_rate,
    "training/gradient_norm": lambda event: event.gradient_norm,
    "training/images_per_second": lambda event: event.images_per_second,
    "training/waiting": lambda event: event.waiting,
}
_OF_VALIDATIONS: dict[str, Value] = {
    "loss/validation": lambda event: event.loss,
    "validation/accuracy": lambda event: event.accuracy,
    "validation/balanced_accuracy": lambda event: event.balanced_accuracy,
}
_OF_LOOKS: dict[str, Value] = {
    "machine/processor": lambda event: event.processor,
    "machine/memory_bytes": lambda event: event.memory_bytes,
    "machine/gpu": lambda event: event.card,
    "machine/gpu_memory_bytes": lambda event: event.card_memory_bytes,
    "machine/gpu_temperature_c": lambda event: event.temperature_c,
}


class Scalar(NamedTuple):
    """One point. `step` is that of the training; for the machine it is seconds of working time."""

    tag: str
    step: int
    value: float
    time: float


def is_installed() -> bool:
    """Whether event files can be written here."""
    return importlib.util.find_spec("tensorboard") is not None


def write_event_files(project: Project, runs: Sequence[Run], folder: Path) -> list[Path]:
    """One file for each run that has curves, in a folder of its own; written again, it replaces the one before.

    Raises `TLStudioError` where the extra is not installed or the disk refuses.
    """
    if not is_installed():
        raise TLStudioError(
            message("tensorboard.missing", "TensorBoard's files cannot be written: the extra is not installed."),
            message("tensorboard.missing.hint", "Install it where TL Studio is installed: pip install 'tlstudio[tensorboard]'."),
        )
    written = []
    for run in runs:
        scalars = list(scalars_of(folder_of(project, run)))
        if scalars:
            file = folder / f"run {run.number}" / f"events.out.tfevents.{int(run.created_at):010d}.tlstudio"
            _save(file, _encoded(scalars, created_at=run.created_at))
            written.append(file)
    return written


def scalars_of(run_folder: Path) -> Iterator[Scalar]:
    """Every point of a run's curves, each with the time at which it was told; what was taken back is left out."""
    try:
        data = (run_folder / JOURNAL_FILE).read_bytes()
    except FileNotFoundError:
        return
    state, times = RunState(), dict[int, float]()
    events = []
    for line, _offset in decode_lines(data):
        state = apply(state, line.event, time=line.time)
        events.append(line.event)  # kept, so that no other event gets its identity
        times[id(line.event)] = line.time
    for trace, values in ((state.head_steps, _OF_HEAD), (state.steps, _OF_STEPS), (state.validations, _OF_VALIDATIONS)):
        for event in trace:
            yield from _scalars(event, values, event.step, times[id(event)])
    for look in state.looks:
        yield from _scalars(look, _OF_LOOKS, round(look.seconds), times[id(look)])


def _scalars(event: Any, values: dict[str, Value], step: int, time: float) -> Iterator[Scalar]:
    for tag, value in values.items():
        if (number := value(event)) is not None:
            yield Scalar(tag, step, float(number), time)


def _encoded(scalars: Sequence[Scalar], *, created_at: float) -> bytes:
    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.compat.proto.summary_pb2 import Summary
    from tensorboard.summary.writer.record_writer import RecordWriter

    data = io.BytesIO()
    writer = RecordWriter(data)
    writer.write(Event(wall_time=created_at, file_version="brain.Event:2").SerializeToString())
    for scalar in scalars:
        summary = Summary(value=[Summary.Value(tag=scalar.tag, simple_value=scalar.value)])
        writer.write(Event(wall_time=scalar.time, step=scalar.step, summary=summary).SerializeToString())
    return data.getvalue()


def _save(file: Path, data: bytes) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        files.write_bytes(file, data)
    except OSError as error:
        raise TLStudioError(
            message("tensorboard.not_saved", "{folder} could not be written.", folder=str(file.parent)),
            message(
                "tensorboard.not_saved.hint", "Nothing else was changed ({reason}). Choose another folder.", reason=error.strerror or ""
            ),
        ) from error
