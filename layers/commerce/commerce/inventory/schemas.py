"""Shapes of the stock endpoints."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field

from commerce.inventory.model import Bucket, Level, Reason
from commerce.kernel.schema import Handle, Input, Instant, Line, Output

MOST = 1_000_000
"""The most units that one request may name."""


def _is_change(delta: int) -> int:
    if delta == 0:
        message = "a change of 0 changes nothing"
        raise ValueError(message)
    return delta


Units = Annotated[int, Field(ge=1, le=MOST)]
UnitsOrNone = Annotated[int, Field(ge=0, le=MOST)]
Delta = Annotated[int, Field(ge=-MOST, le=MOST), AfterValidator(_is_change)]
Seen = Annotated[
    int,
    Field(
        ge=0,
        le=MOST * 1000,
        description="How many were available when you looked; if that changed, you get a 409 with the present value.",
    ),
]


class Adjustment(Input):
    """A correction of what is available: units found or lost."""

    location: Handle
    delta: Delta = Field(description="Units to add (positive) or to take away (negative); never 0.")
    reason: Line = Field(description="Why, for the history.")
    expected_available: Seen | None = None


class Receipt(Input):
    """Units that arrived."""

    location: Handle
    quantity: Units
    reference: Line | None = Field(None, description="What they came with, for example a delivery note's number.")
    expected_available: Seen | None = None


class StockSetting(Input):
    """How many units are to be available, whatever there was."""

    available: UnitsOrNone
    expected_available: Seen | None = Field(
        description="How many were available when you looked; null when you do not care what you overwrite."
    )
    reason: Line = Field(description="Why, for the history.")


class LowStockThreshold(Input):
    """When to be told that stock runs low."""

    threshold: UnitsOrNone | None = Field(description="Available units at or below which stock is low; null: never.")


class SplitLevels(Input):
    """Over how many shards a SKU's available units are spread, so that as many can be bought at the same moment."""

    shards: Literal[1, 2, 4, 8, 16] = Field(description="1: not at all.")
    expected_shards: Annotated[int, Field(ge=1, le=16)] | None = Field(
        None, description="How many you saw; if that changed, you get a 409."
    )


class LevelView(Output):
    """The stock of a SKU at one location, in units."""

    location: str
    available: int = Field(description="Can be sold.")
    reserved: int = Field(description="Held by checkouts that are not paid yet.")
    committed: int = Field(description="Paid for, not sent yet.")
    dispatched: int = Field(description="Sent.")
    sold: int = Field(description="Paid for, sent or not: committed + dispatched.")
    damaged: int
    quality_hold: int = Field(description="Set aside until somebody has looked at them.")
    written_off: int
    received: int = Field(description="Net inbound; always the sum of all buckets.")
    on_hand: int = Field(description="What lies there: everything but what was sent or written off.")
    low_stock_threshold: int | None = Field(description="Stock is low at or below this; null: never.")
    shards: int = Field(description="Over how many parts a hot SKU's available units are spread; 1: not at all.")

    @classmethod
    def of(cls, level: Level) -> Self:
        """Return a level as staff see it."""
        buckets = {str(bucket): level.in_bucket(bucket) for bucket in Bucket}
        return cls(
            location=level.location,
            **buckets,
            sold=level.sold,
            received=level.received,
            on_hand=level.on_hand,
            low_stock_threshold=level.low_stock_threshold,
            shards=level.shards,
        )


class StockView(Output):
    """The stock of a SKU at all locations."""

    sku: str
    available: int = Field(description="What the store can sell, over all locations that sell.")
    levels: list[LevelView]


class StockChange(StockView):
    """The stock of a SKU after a change."""

    movement_id: str | None = Field(description="The entry in the history; null when nothing moved.")
    dry_run: bool = Field(description="True: nothing was changed, this is what would be.")


class MovementView(Output):
    """One entry of a SKU's history."""

    movement_id: str
    location: str
    shard: int = Field(description="Which part of a hot SKU's level it was; 0: the only one, or the first.")
    source: Bucket | None = Field(serialization_alias="from", description="Bucket they left; null: from outside.")
    target: Bucket | None = Field(serialization_alias="to", description="Bucket they went to; null: out.")
    quantity: int
    reason: Reason
    reference: str = Field(description="The order, or what staff wrote.")
    actor: str
    occurred_at: Instant
