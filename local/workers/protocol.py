"""The frames that the runtime, the zygote and the workers exchange: a length and a JSON document."""

import asyncio
import json
import socket
import struct
from dataclasses import asdict, dataclass
from typing import Any

_LENGTH = struct.Struct(">I")
HEADER_BYTES = _LENGTH.size


class Closed(Exception):
    """The other side is gone."""


@dataclass(frozen=True, slots=True)
class WorkerSpec:
    """What a worker needs to become one function."""

    function: str
    arn: str
    handler: str
    memory: int
    search_path: tuple[str, ...]
    environment: dict[str, str]

    def to_json(self) -> dict[str, Any]:
        """Return the record as plain JSON."""
        return asdict(self)


def pack(document: object) -> bytes:
    """Frame a document."""
    body = json.dumps(document, separators=(",", ":")).encode()
    return _LENGTH.pack(len(body)) + body


def pack_raw(body: bytes) -> bytes:
    """Frame JSON that is already encoded."""
    return _LENGTH.pack(len(body)) + body


def receive(connection: socket.socket, header: bytes = b"") -> bytes:
    """Read one frame from a blocking socket, whose first bytes may have been read; raise Closed at its end."""
    header += _read_exactly(connection, HEADER_BYTES - len(header))
    (length,) = _LENGTH.unpack(header)
    return _read_exactly(connection, length)


def _read_exactly(connection: socket.socket, length: int) -> bytes:
    parts = bytearray()
    while len(parts) < length:
        part = connection.recv(min(length - len(parts), 1 << 20))
        if not part:
            raise Closed
        parts += part
    return bytes(parts)


async def read_frame(reader: asyncio.StreamReader) -> bytes:
    """Read one frame from a stream; raise Closed at its end."""
    try:
        (length,) = _LENGTH.unpack(await reader.readexactly(HEADER_BYTES))
        return await reader.readexactly(length)
    except (asyncio.IncompleteReadError, ConnectionError) as error:
        raise Closed from error
