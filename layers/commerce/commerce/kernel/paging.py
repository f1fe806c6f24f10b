"""Pages of a list: a bounded number of items and an opaque, signed cursor bound to its caller and query."""

import base64
import binascii
from collections.abc import Callable, Iterable

from pydantic import Field

from commerce.kernel.errors import Invalid
from commerce.kernel.schema import Output
from commerce.kernel.signing import SigningKeys

PURPOSE = "cursor"


class BadCursor(Invalid):
    code = "request.bad_cursor"
    title = "The cursor is not one that this list gave to you; start again without it"


class Page[T](Output):
    """Some items of a list, and where it goes on."""

    items: list[T]
    next_cursor: str | None = Field(None, description="Send it as `cursor` to read on; null at the end.")


def sealed(position: str, *, scope: str, keys: SigningKeys) -> str:
    """Return the cursor for a position. `scope` names caller and query; it is signed, never sent."""
    signature = keys.sign(PURPOSE, f"{scope}\n{position}")
    return base64.urlsafe_b64encode(f"{signature}|{position}".encode()).decode().rstrip("=")


def opened(cursor: str, *, scope: str, keys: SigningKeys) -> str:
    """Return the position of a cursor that this scope was given.

    :raises BadCursor: for anything else.
    """
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        signature, _, position = base64.b64decode(padded, altchars=b"-_", validate=True).decode().partition("|")
    except (binascii.Error, ValueError) as error:
        raise BadCursor from error
    if not keys.verifies(PURPOSE, f"{scope}\n{position}", signature):
        raise BadCursor
    return position


def cut[R, T](found: Iterable[R], *, limit: int, shown: Callable[[R], T], cursor: Callable[[R], str]) -> Page[T]:
    """Make a page of up to `limit` items from a query that asked for one more, which tells whether it goes on."""
    rows = list(found)
    page = rows[:limit]
    more = len(rows) > limit
    return Page(items=[shown(row) for row in page], next_cursor=cursor(page[-1]) if more else None)
