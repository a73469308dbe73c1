"""COMPUTING: the only importer of torch, timm and onnx. Runs inside a job process and nowhere else.

A job is a generator of typed events; `worker` writes them to the journal and turns how it ended into exactly one ending. Nothing here
knows a window, a terminal or the database: everything a job needs lies in its folder, everything it has to say is an event.
"""

import os

# Before torch loads its thread pool: threads that wait sleep, so that the window and other programs keep their share of the cores; those
# of GNU's pool only after about 50 microseconds. A network is hundreds of short tasks, and being woken for each costs a third of the
# speed; to spin for as long as is usual (5 ms) costs nine tenths where others compute. MobileNetV2 on two cores, in turns, images a
# second where they sleep, spin so long, and spin as usual: training 57, 75, 75 alone and 32, 24, 3 beside two busy programs, prediction
# 142, 220, 224 and 106, 82, 7.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("GOMP_SPINCOUNT", "5000")
os.environ.setdefault("HF_HUB_OFFLINE", "1")
