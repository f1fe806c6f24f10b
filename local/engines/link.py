"""The runtime's line to the moto process: what happened, how deep the queues are, the clock's dial."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

READ_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class News:
    """What happened after a version. `queues` counts messages that are visible, in_flight and delayed."""

    version: int
    items: list[dict[str, Any]]
    queues: Mapping[str, Mapping[str, int]]


class EngineLink:
    """An asynchronous client of the feed."""

    def __init__(self, url: str) -> None:
        self._client = httpx.AsyncClient(base_url=url, timeout=READ_SECONDS, trust_env=False)

    async def news(self, *, after: int, wait_seconds: float = 0.0) -> News:
        """Return what happened after a version, waiting for something to happen."""
        parameters: dict[str, str] = {"after": str(after), "timeout": str(wait_seconds)}
        answer = await self._client.get("/_engine/wait", params=parameters)
        return News(**answer.json())

    async def set_clock(self, offset: float) -> None:
        """Move the services' clock."""
        await self._client.post("/_engine/clock", params={"offset": str(offset)})

    async def redrive(self, source: str, target: str | None = None) -> int:
        """Send the messages of a dead-letter queue back; return how many."""
        parameters = {"source": source} | ({"target": target} if target else {})
        answer = await self._client.post("/_engine/queues/redrive", params=parameters)
        moved: int = answer.json()["moved"]
        return moved

    async def peek(self, name: str) -> list[dict[str, Any]]:
        """Show the messages of a queue without receiving them."""
        answer = await self._client.get("/_engine/queues/peek", params={"name": name})
        messages: list[dict[str, Any]] = answer.json()["messages"]
        return messages

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()
