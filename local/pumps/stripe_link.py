"""The runtime's line to the fake Stripe; with real Stripe there is none, and Stripe delivers by itself."""

from dataclasses import dataclass
from typing import Any

import httpx

READ_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer of the fake's control surface."""

    status: int
    body: bytes
    content_type: str


class StripeLink:
    """A client of the fake's control surface."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._client = httpx.AsyncClient(base_url=url, timeout=READ_SECONDS, trust_env=False)

    async def deliver(self) -> int:
        """Deliver the webhooks that are due; return how many attempts were made."""
        answer = await self._client.post("/_control/deliver", json={})
        document: dict[str, Any] = answer.json()
        return len(document.get("delivered", ()))

    async def set_clock(self, offset: float) -> None:
        """Move its clock; what becomes due happens."""
        await self._client.post("/_control/clock", json={"offset_seconds": offset})

    async def forward(self, method: str, path: str, *, query: str, body: bytes) -> Reply:
        """Pass a control call on as it is."""
        url = f"/_control/{path}" + (f"?{query}" if query else "")
        answer = await self._client.request(
            method, url, content=body or None, headers={"content-type": "application/json"}
        )
        return Reply(answer.status_code, answer.content, answer.headers.get("content-type", "application/json"))

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()
