"""What prices announce. The sequence number of each event is the version after the change."""

from typing import ClassVar

from commerce.kernel.outbox import Event


class PriceListPut(Event):
    """A price list was added or changed."""

    type: ClassVar[str] = "prices.list_put"

    list_id: str


class PriceListDeleted(Event):
    """A price list was deleted."""

    type: ClassVar[str] = "prices.list_deleted"

    list_id: str


class PriceRulesPut(Event):
    """The price rules were replaced."""

    type: ClassVar[str] = "prices.rules_put"

    rule_ids: list[str]


class ExchangeRatesUpdated(Event):
    """Exchange rates were fetched from their source."""

    type: ClassVar[str] = "prices.exchange_rates_updated"

    source: str
    at: str


class ExchangeRatePut(Event):
    """Staff wrote the exchange rate or the ending of prices of a currency."""

    type: ClassVar[str] = "prices.exchange_rate_put"

    currency: str
