"""The ASGI application: Stripe's API under ``/v1``, the control surface, the page to pay on."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route

from local.stripe.calls import Call
from local.stripe.config import StripeConfig
from local.stripe.control import control_routes
from local.stripe.engine import Service
from local.stripe.hang_up import answered
from local.stripe.pay_page import pay_routes

METHODS = ["GET", "POST", "DELETE", "PUT", "PATCH"]
# A storefront on another port confirms with the publishable key; the control surface is not for browsers.
OPEN_TO_BROWSERS = Middleware(
    CORSMiddleware,
    allow_origins=["*"],
    allow_methods=["*"],
    allow_headers=["*"],
    expose_headers=["Request-Id", "Idempotent-Replayed", "Stripe-Version"],
)


def create_app(config: StripeConfig) -> Starlette:
    """Build the application; its lifespan delivers webhooks, runs timers and saves the state."""
    service = Service(config)

    async def answer_call(request: Request) -> Response:
        content = await request.body()
        call = Call(
            method=request.method,
            path=request.scope["path"],
            encoded=b"&".join(part for part in (request.scope["query_string"], content) if part),
            idempotency_key=request.headers.get("idempotency-key") or None,
            api_version=request.headers.get("stripe-version"),
        )
        return answered(await service.api.answer(call, authorization=request.headers.get("authorization")))

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        work = asyncio.create_task(service.work())
        try:
            yield
        finally:
            work.cancel()
            with suppress(asyncio.CancelledError):
                await work
            await service.close()

    app = Starlette(
        routes=[
            Mount("/v1", routes=[Route("/{path:path}", answer_call, methods=METHODS)], middleware=[OPEN_TO_BROWSERS]),
            Mount("/_control", routes=control_routes(service)),
            *pay_routes(service),
        ],
        lifespan=lifespan,
    )
    app.state.service = service
    return app
