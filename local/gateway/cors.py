"""CORS as HTTP APIs answer it: by the gateway, never by a function."""

from collections.abc import Mapping
from http import HTTPStatus

from local.gateway.responses import HttpResponse
from local.templates import Cors


def preflight(cors: Cors | None, *, method: str, headers: Mapping[str, str]) -> HttpResponse | None:
    """Answer a preflight request, or return None when the request is none.

    An origin that is not allowed gets the same 204 without permission, so the browser refuses.
    """
    if cors is None or method != "OPTIONS" or "access-control-request-method" not in headers:
        return None
    allowed = _allow_origin(cors, headers.get("origin", ""))
    answer: list[tuple[str, str]] = []
    if allowed:
        answer.append(("access-control-allow-origin", allowed))
        if cors.allow_methods:
            answer.append(("access-control-allow-methods", ",".join(cors.allow_methods)))
        if cors.allow_headers:
            answer.append(("access-control-allow-headers", ",".join(cors.allow_headers)))
        if cors.max_age is not None:
            answer.append(("access-control-max-age", str(cors.max_age)))
        answer += _shared(cors, allowed)
    return HttpResponse(HTTPStatus.NO_CONTENT, tuple(answer), b"")


def with_cors(cors: Cors | None, response: HttpResponse, *, origin: str) -> HttpResponse:
    """Add the headers to an answer; those that a function set itself are dropped, as API Gateway does."""
    if cors is None:
        return response
    kept = tuple(pair for pair in response.headers if not pair[0].startswith("access-control-"))
    allowed = _allow_origin(cors, origin) if origin else ""
    added: list[tuple[str, str]] = []
    if allowed:
        added.append(("access-control-allow-origin", allowed))
        if cors.expose_headers:
            added.append(("access-control-expose-headers", ",".join(cors.expose_headers)))
        added += _shared(cors, allowed)
    return HttpResponse(response.status, (*kept, *added), response.body, response.error)


def _allow_origin(cors: Cors, origin: str) -> str:
    for allowed in cors.allow_origins:
        if allowed == "*":
            return "*"
        prefix, star, suffix = allowed.partition("*")
        if allowed == origin or (star and origin.startswith(prefix) and origin.endswith(suffix)):
            return origin
    return ""


def _shared(cors: Cors, allowed: str) -> list[tuple[str, str]]:
    pairs = [("vary", "Origin")] if allowed != "*" else []
    if cors.allow_credentials:
        pairs.append(("access-control-allow-credentials", "true"))
    return pairs
