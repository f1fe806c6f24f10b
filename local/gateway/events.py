"""Build the events that API Gateway sends: HTTP API payload format 2.0, for integrations and for authorizers."""

import base64
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from local.gateway.routing import Match
from local.templates.names import ACCOUNT, REGION

_TEXT_TYPES = ("application/json", "application/xml", "application/javascript", "application/graphql")
_EDGE_PORT = "443"


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """A request as it came in. `headers` are in order, names in any case; `path` is decoded."""

    method: str
    path: str
    query: str = ""
    headers: Iterable[tuple[str, str]] = ()
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class RequestSource:
    """Who asks, and when. `behind_distribution`: CloudFront adds a hop to `x-forwarded-for`."""

    ip: str
    time: float
    request_id: str
    behind_distribution: bool = False
    protocol: str = "HTTP/1.1"
    edge_ip: str = field(default="130.176.0.1")


def new_request_id() -> str:
    """Make a request id of the shape that HTTP APIs use."""
    return base64.b64encode(secrets.token_bytes(11)).decode().replace("+", "-").replace("/", "_")


def http_event(
    request: HttpRequest, match: Match, source: RequestSource, *, authorizer: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Build the event of a Lambda integration. `authorizer` is the context that a Lambda authorizer answered."""
    event = _common(request, match, source)
    if authorizer is not None:
        event["requestContext"]["authorizer"] = {"lambda": dict(authorizer)}
    if request.body:
        text = _as_text(request.body, event["headers"].get("content-type", ""))
        event["body"] = base64.b64encode(request.body).decode() if text is None else text
        event["isBase64Encoded"] = text is None
    else:
        event["isBase64Encoded"] = False
    return event


def authorizer_event(
    request: HttpRequest, match: Match, source: RequestSource, *, identity: list[str]
) -> dict[str, Any]:
    """Build the event of a Lambda authorizer with payload format 2.0. It never sees the body."""
    event = _common(request, match, source)
    method, path = request.method, request.path.lstrip("/")
    event["type"] = "REQUEST"
    event["routeArn"] = f"arn:aws:execute-api:{REGION}:{ACCOUNT}:{match.api.id}/$default/{method}/{path}"
    event["identitySource"] = identity
    return event


def _common(request: HttpRequest, match: Match, source: RequestSource) -> dict[str, Any]:
    headers, cookies = _headers(request, match, source)
    moment = datetime.fromtimestamp(source.time, UTC)
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": match.route.key,
        "rawPath": request.path,
        "rawQueryString": request.query,
    }
    if cookies:
        event["cookies"] = cookies
    event["headers"] = headers
    if query := _joined(parse_qsl(request.query, keep_blank_values=True, errors="replace")):
        event["queryStringParameters"] = query
    event["requestContext"] = {
        "accountId": ACCOUNT,
        "apiId": match.api.id,
        "domainName": match.api.domain,
        "domainPrefix": match.api.domain.partition(".")[0],
        "http": {
            "method": request.method,
            "path": request.path,
            "protocol": source.protocol,
            "sourceIp": source.edge_ip if source.behind_distribution else source.ip,
            "userAgent": headers.get("user-agent", ""),
        },
        "requestId": source.request_id,
        "routeKey": match.route.key,
        "stage": "$default",
        "time": moment.strftime("%d/%b/%Y:%H:%M:%S +0000"),
        "timeEpoch": int(source.time * 1000),
    }
    if match.path_parameters:
        event["pathParameters"] = dict(match.path_parameters)
    return event


def _headers(request: HttpRequest, match: Match, source: RequestSource) -> tuple[dict[str, str], list[str]]:
    headers = _joined((name.lower(), value) for name, value in request.headers)
    cookies = [part.strip() for part in headers.pop("cookie", "").split(";") if part.strip()]
    hops = [headers.get("x-forwarded-for", ""), source.ip, source.edge_ip if source.behind_distribution else ""]
    headers |= {
        "host": match.api.domain,
        "x-amzn-trace-id": f"Root=1-{int(source.time):08x}-{secrets.token_hex(12)}",
        "x-forwarded-for": ", ".join(filter(None, hops)),
        "x-forwarded-port": _EDGE_PORT,
        "x-forwarded-proto": "https",
    }
    headers.pop("transfer-encoding", None)
    headers.pop("connection", None)
    if request.body:
        headers["content-length"] = str(len(request.body))
    return headers, cookies


def _joined(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    merged: dict[str, str] = {}
    for name, value in pairs:
        merged[name] = f"{merged[name]},{value}" if name in merged else value
    return merged


def _as_text(body: bytes, content_type: str) -> str | None:
    """Return the body as text when API Gateway passes it as it is, None when it encodes it in base64.

    Forms are encoded, as is everything without a content type. Bytes that are no UTF-8 are encoded too.
    """
    kind = content_type.partition(";")[0].strip().lower()
    if kind.startswith("text/") or kind in _TEXT_TYPES or kind.endswith(("+json", "+xml")):
        try:
            return body.decode()
        except UnicodeDecodeError:
            return None
    return None
