"""Fetches a small public file over HTTP, within a time that ends whatever the other side does."""

import time

from urllib3 import PoolManager, Timeout
from urllib3.exceptions import HTTPError

from commerce.kernel.errors import Unavailable

SECONDS = 10.0
"""For all of it, from the first byte sent to the last one read."""

PIECE = 16_384


class FeedFailed(Unavailable):
    code = "prices.feed_failed"
    title = "The source of exchange rates does not answer as it should"


def downloaded(url: str, *, most_bytes: int, seconds: float = SECONDS) -> bytes:
    """Return what is at an address, unless it is larger than `most_bytes`.

    :raises FeedFailed: when nobody answers in time, or something else than the file.
    """
    if not url.startswith(("https://", "http://")):
        detail = "Its address is no https address."
        raise FeedFailed(detail)
    ends = time.monotonic() + seconds
    pool = PoolManager(timeout=Timeout(connect=seconds / 3, read=seconds / 3), retries=False)
    try:
        with pool.request("GET", url, redirect=False, preload_content=False) as answer:
            if answer.status != 200:  # noqa: PLR2004 - the one status that brings the file.
                detail = f"It answered {answer.status}."
                raise FeedFailed(detail)
            content = b""
            # One read of the connection at a time: the other side may send a byte a second, for hours.
            while piece := answer.read1(PIECE):
                content += piece
                if len(content) > most_bytes or time.monotonic() > ends:
                    detail = "Its answer is too large." if len(content) > most_bytes else "Its answer takes too long."
                    raise FeedFailed(detail)
            return content
    except (HTTPError, ValueError) as error:
        detail = f"It could not be reached: {type(error).__name__}."
        raise FeedFailed(detail) from error
    finally:
        pool.clear()
