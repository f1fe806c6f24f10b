"""JSON over HTTP for services without an SDK that we ship: urllib3, a time for the whole answer, and no repeats.

Such services help to price a cart; whoever asks has something else to do when there is no answer.
"""

import json
from collections.abc import Mapping
from time import monotonic
from typing import Any, NamedTuple

from urllib3 import BaseHTTPResponse, PoolManager, Timeout
from urllib3.exceptions import HTTPError

LARGEST_ANSWER_BYTES = 1024 * 1024
CHUNK_BYTES = 64 * 1024


class NoAnswer(Exception):
    """Nobody answered in time, or nothing that makes sense. The text says what happened, and nothing that was said."""


class JsonAnswer(NamedTuple):
    """What came back: always an object."""

    status: int
    body: Mapping[str, Any]


class JsonHttp:
    """Asks one service, keeping the connection open.

    :param seconds: how long an answer may take. One that drips may take as long again.
    """

    def __init__(self, *, seconds: float) -> None:
        self._seconds = seconds
        self._pool = PoolManager(timeout=Timeout(total=seconds), retries=False, maxsize=1)

    @property
    def longest_seconds(self) -> float:
        """Return after how long a call ends whatever happens."""
        return 2 * self._seconds

    def ask(self, method: str, url: str, *, headers: Mapping[str, str], body: bytes | None = None) -> JsonAnswer:
        """Send one request, once.

        :raises NoAnswer: when there is no JSON object in time.
        """
        started = monotonic()
        try:
            answer = self._pool.request(
                method, url, body=body, headers=dict(headers), redirect=False, preload_content=False
            )
            content = self._read(answer, until=started + self._seconds)
        except HTTPError as error:
            raise NoAnswer(type(error).__name__) from error
        try:
            parsed = json.loads(content)
        except (ValueError, RecursionError) as error:
            raise NoAnswer("no JSON") from error
        if not isinstance(parsed, dict):
            raise NoAnswer("no JSON object")
        return JsonAnswer(answer.status, parsed)

    @staticmethod
    def _read(answer: BaseHTTPResponse, *, until: float) -> bytes:
        content = bytearray()
        try:
            while chunk := answer.read1(CHUNK_BYTES, decode_content=True):
                content += chunk
                if len(content) > LARGEST_ANSWER_BYTES or monotonic() > until:
                    answer.close()
                    raise NoAnswer("too large" if len(content) > LARGEST_ANSWER_BYTES else "too slow")
        finally:
            answer.release_conn()
        return bytes(content)

    def close(self) -> None:
        """Close the connection."""
        self._pool.clear()
