"""COMPUTING: the only importer of torch, timm and onnx. Runs inside a job process and nowhere else.

A job is a generator of typed events; `worker` writes them to the journal and turns how it ended into exactly one ending. Nothing here
knows a window, a terminal or the database: everything a job needs lies in its folder, everything it has to say is an event.
"""

import os
import sys

# Before torch loads its thread pool: waiting threads sleep, so that the window and other programs keep their share of the cores; those of
# GNU's pool spin for a moment first, because a network is hundreds of short tasks (docs/decisions/0006-waiting-threads.md).
if "OMP_WAIT_POLICY" not in os.environ:
    os.environ["OMP_WAIT_POLICY"] = "PASSIVE"
    os.environ.setdefault("GOMP_SPINCOUNT", "5000")
os.environ.setdefault("HF_HUB_OFFLINE", "1")
# A thread that reads images keeps the interpreter for 5 ms where another one wants it, unless it is told otherwise: as long as a part of a
# network takes, or eight small photographs (docs/decisions/0007-interpreter-lock.md).
sys.setswitchinterval(0.0005)
