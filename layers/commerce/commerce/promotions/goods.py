"""What promotions are made of: a choice of goods, amounts per currency, parts of a hundred, moments."""

import re
from datetime import datetime
from typing import Annotated, Any, Final

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, PlainSerializer, Strict, StringConstraints

from commerce.catalog.model import Sku
from commerce.kernel import clock
from commerce.kernel.money import MOST, Money
from commerce.kernel.schema import Handle, Input, Slug

MOST_CURRENCIES = 20
MOST_NAMED = 100
MOST_PIECES = 99_999
WHOLE = 10_000
"""Basis points of everything: 100 %."""

STORED: Final = "stored"
"""Context of what was checked when it was sent: no tables of countries and time zones are asked again."""

RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)")


def _once_per_currency(amounts: tuple[Money, ...]) -> tuple[Money, ...]:
    if len({amount.currency for amount in amounts}) != len(amounts):
        message = "there is more than one amount in a currency"
        raise ValueError(message)
    if not all(1 <= amount.amount <= MOST for amount in amounts):
        message = f"amounts go from 1 to {MOST} minor units"
        raise ValueError(message)
    return amounts


def _without_repeats[T](values: tuple[T, ...]) -> tuple[T, ...]:
    if len(set(values)) != len(values):
        message = "something stands twice"
        raise ValueError(message)
    return values


def _is_written_out(value: Any) -> Any:
    if isinstance(value, datetime) or (isinstance(value, str) and RFC_3339.fullmatch(value)):
        return value
    message = "this must be a moment as RFC 3339 writes it, for example 2026-11-27T00:00:00Z"
    raise ValueError(message)


AnyList = Strict(strict=False)
"""JSON has lists; they are kept as tuples."""

Once = AfterValidator(_without_repeats)

Amounts = Annotated[tuple[Money, ...], AnyList, Field(max_length=MOST_CURRENCIES), AfterValidator(_once_per_currency)]
"""One amount per currency, or none at all. Each is more than zero."""

SomeAmounts = Annotated[
    tuple[Money, ...], AnyList, Field(min_length=1, max_length=MOST_CURRENCIES), AfterValidator(_once_per_currency)
]
"""One amount per currency; it does not apply in others."""

BasisPoints = Annotated[int, Field(ge=1, le=WHOLE, description="Hundredths of a percent: 1250 is 12.5 %.")]
Pieces = Annotated[int, Field(ge=1, le=MOST_PIECES)]
Times = Annotated[int, Field(ge=1, le=MOST_PIECES, description="How often in one order; null: as often as it fits.")]
Skus = Annotated[tuple[Sku, ...], AnyList, Field(max_length=MOST_NAMED), Once]
Products = Annotated[tuple[Handle, ...], AnyList, Field(max_length=MOST_NAMED), Once]
Shelves = Annotated[tuple[Slug, ...], AnyList, Field(max_length=MOST_NAMED), Once]
Names = Annotated[
    tuple[Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,80}$")], ...],
    AnyList,
    Field(min_length=1, max_length=MOST_NAMED),
    Once,
]
"""Names of groups, channels and payment methods. Case matters."""

Moment = Annotated[
    AwareDatetime,
    Strict(strict=False),
    BeforeValidator(_is_written_out, json_schema_input_type=str),
    PlainSerializer(clock.text, return_type=str, when_used="json"),
    Field(json_schema_extra={"format": "date-time"}),
]
"""A moment with its offset: RFC 3339 on the wire."""


class GoodsSelection(Input):
    """Some goods: those that match any of the first three lists, or all where these are empty; less the exceptions."""

    skus: Skus = ()
    products: Products = Field((), description="Ids of products.")
    categories: Shelves = Field((), description="Slugs; goods of the categories below count too.")
    except_skus: Skus = ()
    except_categories: Shelves = ()

    @property
    def is_everything(self) -> bool:
        """Tell whether no goods are left out."""
        return self == EVERYTHING

    def holds(self, *, sku: str, product_id: str, shelves: frozenset[str]) -> bool:
        """Tell whether goods are among these.

        :param shelves: slugs of the categories that list them, and of all above.
        """
        if sku in self.except_skus or not shelves.isdisjoint(self.except_categories):
            return False
        if not (self.skus or self.products or self.categories):
            return True
        return sku in self.skus or product_id in self.products or not shelves.isdisjoint(self.categories)


EVERYTHING = GoodsSelection()


def in_currency(amounts: tuple[Money, ...], currency: str) -> int | None:
    """Return the amount in a currency, None where there is none."""
    return next((amount.amount for amount in amounts if amount.currency == currency), None)
