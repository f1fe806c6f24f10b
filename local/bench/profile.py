"""Where the functions' processor time goes, by package: samples of all workers' stacks while a line runs."""

import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

RATE = 200
ENDS_WITHIN_SECONDS = 30.0
WAITS = ("readinto (socket.py", "_read_exactly (local/workers/protocol.py", "select (")
"""Leaves of stacks that wait for an answer or for work."""

PARTS: Mapping[str, str] = {
    "botocore": "botocore, urllib3",
    "urllib3": "botocore, urllib3",
    "pynamodb": "pynamodb",
    "aws_lambda_powertools": "Powertools",
    "pydantic": "pydantic",
    "commerce": "ours",
    "stripe": "stripe",
    "local": "runtime",
}
SHOWN = ("botocore, urllib3", "pynamodb", "Powertools", "pydantic", "ours", "stripe", "runtime", "rest")


class Sampling:
    """Samples all workers below one process for some seconds, from when it is made."""

    def __init__(self, pid: int, *, seconds: float) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self._file = Path(self._folder.name) / "stacks"
        command = [str(Path(sys.executable).with_name("py-spy")), "record", "--pid", str(pid), "--subprocesses"]
        command += ["--duration", f"{seconds:.0f}", "--rate", str(RATE), "--format", "raw", "--output", str(self._file)]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)

    def shares(self) -> dict[str, float]:
        """Return the part of each package in the time that was not spent waiting.

        :raises OSError: when nothing could be sampled, as where the kernel forbids to look into other processes.
        """
        _, said = self._process.communicate(timeout=ENDS_WITHIN_SECONDS)
        if not self._file.exists():
            message = f"py-spy sampled nothing: {said.decode(errors='replace').strip()}"
            raise OSError(message)
        stacks = self._file.read_text(encoding="utf-8", errors="replace").splitlines()
        self._folder.cleanup()
        return shares_of(stacks)


def shares_of(stacks: Iterable[str]) -> dict[str, float]:
    """Return each package's part of some sampled stacks, `outer;inner;innermost 12` each.

    A stack counts for the innermost frame that is no part of Python's own library.
    """
    counted: Counter[str] = Counter()
    for line in stacks:
        stack, _, number = line.rpartition(" ")
        frames = stack.split(";")
        if not any(frames[-1].startswith(wait) for wait in WAITS):
            counted[_part(frames)] += int(number)
    total = counted.total() or 1
    return {part: counted[part] / total for part in SHOWN}


def _part(frames: list[str]) -> str:
    for frame in reversed(frames):
        package = frame.partition(" (")[2].partition("/")[0]
        if package in PARTS:
            return PARTS[package]
    return "rest"
