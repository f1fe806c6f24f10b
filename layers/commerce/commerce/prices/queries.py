"""Questions about the shop's prices, answered from what is read along with a cart or a product."""

from typing import Any, NamedTuple

from commerce.kernel.reads import Answers, Read
from commerce.kernel.transactions import Refusal, Write
from commerce.prices.exchange import Exchange
from commerce.prices.model import PriceList
from commerce.prices.past import Past
from commerce.prices.rate_queries import exchange, exchange_reads
from commerce.prices.records import lists_read, lists_unmoved


class ShopPrices(NamedTuple):
    """The lists and rules of the whole shop, and how it converts.

    :ivar version: of lists and rules; 0 while there never were any.
    :ivar exchange: None while the shop does not sell at converted prices.
    """

    version: int = 0
    past: Past = Past()
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


def shop_prices(*, answers: Answers) -> ShopPrices:
    """Return what `shop_reads` found."""
    record = answers.get(lists_read())
    past, version = Past(), 0
    if record is not None:
        # How lists and rules are stored, which only a shop that has some needs.
        from commerce.prices.books import Book  # noqa: PLC0415

        book, version = Book.model_validate(record.book), int(record.version)
        past = Past(book.lists, book.past_lists, book.rules, book.past_rules)
    return ShopPrices(version=version, past=past, exchange=exchange(answers=answers))
