"""The runtime's end of the zygote: start it, ask it for workers, replace it when shared code changes."""

import asyncio
import contextlib
import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from local.workers.protocol import Closed, WorkerSpec, pack, read_frame

READY_SECONDS = 60.0


class Nursery:
    """One zygote process. `on_exit` hears the pid and the exit status of every worker that ends."""

    def __init__(self, *, search_path: Sequence[Path], environment: dict[str, str]) -> None:
        self.preload_seconds = 0.0
        self.failed_imports: list[str] = []
        self._search_path = [str(entry) for entry in search_path]
        self._environment = environment
        self._process: subprocess.Popen[bytes] | None = None
        self._socket: socket.socket | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._listener: asyncio.Task[None] | None = None
        self._lock = asyncio.Lock()
        self._forked: asyncio.Queue[int | None] = asyncio.Queue()
        self._exits: dict[int, Callable[[int], None]] = {}

    @property
    def pid(self) -> int:
        """The zygote's process id."""
        return self._process.pid if self._process else 0

    async def start(self) -> None:
        """Start the zygote and wait until it has imported everything."""
        ours, theirs = socket.socketpair()
        command = [sys.executable, "-m", "local.workers.zygote", str(theirs.fileno()), str(os.getpid())]
        self._process = subprocess.Popen(  # noqa: ASYNC220 - our own module; a fork takes a millisecond
            [*command, json.dumps(self._search_path)],
            pass_fds=(theirs.fileno(),),
            stdin=subprocess.DEVNULL,
            env=self._environment | {"PYTHONPATH": str(Path(__file__).parents[2])},
            start_new_session=True,
        )
        theirs.close()
        ours.setblocking(False)
        self._socket = ours
        reader, self._writer = await asyncio.open_connection(sock=ours)
        try:
            async with asyncio.timeout(READY_SECONDS):
                ready = json.loads(await read_frame(reader))
        except (Closed, TimeoutError) as error:
            message = "the worker parent process did not start"
            raise RuntimeError(message) from error
        self.preload_seconds = ready["seconds"]
        self.failed_imports = ready["failed"]
        self._listener = asyncio.create_task(self._listen(reader))

    async def fork(self, spec: WorkerSpec, on_exit: Callable[[int], None]) -> tuple[int, socket.socket, int]:
        """Make a worker; return its pid, our end of its socket, and the read end of its output."""
        if self._socket is None:
            raise Closed
        ours, theirs = socket.socketpair()
        output, output_theirs = os.pipe()
        try:
            async with self._lock:
                socket.send_fds(self._socket, [pack({"fork": spec.to_json()})], [theirs.fileno(), output_theirs])
                pid = await self._forked.get()
        except BaseException:
            ours.close()
            os.close(output)
            raise
        finally:
            theirs.close()
            os.close(output_theirs)
        if pid is None:
            ours.close()
            os.close(output)
            raise Closed
        self._exits[pid] = on_exit
        ours.setblocking(False)
        os.set_blocking(output, False)
        return pid, ours, output

    def kill(self, pid: int) -> None:
        """Kill a worker. The zygote does it, because only a parent can be sure of a pid."""
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.send(pack({"kill": pid}))

    async def stop(self) -> None:
        """End the zygote, and with it its workers."""
        if self._listener:
            self._listener.cancel()
        if self._writer:
            self._writer.close()
        self._socket = None
        if self._process:
            self._process.kill()
            await asyncio.to_thread(self._process.wait)

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        with contextlib.suppress(Closed):
            while True:
                message = json.loads(await read_frame(reader))
                if "forked" in message:
                    self._forked.put_nowait(message["forked"])
                elif on_exit := self._exits.pop(message["exited"], None):
                    on_exit(message["status"])
        self._forked.put_nowait(None)
