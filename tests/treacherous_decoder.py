"""A decoder process with one change: the names of files decide what happens to it."""

import sys

_PROGRAM = """
import os, signal, time
from tlstudio.datasets import decoder_main
real = decoder_main.inspect_file
def inspect(path, rule):
    if "segfault" in path.name:
        os.kill(os.getpid(), signal.SIGSEGV)
    if "killed once" in path.name:
        mark = path.with_name("was here")
        if not mark.exists():
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
    if "hang" in path.name:
        time.sleep(60)
    if "noise" in path.name:
        print("a library that prints", flush=True)
        os.write(1, b"straight to the descriptor")
    if "reads stdin" in path.name:
        assert os.read(0, 10) == b""
    return real(path, rule)
decoder_main.inspect_file = inspect
decoder_main.main()
"""
COMMAND = (sys.executable, "-P", "-c", _PROGRAM)
