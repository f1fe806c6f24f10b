"""Closing a connection instead of answering, which ASGI itself has no word for."""

import asyncio
from typing import Any, cast

from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from local.stripe.api import Answer

EXTENSION = "tradewind.hang_up"


class HangingUpProtocol(HttpToolsProtocol):
    """Serve HTTP and let the application close the connection under a request."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Offer the application the way to close this connection."""
        super().connection_made(cast("asyncio.Transport", transport))

        async def offering(scope: Any, receive: Any, send: Any) -> None:
            scope["extensions"] = {EXTENSION: self.transport.abort}
            await self.config.loaded_app(scope, receive, send)

        self.app = offering


class HangUp(Response):
    """Close the connection without an answer."""

    async def __call__(self, scope: Scope, receive: Receive, _send: Send) -> None:
        """Abort, and stay until the server has noticed."""
        scope["extensions"][EXTENSION]()
        while (await receive())["type"] != "http.disconnect":
            pass


def answered(answer: Answer) -> Response:
    """Turn an answer of the API into one of HTTP."""
    if answer.hang_up:
        return HangUp()
    return Response(answer.body, answer.status, answer.headers, "application/json")
