"""Which locations an order's units come from."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from commerce.inventory.errors import InsufficientStock, Shortage
from commerce.inventory.locations import Location, Strategy
from commerce.inventory.model import Allocation, Level


class Destination(NamedTuple):
    """Where an order goes.

    :ivar country: ISO 3166-1 alpha-2 code.
    :ivar region: as the address says it.
    """

    country: str
    region: str | None = None
    postal_code: str | None = None


class Plan(NamedTuple):
    """Where the units of an order come from, and why.

    :ivar because: a sentence for each location that was chosen or passed over; empty where there was no choice.
    """

    allocations: tuple[Allocation, ...]
    strategy: Strategy = "priority"
    because: tuple[str, ...] = ()


def plan(
    *,
    wanted: Mapping[str, int],
    levels: Mapping[str, Sequence[Level]],
    places: Sequence[Location],
    strategy: Strategy = "priority",
    destination: Destination | None = None,
) -> Plan:
    """Choose the locations that wanted units come from. A line may be split over several; no unit is taken twice.

    :param wanted: units per SKU, each at least 1.
    :param levels: by SKU, the levels that it may come from, with what is offered there as `available`.
    :param places: the locations of all these levels, in order of priority.
    :param destination: None where nothing is sent; then no place is nearer than another.
    :raises InsufficientStock: when some SKU has too few units; it names each of them.
    """
    stock = {sku: {level.location: level.available for level in levels.get(sku, ())} for sku in wanted}
    shortages = [
        Shortage(sku=sku, wanted=quantity, left=left)
        for sku, quantity in wanted.items()
        if (left := sum(stock[sku].values())) < quantity
    ]
    if shortages:
        raise InsufficientStock.of(*shortages)
    if len(places) <= 1:
        only = [Allocation(sku, level.location, quantity) for sku, quantity in wanted.items() for level in levels[sku]]
        return Plan(tuple(only), strategy)
    # Only shops that have a choice load what makes it.
    from commerce.inventory.strategies import STRATEGIES, Request, taken  # noqa: PLC0415

    request = Request(wanted, stock, tuple(places), destination)
    chosen = STRATEGIES[strategy](request)
    return Plan(taken(request, chosen), strategy, chosen.because)
