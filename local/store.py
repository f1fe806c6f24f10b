"""The whole store in one runtime: engines, workers, gateway, pumps and control surface, started and stopped."""

import asyncio
import contextlib
import mimetypes
import os
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from local.clock import StoreClock
from local.control import create_control
from local.custom_resources import CustomResourceFailed, CustomResources
from local.engine_room import EngineRoom
from local.engines import provision
from local.engines.clients import Clients
from local.engines.link import EngineLink
from local.engines.ports import require_free
from local.explorer import Explorer
from local.gateway import Gateway
from local.gateway.access_log import Access, AccessLog
from local.gateway.responses import NOT_FOUND, HttpResponse
from local.options import Options
from local.pumps import Pumps
from local.pumps.stripe_link import StripeLink
from local.secret_parameters import STAFF_KEY, SecretParameters
from local.servers import Listener
from local.state import StateFile
from local.templates import Application, LocalNames, load_application
from local.workers import LogBook, LogRecord, WorkerPool

STACK = "tradewind"
SENDER = "shop@tradewind.example"
ALERTS = "alerts@tradewind.example"


class LocalStore:
    """One local store. `say` hears each step of the start with its seconds, `warn` what a person should know."""

    application: Application
    clients: Clients
    pool: WorkerPool
    pumps: Pumps
    link: EngineLink
    gateway: Gateway
    custom_resources: CustomResources

    def __init__(
        self,
        options: Options,
        *,
        say: Callable[[str, float], None] = lambda _what, _seconds: None,
        warn: Callable[[str], None] = lambda _text: None,
        on_access: Callable[[Access], None] | None = None,
        on_log: Callable[[LogRecord], None] | None = None,
    ) -> None:
        self.options = options
        self.clock = StoreClock()
        self.state_file = StateFile(options.data)
        self.secrets = SecretParameters(self.state_file, options.real_stripe)
        self.logs = LogBook(options.logs / "functions.jsonl" if options.logs else None, on_log)
        self.stripe: StripeLink | None = None
        self._access_lines = LogBook(options.logs / "access.jsonl" if options.logs else None)
        self._say = say
        self._warn = warn
        self._on_access = on_access
        self._listeners: list[Listener] = []
        self._closers: list[Callable[[], Awaitable[None]]] = []

    async def start(self) -> None:
        """Start everything; what was started is stopped again when a part fails."""
        try:
            self._bind()
            await self._start_engines()
            await self._open()
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Stop everything; nothing that was started stays behind."""
        for listener in self._listeners:
            with contextlib.suppress(OSError):
                await listener.stop()
        self._listeners.clear()
        while self._closers:
            await self._closers.pop()()
        self.state_file.close()
        self.logs.close()
        self._access_lines.close()

    async def tick(self, seconds: float, *, drain_seconds: float) -> dict[str, Any]:
        """Move the clock, run what became due, and drain; a durable store remembers its clock."""
        outcome = await self.pumps.tick(seconds, drain_seconds=drain_seconds)
        self.state_file.state.clock_offset = self.clock.offset
        self.state_file.save()
        return outcome

    async def reload(self, changed: set[Path]) -> list[str]:
        """Take up changed sources and templates; return the functions that start afresh."""
        if changed & set(self.application.template_files):
            self.application = await asyncio.to_thread(self._load)
            await self._create_tables()
            await asyncio.to_thread(provision.create_services, self.clients, self.application)
            self.pool.adopt(self.application)
            self.gateway.adopt(self.application)
            await self.pumps.adopt(self.application)
        return await self.pool.reload(changed)

    def info(self) -> dict[str, Any]:
        """Say where everything is."""
        endpoints = self.engines.endpoints
        return {
            "store_url": self.store_url,
            "control_url": self.control_url,
            "stripe_url": endpoints.stripe or None,
            "webhook_secret": self.secrets.webhook_secret,
            "staff_key": self.secrets.get(self.application, STAFF_KEY),
            "publishable_key": self.secrets.publishable_key,
            "docs_url": f"{self.store_url}/docs",
            "aws_url": endpoints.aws,
            "dynamodb_url": endpoints.dynamodb,
            "dynamodb_engine": self.engines.dynamodb_engine,
            "data": str(self.options.data) if self.engines.durable else "memory",
            "now": self.clock.moment().isoformat(),
            "clock_offset_seconds": self.clock.offset,
            "pids": {"runtime": os.getpid(), "worker parent": self.pool.parents()[0]["pid"], **self.engines.pids},
        }

    def _bind(self) -> None:
        wanted = ((self.options.port, "the store", "--port"), (self.options.control_port, "control", "--control-port"))
        for port, purpose, option in wanted:
            if port:
                require_free(port, purpose=purpose, option=f"{option} N")
            self._listeners.append(Listener(port))
        self.store_url, self.control_url = (listener.url for listener in self._listeners)

    async def _start_engines(self) -> None:
        began = time.perf_counter()
        # In the main thread: the kernel ends a child together with the thread that started it.
        self.engines = EngineRoom(
            self.options, store_url=self.store_url, webhook_secret=self.secrets.webhook_secret, warn=self._warn
        )
        self._closers.append(self.engines.stop)
        self.application = self._load()
        self._say(f"{len(self.application.functions)} functions read from the templates", time.perf_counter() - began)
        self.clients = Clients(self.engines.endpoints)
        self.clock.move(self.state_file.state.clock_offset)
        self.pool = WorkerPool(
            self.application,
            endpoints=self.engines.endpoints,
            logs=self.logs,
            clock_offset=lambda: self.clock.offset,
            on_done=self._invoked,
            patience=self.options.patience,
        )
        self._closers.append(self.pool.stop)
        preload = asyncio.create_task(self._timed("worker parent, everything imported", self.pool.start()))
        try:
            await self.engines.wait_ready(self._timed)
            await self._timed("tables", self._create_tables())
            await self._timed("queues, bus, topics, parameters", asyncio.to_thread(self._create_services))
        finally:
            await preload

    async def _create_tables(self) -> None:
        stale = await asyncio.to_thread(provision.create_tables, self.clients, self.application)
        if stale:
            self._warn(
                f"{', '.join(stale)}: kept from an earlier version of the templates, with other keys or indexes. "
                "`make clean` starts afresh."
            )

    def _create_services(self) -> None:
        provision.create_services(self.clients, self.application)
        provision.verify_sender(self.clients, SENDER)
        self.secrets.put(self.clients, self.application)

    async def _open(self) -> None:
        self.link = EngineLink(self.engines.endpoints.aws)
        self._closers.append(self.link.close)
        await self.link.set_clock(self.clock.offset)
        if self.engines.endpoints.stripe:
            self.stripe = StripeLink(self.engines.endpoints.stripe)
            self._closers.append(self.stripe.close)
            await self.stripe.set_clock(self.clock.offset)
        self.pumps = Pumps(
            self.application,
            clients=self.clients,
            link=self.link,
            pool=self.pool,
            clock=self.clock,
            stripe=self.stripe,
            checkpoints=self.state_file.state.checkpoints,
            keep_checkpoints=self.state_file.keep_checkpoints,
        )
        self.gateway = Gateway(
            self.application,
            pool=self.pool,
            clock=self.clock,
            access_log=AccessLog(self._write_access, self._on_access),
            throttle=self.options.throttle,
            page=Explorer(document=self.options.openapi, store_url=self.store_url).page,
            read_object=self._read_object,
            integration_seconds=self.options.integration_seconds,
        )
        store, control = self._listeners
        self.custom_resources = CustomResources(pool=self.pool, control_url=control.url)
        await control.serve(create_control(self))
        await self._timed("set-up functions", self._set_up())
        await self.pumps.start()
        self._closers.append(self.pumps.stop)
        await store.serve(self.gateway)

    async def _set_up(self) -> None:
        for resource in self.application.custom_resources:
            try:
                await self.custom_resources.create(self.application, resource)
            except CustomResourceFailed as error:
                self._warn(f"A set-up function failed; a real deployment would roll back here. {error}")
        await asyncio.to_thread(self.secrets.remember, self.clients, self.application)

    def _invoked(self) -> None:
        if hasattr(self, "pumps"):
            self.pumps.stir()

    def _load(self) -> Application:
        given = {
            "Stage": "local",
            "ShopUrl": self.store_url,
            "SenderEmail": SENDER,
            "AlertEmail": ALERTS,
            "StripePublishableKey": self.secrets.publishable_key,
            "CostMetricsEvery": "0",  # No CloudWatch reads the logs here.
        }
        names = LocalNames(stack=STACK, queue_endpoint=self.engines.endpoints.aws)
        return load_application(self.options.template, names=names, parameters=given | dict(self.options.parameters))

    async def _timed(self, what: str, work: Awaitable[Any]) -> None:
        began = time.perf_counter()
        await work
        self._say(what, time.perf_counter() - began)

    async def _read_object(self, bucket: str, key: str) -> HttpResponse:
        try:
            found = await asyncio.to_thread(lambda: self.clients.s3.get_object(Bucket=bucket, Key=key))
        except ClientError:
            return await asyncio.to_thread(self._read_file, key)
        body = await asyncio.to_thread(found["Body"].read)
        return HttpResponse(200, (("content-type", found["ContentType"]), ("etag", found["ETag"])), body)

    def _read_file(self, key: str) -> HttpResponse:
        folder = self.options.files.resolve()
        file = (folder / key).resolve()
        if not file.is_relative_to(folder / "media") or not file.is_file():
            return NOT_FOUND
        content_type = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        return HttpResponse(200, (("content-type", content_type),), file.read_bytes())

    def _write_access(self, line: str) -> None:
        self._access_lines.write(function="gateway", request_id="", line=line)
