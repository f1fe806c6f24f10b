"""Limits on open checkouts per shopper, each a row of its own, so that no counter is shared by all."""

import ipaddress

from pynamodb.attributes import NumberAttribute

from commerce.adapters.ssm import signing_keys
from commerce.customers.model import email_key
from commerce.kernel.config import settings
from commerce.kernel.errors import LimitReached
from commerce.kernel.records import Record, TableName
from commerce.kernel.transactions import Refusal, Write, update

PURPOSE = "checkout-limit"


class TooManyOpenCheckouts(LimitReached):
    code = "checkout.too_many_open"
    title = "Too many checkouts are open; pay or leave one of them, or wait until one ends"


class OpenCheckoutsRow(Record):
    """pk: `open#<email|network>#<keyed hash>` · sk: `open`. How many checkouts are open right now."""

    class Meta:
        table_name = TableName("checkouts_table")

    open_count = NumberAttribute(default=0)


def keys(*, email: str, client_ip: str) -> tuple[str, ...]:
    """Return the limits that a checkout counts against. Addresses are stored as keyed hashes alone."""
    signing = signing_keys()
    found = [f"open#email#{signing.sign(PURPOSE, email_key(email))}"]
    network = _network(client_ip)
    if network:
        found.append(f"open#network#{signing.sign(PURPOSE, network)}")
    return tuple(found)


def taken(limit_keys: tuple[str, ...]) -> list[Write]:
    """Return the writes that count a checkout, and refuse it when the limit is reached."""
    per_email, per_network = settings().open_checkouts_per_email, settings().open_checkouts_per_network
    return [_counted(key, per_email if key.startswith("open#email#") else per_network) for key in limit_keys]


def given_back(limit_keys: tuple[str, ...]) -> list[Write]:
    """Return the writes that no longer count a checkout."""
    return [update(OpenCheckoutsRow(pk=key, sk="open"), OpenCheckoutsRow.open_count.add(-1)) for key in limit_keys]


def _counted(key: str, most: int) -> Write:
    count = OpenCheckoutsRow.open_count
    return update(
        OpenCheckoutsRow(pk=key, sk="open"),
        count.add(1),
        condition=count.does_not_exist() | (count < most),
        refused=_refusal(most),
    )


def _refusal(most: int) -> Refusal:
    return lambda _: TooManyOpenCheckouts(
        f"There may be {most} open checkouts at the same time.", retry_after_seconds=60
    )


def _network(client_ip: str) -> str:
    """Return the address's network: /24 of IPv4, /48 of IPv6, as one household or office has."""
    try:
        address = ipaddress.ip_address(client_ip)
    except ValueError:
        return ""
    return str(ipaddress.ip_network((address, 24 if address.version == 4 else 48), strict=False))  # noqa: PLR2004
