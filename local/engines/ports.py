"""Ports of the local store."""

import socket
import time
from contextlib import suppress

HOST = "127.0.0.1"


class PortInUse(Exception):
    """Something else already listens there."""


def free_port() -> int:
    """Find a port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def require_free(port: int, *, purpose: str, option: str) -> None:
    """Raise PortInUse with advice when `port` is taken."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            message = (
                f"Port {port} ({purpose}) is in use. Stop what listens there (is another store running?) "
                f"or choose another one: {option}"
            )
            raise PortInUse(message) from error


def wait_until_listening(port: int, *, seconds: float) -> bool:
    """Wait until somebody accepts connections on `port`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with suppress(OSError), socket.create_connection((HOST, port), timeout=0.5):
            return True
        time.sleep(0.02)
    return False
