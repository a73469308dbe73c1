"""Run as a process in an empty network namespace: brings its loopback up, then becomes the command that follows.

So processes that speak to each other can be tested where nothing may speak to the world.
"""

import fcntl
import os
import socket
import struct
import subprocess
import sys
from pathlib import Path

_SET_FLAGS, _UP_AND_RUNNING = 0x8914, 0x1 | 0x40  # SIOCSIFFLAGS, IFF_UP | IFF_RUNNING (linux/sockios.h, linux/if.h)
_MAKERS = (["unshare", "--net"], ["unshare", "--user", "--map-root-user", "--net"])


def with_own_loopback(command: list[str]) -> list[str] | None:
    """The command, in a network namespace of its own that has nothing but loopback; None where none can be made here."""
    for maker in _MAKERS:
        if subprocess.run([*maker, "true"], stderr=subprocess.DEVNULL, check=False).returncode == 0:
            return [*maker, sys.executable, str(Path(__file__).resolve()), *command]
    return None


def main(command: list[str]) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, _SET_FLAGS, struct.pack("16sh14x", b"lo", _UP_AND_RUNNING))
    os.execvp(command[0], command)


if __name__ == "__main__":
    main(sys.argv[1:])
