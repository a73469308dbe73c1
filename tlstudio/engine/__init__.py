"""COMPUTING: the only importer of torch, timm and onnx. Runs inside a job process and nowhere else.

A job is a generator of typed events; `worker` writes them to the journal and turns how it ended into exactly one ending. Nothing here
knows a window, a terminal or the database: everything a job needs lies in its folder, everything it has to say is an event.
"""

import os

# Before torch loads its thread pool: waiting threads sleep instead of spinning, so that the window and other programs keep
# their share of the cores (three times the throughput where another program computes, nothing lost where none does).
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("HF_HUB_OFFLINE", "1")
