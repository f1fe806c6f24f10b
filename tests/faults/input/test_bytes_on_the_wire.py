"""The whole local store over its port: bytes that no client library would send, and what its workers make of the rest.

`test_every_operation.py` tries far more, without sockets; here are the gateway's server, forked workers and real
timing. A request that is refused, or was never whole, leaves no trace in any table, at Stripe, or in anybody's mail.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from http import HTTPStatus
from random import Random

import pytest

from local.running import running_store
from tests.faults.http.footprints import Footprint
from tests.faults.input import drawn
from tests.faults.input.front import Answer, Request
from tests.faults.input.hostile import spoiled
from tests.faults.input.rules import broken
from tests.faults.input.size import SIZE
from tests.faults.input.wire import Wire
from tests.support.document import Operation, operations
from tests.support.dynamodb_local import require_java
from tests.support.examples import EXAMPLES
from tests.support.scene import Scene

SERVERS_OWN = "text/plain; charset=utf-8"
"""Bytes that are no HTTP are refused by the server below the gateway, in its own words."""

MEGABYTE = 1024 * 1024


@pytest.fixture(scope="module")
def scene() -> Iterator[Scene]:
    """The shop of the examples, in a store of its own."""
    require_java()
    parameters = {"OpenCheckoutsPerNetwork": "10000"}
    with running_store(parameters=parameters, options=["--no-watch", "--no-throttle", "--patience=0"]) as running:
        scene = Scene(running)
        scene.set_up()
        yield scene
        scene.close()


@pytest.fixture(scope="module")
def wire(scene: Scene) -> Wire:
    """A line to the store."""
    return Wire(scene.info["store_url"])


@pytest.fixture
def cart(scene: Scene) -> str:
    """The id of a cart that is ready for checkout."""
    return str(scene.ready_cart()["id"])


def put_line(cart: str, scene: Scene, *, headers: bytes = b"", body: bytes = b"") -> bytes:
    """Return a request that would put two mugs into a cart, with these headers."""
    head = f"PUT /v1/carts/{cart}/lines/{scene.mug} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    return head.encode() + headers + b"\r\n" + body


GOOD = b'{"quantity": 2}'
LENGTH = b"Content-Length: 15\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"

NOT_WHOLE: Mapping[str, tuple[bytes, bytes]] = {
    "a body that ends early": (b"Content-Length: 16\r\n", GOOD),
    "a body that never comes": (LENGTH, b""),
    "chunks without an end": (CHUNKED, b"f\r\n" + GOOD + b"\r\n"),
    "a chunk that ends early": (CHUNKED, b"ff\r\n" + GOOD),
    "a length that is no number": (b"Content-Length: x\r\n", GOOD),
    "a negative length": (b"Content-Length: -15\r\n", GOOD),
    "a length with a sign": (b"Content-Length: +15\r\n", GOOD),
    "a length beyond all numbers": (b"Content-Length: " + b"9" * 40 + b"\r\n", GOOD),
    "two lengths": (b"Content-Length: 15\r\nContent-Length: 14\r\n", GOOD),
    "a length and chunks": (LENGTH + CHUNKED, b"f\r\n" + GOOD + b"\r\n0\r\n\r\n"),
    "chunks of no size": (CHUNKED, b"x\r\n" + GOOD + b"\r\n0\r\n\r\n"),
    "a chunk larger than it says": (CHUNKED, b"1\r\n" + GOOD + b"\r\n0\r\n\r\n"),
    "an unknown coding": (b"Transfer-Encoding: gzip\r\n", GOOD),
    "chunks of gzip": (
        b"Transfer-Encoding: gzip, chunked\r\nContent-Encoding: gzip\r\n",
        b"3\r\n\x1f\x8b\x08\r\n0\r\n\r\n",
    ),
    "a header without a colon": (LENGTH + b"X\r\n", GOOD),
    "a header that goes on": (LENGTH + b"X: 1\r\n  2\r\n", b"{}"),
    "a header with a NUL": (LENGTH + b"X: \x00\r\n", GOOD),
    "a header's name with a space": (LENGTH + b"X Y: 1\r\n", GOOD),
    "a header with a bare line feed": (LENGTH + b"X: 1\nOrder-Token: 2\r\n", b""),
    "headers without end": (b"X: " + b"x" * 200_000 + b"\r\n" + LENGTH, GOOD),
    "a thousand headers": (b"".join(b"X-%d: a header\r\n" % number for number in range(1000)) + LENGTH, GOOD),
    "a body beyond the gateway's limit": (b"Content-Length: %d\r\n" % (11 * MEGABYTE), b" " * (11 * MEGABYTE)),
    "chunks beyond the gateway's limit": (CHUNKED, (b"100000\r\n" + b" " * MEGABYTE + b"\r\n") * 11 + b"0\r\n\r\n"),
    "a body beyond our limit": (b"Content-Length: %d\r\n" % (65 * 1024), b" " * (65 * 1024)),
    "a body that Lambda would not take": (b"Content-Length: %d\r\n" % (7 * MEGABYTE), b" " * (7 * MEGABYTE)),
}
WHOLE: Mapping[str, tuple[bytes, Callable[[bytes], bytes]]] = {
    "at once": (LENGTH, bytes),
    "in one chunk": (CHUNKED, lambda body: b"f\r\n" + body + b"\r\n0\r\n\r\n"),
    "byte by byte": (CHUNKED, lambda body: b"".join(b"1\r\n%c\r\n" % byte for byte in body) + b"0\r\n\r\n"),
    "with a trailer": (CHUNKED + b"Trailer: X\r\n", lambda body: b"f;x=y\r\n" + body + b"\r\n0\r\nX: 1\r\n\r\n"),
    "after a pause": (LENGTH + b"Expect: 100-continue\r\n", bytes),
    "with bytes beyond ASCII": (LENGTH + b"X: \xe9\xff\r\n", bytes),
}
NO_REQUESTS: Mapping[str, bytes] = {
    "nothing": b"",
    "an empty line": b"\r\n",
    "half a line": b"GET /v1/pro",
    "noise": bytes(range(256)) * 8,
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 500,
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00",
    "HTTP/0.9": b"GET /v1/products\r\n",
    "HTTP/1.0": b"GET /v1/products HTTP/1.0\r\n\r\n",
    "HTTP/9.9": b"GET /v1/products HTTP/9.9\r\nHost: x\r\n\r\n",
    "no version": b"GET /v1/products\r\nHost: x\r\n\r\n",
    "no path": b"GET HTTP/1.1\r\nHost: x\r\n\r\n",
    "no host": b"GET /v1/products HTTP/1.1\r\n\r\n",
    "two hosts": b"GET /v1/products HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
    "a whole address": b"GET http://evil.example/v1/products HTTP/1.1\r\nHost: x\r\n\r\n",
    "a tunnel": b"CONNECT evil.example:443 HTTP/1.1\r\nHost: x\r\n\r\n",
    "a star": b"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n",
    "a path of raw bytes": b"GET /v1/products/\xff\xfe\x00 HTTP/1.1\r\nHost: x\r\n\r\n",
    "a path of UTF-8": "GET /v1/products/é HTTP/1.1\r\nHost: x\r\n\r\n".encode(),
    "a path without end": b"GET /" + b"x" * 200_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    "line feeds alone": b"GET /v1/products HTTP/1.1\nHost: x\n\n",
    "a long method": b"X" * 10_000 + b" /v1/products HTTP/1.1\r\nHost: x\r\n\r\n",
    "an upgrade": b"GET /v1/products HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
    "an unknown expectation": b"GET /v1/products HTTP/1.1\r\nHost: x\r\nExpect: 42\r\n\r\n",
}


def faults(answer: Answer | None, request: Request, operation: Operation | None = None) -> list[str]:
    """Return what is wrong with an answer, unless the server below the gateway made it, or hung up."""
    if answer is None:
        return []
    if answer.status == HTTPStatus.BAD_REQUEST and answer.header("content-type") == SERVERS_OWN:
        return []
    return [f"{wrong}: {request}\n\n{answer}" for wrong in broken(request, answer, operation)]


def conclude(wrong: Sequence[str]) -> None:
    """Fail with all that was wrong."""
    if wrong:
        pytest.fail(f"\n\n{'-' * 80}\n".join(wrong), pytrace=False)


def test_a_request_that_is_not_whole_changes_nothing(scene: Scene, wire: Wire, cart: str) -> None:
    wrong = []
    before = Footprint.of(scene)
    for what, (headers, body) in NOT_WHOLE.items():
        answer = wire.write(put_line(cart, scene, headers=headers, body=body), method="PUT", hang_up=True)
        wrong += faults(answer, Request("PUT", what))
        if answer is not None and answer.status < HTTPStatus.BAD_REQUEST:
            wrong.append(f"{what}: {answer}")
        after = Footprint.of(scene)
        if after.since(before):
            wrong.append(f"{what} had an effect: {after.since(before)}")
        before = after

    conclude(wrong)


def test_the_store_bears_what_is_no_request_at_all(scene: Scene, wire: Wire) -> None:
    wrong = []
    for what, sent in NO_REQUESTS.items():
        wrong += faults(wire.write(sent, hang_up=True), Request("GET", what))

    conclude(wrong)
    assert scene.web.get("/v1/products").status_code == HTTPStatus.OK


def test_a_whole_request_has_its_effect_however_it_comes(scene: Scene, wire: Wire, cart: str) -> None:
    for quantity, (what, (headers, shape)) in enumerate(WHOLE.items(), 2):
        body = shape(b'{"quantity": %d}' % quantity)
        head = put_line(cart, scene, headers=headers)

        answer = wire.write(head, *(body[place : place + 7] for place in range(0, len(body), 7)), method="PUT")

        assert answer is not None, what
        assert answer.status == HTTPStatus.OK, f"{what}: {answer}"
        assert scene.read_cart(cart)["lines"][0]["quantity"] == quantity, what


def test_requests_behind_each_other_are_answered_in_their_order(scene: Scene, wire: Wire, cart: str) -> None:
    both = [put_line(cart, scene, headers=LENGTH, body=b'{"quantity": %d}' % quantity) for quantity in (3, 4)]

    answer = wire.write(b"".join(both), method="PUT")

    assert answer is not None
    assert answer.json["lines"][0]["quantity"] == 3


def test_forked_workers_bear_what_nobody_means_to_send(scene: Scene, wire: Wire, seed: int) -> None:
    wrong = []
    automatic = [(name, example) for name, example in EXAMPLES.items() if example.capture == "automatic"]
    for name, example in automatic[seed % SIZE.apart :: SIZE.apart]:
        operation, chance = operations()[name], Random(f"{seed} {name}")
        ready = example.prepared(scene)
        key = {"Authorization": f"Bearer {scene.info['staff_key']}"} if operation.scope else {}
        base = Request(operation.method, operation.filled(ready.values), tuple({**key, **ready.headers}.items()))
        for kind, twins in spoiled(base, operation, queries=drawn.query_names(name), body=ready.body).items():
            for twin in chance.sample(twins, min(SIZE.written, len(twins))):
                is_elsewhere = kind in {"paths", "methods"}
                wrong += faults(wire.send(twin.request), twin.request, None if is_elsewhere else operation)

    conclude(wrong)
