"""How often strangers may try codes: so many in ten minutes per network, each network a row of its own."""

from datetime import datetime, timedelta

from commerce.adapters.ssm import signing_keys
from commerce.giftcards.errors import TooManyLookups
from commerce.giftcards.records import LookupsRecord
from commerce.kernel import clock
from commerce.kernel.config import settings
from commerce.kernel.networks import network
from commerce.kernel.transactions import Write, update

PURPOSE = "gift-card-lookups"
WINDOW = timedelta(minutes=10)
NOWHERE = "unknown"
"""Callers whose address cannot be read share one limit."""


def counted(*, client_ip: str, now: datetime) -> Write:
    """Return the write that counts one try of a code, and refuses it (TooManyLookups) when there were too many.

    Commit it before the answer says anything about the code. Networks are stored as keyed hashes alone.
    """
    began = clock.from_epoch(clock.epoch(now) // _seconds(WINDOW) * _seconds(WINDOW))
    key = f"lookups#{signing_keys().sign(PURPOSE, network(client_ip) or NOWHERE)}"
    count = LookupsRecord.lookups
    left = began + WINDOW - now
    return update(
        LookupsRecord(pk=key, sk=clock.text(began)),
        count.add(1),
        LookupsRecord.expires_ttl.set(clock.epoch(began + 2 * WINDOW)),
        condition=count.does_not_exist() | (count < settings().gift_card_lookups_per_network),
        refused=lambda _: TooManyLookups(retry_after_seconds=max(1, _seconds(left))),
    )


def _seconds(span: timedelta) -> int:
    return int(span.total_seconds())
