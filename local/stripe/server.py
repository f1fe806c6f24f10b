"""Running the local Stripe: in this process's own event loop, or on a thread beside a test or a store."""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import uvicorn

from local.stripe.app import create_app
from local.stripe.config import StripeConfig
from local.stripe.hang_up import HangingUpProtocol
from local.stripe.service import Service

STARTS_WITHIN_SECONDS = 10


@dataclass(frozen=True)
class RunningStripe:
    """Give the address of a running local Stripe; ``service`` is its inside, for whoever shares the process."""

    url: str
    service: Service


async def serve(config: StripeConfig, *, on_start: Callable[[RunningStripe], None] = lambda _running: None) -> None:
    """Serve until canceled or interrupted."""
    with _listening(config) as (server, listener, running):
        on_start(running)
        await server.serve(sockets=[listener])


@contextmanager
def start_in_thread(config: StripeConfig) -> Iterator[RunningStripe]:
    """Serve on a thread for as long as the block runs."""
    with _listening(config) as (server, listener, running):
        thread = threading.Thread(
            target=asyncio.run,
            args=(server.serve(sockets=[listener]),),
            name="local-stripe",
            daemon=True,
        )
        thread.start()
        pause = threading.Event()
        for _ in range(STARTS_WITHIN_SECONDS * 100):
            if server.started:
                break
            pause.wait(0.01)
        else:
            message = "The local Stripe did not start."
            raise TimeoutError(message)
        try:
            yield running
        finally:
            server.should_exit = True
            thread.join(STARTS_WITHIN_SECONDS)


@contextmanager
def _listening(config: StripeConfig) -> Iterator[tuple[uvicorn.Server, socket.socket, RunningStripe]]:
    app = create_app(config)
    # asyncio sends small answers at once (TCP_NODELAY) only on sockets that say they are TCP; others wait 40 ms.
    with socket.socket(proto=socket.IPPROTO_TCP) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((config.host, config.port))
        host, port = listener.getsockname()
        server = uvicorn.Server(
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
