"""Journals written by hand, and jobs that never ran: enough to watch."""

import os
import time
from pathlib import Path

from tlstudio.domain import events as ev
from tlstudio.domain.jobs import ENVIRONMENT_FILE, JOURNAL_FILE
from tlstudio.domain.journal import JournalLine, encode_line
from tlstudio.domain.plan import Plan

PLAN = Plan(
    device="cpu", device_name="CPU", threads=1, precision="fp32", channels_last=False, batch_size=8, micro_batch=8, input_size_px=64,
    num_train=40, num_val=10, num_test=10, num_steps=50, num_epochs=5, seed=0, versions={},
)  # fmt: skip
SUMMARY = ev.Summary(accuracy=0.9, balanced_accuracy=0.88, loss=0.3, best_step=20, seconds=12.0, checkpoint="checkpoints/best.safetensors")


class JournalWriter:
    """Says events in a job's folder as a job would, one line each."""

    def __init__(self, folder: Path, *, ordered_s_ago: float = 3600.0) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.file = folder / JOURNAL_FILE
        self._seq = 0
        order = folder / ENVIRONMENT_FILE
        order.write_text("{}")
        long_ago = time.time() - ordered_s_ago
        os.utime(order, (long_ago, long_ago))

    def say(self, *events: ev.AnyEvent) -> None:
        with open(self.file, "ab") as file:
            for event in events:
                file.write(self.line(event))

    def line(self, event: ev.AnyEvent) -> bytes:
        self._seq += 1
        return encode_line(JournalLine(seq=self._seq, time=1000.0 + self._seq, event=event))


def started(attempt: int = 1, pid: int = 1) -> ev.Started:
    return ev.Started(attempt=attempt, pid=pid, plan=PLAN)


def phase(name: str, total: int | None = None, *, silence_limit_s: float = 60.0) -> ev.PhaseStarted:
    return ev.PhaseStarted(phase=name, total=total, silence_limit_s=silence_limit_s)


def step(number: int) -> ev.StepTrained:
    return ev.StepTrained(step=number, epoch=0, loss=1.0 / number)
