"""A stand-in for VIES over loopback: the shapes of its REST interface, and what else may come back from a network.

https://ec.europa.eu/taxation_customs/vies/#/technical-information
"""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

import pytest

from commerce.adapters import vies as adapter
from commerce.adapters.json_http import JsonHttp

NOT_PROCESSED = dict.fromkeys(
    ("traderNameMatch", "traderStreetMatch", "traderPostalCodeMatch", "traderCityMatch", "traderCompanyTypeMatch"),
    "NOT_PROCESSED",
)


@dataclass
class Vies:
    """A register that knows some numbers. `mode` says how it behaves; `asked` is what it was sent."""

    url: str
    registered: dict[str, str] = field(default_factory=dict)
    mode: str = "answers"
    asked: list[dict[str, Any]] = field(default_factory=list)
    closing: Event = field(default_factory=Event)

    def answer(self, asked: dict[str, Any]) -> tuple[int, Any]:
        """Return status and body."""
        if self.mode in ERRORS:
            status, code = ERRORS[self.mode]
            return status, {"actionSucceed": False, "errorWrappers": [{"error": code}]}
        number = asked["countryCode"] + asked["vatNumber"]
        valid = number in self.registered
        body = {
            "countryCode": asked["countryCode"],
            "vatNumber": asked["vatNumber"],
            "requestDate": "2026-11-23T08:41:12.102Z",
            "valid": valid,
            "requestIdentifier": "WAPIAAAAaEDkvhHx" if "requesterNumber" in asked else "",
            "name": self.registered.get(number) or "---",
            "address": "---",
            "traderName": "---",
            "traderStreet": "---",
            "traderPostalCode": "---",
            "traderCity": "---",
            "traderCompanyType": "---",
            **NOT_PROCESSED,
        }
        return 200, SPOILED.get(self.mode, lambda found: found)(body)


ERRORS = {
    "ms_unavailable": (200, "MS_UNAVAILABLE"),
    "too_many": (500, "MS_MAX_CONCURRENT_REQ"),
    "ip_blocked": (403, "IP_BLOCKED"),
    "invalid_input": (400, "INVALID_INPUT"),
}
SPOILED: dict[str, Any] = {
    "no verdict": lambda found: {name: value for name, value in found.items() if name != "valid"},
    "a word for a verdict": lambda found: {**found, "valid": "true"},
    "another number": lambda found: {**found, "vatNumber": "99999999"},
    "another country": lambda found: {**found, "countryCode": "ZZ"},
    "unavailable beside a verdict": lambda found: {**found, "valid": False, "userError": "MS_UNAVAILABLE"},
    "a list": lambda found: [found],
    "null": lambda _: None,
}
RAW = {
    "html": b"<html><body>Service unavailable</body></html>",
    "nothing": b"",
    "half": b'{"valid": tr',
    "deep": b"[" * 100_000,
    "large": b'{"valid": true, "name": "' + b"x" * 2_000_000 + b'"}',
    "latin": b'{"valid": true, "name": "\xff\xfe"}',
}


@contextmanager
def running_vies() -> Iterator[Vies]:
    """Listen on a free port."""

    class Register(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
            vies.asked.append({"path": self.path, **asked})
            if vies.mode == "hangs up":
                self.connection.close()
                return
            if vies.mode == "slow":
                vies.closing.wait(5)
            status, body = vies.answer(asked)
            content = RAW.get(vies.mode, json.dumps(body).encode())
            self.send_response(302 if vies.mode == "elsewhere" else status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            if vies.mode == "elsewhere":
                self.send_header("Location", f"{vies.url}/elsewhere")
            self.end_headers()
            for start in range(0, len(content), 4 if vies.mode == "drips" else len(content) or 1):
                self.wfile.write(content[start : start + (4 if vies.mode == "drips" else len(content))])
                self.wfile.flush()
                time.sleep(0.05 if vies.mode == "drips" else 0)

        def handle(self) -> None:
            try:
                super().handle()
            except (BrokenPipeError, ConnectionResetError, ValueError):
                """Whoever asked has gone."""

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Register) as server:
        server.daemon_threads = True
        vies = Vies(f"http://127.0.0.1:{server.server_address[1]}")
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield vies
        finally:
            vies.closing.set()
            server.shutdown()
            thread.join()


@contextmanager
def asked_patiently(monkeypatch: pytest.MonkeyPatch, **registered: str) -> Iterator[Vies]:
    """Run a register that knows these numbers, and ask it with more patience than shoppers have."""
    patient = JsonHttp(seconds=20)
    monkeypatch.setattr(adapter, "http", lambda: patient)
    with running_vies() as running:
        running.registered.update(registered)
        adapter.circuit.succeeded()
        yield running
        adapter.circuit.succeeded()
        patient.close()
