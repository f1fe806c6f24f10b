"""Lists, rules and rates as they are stored. Imported by those who have some, or write some."""

from collections.abc import Mapping

from commerce.kernel.schema import Instant, Output
from commerce.prices.model import PastList, PriceList, PriceRounding
from commerce.prices.rules import PastRule, PriceRule


class Book(Output):
    """All price lists and rules of the shop, and those of the last months that are no more."""

    lists: tuple[PriceList, ...] = ()
    past_lists: tuple[PastList, ...] = ()
    rules: tuple[PriceRule, ...] = ()
    past_rules: tuple[PastRule, ...] = ()


class ManualRate(Output):
    """A rate that staff wrote: so many units for one unit of the base."""

    rate: str
    base: str
    at: Instant
    by: str


class RateBook(Output):
    """The exchange rates as they are stored; rates are decimal numbers as text."""

    source: str = ""
    base: str = ""
    at: Instant | None = None
    fetched_at: Instant | None = None
    fetched: Mapping[str, str] = {}
    manual: Mapping[str, ManualRate] = {}
    endings: Mapping[str, PriceRounding] = {}
