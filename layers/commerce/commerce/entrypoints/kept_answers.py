"""Answers that are the same for everybody: kept by a warm process for some seconds, and revalidated by their ETag.

Nothing that a shopper pays or that stock is taken by is read here: carts and checkouts read for themselves.
"""

import hashlib
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, NamedTuple

from cachetools import TLRUCache

from commerce.kernel import clock
from commerce.kernel.config import settings

CACHE_CONTROL = "public, max-age=15, stale-while-revalidate=30"
MOST_CHARACTERS = 16_000_000
"""Of all answers that a process keeps; the least recently used go first."""


class Kept(NamedTuple):
    """An answer as it was given."""

    body: str
    headers: Mapping[str, str]


def _kept_until(_address: str, _kept: Kept, now: float) -> float:
    return now + settings().read_cache_seconds


class KeptAnswers:
    """The answers of one endpoint, by address."""

    def __init__(self) -> None:
        self._kept: TLRUCache[str, Kept] = TLRUCache(
            MOST_CHARACTERS,
            ttu=_kept_until,
            timer=lambda: clock.now().timestamp(),
            getsizeof=lambda kept: len(kept.body),
        )

    def answer(self, event: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return the answer to a request, if it is kept."""
        kept = self._kept.get(_address(event))
        return None if kept is None else _as_asked(event, kept)

    def keep(self, event: Mapping[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
        """Keep an answer if it is one of success; return what this request is told."""
        if answer["statusCode"] != HTTPStatus.OK:
            return answer
        body: str = answer["body"]
        tag = hashlib.sha256(body.encode()).hexdigest()[:32]
        headers = {**answer["headers"], "Cache-Control": CACHE_CONTROL, "ETag": f'"{tag}"'}
        headers["X-Content-Type-Options"] = "nosniff"
        kept = Kept(body, headers)
        if len(body) <= MOST_CHARACTERS:
            self._kept[_address(event)] = kept
        return _as_asked(event, kept)


def _address(event: Mapping[str, Any]) -> str:
    return f"{event['rawPath']}?{event['rawQueryString']}"


def _as_asked(event: Mapping[str, Any], kept: Kept) -> dict[str, Any]:
    """Return the whole answer, or 304 to a caller who has the same (RFC 9110, section 13.1.2)."""
    known = (event.get("headers") or {}).get("if-none-match", "")
    tags = {tag.strip().removeprefix("W/") for tag in known.split(",")}
    if kept.headers["ETag"] in tags or "*" in tags:
        headers = {name: kept.headers[name] for name in ("Cache-Control", "ETag")}
        return {"statusCode": int(HTTPStatus.NOT_MODIFIED), "headers": headers, "body": "", "isBase64Encoded": False}
    return {
        "statusCode": int(HTTPStatus.OK),
        "headers": dict(kept.headers),
        "body": kept.body,
        "isBase64Encoded": False,
    }
