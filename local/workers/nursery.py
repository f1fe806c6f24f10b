"""The runtime's ends of the zygotes: one that has the third-party packages, and below it one per stack."""

import asyncio
import contextlib
import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from local.workers.protocol import Closed, WorkerSpec, pack, read_frame

READY_SECONDS = 60.0
REPOSITORY = Path(__file__).parents[2]


class _Line:
    """A line to a zygote. It answers requests to fork in order, and says when a child has ended."""

    def __init__(self, ours: socket.socket) -> None:
        ours.setblocking(False)  # noqa: FBT003 - the socket's own signature
        self.ready: Mapping[str, Any] = {}
        self.closed = False
        self._socket = ours
        self._writer: asyncio.StreamWriter | None = None
        self._listener: asyncio.Task[None] | None = None
        self._lock = asyncio.Lock()
        self._forked: asyncio.Queue[int | None] = asyncio.Queue()
        self._exits: dict[int, Callable[[int], None]] = {}

    async def open(self) -> None:
        """Wait until the zygote has imported what it shall; raise Closed when it does not come up."""
        reader, self._writer = await asyncio.open_connection(sock=self._socket)
        try:
            async with asyncio.timeout(READY_SECONDS):
                self.ready = json.loads(await read_frame(reader))
        except TimeoutError as error:
            raise Closed from error
        self._listener = asyncio.create_task(self._listen(reader))

    async def fork(self, request: Mapping[str, Any], descriptors: Sequence[int], on_exit: Callable[[int], None]) -> int:
        """Ask for a child that gets copies of `descriptors`; return its pid, or raise Closed."""
        async with self._lock:
            if self.closed:
                raise Closed
            socket.send_fds(self._socket, [pack(request)], descriptors)
            pid = await self._forked.get()
        if pid is None:
            raise Closed
        self._exits[pid] = on_exit
        return pid

    def kill(self, pid: int) -> None:
        """Kill a child. The zygote does it, because only a parent can be sure of a pid."""
        if not self.closed:
            with contextlib.suppress(OSError):
                self._socket.send(pack({"kill": pid}))

    def close(self) -> None:
        """Hang up: the zygote ends, and its children with it."""
        self.closed = True
        if self._listener:
            self._listener.cancel()
        if self._writer:
            self._writer.close()
        else:
            self._socket.close()

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        with contextlib.suppress(Closed):
            while True:
                message = json.loads(await read_frame(reader))
                if "forked" in message:
                    self._forked.put_nowait(message["forked"])
                elif on_exit := self._exits.pop(message["exited"], None):
                    on_exit(message["status"])
        self.closed = True
        self._forked.put_nowait(None)


class Nursery:
    """The zygote of one stack: it has imported the stack's layers in the environment that its functions share."""

    def __init__(self, line: _Line, *, pid: int) -> None:
        self.pid = pid
        self._line = line

    @property
    def closed(self) -> bool:
        """Whether the zygote is gone."""
        return self._line.closed

    @property
    def preload_seconds(self) -> float:
        """How long it took to import the layers."""
        return float(self._line.ready["seconds"])

    @property
    def failed_imports(self) -> list[str]:
        """What could not be imported; the function that needs it will say why."""
        return list(self._line.ready["failed"])

    async def fork(self, spec: WorkerSpec, on_exit: Callable[[int], None]) -> tuple[int, socket.socket, int]:
        """Make a worker; return its pid, our end of its socket, and the read end of its output."""
        ours, theirs = socket.socketpair()
        output, output_theirs = os.pipe()
        try:
            pid = await self._line.fork({"worker": spec.to_json()}, [theirs.fileno(), output_theirs], on_exit)
        except BaseException:
            ours.close()
            os.close(output)
            raise
        finally:
            theirs.close()
            os.close(output_theirs)
        ours.setblocking(False)  # noqa: FBT003 - the socket's own signature
        os.set_blocking(output, False)
        return pid, ours, output

    def kill(self, pid: int) -> None:
        """Kill a worker."""
        self._line.kill(pid)

    def close(self) -> None:
        """End the zygote and its workers."""
        self._line.close()


class RootZygote:
    """The process that has imported the third-party packages, parent of the stacks' zygotes."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = dict(environment)
        self._process: subprocess.Popen[bytes] | None = None
        self._line: _Line | None = None

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid if self._process else 0

    @property
    def preload_seconds(self) -> float:
        """How long it took to import the packages."""
        return float(self._line.ready.get("seconds", 0)) if self._line else 0.0

    async def start(self) -> None:
        """Start the process and wait until it has imported everything."""
        ours, theirs = socket.socketpair()
        command = [sys.executable, "-m", "local.workers.zygote", str(theirs.fileno()), str(os.getpid())]
        self._process = subprocess.Popen(  # noqa: ASYNC220 - it takes a millisecond, and must be this thread
            command,
            pass_fds=(theirs.fileno(),),
            stdin=subprocess.DEVNULL,
            env=self._environment | {"PYTHONPATH": str(REPOSITORY)},
            start_new_session=True,
        )
        theirs.close()
        self._line = _Line(ours)
        await self._line.open()

    async def nursery(self, *, search_path: Sequence[str], environment: Mapping[str, str]) -> Nursery:
        """Make the zygote of a stack."""
        if self._line is None:
            raise Closed
        ours, theirs = socket.socketpair()
        request = {"stack": {"search_path": list(search_path), "environment": dict(environment)}}
        try:
            pid = await self._line.fork(request, [theirs.fileno()], lambda _status: None)
        finally:
            theirs.close()
        line = _Line(ours)
        await line.open()
        return Nursery(line, pid=pid)

    async def stop(self) -> None:
        """End the process, and everything below it."""
        if self._line:
            self._line.close()
        if self._process:
            self._process.kill()
            await asyncio.to_thread(self._process.wait)
