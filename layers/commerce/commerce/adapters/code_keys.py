"""The keys that codes on gift cards are made with, in SSM: added to, and never dropped, as cards live for years.

A key counts from a moment that lies ahead when it is made, so that every function knows it before one of them uses it.
"""

import json
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from commerce.adapters import ssm
from commerce.kernel import clock
from commerce.kernel.config import settings
from commerce.kernel.errors import Unavailable

MOST_KEYS = 32
"""A code's first letter names its key, and the alphabet has 32."""

KNOWN_BY_THEN = timedelta(seconds=2 * ssm.KEPT_SECONDS)
DESCRIPTION = "Keys that gift card codes are made with. Codes are lost with their key: add keys, never remove one."
ALWAYS = datetime(1970, 1, 1, tzinfo=UTC)


class TooManyCodeKeys(Unavailable):
    code = "giftcards.too_many_code_keys"
    title = f"There are {MOST_KEYS} keys for gift card codes at most"
    retryable = False


@dataclass(frozen=True, slots=True)
class CodeKey:
    """One key: its place among all of them, by which a code names it, and the moment from which on it is used."""

    number: int
    secret: bytes = field(repr=False)
    since: datetime


def code_keys() -> tuple[CodeKey, ...]:
    """Return all keys, the oldest first; there is one at least.

    :raises Unavailable: when they are missing or out of reach.
    """
    return _parsed(ssm.secret(settings().gift_card_keys_name))


def code_key_at(moment: datetime) -> CodeKey:
    """Return the key that codes are made with at this moment."""
    return [key for key in code_keys() if key.since <= moment][-1]


def ensure_code_keys() -> bool:
    """Make the first key unless there is one; tell whether it was made."""
    return ssm.create_secret(settings().gift_card_keys_name, json.dumps([_new(since=ALWAYS)]), description=DESCRIPTION)


def add_code_key(*, now: datetime) -> CodeKey:
    """Add a key for the codes to come, and return it. It is used as soon as every function must have read it.

    :raises TooManyCodeKeys: when there is no letter left that could name it.
    """
    name = settings().gift_card_keys_name
    text = ssm.stored(name)
    if text is None:
        detail = f"The parameter '{name}' is not set; deploy the store first."
        raise Unavailable(detail)
    if len(_parsed(text)) >= MOST_KEYS:
        raise TooManyCodeKeys
    added = json.dumps([*json.loads(text), _new(since=now + KNOWN_BY_THEN)])
    ssm.replace_secret(name, added, description=DESCRIPTION)
    return _parsed(added)[-1]


def _new(*, since: datetime) -> dict[str, str]:
    return {"secret": secrets.token_urlsafe(32), "since": clock.text(since)}


@lru_cache(maxsize=4)
def _parsed(text: str) -> tuple[CodeKey, ...]:
    return tuple(
        CodeKey(number=number, secret=key["secret"].encode(), since=datetime.fromisoformat(key["since"]))
        for number, key in enumerate(json.loads(text))
    )
