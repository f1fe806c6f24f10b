"""What a change of a product or of a SKU's prices adds to the timeline of its prices.

A SKU without a timeline has cost what it costs since its product came into the catalog.
"""

from collections.abc import Mapping
from datetime import datetime

from commerce.catalog.model import Variant
from commerce.prices.model import Dots, Entry, SkuPrices
from commerce.prices.timeline import Track, recorded, stored, track_of


def followed(*, old: Variant | None, new: Variant, prices: SkuPrices, now: datetime) -> dict[str, Dots] | None:
    """Return the timeline after a change of the product; None when the change is none of prices.

    :param old: the variant before; None for one that the product did not have.
    """
    before, after = _offered(old), _offered(new)
    if before == after:
        return None
    tracks = _tracks(prices, offered=before, since=new.listed_at)
    for code in {*before, *after, *filter(_is_catalogs, tracks)}:
        tracks[code] = recorded(tracks.get(code, ()), amount=after.get(code), now=now)
    if bool(before) != bool(after):
        for entry in prices.entries.values():
            tracks[entry.of] = recorded(tracks.get(entry.of, ()), amount=entry.of_one if after else None, now=now)
    return stored(tracks)


def repriced(
    *, variant: Variant, key: str, entry: Entry | None, known: frozenset[str], now: datetime
) -> dict[str, Dots]:
    """Return the timeline after a change of the SKU's prices in one list.

    :param key: the list's.
    :param known: keys of lists that there are, or were lately; what others asked for is forgotten.
    """
    offered = _offered(variant)
    tracks = _tracks(variant.sku_prices, offered=offered, since=variant.listed_at)
    amount = entry.of_one if entry is not None and offered else None
    tracks[key] = recorded(tracks.get(key, ()), amount=amount, now=now)
    return stored({name: track for name, track in tracks.items() if _is_catalogs(name) or name in known})


def _offered(variant: Variant | None) -> dict[str, int]:
    """Return what the catalog asks for, by currency; nothing while the variant cannot be bought."""
    if variant is None or not variant.sellable:
        return {}
    return {code: money.amount for code, money in variant.prices.items()}


def _tracks(prices: SkuPrices, *, offered: Mapping[str, int], since: datetime | None) -> dict[str, Track]:
    tracks = {name: track_of(dots) for name, dots in prices.timeline.items()}
    if since is not None and not any(_is_catalogs(name) for name in tracks):
        tracks |= {code: recorded((), amount=amount, now=since) for code, amount in offered.items()}
    return tracks


def _is_catalogs(name: str) -> bool:
    """Tell a currency from a list's key, which has its prefix and an underscore."""
    return "_" not in name
