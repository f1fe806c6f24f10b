"""What the store logs, as text: to prove what it does not log."""

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager

from commerce.kernel.log import logger


@contextmanager
def logged() -> Iterator[io.StringIO]:
    """Catch every line that the store logs, exactly as Lambda would receive it."""
    handler = logger.registered_handler
    if not isinstance(handler, logging.StreamHandler):
        message = "the logger writes to no stream"
        raise TypeError(message)
    lines = io.StringIO()
    before = handler.setStream(lines)
    try:
        yield lines
    finally:
        if before is not None:
            handler.setStream(before)
