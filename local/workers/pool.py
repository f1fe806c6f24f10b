"""Invoke functions: find an idle worker, fork one when all are busy, retire what is not needed."""

import asyncio
import json
import os
import time
from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from local.clock import machine_time, new_uuid
from local.templates import Application, Function
from local.workers.environment import Endpoints, function_environment, service_environment
from local.workers.logs import LogBook
from local.workers.nursery import Nursery, RootZygote
from local.workers.process import TimedOut, Worker
from local.workers.protocol import Closed, WorkerSpec

INIT_SECONDS = 10.0
IDLE_SECONDS = 300.0
WAIT_SECONDS = 30.0
CORES = os.cpu_count() or 1


class Throttled(Exception):
    """No worker became free in time: what Lambda calls TooManyRequestsException."""


@dataclass(frozen=True, slots=True)
class FunctionError:
    """What an invocation failed with, as Lambda reports it."""

    kind: str
    message: str
    trace: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the error document."""
        return {"errorType": self.kind, "errorMessage": self.message, "stackTrace": list(self.trace)}


@dataclass(frozen=True, slots=True)
class Invocation:
    """The outcome of one invocation."""

    function: str
    request_id: str
    result: Any
    error: FunctionError | None
    seconds: float


@dataclass(slots=True)
class _Crew:
    """The workers of one function."""

    spec: WorkerSpec
    function: Function
    idle: list[Worker] = field(default_factory=list)
    busy: set[Worker] = field(default_factory=set)
    waiting: deque[asyncio.Future[Worker | None]] = field(default_factory=deque)
    starting: int = 0
    invocations: int = 0
    errors: int = 0
    cold_starts: int = 0
    last_fork_seconds: float = 0.0

    @property
    def size(self) -> int:
        return len(self.idle) + len(self.busy) + self.starting


class WorkerPool:
    """All workers of an application.

    `clock_offset` answers how far the store's clock is ahead of the machine's; every invocation is told.
    `on_done` is called after each invocation. `patience` says how many seconds an invocation waits for one of the
    workers that there are, when they are as many as the machine has cores, before another is started. More of them
    would share the same cores, and each start with nothing in its memory. Lambda has cores enough, and does not wait.
    """

    def __init__(
        self,
        application: Application,
        *,
        endpoints: Endpoints,
        logs: LogBook,
        clock_offset: Callable[[], float] = lambda: 0.0,
        on_done: Callable[[], None] = lambda: None,
        patience: float = 0.0,
        per_function: int = 8,
        total: int = 32,
    ) -> None:
        self._endpoints = endpoints
        self._logs = logs
        self._clock_offset = clock_offset
        self._on_done = on_done
        self._patience = patience
        self._per_function = per_function
        self._total = total
        self._crews: dict[str, _Crew] = {}
        self._root = RootZygote(service_environment(endpoints))
        self._nurseries: dict[str, Nursery] = {}
        self._opening: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._reaper: asyncio.Task[None] | None = None
        self._running: dict[Worker, str] = {}
        self.application = application
        self.adopt(application)

    async def start(self) -> None:
        """Import everything once; the first invocation of each function then takes milliseconds."""
        await self._root.start()
        stacks = {crew.function.stack for crew in self._crews.values()}
        await asyncio.gather(*(self._nursery(stack) for stack in stacks))
        self._reaper = asyncio.create_task(self._reap_idle())

    async def stop(self) -> None:
        """End all workers."""
        if self._reaper:
            self._reaper.cancel()
            with suppress(asyncio.CancelledError):
                await self._reaper
        for crew in self._crews.values():
            for worker in [*crew.idle, *crew.busy]:
                worker.kill()
        for nursery in self._nurseries.values():
            nursery.close()
        await self._root.stop()

    def adopt(self, application: Application) -> None:
        """Serve a changed application; workers of functions that changed are retired."""
        self.application = application
        old, self._crews = self._crews, {}
        changed_stacks = set()
        for function in application.functions.values():
            spec = self._spec(function)
            known = old.get(function.name)
            if known and known.spec == spec and known.function == function:
                self._crews[function.name] = old.pop(function.name)
            else:
                self._crews[function.name] = _Crew(spec, function)
                changed_stacks.add(function.stack)
        for crew in old.values():
            _retire_idle(crew)
        for stack in changed_stacks:
            self._retire_nursery(stack)

    async def reload(self, changed: set[Path]) -> list[str]:
        """Take up changed sources: a handler's folder retires its workers, a layer those of whole stacks.

        Returns the names of the functions that will start afresh.
        """
        stacks = {
            crew.function.stack
            for crew in self._crews.values()
            for layer in crew.function.layers
            if any(path.is_relative_to(layer) for path in changed)
        }
        for stack in stacks:
            self._retire_nursery(stack)
        renewed = []
        for crew in list(self._crews.values()):
            own = any(path.is_relative_to(crew.function.code_dir) for path in changed)
            if own or crew.function.stack in stacks:
                _retire_idle(crew)
                self._crews[crew.function.name] = _Crew(crew.spec, crew.function)
                renewed.append(crew.function.name)
        await asyncio.gather(*(self._nursery(stack) for stack in stacks))
        return renewed

    async def invoke(self, name: str, event: Mapping[str, Any] | bytes, *, request_id: str | None = None) -> Invocation:
        """Run a function once. Raises KeyError for a name that is not there, and Throttled."""
        crew = self._crews[name]
        request_id = request_id or new_uuid()
        body = event if isinstance(event, bytes) else json.dumps(event, separators=(",", ":")).encode()
        began = time.perf_counter()
        try:
            worker = await self._acquire(crew, request_id)
        except (TimedOut, Closed):
            late = FunctionError("Runtime.InitError", f"The function did not start within {INIT_SECONDS:.0f} seconds")
            return Invocation(name, request_id, None, late, time.perf_counter() - began)
        self._running[worker] = request_id
        deadline = machine_time() + crew.function.timeout
        head = json.dumps(
            {"request_id": request_id, "deadline": deadline, "clock_offset": self._clock_offset()},
            separators=(",", ":"),
        )
        request = head[:-1].encode() + b',"event":' + body + b"}"
        answer: dict[str, Any] = {}
        error: FunctionError | None = None
        alive = False
        try:
            answer = await worker.invoke(request, seconds=crew.function.timeout)
            alive = True
        except TimedOut:
            error = FunctionError("Sandbox.Timedout", f"Task timed out after {crew.function.timeout:.2f} seconds")
        except Closed:
            error = FunctionError("Runtime.ExitError", _exit_message(request_id, worker.exit_status))
        finally:
            self._running.pop(worker, None)
            crew.busy.discard(worker)
            if not alive:
                worker.retire()
            self._release(crew, worker if alive and not worker.load_failure else None)
        seconds = time.perf_counter() - began
        crew.invocations += 1
        self._on_done()
        if "error" in answer:
            raised = answer["error"]
            error = FunctionError(raised["errorType"], raised["errorMessage"], tuple(raised["stackTrace"]))
        if error:
            crew.errors += 1
            if not alive:
                self._logs.write(function=name, request_id=request_id, line=f"[ERROR] {error.kind}: {error.message}")
        return Invocation(name, request_id, answer.get("result"), error, seconds)

    def report(self) -> list[dict[str, Any]]:
        """Describe every function that has run, with its workers and their memory (kilobytes)."""
        return [
            {
                "function": crew.function.name,
                "handler": crew.function.handler,
                "invocations": crew.invocations,
                "errors": crew.errors,
                "cold_starts": crew.cold_starts,
                "fork_ms": round(crew.last_fork_seconds * 1000, 2),
                "workers": [
                    {"pid": worker.pid, "busy": worker in crew.busy, "rss_kb": _rss(worker.pid)}
                    for worker in [*crew.idle, *crew.busy]
                ],
            }
            for crew in self._crews.values()
            if crew.invocations or crew.size
        ]

    @property
    def busy(self) -> int:
        """How many invocations run now."""
        return len(self._running)

    def parents(self) -> list[dict[str, Any]]:
        """Describe the zygotes: the one with the packages, and one per stack."""
        root = {"stack": None, "pid": self._root.pid, "seconds": round(self._root.preload_seconds, 3)}
        stacks = [
            {
                "stack": stack or "root",
                "pid": nursery.pid,
                "seconds": round(nursery.preload_seconds, 3),
                "failed_imports": nursery.failed_imports,
            }
            for stack, nursery in self._nurseries.items()
        ]
        return [root, *stacks]

    async def _acquire(self, crew: _Crew, request_id: str) -> Worker:
        limit = min(self._per_function, crew.function.reserved_concurrency or self._per_function)
        came = time.monotonic()
        while True:
            while crew.idle:
                worker = crew.idle.pop()
                if not worker.gone:
                    crew.busy.add(worker)
                    return worker
                worker.retire()
            patient_until = came + (self._patience if crew.size >= CORES else 0.0)
            if time.monotonic() >= patient_until and crew.size < limit and self._make_room():
                return await self._hire(crew, request_id)
            until = patient_until if crew.size < limit and patient_until > time.monotonic() else came + WAIT_SECONDS
            handed = await self._next_free(crew, until)
            if handed is not None:
                return handed
            if time.monotonic() >= came + WAIT_SECONDS:
                raise Throttled(crew.function.name)

    async def _next_free(self, crew: _Crew, until: float) -> Worker | None:
        """Wait in line for a worker of this crew; None: the time is up, or there is room for another."""
        place: asyncio.Future[Worker | None] = asyncio.get_running_loop().create_future()
        crew.waiting.append(place)
        try:
            return await asyncio.wait_for(place, max(0.0, until - time.monotonic()))
        except TimeoutError:
            return None
        except asyncio.CancelledError:
            if place.done() and not place.cancelled() and (worker := place.result()):
                crew.busy.discard(worker)
                self._release(crew, worker)
            raise

    async def _hire(self, crew: _Crew, request_id: str) -> Worker:
        crew.starting += 1
        try:
            nursery = await self._nursery(crew.function.stack)
            worker = Worker(nursery, crew.spec, lambda line: self._log(crew, worker, line))
            self._running[worker] = request_id
            try:
                await worker.start(seconds=INIT_SECONDS)
            except BaseException:
                self._running.pop(worker, None)
                raise
        finally:
            crew.starting -= 1
        crew.busy.add(worker)
        crew.cold_starts += 1
        crew.last_fork_seconds = worker.fork_seconds
        return worker

    def _log(self, crew: _Crew, worker: Worker, line: str) -> None:
        if line:
            self._logs.write(function=crew.function.name, request_id=self._running.get(worker, ""), line=line)

    def _release(self, crew: _Crew, worker: Worker | None) -> None:
        if worker:
            current = self._crews.get(crew.function.name) is crew
            if current and worker.nursery is self._nurseries.get(crew.function.stack):
                if (place := _first_in_line(crew)) is not None:
                    crew.busy.add(worker)
                    place.set_result(worker)
                    return
                worker.idle_since = time.monotonic()
                crew.idle.append(worker)
            else:
                worker.retire()
        # Room for a worker is room for any crew's.
        for each in (crew, *self._crews.values()):
            if (place := _first_in_line(each)) is not None:
                place.set_result(None)

    def _make_room(self) -> bool:
        if sum(crew.size for crew in self._crews.values()) < self._total:
            return True
        idle = [(worker.idle_since, crew, worker) for crew in self._crews.values() for worker in crew.idle]
        if not idle:
            return False
        _since, crew, oldest = min(idle, key=lambda entry: entry[0])
        crew.idle.remove(oldest)
        oldest.retire()
        return True

    async def _reap_idle(self) -> None:
        while True:
            await asyncio.sleep(IDLE_SECONDS / 10)
            limit = time.monotonic() - IDLE_SECONDS
            for crew in self._crews.values():
                for worker in [worker for worker in crew.idle if worker.idle_since < limit]:
                    crew.idle.remove(worker)
                    worker.retire()

    async def _nursery(self, stack: str) -> Nursery:
        async with self._opening[stack]:
            known = self._nurseries.get(stack)
            if known is None or known.closed:
                crews = [crew for crew in self._crews.values() if crew.function.stack == stack]
                layers = dict.fromkeys(str(layer) for crew in crews for layer in crew.function.layers)
                shared = set.intersection(*(set(crew.spec.environment.items()) for crew in crews))
                known = await self._root.nursery(search_path=list(layers), environment=dict(shared))
                self._nurseries[stack] = known
            return known

    def _retire_nursery(self, stack: str) -> None:
        for crew in self._crews.values():
            if crew.function.stack == stack:
                _retire_idle(crew)
        # Its busy workers may finish what they do.
        if nursery := self._nurseries.pop(stack, None):
            asyncio.get_running_loop().call_later(WAIT_SECONDS, nursery.close)

    def _spec(self, function: Function) -> WorkerSpec:
        return WorkerSpec(
            function=function.name,
            arn=function.arn,
            handler=function.handler,
            memory=function.memory,
            search_path=(str(function.code_dir), *map(str, function.layers)),
            environment=function_environment(function, self._endpoints),
        )


def _first_in_line(crew: _Crew) -> asyncio.Future[Worker | None] | None:
    while crew.waiting:
        place = crew.waiting.popleft()
        if not place.done():
            return place
    return None


def _retire_idle(crew: _Crew) -> None:
    while crew.idle:
        crew.idle.pop().retire()


def _exit_message(request_id: str, status: int | None) -> str:
    if status is None:
        return f"RequestId: {request_id} Error: Runtime exited without providing a reason"
    how = f"signal: {-status}" if status < 0 else f"exit status {status}"
    return f"RequestId: {request_id} Error: Runtime exited with error: {how}"


def _rss(pid: int) -> int:
    with suppress(OSError, ValueError):
        fields = Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()
        return int(fields[1]) * 4
    return 0
