"""A process of its own that serves moto to forked workers, on the store's clock, and keeps a feed of what happened.

Run as `python -m local.engines.moto_server PORT [serialize]`. `serialize` puts one lock around DynamoDB calls,
without which moto loses acknowledged writes under concurrency.
"""

import sys
from collections.abc import Callable
from datetime import timedelta

import moto.core.utils
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import make_server

from local.engines.feed import Feed
from local.engines.ports import HOST


class _KeepAlive(MotoRequestHandler):
    """A request handler that keeps connections open: a new one costs more than most calls."""

    protocol_version = "HTTP/1.1"

    def log_request(self, *_args: object, **_keywords: object) -> None:
        """Stay quiet: the functions' logs are what a reader wants."""


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
    application = DomainDispatcherApplication(create_backend_app)
    feed = Feed(application, move_clock=_move_clock(), serialize_dynamodb=serialize)
    make_server(HOST, port, feed, threaded=True, request_handler=_KeepAlive).serve_forever()


if __name__ == "__main__":
    main()
