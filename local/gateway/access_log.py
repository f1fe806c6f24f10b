"""One line per request, as the template's access log format says, and never a credential."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from local.gateway.responses import HttpResponse
from local.templates import Api, Route


@dataclass(frozen=True, slots=True)
class Access:
    """What is known of a request when it is answered. It has no path and no query: cart ids are credentials."""

    time: float
    request_id: str
    method: str
    route_key: str
    status: int
    seconds: float
    source_ip: str
    response_bytes: int
    error: str

    def to_json(self) -> dict[str, Any]:
        """Return the plain record."""
        return {
            "time": datetime.fromtimestamp(self.time, UTC).isoformat(timespec="milliseconds"),
            "request_id": self.request_id,
            "method": self.method,
            "route": self.route_key,
            "status": self.status,
            "milliseconds": round(self.seconds * 1000, 1),
            "bytes": self.response_bytes,
            "error": self.error,
        }


class AccessLog:
    """Writes lines through `write`; the listener gets the record (the console prints it)."""

    def __init__(self, write: Callable[[str], None], listener: Callable[[Access], None] | None = None) -> None:
        self._write = write
        self._listener = listener

    def record(self, access: Access, api: Api | None, route: Route | None, response: HttpResponse) -> None:
        """Log one request."""
        line = json.dumps(access.to_json())
        if api and api.access_log_format:
            line = render(api.access_log_format, _values(access, api, route, response))
        self._write(line)
        if self._listener:
            self._listener(access)


def render(template: str, values: Mapping[str, str]) -> str:
    """Fill the `$context` variables of a format; what is not known becomes `-`, as in API Gateway."""
    return re.sub(r"\$context\.([A-Za-z.]+[A-Za-z])", lambda match: values.get(match[1], "-"), template)


def _values(access: Access, api: Api, route: Route | None, response: HttpResponse) -> dict[str, str]:
    milliseconds = str(round(access.seconds * 1000))
    return {
        "requestId": access.request_id,
        "extendedRequestId": access.request_id,
        "apiId": api.id,
        "domainName": api.domain,
        "stage": "$default",
        "httpMethod": access.method,
        "protocol": "HTTP/1.1",
        "identity.sourceIp": access.source_ip,
        "routeKey": route.key if route else "-",
        "requestTime": datetime.fromtimestamp(access.time, UTC).strftime("%d/%b/%Y:%H:%M:%S +0000"),
        "requestTimeEpoch": str(int(access.time * 1000)),
        "status": str(response.status),
        "responseLatency": milliseconds,
        "integrationLatency": milliseconds,
        "responseLength": str(access.response_bytes),
        "error.message": response.error or "-",
        "integrationErrorMessage": response.error or "-",
    }
