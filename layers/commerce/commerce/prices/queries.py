"""Questions about the shop's prices, answered from what is read along with a cart or a product."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from fractions import Fraction
from typing import Any

from commerce.kernel.config import settings
from commerce.kernel.reads import Answers, Read, fetch
from commerce.kernel.transactions import Refusal, Write
from commerce.prices.exchange import Exchange, Quoted, Rates
from commerce.prices.history import Past
from commerce.prices.model import PriceList
from commerce.prices.records import RateBook, lists_read, lists_unmoved, rates_read


@dataclass(frozen=True, slots=True)
class ShopPrices:
    """The lists and rules of the whole shop, and how it converts.

    :ivar version: of lists and rules; 0 while there never were any.
    :ivar exchange: None while the shop does not sell at converted prices.
    """

    version: int = 0
    past: Past = field(default_factory=Past)
    exchange: Exchange | None = None

    @property
    def is_plain(self) -> bool:
        """Tell whether the shop has no list and no rule, and had none lately."""
        return self.past == Past()

    def price_list(self, list_id: str) -> PriceList | None:
        """Return a list by its id."""
        return next((one for one in self.past.lists if one.id == list_id), None)

    def unmoved(self, *, refused: Refusal) -> Write:
        """Return the condition that lists and rules are what they were when this was read."""
        return lists_unmoved(seen_version=self.version, refused=refused)


def shop_reads() -> list[Read[Any]]:
    """Return the reads that `shop_prices` needs: one, or two where prices are converted."""
    return [lists_read(), *exchange_reads()]


def exchange_reads() -> list[Read[Any]]:
    """Return the reads that `exchange` needs: none where prices are not converted."""
    return [rates_read()] if settings().convert_prices else []


def shop_prices(*, answers: Answers) -> ShopPrices:
    """Return what `shop_reads` found."""
    record = answers.get(lists_read())
    past, version = Past(), 0
    if record is not None:
        book, version = record.content_of(), int(record.version)
        past = Past(book.lists, book.past_lists, book.rules, book.past_rules)
    return ShopPrices(version=version, past=past, exchange=exchange(answers=answers))


def exchange(*, answers: Answers) -> Exchange | None:
    """Return how the shop converts; None while it does not."""
    if not settings().convert_prices:
        return None
    record = answers.get(rates_read())
    return exchange_of(record.content_of() if record is not None else RateBook())


def present_exchange() -> Exchange | None:
    """Return how the shop converts now: one call, and none while it does not."""
    reads = exchange_reads()
    return exchange(answers=fetch(reads, consistent=False)) if reads else None


def exchange_of(book: RateBook) -> Exchange:
    """Return how a shop with these rates would convert."""
    configured = settings()
    return Exchange(
        home=configured.shop_currency,
        rates=rates_of(book),
        endings=book.endings,
        oldest=timedelta(hours=configured.exchange_rates_max_age_hours),
    )


def rates_of(book: RateBook) -> Rates:
    """Return stored rates as they are computed with."""
    fetched: Mapping[str, Fraction] = {currency: Fraction(rate) for currency, rate in book.fetched.items()}
    manual = {
        currency: (Quoted(Fraction(written.rate), written.base), written.at)
        for currency, written in book.manual.items()
    }
    return Rates(source=book.source, base=book.base, at=book.at, fetched=fetched, manual=manual)
