"""A valid request with one part of it spoiled, for every part there is."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tests.faults.input import values
from tests.faults.input.front import Request
from tests.support.document import Operation

SHOWN = 60
PLACEHOLDER = "\x07here\x07"


@dataclass(frozen=True, slots=True)
class Spoiled:
    """A spoiled request, and what was done to it."""

    what: str
    request: Request


def spoiled(
    base: Request, operation: Operation, *, queries: Sequence[str], body: Any
) -> Mapping[str, Sequence[Spoiled]]:
    """Return a request's spoiled twins, by the part that is spoiled.

    :param queries: the parameters that the operation reads from its query.
    :param body: what the base's body says, or None.
    """
    return {
        "ids": list(_ids(base, operation)),
        "paths": list(_paths(base)),
        "methods": [Spoiled(f"method {method}", replace(base, method=method)) for method in values.METHODS],
        "queries": list(_queries(base, queries)),
        "headers": list(_headers(base, operation)),
        "bodies": list(_bodies(base)),
        "fields": list(_fields(base, body)) if isinstance(body, dict) else [],
    }


def _ids(base: Request, operation: Operation) -> Iterator[Spoiled]:
    sent = base.target.split("/")
    for place, part in enumerate(operation.path.split("/")):
        if part.startswith("{"):
            for value in values.SEGMENTS:
                target = "/".join([*sent[:place], value, *sent[place + 1 :]])
                yield Spoiled(f"{part} {value[:SHOWN]}", replace(base, target=target))


def _paths(base: Request) -> Iterator[Spoiled]:
    path = base.target
    for shape in values.PATHS:
        target = shape.format(path=path, rest=path.removeprefix("/v1"), upper=path.upper())
        yield Spoiled(f"path {shape}", replace(base, target=target))


def _queries(base: Request, names: Sequence[str]) -> Iterator[Spoiled]:
    single = (f"{name}={value}" for name in names or ("dry_run",) for value in values.PARAMETERS)
    for query in (*single, *values.QUERIES):
        yield Spoiled(f"query {query[:SHOWN]}", replace(base, target=f"{base.target}?{query}"))


def _headers(base: Request, operation: Operation) -> Iterator[Spoiled]:
    unread = {
        "Idempotency-Key": not operation.takes_key,
        "If-Match": not operation.takes_if_match,
        "Order-Token": not operation.takes_order_token,
        "Stripe-Signature": operation.id != "receive_stripe",
        "Authorization": operation.scope is None,
    }
    for name, sent in values.HEADERS.items():
        for value in sent if not unread.get(name) else ():
            yield Spoiled(f"header {name}: {value[:SHOWN]}", base.having((name, value)))
    for several in values.SEVERAL_HEADERS:
        yield Spoiled(f"headers {several[0][0][:SHOWN]} and others", base.having(*several))


def _bodies(base: Request) -> Iterator[Spoiled]:
    for body in values.BODIES:
        as_json = base.having(("Content-Type", "application/json"))
        yield Spoiled(f"body {body[:SHOWN]!r}", replace(as_json, body=body))
    for content_type in values.TYPES:
        for body in (b"", b"\xff", b"{}", base.body, b"a=1", b"--x\r\n\r\n--x--\r\n"):
            typed = base.having(("Content-Type", content_type))
            yield Spoiled(f"body {body[:SHOWN]!r} as '{content_type}'", replace(typed, body=body))


def _fields(base: Request, body: Mapping[str, Any]) -> Iterator[Spoiled]:
    for place, value in _places(body):
        name = ".".join(map(str, place))
        for other in _instead_of(value):
            yield Spoiled(f"{name} = {other!r:.60}", replace(base, body=json.dumps(_with(body, place, other)).encode()))
        for written in values.WRITTEN:
            text = json.dumps(_with(body, place, PLACEHOLDER)).replace(json.dumps(PLACEHOLDER), written)
            yield Spoiled(f"{name} = {written!r:.60}", replace(base, body=text.encode("utf-8", "surrogatepass")))
        yield Spoiled(f"no {name}", replace(base, body=json.dumps(_without(body, place)).encode()))
    for extra in ("x", "", " ", "version", "id", "__proto__", "é", "\u0000"):
        yield Spoiled(f"also {extra!r}", replace(base, body=json.dumps({**body, extra: 1}).encode()))
    text = json.dumps(body)
    yield Spoiled("all of it twice", replace(base, body=f"{text[:-1]},{text[1:]}".encode()))
    yield Spoiled("in a list", replace(base, body=f"[{text}]".encode()))
    yield Spoiled("in UTF-16", replace(base, body=text.encode("utf-16")))
    yield Spoiled("behind a byte order mark", replace(base, body=b"\xef\xbb\xbf" + text.encode()))


def _instead_of(value: Any) -> Sequence[Any]:
    if isinstance(value, str):
        return (*values.TEXTS, *values.OTHERS)
    return (*values.NUMBERS, *values.OTHERS) if isinstance(value, int) else values.OTHERS


def _places(value: Any, place: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Return every place in a body with what stands there, containers too; of a list the first entry."""
    if place:
        yield place, value
    parts: Sequence[tuple[str | int, Any]] = ()
    if isinstance(value, Mapping):
        parts = list(value.items())
    elif isinstance(value, list):
        parts = list(enumerate(value[:1]))
    for name, part in parts:
        yield from _places(part, (*place, name))


def _with(value: Any, place: Sequence[str | int], other: Any) -> Any:
    """Return a copy in which something else stands at one place."""
    if not place:
        return other
    copy: Any = dict(value) if isinstance(value, Mapping) else list(value)
    copy[place[0]] = _with(value[place[0]], place[1:], other)
    return copy


def _without(body: Mapping[str, Any], place: Sequence[str | int]) -> Any:
    """Return a copy that lacks one place."""
    copy = json.loads(json.dumps(body))
    around = copy
    for name in place[:-1]:
        around = around[name]
    del around[place[-1]]
    return copy
