"""The command that starts a training in several processes: those of this machine, or those of several machines on one shared folder.

`torchrun` starts them and, where one dies, ends the others and starts all again; the run goes on from its last checkpoint.
"""

import sys
import uuid
from pathlib import Path

NUM_RESTARTS = 3
ENVIRONMENT = {"TORCH_DISABLE_SHARE_RDZV_TCP_STORE": "1", "PYTHONSAFEPATH": "1"}
"""For processes of this machine alone: the launcher opens no port, and a file beside a user's images is never run as a module."""


def here(folder: Path, processes: int) -> list[str]:
    """Arguments of Python for the job in `folder` in `processes` of this machine.

    They find each other through a private file and speak over loopback: nothing of it can be reached from another machine.
    """
    meeting = ["--rdzv-backend=c10d", "--rdzv-conf=store_type=file", f"--rdzv-id={uuid.uuid4().hex}", "--local-addr=127.0.0.1"]
    return [*_torchrun(1, processes), *meeting, "-m", "tlstudio", "job", str(folder)]


def on_each_machine(folder: Path, *, nodes: int, per_node: int, endpoint: str, name: str) -> list[str]:
    """The command to be given on each of `nodes` machines, the same on all; `endpoint` is HOST:PORT of one of them."""
    meeting = ["--rdzv-backend=c10d", f"--rdzv-endpoint={endpoint}", f"--rdzv-id={name}"]
    return ["env", "PYTHONSAFEPATH=1", sys.executable, *_torchrun(nodes, per_node), *meeting, "-m", "tlstudio", "job", str(folder)]


def _torchrun(nodes: int, per_node: int) -> list[str]:
    return ["-m", "torch.distributed.run", f"--nnodes={nodes}", f"--nproc-per-node={per_node}", f"--max-restarts={NUM_RESTARTS}"]
