"""The store's HTTP API as the demo tools call it: with keys, patience, and refusals in plain words."""

import random
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Self

import httpx

ATTEMPTS = 8
LONGEST_WAIT_SECONDS = 3.0
PAGE = 100
BUSY = {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE}


class Refused(Exception):
    """The store answered with a problem, or not at all."""

    def __init__(self, request: str, problem: str) -> None:
        """Say which request was refused and why."""
        super().__init__(f"{request}\n  {problem}")


@dataclass(frozen=True, slots=True)
class Written:
    """The answer of a write.

    :ivar is_new: False when its Idempotency-Key had its effect before, and this is the same answer again.
    """

    body: dict[str, Any]
    is_new: bool


class StaffApi:
    """The admin API, for whoever holds a staff key. Safe to use from several threads.

    :param connections: how many requests may run at once.
    """

    def __init__(
        self,
        *,
        store_url: str,
        staff_key: str,
        connections: int,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        """Open no connection yet."""
        self._client = httpx.Client(
            base_url=store_url,
            headers={"Authorization": f"Bearer {staff_key}"},
            limits=httpx.Limits(max_connections=connections),
            timeout=35.0,
            transport=transport,
            trust_env=False,
        )
        self._stopped = threading.Event()

    def __enter__(self) -> Self:
        """Use the connections in a `with`."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connections."""
        self._client.close()

    def stop(self) -> None:
        """Send no further request, whoever is about to."""
        self._stopped.set()

    def get(self, path: str, params: Mapping[str, str | int] | None = None) -> dict[str, Any]:
        """Read one thing.

        :raises Refused: when the store does not answer with it.
        """
        return self._sent("GET", path, params=params).body

    def every(self, path: str) -> Iterator[dict[str, Any]]:
        """Read a list to its end, page by page."""
        params: dict[str, str | int] = {"limit": PAGE}
        while True:
            page = self.get(path, params)
            yield from page["items"]
            if not page.get("next_cursor"):
                return
            params["cursor"] = page["next_cursor"]

    def write(self, method: str, path: str, body: Mapping[str, Any], *, key: str) -> Written:
        """Change something, once per key however often this is called.

        :raises Refused: when the store says no.
        """
        return self._sent(method, path, body=body, headers={"Idempotency-Key": key})

    def _sent(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str | int] | None = None,
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Written:
        """Send a request until it is answered for good: each may be repeated, as reads and keyed writes may."""
        request = f"{method} {path}"
        problem = ""
        for attempt in range(ATTEMPTS):
            pause = min(LONGEST_WAIT_SECONDS, 0.1 * 2**attempt) * random.uniform(0.5, 1.0) if attempt else 0.0
            if self._stopped.wait(pause):
                raise Refused(request, problem or "not sent: stopped before")
            try:
                answer = self._client.request(method, path, params=params, json=body, headers=headers)
            except httpx.TransportError as error:
                problem = f"no answer from {self._client.base_url}: {error}"
                continue
            if answer.is_success:
                return Written(body=answer.json(), is_new="Idempotent-Replayed" not in answer.headers)
            problem = explained(answer)
            if not _may_pass(answer):
                break
        raise Refused(request, problem)


def explained(answer: httpx.Response) -> str:
    """Return what a refusal says, for a person: problem documents, and API Gateway's own `{"message"}`."""
    document = _document(answer)
    if "detail" not in document:
        return f"{answer.status_code}: {document.get('message') or answer.text[:300]}"
    faults = "".join(f"\n    {fault['param']}: {fault['message']}" for fault in document.get("errors", []))
    request_id = f" (request_id {document['request_id']})" if document.get("request_id") else ""
    return f"{answer.status_code} {document.get('code', '')}: {document['detail']}{request_id}{faults}"


def _may_pass(answer: httpx.Response) -> bool:
    return answer.status_code in BUSY or _document(answer).get("retryable") is True


def _document(answer: httpx.Response) -> dict[str, Any]:
    try:
        document = answer.json()
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}
