"""The routes of the control surface, all under `/_local/`."""

import asyncio
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from local.control.tables import read_items

if TYPE_CHECKING:
    from local.store import LocalStore

LONGEST_DRAIN_SECONDS = 120.0
STRIPE_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


class _Control:
    """The handlers; each one asks the running store."""

    def __init__(self, store: "LocalStore") -> None:
        self._store = store

    async def info(self, _request: Request) -> Response:
        return JSONResponse(self._store.info())

    async def drain(self, request: Request) -> Response:
        seconds = _number(request, "timeout", default=20.0, most=LONGEST_DRAIN_SECONDS)
        return JSONResponse(await self._store.pumps.drain(seconds=seconds))

    async def tick(self, request: Request) -> Response:
        if "seconds" not in request.query_params:
            raise HTTPException(HTTPStatus.BAD_REQUEST, "say how far: POST /_local/tick?seconds=N")
        seconds = _number(request, "seconds", default=0.0, most=float("inf"))
        timeout = _number(request, "timeout", default=20.0, most=LONGEST_DRAIN_SECONDS)
        return JSONResponse(await self._store.tick(seconds, drain_seconds=timeout))

    async def tables(self, _request: Request) -> Response:
        tables = self._store.application.tables.values()
        return JSONResponse({"items": [{"name": table.name, "logical_id": table.logical_id} for table in tables]})

    async def table(self, request: Request) -> Response:
        try:
            table = self._store.application.table(request.path_params["name"])
        except KeyError as error:
            raise _unknown("table", error) from error
        key = request.query_params.get(table.hash_key)
        items = await asyncio.to_thread(read_items, self._store.clients, table, hash_value=key)
        return JSONResponse({"table": table.name, "count": len(items), "items": items})

    async def emails(self, request: Request) -> Response:
        to = request.query_params.get("to")
        mails = [mail for mail in self._store.pumps.inbox.mails if to is None or to in mail["to"]]
        return JSONResponse({"items": mails})

    async def events(self, request: Request) -> Response:
        kind = request.query_params.get("type")
        events = [
            {**entry["event"], "bus": entry["bus"], "rules": entry["rules"]} for entry in self._store.pumps.bus.history
        ]
        return JSONResponse({"items": [event for event in events if kind in (None, event["detail-type"])]})

    async def logs(self, request: Request) -> Response:
        records = self._store.logs.tail(
            function=request.query_params.get("function"),
            request_id=request.query_params.get("request_id"),
            limit=int(_number(request, "limit", default=200, most=5000)),
        )
        return JSONResponse({"items": [record.to_json() for record in records]})

    async def functions(self, _request: Request) -> Response:
        return JSONResponse({"parents": self._store.pool.parents(), "items": self._store.pool.report()})

    async def schedules(self, _request: Request) -> Response:
        return JSONResponse({"now": self._store.clock.moment().isoformat(), **self._store.pumps.schedules.upcoming()})

    async def queues(self, _request: Request) -> Response:
        news = await self._store.link.news(after=1 << 62)
        items = [
            {"name": queue.name, "logical_id": queue.logical_id, **news.queues.get(queue.name, {})}
            for queue in self._store.application.queues
        ]
        return JSONResponse({"items": items})

    async def queue(self, request: Request) -> Response:
        try:
            queue = self._store.application.queue(request.path_params["name"])
        except KeyError as error:
            raise _unknown("queue", error) from error
        messages = await self._store.link.peek(queue.name)
        return JSONResponse({"name": queue.name, "items": messages})

    async def redrive(self, request: Request) -> Response:
        application = self._store.application
        target = request.query_params.get("to")
        try:
            source = application.queue(request.path_params["name"]).name
            moved = await self._store.link.redrive(source, application.queue(target).name if target else None)
        except KeyError as error:
            raise _unknown("queue", error) from error
        return JSONResponse({"moved": moved})

    async def stripe(self, request: Request) -> Response:
        link = self._store.stripe
        if link is None:
            raise HTTPException(HTTPStatus.CONFLICT, "this store uses real Stripe; use its dashboard or CLI instead")
        reply = await link.forward(
            request.method, request.path_params["rest"], query=request.url.query, body=await request.body()
        )
        return Response(reply.body, reply.status, media_type=reply.content_type)

    async def custom_resource(self, request: Request) -> Response:
        document: dict[str, Any] = await request.json()
        self._store.custom_resources.answered(request.path_params["request_id"], document)
        return Response(status_code=HTTPStatus.OK)


def create_control(store: "LocalStore") -> Starlette:
    """Build the control surface of a store."""
    control = _Control(store)
    routes: list[tuple[tuple[str, ...], str, Callable[[Request], Awaitable[Response]]]] = [
        (("GET",), "/info", control.info),
        (("POST",), "/drain", control.drain),
        (("POST",), "/tick", control.tick),
        (("GET",), "/tables", control.tables),
        (("GET",), "/tables/{name}", control.table),
        (("GET",), "/emails", control.emails),
        (("GET",), "/events", control.events),
        (("GET",), "/logs", control.logs),
        (("GET",), "/functions", control.functions),
        (("GET",), "/schedules", control.schedules),
        (("GET",), "/queues", control.queues),
        (("GET",), "/queues/{name}", control.queue),
        (("POST",), "/queues/{name}/redrive", control.redrive),
        (STRIPE_METHODS, "/stripe/{rest:path}", control.stripe),
        (("PUT",), "/cloudformation/{request_id}", control.custom_resource),
    ]
    return Starlette(
        routes=[Route(f"/_local{path}", endpoint, methods=list(methods)) for methods, path, endpoint in routes],
        exception_handlers={HTTPException: _problem, Exception: _crash},
    )


def _number(request: Request, name: str, *, default: float, most: float) -> float:
    text = request.query_params.get(name)
    try:
        value = default if text is None else float(text)
    except ValueError as error:
        raise HTTPException(HTTPStatus.BAD_REQUEST, f"{name} must be a number, not {text!r}") from error
    if not 0 <= value <= most:
        raise HTTPException(HTTPStatus.BAD_REQUEST, f"{name} must be between 0 and {most:g}")
    return value


def _unknown(what: str, error: KeyError) -> HTTPException:
    return HTTPException(HTTPStatus.NOT_FOUND, f"there is no {what} {error.args[0]}")


async def _problem(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else HTTPStatus.INTERNAL_SERVER_ERROR
    detail = error.detail if isinstance(error, HTTPException) else f"{type(error).__name__}: {error}"
    document = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": int(status),
        "detail": f"{request.method} {request.url.path}: {detail}",
    }
    return JSONResponse(document, status, media_type="application/problem+json")


async def _crash(request: Request, error: Exception) -> Response:
    return await _problem(request, error)
