"""What the functions print, kept as structured records in memory and in a file."""

import json
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TextIO

from local.clock import machine_time

KEPT_RECORDS = 5000


@dataclass(frozen=True, slots=True)
class LogRecord:
    """One line of a function. `message` is parsed when the line is a JSON object."""

    time: float
    function: str
    request_id: str
    message: str | dict[str, Any]

    def to_json(self) -> dict[str, Any]:
        """Return the record as plain JSON."""
        return asdict(self)


class LogBook:
    """The last records of all functions; with a file, all of them are appended to it as JSON lines."""

    def __init__(self, file: Path | None = None, listener: Callable[[LogRecord], None] | None = None) -> None:
        self._records: deque[LogRecord] = deque(maxlen=KEPT_RECORDS)
        self._lock = threading.Lock()
        self._listener = listener
        self._stream: TextIO | None = None
        if file:
            file.parent.mkdir(parents=True, exist_ok=True)
            self._stream = file.open("a", encoding="utf-8", buffering=1)

    def write(self, *, function: str, request_id: str, line: str) -> None:
        """Keep one line."""
        record = LogRecord(machine_time(), function, request_id, _parse(line.replace("\r", "\n").rstrip()))
        with self._lock:
            self._records.append(record)
            if self._stream:
                self._stream.write(json.dumps(record.to_json()) + "\n")
        if self._listener:
            self._listener(record)

    def tail(self, *, function: str | None = None, request_id: str | None = None, limit: int = 200) -> list[LogRecord]:
        """Return the newest records in order; `function` matches a part of the name."""
        with self._lock:
            records = list(self._records)
        chosen = [
            record
            for record in records
            if (function is None or function in record.function)
            and (request_id is None or request_id == record.request_id)
        ]
        return chosen[-limit:] if limit > 0 else []

    def close(self) -> None:
        """Close the file."""
        if self._stream:
            self._stream.close()
            self._stream = None


def _parse(line: str) -> str | dict[str, Any]:
    if line.startswith("{"):
        try:
            parsed = json.loads(line)
        except ValueError:
            return line
        if isinstance(parsed, dict):
            return parsed
    return line
