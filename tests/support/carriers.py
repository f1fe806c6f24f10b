"""A carriers' provider on this machine, which answers in the shapes that ShipEngine documents, or badly.

The shapes are those of https://docs.shipstation.com/apis/shipengine/openapi: a bare list of rates, amounts as JSON
numbers with up to four decimals and currencies in small letters; errors with `request_id` and `errors`.
"""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

KEY = "TEST_carriers"


def amount(value: float, currency: str = "usd") -> dict[str, Any]:
    return {"currency": currency, "amount": value}


def rate(service: str, value: float, *, currency: str = "usd", days: int | None = 3, **fields: Any) -> dict[str, Any]:
    """Return one rate as the estimate lists it."""
    return {
        "rate_type": "check",
        "carrier_id": "se-123",
        "shipping_amount": amount(value, currency),
        "insurance_amount": amount(0.0, currency),
        "confirmation_amount": amount(0.0, currency),
        "other_amount": amount(0.0, currency),
        "zone": 6,
        "package_type": "package",
        "delivery_days": days,
        "guaranteed_service": False,
        "estimated_delivery_date": "2026-03-05T00:00:00Z",
        "carrier_delivery_days": str(days),
        "ship_date": "2026-03-02T00:00:00Z",
        "negotiated_rate": False,
        "service_type": service.replace("_", " ").title(),
        "service_code": service,
        "trackable": True,
        "carrier_code": "ups",
        "carrier_nickname": "Test account",
        "carrier_friendly_name": "UPS",
        "validation_status": "unknown",
        "warning_messages": [],
        "error_messages": [],
    } | fields


def point(number: int, *, metres: float, services: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return one pickup point as the list has it."""
    return {
        "carrier_code": "ups",
        "service_codes": list(services),
        "service_point_id": f"P{number}",
        "company_name": f"Kiosk {number}",
        "address_line1": f"{number} Quay Street",
        "city_locality": "Portland",
        "state_province": "ME",
        "postal_code": "04101",
        "country_code": "US",
        "phone_number": "555-0100",
        "lat": 43.66,
        "long": -70.25,
        "distance_in_meters": metres,
        "features": ["drop_off_point", "pick_up_point"],
    }


@dataclass
class Provider:
    """What the provider answers, and what it was asked.

    :ivar text: the body that is sent in place of the rates, as it stands.
    :ivar wait_seconds: how long it takes before it answers.
    :ivar drip_seconds: how long it takes between the letters of its answer.
    """

    url: str = ""
    rates: list[Any] = field(default_factory=list)
    points: list[Any] = field(default_factory=list)
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    text: str | None = None
    wait_seconds: float = 0
    drip_seconds: float = 0
    hangs_up: bool = False
    asked: list[dict[str, Any]] = field(default_factory=list)

    def body(self, path: str) -> str:
        """Return what it answers."""
        if self.text is not None:
            return self.text
        if self.status != 200:
            error = {"error_source": "shipengine", "error_type": "system", "error_code": "unspecified", "message": "no"}
            return json.dumps({"request_id": "00000000-0000-4000-8000-000000000000", "errors": [error]})
        if path.endswith("/service_points/list"):
            return json.dumps({"lat": 43.66, "long": -70.25, "service_points": self.points, "errors": []})
        return json.dumps(self.rates)


@contextmanager
def running_provider() -> Iterator[Provider]:
    """Run a provider on a free port of the loopback."""
    provider = Provider()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            sent = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            provider.asked.append({"path": self.path, "key": self.headers["API-Key"], "body": sent})
            if provider.hangs_up:
                self.close_connection = True
                return
            time.sleep(provider.wait_seconds)
            body = provider.body(self.path).encode()
            self.send_response(provider.status)
            for name, value in {"Content-Type": "application/json", **provider.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self._send(body)

        def _send(self, body: bytes) -> None:
            try:
                if not provider.drip_seconds:
                    self.wfile.write(body)
                    return
                for letter in body:
                    self.wfile.write(bytes([letter]))
                    self.wfile.flush()
                    time.sleep(provider.drip_seconds)
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it.
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        def handle_error(self, request: Any, client_address: Any) -> None:
            """Say nothing of callers who gave up, as some tests make them."""

    server = Server(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    provider.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
