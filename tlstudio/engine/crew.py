"""Who trains together: this process alone, or as many as `torchrun` has started for the same job folder."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tlstudio.domain.jobs import Environment
from tlstudio.messages import message

if TYPE_CHECKING:
    from torch import Tensor

    from tlstudio.engine.build import Training
    from tlstudio.engine.data.loader import Batch
    from tlstudio.engine.distributed import Crew, SharedExam
    from tlstudio.engine.exam import Exam
    from tlstudio.engine.finetune import FineTuning

    Compute = Callable[[Batch], Tensor]


class CrewLostError(Exception):
    """Another process of the training is gone. No ending is written: `torchrun` starts all of them again, and the run goes on."""


class CrewSilentError(CrewLostError):
    """Another process of the training lives and gives no answer: it hangs. All of them end as where one dies; `words` say so."""

    def __init__(self, waited_s: float, *, is_to_end: bool = False) -> None:
        super().__init__(f"no answer for {waited_s:.0f} s")
        if is_to_end:
            self.words = message(
                "crew.silent_at_end",
                "The run was asked to end, and one of its processes gave no answer for {seconds} s. All of them are ended, and a new "
                "start does what was asked.",
                seconds=round(waited_s),
            )
            return
        self.words = message(
            "crew.silent",
            "One of the processes of this training gave no answer for {seconds} s, so it was taken for hung. All of them are ended and "
            "start again from the last checkpoint; what was trained is kept.",
            seconds=round(waited_s),
        )


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where `torchrun` has put this process: among all, and among those of this machine."""

    rank: int
    size: int
    local_rank: int
    local_size: int
    meeting: str
    """A name that only the processes of this start have in common."""
    is_another_start: bool = False
    """Whether the launcher has started all of them before."""

    @property
    def is_one_machine(self) -> bool:
        """Whether all processes are on this machine, so that they speak over loopback and no other machine can hear them."""
        return self.local_size == self.size


def find_place() -> Place | None:
    """None where this process trains alone."""
    given = os.environ
    num_restarts = given.get("TORCHELASTIC_RESTART_COUNT", "0")
    if "TORCHELASTIC_RUN_ID" not in given or int(given.get("WORLD_SIZE", "1")) == 1:
        return None
    return Place(
        rank=int(given["RANK"]),
        size=int(given["WORLD_SIZE"]),
        local_rank=int(given["LOCAL_RANK"]),
        local_size=int(given["LOCAL_WORLD_SIZE"]),
        meeting=f"{given['TORCHELASTIC_RUN_ID']}-{os.getppid()}-{num_restarts}",
        is_another_start=num_restarts != "0",
    )


def pid_of_job() -> int:
    """The process that stands for the job: to end it is to end all of them. It is their parent where there are several."""
    return os.getpid() if find_place() is None else os.getppid()


class Alone:
    """A crew of one: everything is done here, and nothing of torch's distribution is loaded."""

    rank = 0
    size = 1
    threads = None
    """Of each process; None is as many as the processor has cores."""
    num_here = 1
    """Processes on this machine."""

    def here(self, environment: Environment) -> Environment:
        """The environment of this process."""
        return environment

    def begin(self, training: "Training") -> None:
        """Nobody has to be told."""

    def tune(self, tuning: "FineTuning") -> None:
        """Nobody has to be told."""

    def backward(self, tuning: "FineTuning", batch: "Batch", compute: "Compute") -> "Tensor":
        """The gradients of the batch's mean loss, in the weights; the loss, a scalar on the device."""
        return compute(batch)

    def exam(self, exam: "Exam") -> "Exam | SharedExam":
        """The exam as it is."""
        return exam


ALONE = Alone()


@contextmanager
def joined() -> Iterator["Alone | Crew"]:
    """The crew of this process, which leads it; the others are told to go home at the end.

    Raises `CrewLostError`, at the end too: whoever hangs there is ended by the launcher.
    """
    place = find_place()
    if place is None:
        yield ALONE
        return
    from tlstudio.engine.distributed import Crew
    from tlstudio.engine.meeting import forget, meet

    try:
        meet(place)
    except BaseException:
        forget(place)
        raise
    crew = Crew(place)
    try:
        yield crew
    finally:
        crew.dismiss()
