"""Run as a process: has the heavy libraries loaded and forks a real job process for every folder named on stdin.

Answers each line with the child's pid, and then with its exit code (negative: the signal). So a campaign of kills costs seconds.
"""

import os
import sys
from pathlib import Path


def main() -> None:
    import torch

    torch.set_num_threads(1)  # no pool of threads that a fork would lose
    from tlstudio.engine import finetune, train_job, worker  # noqa: F401 (loaded once for all children)

    finetune._SAVE_EVERY_S = 0.05  # so that there are checkpoints in the middle of an epoch, too
    finetune._TELL_EVERY_S = 0.0  # so that a kill can be aimed at any step
    print("ready", flush=True)
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            os._exit(worker.run_job(Path(line.strip())))
        print(pid, flush=True)
        _pid, status = os.waitpid(pid, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    main()
