"""Running the local Stripe: in this process's own event loop, or on a thread beside a test or a store."""

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

import uvicorn

from local.stripe.app import create_app
from local.stripe.config import StripeConfig
from local.stripe.engine import Service
from local.stripe.hang_up import HangingUpProtocol

STARTS_WITHIN_SECONDS = 10


@dataclass(frozen=True)
class RunningStripe:
    """Give the address of a running local Stripe; ``service`` is its inside, for whoever shares the process."""

    url: str
    service: Service


class _Embedded(uvicorn.Server):
    """Serve without taking the process's signals, which belong to whoever embeds this, and tell when it is ready."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def serve(config: StripeConfig, *, on_start: Callable[[RunningStripe], None] = lambda _running: None) -> None:
    """Serve until interrupted; the process's signals end it."""
    with _listening(config, uvicorn.Server) as (server, listener, running):
        on_start(running)
        await server.serve(sockets=[listener])


@asynccontextmanager
async def start_in_loop(config: StripeConfig) -> AsyncIterator[RunningStripe]:
    """Serve in the running event loop for as long as the block runs."""
    with _listening(config, _Embedded) as (server, listener, running):
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            _check_ready(ready=await asyncio.to_thread(server.ready.wait, STARTS_WITHIN_SECONDS))
            yield running
        finally:
            server.should_exit = True
            await serving


@contextmanager
def start_in_thread(config: StripeConfig) -> Iterator[RunningStripe]:
    """Serve on a thread for as long as the block runs."""
    with _listening(config, _Embedded) as (server, listener, running):
        thread = threading.Thread(
            target=asyncio.run,
            args=(server.serve(sockets=[listener]),),
            name="local-stripe",
            daemon=True,
        )
        thread.start()
        try:
            _check_ready(ready=server.ready.wait(STARTS_WITHIN_SECONDS))
            yield running
        finally:
            server.should_exit = True
            thread.join(STARTS_WITHIN_SECONDS)


def _check_ready(*, ready: bool) -> None:
    if not ready:
        message = "The local Stripe did not start."
        raise TimeoutError(message)


@contextmanager
def _listening[S: uvicorn.Server](
    config: StripeConfig,
    kind: type[S],
) -> Iterator[tuple[S, socket.socket, RunningStripe]]:
    app = create_app(config)
    # asyncio sends small answers at once (TCP_NODELAY) only on sockets that say they are TCP; others wait 40 ms.
    with socket.socket(proto=socket.IPPROTO_TCP) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((config.host, config.port))
        host, port = listener.getsockname()
        server = kind(
            uvicorn.Config(
                app,
                http=HangingUpProtocol,
                log_level="warning",
                access_log=False,
                lifespan="on",
                timeout_graceful_shutdown=2,
            ),
        )
        yield server, listener, RunningStripe(url=f"http://{host}:{port}", service=app.state.service)
