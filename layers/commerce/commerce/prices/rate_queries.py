"""Questions about exchange rates."""

from collections.abc import Mapping
from datetime import timedelta
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from commerce.kernel.config import settings
from commerce.kernel.reads import Answers, Read, fetch
from commerce.prices.exchange import Exchange, Quoted, Rates
from commerce.prices.records import RatesRecord, rates_read

if TYPE_CHECKING:
    from commerce.prices.books import RateBook


def exchange_reads() -> list[Read[Any]]:
    """Return the reads that `exchange` needs: none where prices are not converted."""
    return [rates_read()] if settings().convert_prices else []


def exchange(*, answers: Answers) -> Exchange | None:
    """Return how the shop converts; None while it does not."""
    if not settings().convert_prices:
        return None
    record = answers.get(rates_read())
    return exchange_of(_book(record))


def present_exchange() -> Exchange | None:
    """Return how the shop converts now: one call, and none while it does not."""
    reads = exchange_reads()
    return exchange(answers=fetch(reads, consistent=False)) if reads else None


def present_rates() -> Rates:
    """Return the rates that the shop has, whether or not it converts prices: one call."""
    record = fetch([rates_read()], consistent=False).get(rates_read())
    return rates_of(_book(record))


def exchange_of(book: "RateBook") -> Exchange:
    """Return how a shop with these rates would convert."""
    configured = settings()
    return Exchange(
        home=configured.shop_currency,
        rates=rates_of(book),
        endings=book.endings,
        oldest=timedelta(hours=configured.exchange_rates_max_age_hours),
    )


def rates_of(book: "RateBook") -> Rates:
    """Return stored rates as they are computed with."""
    fetched: Mapping[str, Fraction] = {currency: Fraction(rate) for currency, rate in book.fetched.items()}
    manual = {
        currency: (Quoted(Fraction(written.rate), written.base), written.at)
        for currency, written in book.manual.items()
    }
    return Rates(source=book.source, base=book.base, at=book.at, fetched=fetched, manual=manual)


def _book(record: RatesRecord | None) -> "RateBook":
    # How rates are stored, which only a shop that converts prices needs.
    from commerce.prices.books import RateBook  # noqa: PLC0415

    return RateBook.model_validate(record.book) if record is not None else RateBook()
