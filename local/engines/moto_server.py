"""A process of its own that serves moto to forked workers, on the store's clock, and keeps a feed of what happened.

Run as `python -m local.engines.moto_server PORT [serialize]`. `serialize` puts one lock around DynamoDB calls,
without which moto loses acknowledged writes under concurrency.
"""

import functools
import sys
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import moto.core.utils
import waitress
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

from local.engines.feed import Feed
from local.engines.ports import HOST

THREADS = 32
"""One per call that workers and pumps make at a moment; one waits for news."""

IDLE_SECONDS = 24 * 3600
"""Connections stay open: a new one costs as much as a call."""


class _Dispatcher(DomainDispatcherApplication):
    """moto's own, which finds out anew for each request which services there are."""

    def __init__(self) -> None:
        super().__init__(create_backend_app)
        self._backend_of = functools.cache(super().get_backend_for_host)

    def get_backend_for_host(self, host: str | None) -> Any:
        return self._backend_of(host)


def _move_clock() -> Callable[[float], None]:
    """Let visibility time-outs, delays and event times follow the store's clock; return its dial."""
    real, offset = moto.core.utils.utcnow, [timedelta()]
    moto.core.utils.utcnow = lambda: real() + offset[0]

    def move(seconds: float) -> None:
        offset[0] = timedelta(seconds=seconds)

    return move


def main() -> None:
    """Serve until killed."""
    port, serialize = int(sys.argv[1]), "serialize" in sys.argv[2:]
    feed = Feed(_Dispatcher(), move_clock=_move_clock(), serialize_dynamodb=serialize)
    waitress.serve(
        feed, host=HOST, port=port, threads=THREADS, channel_timeout=IDLE_SECONDS, asyncore_use_poll=True, _quiet=True
    )


if __name__ == "__main__":
    main()
