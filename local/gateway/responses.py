"""Turn what a function answered into an HTTP response, by the rules of payload format 2.0."""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

_HOP_BY_HOP = frozenset({"connection", "content-length", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"})
_REMAPPED = frozenset({"date", "server", "www-authenticate"})


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """A response; header names are in lower case and may repeat."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    error: str = ""


def gateway_error(status: HTTPStatus, message: str, *, error: str = "") -> HttpResponse:
    """Make an error of the gateway itself: nothing but a message, and no way to change it."""
    body = json.dumps({"message": message}, separators=(",", ":")).encode()
    return HttpResponse(status, (("content-type", "application/json"),), body, error or message)


BROKEN_OFF = gateway_error(HTTPStatus.BAD_REQUEST, "Bad Request")
"""For the access log: whoever asked is gone."""

UNAUTHORIZED = gateway_error(HTTPStatus.UNAUTHORIZED, "Unauthorized")
FORBIDDEN = gateway_error(HTTPStatus.FORBIDDEN, "Forbidden")
NOT_FOUND = gateway_error(HTTPStatus.NOT_FOUND, "Not Found")
TOO_LARGE = gateway_error(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "Request Too Long")
HEADERS_TOO_LARGE = gateway_error(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "Request Header Fields Too Large")
TOO_MANY = gateway_error(HTTPStatus.TOO_MANY_REQUESTS, "Too Many Requests")
UNAVAILABLE = gateway_error(HTTPStatus.SERVICE_UNAVAILABLE, "Service Unavailable")
INTERNAL = gateway_error(HTTPStatus.INTERNAL_SERVER_ERROR, "Internal Server Error")


class _Malformed(Exception):
    """The function's answer has a shape that API Gateway refuses."""


def from_lambda(result: Any) -> HttpResponse:
    """Read a function's answer.

    A mapping with a `statusCode` is a formatted response; anything else is the body of a 200.
    """
    try:
        if isinstance(result, dict) and "statusCode" in result:
            return _formatted(result)
        body = result if isinstance(result, str) else json.dumps(result, separators=(",", ":"))
        return HttpResponse(HTTPStatus.OK, (("content-type", "application/json"),), body.encode())
    except _Malformed as problem:
        return gateway_error(HTTPStatus.INTERNAL_SERVER_ERROR, "Internal Server Error", error=str(problem))


def _formatted(result: Mapping[str, Any]) -> HttpResponse:
    status = _status(result["statusCode"])
    headers = [
        (_header_name(name), _header_value(value))
        for name, value in _mapping(result.get("headers")).items()
        if name.lower() not in _HOP_BY_HOP and value is not None
    ]
    cookies = result.get("cookies") or []
    if not isinstance(cookies, list) or not all(isinstance(cookie, str) for cookie in cookies):
        message = "cookies is not a list of strings"
        raise _Malformed(message)
    headers += [("set-cookie", cookie) for cookie in cookies]
    if not any(name == "content-type" for name, _value in headers):
        headers.append(("content-type", "text/plain;charset=UTF-8"))
    return HttpResponse(status, tuple(headers), _body(result))


def _status(value: object) -> int:
    try:
        status = int(str(value))
    except ValueError as error:
        message = f"statusCode {value!r} is no number"
        raise _Malformed(message) from error
    if not HTTPStatus.CONTINUE <= status <= 599:  # noqa: PLR2004 - the last code of HTTP
        message = f"statusCode {status} is out of range"
        raise _Malformed(message)
    return status


def _mapping(value: object) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        message = "headers is not an object"
        raise _Malformed(message)
    return value


def _header_name(name: str) -> str:
    lowered = name.lower()
    return f"x-amzn-remapped-{lowered}" if lowered in _REMAPPED else lowered


def _header_value(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, str | int | float):
        message = "a header's value is no scalar"
        raise _Malformed(message)
    text = str(value)
    if "\r" in text or "\n" in text:
        message = "a header's value has a line break"
        raise _Malformed(message)
    return text


def _body(result: Mapping[str, Any]) -> bytes:
    body = result.get("body")
    if body is None:
        return b""
    if not isinstance(body, str):
        message = "body is no string"
        raise _Malformed(message)
    if result.get("isBase64Encoded") is True:
        try:
            return base64.b64decode(body, validate=True)
        except (binascii.Error, ValueError) as error:
            message = "body is no base64"
            raise _Malformed(message) from error
    return body.encode("utf-8", "replace")
