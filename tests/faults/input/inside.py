"""A shop in this process for examples that speak HTTP: the front, the workers, and a hand on the local Stripe."""

import itertools
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, cast
from unittest.mock import patch

import httpx

from commerce.kernel.config import settings
from local.running import RunningStore
from tests.faults.input.front import Front, Request
from tests.support.payments import SECRET_KEY, WEBHOOK_SECRET
from tests.support.scene import Scene
from tests.support.store import Store

SHOP, CONTROL = "http://shop.inside", "http://control.inside"
NETWORKS = 250
"""One network may have a hundred open checkouts: the examples' shoppers come from all over the world."""


class Inside(httpx.BaseTransport):
    """Carries requests to the store in this process; those to Stripe go out as ever."""

    def __init__(self, store: Store, front: Front) -> None:
        self._store = store
        self._front = front
        self._networks = itertools.cycle(range(NETWORKS))
        self._outside = httpx.HTTPTransport()

    def close(self) -> None:
        self._outside.close()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        origin = f"{request.url.scheme}://{request.url.host}"
        if origin == SHOP:
            return self._shop(request)
        return self._control(request) if origin == CONTROL else self._outside.handle_request(request)

    def _shop(self, request: httpx.Request) -> httpx.Response:
        target = request.url.raw_path.decode("ascii")
        sent = Request(request.method, target, tuple(request.headers.items()), request.read())
        answer = self._front.send(sent, client=f"203.0.{next(self._networks)}.7")
        headers = [(name, value) for name, values in answer.headers.items() for value in values]
        return httpx.Response(answer.status, headers=headers, content=answer.body)

    def _control(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix("/_local/")
        if path == "drain":
            self._store.drain()
            return httpx.Response(httpx.codes.OK)
        if path == "tick":
            seconds = float(request.url.params["seconds"])
            self._front.clock.move(seconds)
            self._store.tick(seconds)
            return httpx.Response(httpx.codes.OK)
        url = f"{self._store.stripe.url}/_control/{path.removeprefix('stripe/')}"
        return httpx.request(request.method, url, content=request.read(), trust_env=False)


@contextmanager
def scene_inside(store: Store, front: Front) -> Iterator[Scene]:
    """Open the scene of the examples in this process."""
    key = store.post("/v1/admin/staff-keys", {"name": "The examples'", "scopes": ["*"]}).body["token"]
    info = {
        "store_url": SHOP,
        "control_url": CONTROL,
        "stripe_url": store.stripe.url,
        "stripe_secret_key": SECRET_KEY,
        "webhook_secret": WEBHOOK_SECRET,
        "staff_key": key,
    }
    inside = Inside(store, front)
    running = RunningStore(cast("Any", None), info)
    with patch("httpx.Client", partial(httpx.Client, transport=inside)):
        scene = Scene(running)
    scene.set_up()
    yield scene
    scene.close()


@contextmanager
def capturing(method: str) -> Iterator[None]:
    """Charge cards at once (`automatic`), or when staff capture (`manual`)."""
    with patch.dict(os.environ, CAPTURE_METHOD=method):
        settings.cache_clear()
        yield
    settings.cache_clear()
