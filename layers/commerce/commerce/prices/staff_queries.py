"""Staff's questions about price lists, price rules and exchange rates."""

from datetime import datetime

from commerce.kernel.config import settings
from commerce.kernel.reads import get
from commerce.prices.books import Book, RateBook
from commerce.prices.exchange import decimal_text, rate_between
from commerce.prices.model import PriceListNotFound, in_order
from commerce.prices.rate_queries import exchange_of
from commerce.prices.records import LISTS, RATES, ListsRecord, RatesRecord
from commerce.prices.rules import in_order as rules_in_order
from commerce.prices.schemas import (
    ShownExchangeRate,
    StaffExchangeRate,
    StaffExchangeRates,
    StaffPriceList,
    StaffPriceLists,
    StaffPriceRules,
    shown_list,
)


def stored_book() -> tuple[Book, int]:
    """Return all lists and rules as they are now, and their version."""
    record = get(ListsRecord, LISTS, LISTS)
    return (Book.model_validate(record.book), int(record.version)) if record is not None else (Book(), 0)


def stored_rates() -> tuple[RateBook, int]:
    """Return the exchange rates as they are now, and their version."""
    record = get(RatesRecord, RATES, RATES)
    return (RateBook.model_validate(record.book), int(record.version)) if record is not None else (RateBook(), 0)


def price_lists() -> StaffPriceLists:
    """Return all price lists and their version."""
    book, version = stored_book()
    return StaffPriceLists(items=tuple(shown_list(one) for one in in_order(book.lists)), version=version)


def price_list(*, list_id: str) -> StaffPriceList:
    """Return one price list.

    :raises PriceListNotFound: when there is none.
    """
    book, version = stored_book()
    found = next((one for one in book.lists if one.id == list_id), None)
    if found is None:
        detail = f"There is no price list '{list_id}'."
        raise PriceListNotFound(detail)
    return StaffPriceList(**dict(shown_list(found)), version=version)


def price_rules() -> StaffPriceRules:
    """Return all price rules and their version."""
    book, version = stored_book()
    return StaffPriceRules(items=rules_in_order(book.rules), version=version)


def exchange_rates(*, now: datetime) -> StaffExchangeRates:
    """Return the exchange rates of all currencies that have one, or that have an ending."""
    book, version = stored_rates()
    home = settings().shop_currency
    currencies = {book.base, *book.fetched, *book.manual, *book.endings} - {home, ""}
    return StaffExchangeRates(
        items=tuple(shown_rate(book, currency, now=now) for currency in sorted(currencies)),
        base=home,
        source=book.source or None,
        fetched_at=book.fetched_at,
        converts=settings().convert_prices,
        version=version,
    )


def exchange_rate(*, currency: str, now: datetime) -> StaffExchangeRate:
    """Return the exchange rate of one currency."""
    book, version = stored_rates()
    return StaffExchangeRate(**dict(shown_rate(book, currency, now=now)), version=version)


def shown_rate(book: RateBook, currency: str, *, now: datetime) -> ShownExchangeRate:
    """Return the rate of a currency as staff reads it."""
    exchange = exchange_of(book)
    rate = rate_between(exchange.rates, exchange.home, currency)
    return ShownExchangeRate(
        currency=currency,
        rate=decimal_text(rate.rate) if rate else None,
        source=rate.source if rate else None,
        at=rate.at if rate else None,
        stale=rate is not None and rate.is_older_than(exchange.oldest, now=now),
        rounding=book.endings.get(currency),
    )
