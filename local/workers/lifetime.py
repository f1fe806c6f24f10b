"""End with the parent: no process of the local store outlives it, however it dies."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Sequence

_PR_SET_PDEATHSIG = 1
_LINUX: bool = sys.platform.startswith("linux")


def die_with_parent(parent: int | None = None) -> None:
    """Ask the kernel to kill this process when its parent ends (Linux; elsewhere sockets and pipes tell).

    `parent` is the pid that is expected: when it is gone already, this process ends at once.
    """
    if _LINUX:
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if parent is not None and os.getppid() != parent:
        os._exit(0)


def guard(command: Sequence[str]) -> None:
    """Become `command`, or (where the kernel cannot help) run it and kill it when standard input closes."""
    if _LINUX:
        die_with_parent()
        os.execvp(command[0], list(command))  # noqa: S606 - the command is ours
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    signal.signal(signal.SIGTERM, lambda *_: child.terminate())
    while sys.stdin.read(1):
        pass
    child.kill()
    sys.exit(child.wait())


if __name__ == "__main__":
    guard(sys.argv[1:])
