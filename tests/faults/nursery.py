"""Run as a process: has the heavy libraries loaded and forks a real job process for every folder named on stdin.

Answers each line with the child's pid, and then with its exit code (negative: the signal). So a campaign of kills costs seconds.
After the folder a line may say where the child waits, so that it is not over before the kill comes: see `hold`.
"""

import os
import sys
import time
from pathlib import Path

GO_ON = "go on"
"""A file of this name in its folder lets a child that waits go on."""


def hold(folder: Path, counted: str, number: int) -> None:
    """Have the job wait, once it has said `number` "lines", lines since it was "unfrozen", or "validations", with what it says next."""
    from tlstudio.domain.events import AnyEvent, BackboneUnfrozen, Validated
    from tlstudio.engine.journal import JournalWriter

    honest = JournalWriter.write
    said, begun = 0, counted != "unfrozen"

    def write(self: JournalWriter, event: AnyEvent) -> None:
        nonlocal said, begun
        while said >= number and not (folder / GO_ON).exists():
            time.sleep(0.01)
        honest(self, event)
        begun = begun or isinstance(event, BackboneUnfrozen)
        said += begun and (counted != "validations" or isinstance(event, Validated))

    JournalWriter.write = write  # type: ignore[method-assign]


def main() -> None:
    import torch

    torch.set_num_threads(1)  # no pool of threads that a fork would lose
    from tlstudio.engine import finetune, train_job, worker  # noqa: F401 (loaded once for all children)

    finetune._SAVE_EVERY_S = 0.05  # so that there are checkpoints in the middle of an epoch, too
    finetune._TELL_EVERY_S = 0.0  # so that a kill can be aimed at any step
    print("ready", flush=True)
    for line in sys.stdin:
        folder, *held = line.strip().split("\t")
        pid = os.fork()
        if pid == 0:
            if held:
                hold(Path(folder), held[0], int(held[1]))
            os._exit(worker.run_job(Path(folder)))
        print(pid, flush=True)
        _pid, status = os.waitpid(pid, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    main()
