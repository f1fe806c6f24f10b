"""The runtime's end of one worker process."""

import asyncio
import contextlib
import json
import os
import time
from collections.abc import Callable
from typing import Any

from local.workers.nursery import Nursery
from local.workers.protocol import Closed, WorkerSpec, pack_raw, read_frame


class TimedOut(Exception):
    """The invocation took longer than the function may."""


class Worker:
    """A worker process that is one function. At most one invocation runs in it at a time."""

    def __init__(self, nursery: Nursery, spec: WorkerSpec, write_line: Callable[[str], None]) -> None:
        self.spec = spec
        self.pid = 0
        self.invocations = 0
        self.idle_since = time.monotonic()
        self.fork_seconds = 0.0
        self.exit_status: int | None = None
        self.load_failure: dict[str, Any] | None = None
        self.nursery = nursery
        self._write_line = write_line
        self._output = -1
        self._partial = b""
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._exited = asyncio.Event()

    @property
    def gone(self) -> bool:
        """Whether the process has ended by itself while it was idle."""
        return self._reader is None or self._reader.at_eof()

    async def start(self, *, seconds: float) -> None:
        """Fork the process and let it import its handler; what the import raised is in `load_failure`."""
        began = time.perf_counter()
        self.pid, connection, self._output = await self.nursery.fork(self.spec, self._on_exit)
        self._reader, self._writer = await asyncio.open_connection(sock=connection)
        asyncio.get_running_loop().add_reader(self._output, self._read_output)
        loaded = await self._exchange(None, seconds=seconds)
        self.fork_seconds = time.perf_counter() - began
        if "error" in loaded:
            self.load_failure = loaded

    async def invoke(self, request: bytes, *, seconds: float) -> dict[str, Any]:
        """Run one invocation; raise TimedOut (the process is killed) or Closed (it died by itself)."""
        self.invocations += 1
        return self.load_failure or await self._exchange(request, seconds=seconds)

    async def _exchange(self, request: bytes | None, *, seconds: float) -> dict[str, Any]:
        if self._reader is None or self._writer is None:
            raise Closed
        try:
            async with asyncio.timeout(seconds):
                if request is not None:
                    self._writer.write(pack_raw(request))
                reply = await read_frame(self._reader)
        except TimeoutError as error:
            self.kill()
            raise TimedOut from error
        except Closed:
            await self._wait_for_exit()
            raise
        except asyncio.CancelledError:
            self.kill()
            raise
        finally:
            self._read_output()
        answer: dict[str, Any] = json.loads(reply)
        return answer

    def retire(self) -> None:
        """Let the process end: closing its socket ends it when it is idle."""
        if self._writer:
            self._writer.close()
            self._writer = None
        self._close_output()

    def kill(self) -> None:
        """End the process at once."""
        self.nursery.kill(self.pid)
        self.retire()

    async def _wait_for_exit(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(1):
                await self._exited.wait()

    def _on_exit(self, status: int) -> None:
        self.exit_status = status
        self._exited.set()

    def _read_output(self) -> None:
        while self._output >= 0:
            try:
                chunk = os.read(self._output, 65_536)
            except BlockingIOError:
                return
            if not chunk:
                self._close_output()
                return
            *lines, self._partial = (self._partial + chunk).split(b"\n")
            for line in lines:
                self._write_line(line.decode("utf-8", "replace"))

    def _close_output(self) -> None:
        if self._output >= 0:
            asyncio.get_running_loop().remove_reader(self._output)
            os.close(self._output)
            self._output = -1
        if self._partial:
            self._write_line(self._partial.decode("utf-8", "replace"))
            self._partial = b""
