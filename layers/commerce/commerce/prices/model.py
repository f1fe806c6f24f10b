"""Price lists and the prices of a SKU in them: nouns, and the rules that need nothing but them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal, Self

from pydantic import Field

from commerce.kernel.errors import Conflict, Invalid, NotFound
from commerce.kernel.rounding import Towards
from commerce.kernel.schema import Input, Instant, Output

MOST_LISTS = 100
"""All lists are kept in one item, which every cart reads."""

MOST_LISTS_OF_A_SKU = 20
MOST_TIERS = 20
MOST_RULES = 50
MOST_BANDS = 20
WHOLE = 10_000
"""Basis points of a whole: 1250 are 12.5 %."""

ListKind = Literal["sale", "override"]


class PriceListNotFound(NotFound):
    code = "prices.list_not_found"
    title = "There is no such price list"


class UnknownSku(NotFound):
    code = "prices.unknown_sku"
    title = "No product has this SKU"


class TooManyLists(Conflict):
    code = "prices.too_many_lists"
    title = f"A shop has {MOST_LISTS} price lists at most, and a SKU prices in {MOST_LISTS_OF_A_SKU}"


class TooLarge(Conflict):
    code = "prices.too_large"
    title = "All price lists and rules together have no room for this; shorten or delete one"


class WrongCurrency(Invalid):
    code = "prices.wrong_currency"
    title = "The amounts are not in the currency of the price list"


class PriceRounding(Input):
    """The ending that a computed price gets: step 100 and ending 99 give 9.99 and 10.99, step 5 the multiples of 5."""

    step: int = Field(ge=1, le=1_000_000, description="Minor units between two such prices.")
    ending: int = Field(0, ge=0, le=999_999, description="What is left of a price when it is divided by the step.")
    towards: Towards = Field(Towards.NEAREST, strict=False, description="Which of the two neighbours is taken.")


class Adjustment(Output):
    """A percentage off the catalog's price."""

    off_basis_points: int = Field(description="1250 is 12.5 %.")
    rounding: PriceRounding | None = Field(None, description="The ending of the price; null: none in particular.")


class PriceList(Output):
    """Prices for some shoppers, for some time. Both come from here; the SKUs have their own prices in it.

    :ivar key: random, made with the list, so that prices of a deleted list never turn up in another of the same id.
    :ivar since: from when on it has been what it is; before, it was another, or there was none.
    """

    id: str
    key: str
    title: str
    kind: ListKind
    currency: str
    countries: tuple[str, ...] | None = None
    regions: tuple[str, ...] | None = None
    channels: tuple[str, ...] | None = None
    customer_groups: tuple[str, ...] | None = None
    priority: int = 0
    starts_at: Instant | None = None
    ends_at: Instant | None = None
    adjustment: Adjustment | None = None
    active: bool = True
    since: Instant

    @property
    def rank(self) -> tuple[bool, bool, bool, int, str]:
        """Return what lists are chosen by, the least first: whom it is for, then priority, then id."""
        return (not self.customer_groups, not self.regions, not self.countries, -self.priority, self.id)

    def is_on(self, now: datetime) -> bool:
        """Tell whether the list is in force at this moment, its end not included."""
        begun = self.starts_at is None or self.starts_at <= now
        return self.active and begun and (self.ends_at is None or now < self.ends_at)

    def prices_as(self, other: Self) -> bool:
        """Tell whether another version of the list gives the same prices to the same shoppers at the same time."""
        texts = {"title": "", "since": self.since}
        return self.model_copy(update=texts) == other.model_copy(update=texts)


class PastList(Output):
    """A list as it was until it was changed or deleted: shoppers saw its prices."""

    was: PriceList
    until: Instant


class Tier(Output):
    """What one piece costs from a quantity on."""

    min_quantity: int
    amount: int


class Entry(Output):
    """The prices of one SKU in one list.

    :ivar of: the list's key.
    :ivar tiers: by quantity, ascending.
    """

    of: str
    tiers: tuple[Tier, ...]
    compare_at: int | None = None

    def tier(self, quantity: int) -> Tier | None:
        """Return the tier of a quantity; None below the first one."""
        fitting = [tier for tier in self.tiers if tier.min_quantity <= quantity]
        return fitting[-1] if fitting else None

    @property
    def of_one(self) -> int | None:
        """Return what a single piece costs."""
        tier = self.tier(1)
        return tier.amount if tier else None


type Dots = list[list[int | None]]
"""The points of a timeline as they are stored; `timeline` reads and writes them."""


class SkuPrices(Output):
    """What the row of a SKU knows of its prices beside the catalog's own.

    :ivar entries: by the list's id.
    :ivar timeline: what it cost and when: by currency (the catalog's prices), and by the keys of lists.
    :ivar version: grows by one with each change of the entries.
    """

    entries: Mapping[str, Entry] = {}
    timeline: Mapping[str, Dots] = {}
    version: int = 0

    def entry(self, price_list: PriceList) -> Entry | None:
        """Return the SKU's prices in a list."""
        found = self.entries.get(price_list.id)
        return found if found is not None and found.of == price_list.key else None


class SeenPrice(Output):
    """A price as pages show it; amounts are minor units."""

    amount: int
    compare_at: int | None = None
    lowest: int | None = None


def in_order(lists: Sequence[PriceList]) -> tuple[PriceList, ...]:
    """Return lists as they are chosen."""
    return tuple(sorted(lists, key=lambda price_list: price_list.rank))
