"""A walk through a running store: requests that are shown, and checks of what comes back."""

import time
from collections.abc import Callable, Mapping
from typing import Any, Self

import httpx

from local.demo.api import explained
from local.demo.narration import Narrator

PATIENCE_SECONDS = 30.0
PAUSE_SECONDS = 0.2

type Show = Callable[[dict[str, Any]], object]
"""Picks what of an answer matters."""


class Unexpected(Exception):
    """The store did something else than it should."""


class Walk:
    """Sends requests to the store and to its control surface, and tells each of them.

    :ivar requests: how many were sent.
    :ivar checks: how many things were as they should be.
    """

    def __init__(
        self,
        *,
        store_url: str,
        control_url: str,
        staff_key: str,
        tell: Narrator,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        """Open no connection yet."""
        self._store_url = store_url.rstrip("/")
        self._control_url = control_url.rstrip("/")
        self._staff = {"Authorization": f"Bearer {staff_key}"}
        self._tell = tell
        self._client = httpx.Client(timeout=35.0, transport=transport, trust_env=False)
        self.requests = 0
        self.checks = 0

    def __enter__(self) -> Self:
        """Use the connections in a `with`."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connections."""
        self._client.close()

    def shop(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        show: Show,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """Call the storefront API, show it, and return the answer.

        :raises Unexpected: when it answers with another status.
        """
        return self._told(method, self._store_url + path, body, show=show, status=status, headers=headers or {})

    def staff(
        self, method: str, path: str, body: object = None, *, show: Show, status: int | None = None
    ) -> dict[str, Any]:
        """Call the admin API as staff."""
        usual = 201 if method == "POST" else 200
        url = self._store_url + path
        return self._told(method, url, body, show=show, status=status or usual, headers=self._staff)

    def control(self, method: str, path: str, body: object = None, *, show: Show, status: int = 200) -> dict[str, Any]:
        """Call the control surface, which only a local store has."""
        return self._told(method, self._control_url + path, body, show=show, status=status, headers={})

    def drain(self, *, aloud: bool = False) -> None:
        """Wait until webhooks, queues and events have come to rest."""
        url = f"{self._control_url}/_local/drain"
        if aloud:
            self._told("POST", url, None, show=lambda body: body, status=200, headers={})
        else:
            self._answered("POST", url, None, {})

    def once(
        self, path: str, *, ready: Callable[[dict[str, Any]], bool], show: Show, headers: Mapping[str, str]
    ) -> dict[str, Any]:
        """Read something until it is ready, and show how it is then.

        :raises Unexpected: when that does not happen within half a minute.
        """
        url = self._store_url + path
        self._tell.request("GET", url, headers=headers, body=None)

        def read() -> tuple[bool, dict[str, Any]]:
            body = self._body(self._answered("GET", url, None, headers), f"GET {path}", 200)
            return ready(body), body

        body = self._patiently(read, f"GET {path}")
        self._tell.answer(200, show(body))
        return body

    def until(
        self, path: str, *, found: Callable[[dict[str, Any]], bool], show: Show, enough: int
    ) -> list[dict[str, Any]]:
        """Read a list of the control surface until enough of its items are ours, and show those.

        :raises Unexpected: when there are not enough within half a minute.
        """
        url = self._control_url + path
        self._tell.request("GET", url, headers={}, body=None)

        def read() -> tuple[bool, list[dict[str, Any]]]:
            items = self._body(self._answered("GET", url, None, {}), f"GET {path}", 200)["items"]
            ours = [item for item in items if found(item)]
            return len(ours) >= enough, ours

        ours = self._patiently(read, f"GET {path}")
        self._tell.answer(200, [show(item) for item in ours])
        return ours

    def check(self, holds: bool, what: str) -> None:  # noqa: FBT001  it reads as a sentence.
        """Say that something is as it should be.

        :raises Unexpected: when it is not.
        """
        if not holds:
            message = f"This should have been so: {what}."
            raise Unexpected(message)
        self.checks += 1
        self._tell.fine(what)

    def _patiently[T](self, read: Callable[[], tuple[bool, T]], what: str) -> T:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            is_ready, found = read()
            if is_ready:
                return found
            if time.monotonic() > deadline:
                message = f"{what} did not show what it should within {PATIENCE_SECONDS:.0f} s, but {found}"
                raise Unexpected(message)
            self.drain()
            time.sleep(PAUSE_SECONDS)

    def _told(
        self, method: str, url: str, body: object, *, show: Show, status: int, headers: Mapping[str, str]
    ) -> dict[str, Any]:
        self._tell.request(method, url, headers=headers, body=body)
        document = self._body(self._answered(method, url, body, headers), f"{method} {url}", status)
        self._tell.answer(status, show(document))
        return document

    def _answered(self, method: str, url: str, body: object, headers: Mapping[str, str]) -> httpx.Response:
        self.requests += 1
        try:
            return self._client.request(method, url, json=body, headers=dict(headers))
        except httpx.TransportError as error:
            message = f"{method} {url}: no answer ({error})."
            raise Unexpected(message) from error

    @staticmethod
    def _body(answer: httpx.Response, request: str, status: int) -> dict[str, Any]:
        if answer.status_code != status:
            message = f"{request} should answer {status}, but: {explained(answer)}"
            raise Unexpected(message)
        document: dict[str, Any] = answer.json()
        return document
