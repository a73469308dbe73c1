"""Several processes of a good neighbour take together no more than one would."""

from pathlib import Path
from types import SimpleNamespace

import msgspec
import pytest
import torch

from tlstudio.domain.jobs import Environment, TrainJob
from tlstudio.engine import build, helping, neighbour
from tlstudio.engine.crew import ALONE, Place
from tlstudio.engine.distributed import Crew
from tlstudio.engine.gate import Gate
from tlstudio.engine.job import Job


class OnlyDevice(msgspec.Struct):
    """What is asked of a plan here."""

    device: str


def job(crew: object, *, threads: int | None) -> Job:
    environment = Environment(roots={}, project_folder="", cache_folder="", threads=threads, good_neighbour=threads is not None)
    return Job(folder=Path(), spec=TrainJob(manifest_hash=""), environment=environment, gate=Gate(), crew=crew)  # type: ignore[arg-type]


def test_each_process_has_its_share_of_the_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tlstudio.engine.distributed.num_threads", lambda: 8)
    four = Crew(Place(rank=0, size=4, local_rank=0, local_size=4, meeting="nobody"))
    assert build._threads(job(ALONE, threads=7)) == 7
    assert build._threads(job(four, threads=7)) == 2
    assert build._threads(job(four, threads=1)) == 1
    assert build._threads(job(four, threads=None)) == 2
    assert four.num_here == 4


def test_each_process_has_its_share_of_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    shares: list[float] = []
    monkeypatch.setattr(torch.cuda, "set_per_process_memory_fraction", lambda share, _device: shares.append(share))
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    card = SimpleNamespace(torch_device=torch.device("cuda:0"))
    for number in (1, 2, 4):
        neighbour.limit_memory(card, num_processes=number)  # type: ignore[arg-type]
    assert shares == [0.5, 0.5, 0.25]


@pytest.mark.parametrize("threads", [None, 3])
def test_processes_that_help_let_others_go_first_too(threads: int | None, monkeypatch: pytest.MonkeyPatch) -> None:
    lowered: list[bool] = []
    monkeypatch.setattr(helping, "read_job", lambda *_args, **_how: job(ALONE, threads=threads))
    monkeypatch.setattr(helping, "lower_priority", lambda: lowered.append(True))
    begin = SimpleNamespace(plan=OnlyDevice(device="cpu"))
    helping._job(Path(), ALONE, begin)  # type: ignore[arg-type]
    assert lowered == [True] * (threads is not None)
