"""Bytes on a socket: requests as they are written, whatever a client library would think of them."""

import http.client
import socket
from contextlib import closing, suppress
from urllib.parse import urlsplit

from tests.faults.input.front import Answer, Request

PATIENCE_SECONDS = 10.0


class Wire:
    """A line to the store's port."""

    def __init__(self, url: str) -> None:
        place = urlsplit(url)
        self._place = (place.hostname or "", place.port or 0)

    def send(self, request: Request) -> Answer | None:
        """Send a request on a connection of its own; None when the store hung up without a word."""
        return self.write(written(request), method=request.method)

    def write(self, *parts: bytes, method: str = "GET", hang_up: bool = False) -> Answer | None:
        """Write bytes, each part in a packet of its own, and read the first answer.

        :param hang_up: say that nothing more will come, as a client that breaks off.
        """
        with closing(socket.create_connection(self._place, timeout=PATIENCE_SECONDS)) as line:
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with suppress(ConnectionError):
                for part in parts:
                    line.sendall(part)
                if hang_up:
                    line.shutdown(socket.SHUT_WR)
            return _answer(line, method)


def written(request: Request) -> bytes:
    """Return a request as it goes over the wire, with the length of its body unless it names one."""
    names = {name.lower() for name, _ in request.headers}
    own = [] if "host" in names else [("Host", "127.0.0.1")]
    if request.body and "content-length" not in names:
        own.append(("Content-Length", str(len(request.body))))
    head = f"{request.method} {request.target} HTTP/1.1".encode("latin-1", "replace")
    lines = [name.encode("latin-1") + b": " + _value(value) for name, value in (*own, *request.headers)]
    return b"\r\n".join([head, *lines, b"Connection: close", b"", request.body])


def _value(value: str) -> bytes:
    try:
        return value.encode("latin-1")
    except UnicodeEncodeError:
        return value.encode()


def _answer(line: socket.socket, method: str) -> Answer | None:
    response = http.client.HTTPResponse(line, method=method)
    try:
        response.begin()
        body = response.read()
    except (ConnectionError, http.client.HTTPException):
        return None
    headers: dict[str, list[str]] = {}
    for name, value in response.getheaders():
        headers.setdefault(name.lower(), []).append(value)
    return Answer(response.status, headers, body)
