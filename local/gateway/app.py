"""The gateway: an ASGI application that turns HTTP requests into invocations."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from contextlib import suppress
from typing import Any

from local.clock import StoreClock
from local.gateway.access_log import Access, AccessLog
from local.gateway.authorizer import Authorizers
from local.gateway.cors import preflight, with_cors
from local.gateway.events import HttpRequest, RequestSource, http_event, new_request_id
from local.gateway.responses import (
    BROKEN_OFF,
    HEADERS_TOO_LARGE,
    INTERNAL,
    NOT_FOUND,
    TOO_LARGE,
    TOO_MANY,
    UNAVAILABLE,
    HttpResponse,
    from_lambda,
)
from local.gateway.routing import Match, Router, decode_path
from local.gateway.throttle import Throttles
from local.templates import Api, Application, Bucket
from local.workers import Throttled, WorkerPool

type Scope = MutableMapping[str, Any]
type Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
type Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
type Page = Callable[[str], Awaitable[HttpResponse | None]]
type ReadObject = Callable[[str, str], Awaitable[HttpResponse]]

MAX_BODY_BYTES = 10 * 1024 * 1024
MAX_EVENT_BYTES = 6 * 1024 * 1024
MAX_HEADER_BYTES = 10_240
INTEGRATION_SECONDS = 30.0


class NotWhole(Exception):
    """The request's body is larger than API Gateway takes, or the client hung up before it was all there."""

    def __init__(self, answer: HttpResponse) -> None:
        super().__init__(answer.error)
        self.answer = answer


async def _no_page(_path: str) -> HttpResponse | None:
    return None


async def _no_object(_bucket: str, _key: str) -> HttpResponse:
    return NOT_FOUND


class Gateway:
    """All APIs of an application under one base URL.

    `page` may answer paths of the local store itself (the API explorer), `read_object` serves buckets.
    """

    def __init__(
        self,
        application: Application,
        *,
        pool: WorkerPool,
        clock: StoreClock,
        access_log: AccessLog,
        throttle: bool = True,
        page: Page = _no_page,
        read_object: ReadObject = _no_object,
        integration_seconds: float = INTEGRATION_SECONDS,
    ) -> None:
        self._pool = pool
        self._clock = clock
        self._access_log = access_log
        self._page = page
        self._read_object = read_object
        self._integration_seconds = integration_seconds
        self._throttles = Throttles(enabled=throttle)
        self._authorizers = Authorizers(pool.invoke, clock.now)
        self._router = Router(application)

    def adopt(self, application: Application) -> None:
        """Serve the routes of a changed application; cached decisions are forgotten."""
        self._router = Router(application)
        self._authorizers = Authorizers(self._pool.invoke, self._clock.now)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request (ASGI)."""
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
        elif scope["type"] == "http":
            await self._http(scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        began = time.perf_counter()
        request_id = new_request_id()
        pairs = [(name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in scope["headers"]]
        headers = dict(pairs)
        path = decode_path(scope["raw_path"].decode("latin-1"))
        request = HttpRequest(scope["method"], path, scope["query_string"].decode("latin-1"), pairs)
        source = RequestSource(
            ip=(scope.get("client") or ("127.0.0.1", 0))[0],
            time=self._clock.now(),
            request_id=request_id,
            behind_distribution=self._router.behind_distribution,
        )
        match: Match | None = None
        api = self._router.destination(path, request.method)
        page = await self._page(path)
        if page:
            response = page
        elif isinstance(api, Bucket):
            response = await self._read_object(api.name, path.lstrip("/"))
        elif api is None:
            response = NOT_FOUND
        else:
            match = self._router.match_in(api, request.method, path)
            response = preflight(api.cors, method=request.method, headers=headers) or with_cors(
                api.cors,
                await self._answer(request, match, api, source, headers, receive),
                origin=headers.get("origin", ""),
            )
        await _send(send, response, request_id)
        access = Access(
            time=source.time,
            request_id=request_id,
            method=request.method,
            route_key=match.route.key if match else "-",
            status=response.status,
            seconds=time.perf_counter() - began,
            source_ip=source.ip,
            response_bytes=len(response.body),
            error=response.error,
        )
        if page is None:
            self._access_log.record(
                access, api if isinstance(api, Api) else None, match.route if match else None, response
            )

    async def _answer(
        self,
        request: HttpRequest,
        match: Match | None,
        api: Api,
        source: RequestSource,
        headers: Mapping[str, str],
        receive: Receive,
    ) -> HttpResponse:
        if sum(len(name) + len(value) for name, value in request.headers) + len(request.path) > MAX_HEADER_BYTES:
            return HEADERS_TOO_LARGE
        if match is None:
            return NOT_FOUND
        if not self._throttles.admits(api, match.route):
            return TOO_MANY
        try:
            admitted = await self._authorizers.admit(request, match, source, headers)
            if isinstance(admitted, HttpResponse):
                return admitted
            body = await _read_body(headers, receive)
        except NotWhole as error:
            return error.answer
        except Throttled:
            return UNAVAILABLE
        whole = HttpRequest(request.method, request.path, request.query, request.headers, body)
        event = http_event(whole, match, source, authorizer=admitted)
        if len(event.get("body", "")) > MAX_EVENT_BYTES:
            return TOO_LARGE
        return await self._invoke(match.route.function, event)

    async def _invoke(self, function: str, event: Mapping[str, Any]) -> HttpResponse:
        # As in Lambda, the function goes on when the gateway has given up on it.
        running = asyncio.ensure_future(self._pool.invoke(function, event))
        try:
            outcome = await asyncio.wait_for(asyncio.shield(running), self._integration_seconds)
        except TimeoutError:
            running.add_done_callback(lambda task: task.cancelled() or task.exception())
            return UNAVAILABLE
        except Throttled:
            return UNAVAILABLE
        if outcome.error:
            return HttpResponse(INTERNAL.status, INTERNAL.headers, INTERNAL.body, outcome.error.message)
        return from_lambda(outcome.result)


async def _read_body(headers: Mapping[str, str], receive: Receive) -> bytes:
    declared = headers.get("content-length", "0")
    if declared.isdecimal() and int(declared) > MAX_BODY_BYTES:
        raise NotWhole(TOO_LARGE)
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise NotWhole(BROKEN_OFF)
        body += message.get("body", b"")
        if len(body) > MAX_BODY_BYTES:
            raise NotWhole(TOO_LARGE)
        if not message.get("more_body"):
            return bytes(body)


async def _send(send: Send, response: HttpResponse, request_id: str) -> None:
    headers = [(name.encode("latin-1"), value.encode("utf-8")) for name, value in response.headers]
    headers.append((b"apigw-requestid", request_id.encode()))
    if response.status not in (204, 304):
        headers.append((b"content-length", str(len(response.body)).encode()))
    with suppress(OSError):
        await send({"type": "http.response.start", "status": response.status, "headers": headers})
        await send({"type": "http.response.body", "body": response.body if response.status not in (204, 304) else b""})


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
