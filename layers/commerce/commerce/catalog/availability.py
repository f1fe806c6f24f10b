"""How many of a SKU are offered: one number, or one per channel where locations tell channels apart."""

import json
from collections.abc import Mapping
from typing import Literal

from commerce.kernel.config import settings

type Offer = int | str
"""As pages keep it: a number, or as JSON that of the storefront beside those of the channels that differ."""

type StockBand = Literal["in_stock", "low", "out"]

STOREFRONT = ""


def offer_of(available: int, channels: Mapping[str, int]) -> Offer:
    """Return what is kept: `channels` has those that are offered another number than the storefront."""
    return json.dumps({STOREFRONT: available, **channels}) if channels else available


def offered(offer: Offer, channel: str | None = None) -> int:
    """Return how many a channel is offered; None: the shop's own storefront."""
    if isinstance(offer, int):
        return offer
    numbers: dict[str, int] = json.loads(offer)
    return numbers.get(channel or STOREFRONT, numbers[STOREFRONT])


def band(available: int) -> StockBand:
    """Return whether there is any, and whether there are few, as the shop draws the line."""
    if available <= 0:
        return "out"
    return "low" if available <= settings().low_stock_band else "in_stock"


def shown(available: int) -> int | None:
    """Return the number, where the shop shows numbers."""
    return available if settings().stock_shown_as == "number" else None
