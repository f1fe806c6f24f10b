"""A helper process of the local store that ends with it."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from local.engines.ports import wait_until_listening

REPOSITORY = Path(__file__).parents[2]


class EngineFailed(Exception):
    """A helper process did not come up."""


class Child:
    """One process that listens on a port. Start it from the main thread: the kernel ties it to the thread."""

    def __init__(
        self, *, name: str, command: Sequence[str], port: int, log: Path | None, environment: Mapping[str, str]
    ) -> None:
        self.name = name
        self.port = port
        self._log = log
        target = log or Path(os.devnull)
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "local.workers.lifetime", *command],
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=REPOSITORY,
                env=dict(environment),
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    def wait_ready(self, *, seconds: float = 30.0) -> None:
        """Wait until it listens; raise EngineFailed with the end of its log."""
        if not wait_until_listening(self.port, seconds=seconds) or self._process.poll() is not None:
            tail = self._log.read_text(errors="replace")[-2000:] if self._log else ""
            self.stop()
            message = f"{self.name} did not start on port {self.port}. {tail}"
            raise EngineFailed(message)

    def stop(self, *, grace: float = 1.0) -> None:
        """End the process: politely, then at once."""
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(grace)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        if self._process.stdin:
            self._process.stdin.close()
