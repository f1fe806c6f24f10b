"""How a walk through the store is told on a terminal: curl lines to copy, and the part of the answer that matters."""

import json
import os
import shlex
import sys
from collections.abc import Mapping
from typing import Any, TextIO

WIDTH = 120
BOLD, DIM, GREEN, RED, CYAN = "1", "2", "32", "31", "36"


class Narrator:
    """Writes the story. Colors are for terminals only, and not even there when NO_COLOR is set."""

    def __init__(self, out: TextIO = sys.stdout, *, color: bool | None = None) -> None:
        """Write to `out`."""
        self._out = out
        self._color = out.isatty() and not os.environ.get("NO_COLOR") if color is None else color
        self._chapter = 0

    def chapter(self, title: str) -> None:
        """Begin a chapter."""
        self._chapter += 1
        self._line("\n" + self._in(BOLD, f"{self._chapter}. {title}"))

    def say(self, text: str) -> None:
        """Say what comes next, and why."""
        self._line("\n" + self._in(DIM, f"# {text}"))

    def request(self, method: str, url: str, *, headers: Mapping[str, str], body: object) -> None:
        """Show a request as a line to copy."""
        self._line(self._in(CYAN, curl(method, url, headers=headers, body=body)))

    def answer(self, status: int, shown: object) -> None:
        """Show what of an answer matters."""
        self._line(f"{self._in(GREEN if status < 400 else RED, str(status))} {pretty(shown)}")  # noqa: PLR2004  HTTP.

    def fine(self, text: str) -> None:
        """Say that something is as it should be."""
        self._line(f"{self._in(GREEN, 'ok')}  {text}")

    def failed(self, text: str) -> None:
        """Say that something is not as it should be."""
        self._line("\n" + self._in(RED, f"FAILED  {text}"))

    def _line(self, text: str) -> None:
        print(text, file=self._out, flush=True)

    def _in(self, style: str, text: str) -> str:
        return f"\x1b[{style}m{text}\x1b[0m" if self._color else text


def curl(method: str, url: str, *, headers: Mapping[str, str], body: object) -> str:
    """Return the request as a curl command for a POSIX shell."""
    parts = ["curl", "-sS"]
    if method != "GET":
        parts += ["-X", method]
    parts.append(url)
    for name, value in headers.items():
        parts += ["-H", f"{name}: {value}"]
    if body is not None:
        parts += ["-H", "Content-Type: application/json", "-d", json.dumps(body, ensure_ascii=False)]
    return shlex.join(parts)


def pretty(value: object, indent: int = 0) -> str:
    """Return JSON that breaks only what does not fit on a line."""
    flat = json.dumps(value, ensure_ascii=False)
    if indent + len(flat) <= WIDTH or not isinstance(value, dict | list) or not value:
        return flat
    inner = indent + 2
    entries = (
        [f"{json.dumps(key)}: {pretty(each, inner + len(key) + 4)}" for key, each in value.items()]
        if isinstance(value, dict)
        else [pretty(each, inner) for each in value]
    )
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    lines = ",\n".join(_indented(entry) for entry in entries)
    return f"{opening}\n{lines}\n{closing}"


def picked(body: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """Return some fields of an answer, in this order."""
    return {name: body[name] for name in names}


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.splitlines())
