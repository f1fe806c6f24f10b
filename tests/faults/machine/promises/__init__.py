"""All checkers together; one file per matter."""

from typing import TYPE_CHECKING, Any

from tests.faults.machine.guarantees import GUARANTEES
from tests.faults.machine.picture import BUCKETS, Picture
from tests.faults.machine.promises import cards, money, promotions, stock, told

if TYPE_CHECKING:
    from tests.faults.machine.world import World

__all__ = ["broken", "cards", "digest", "money", "promotions", "stock", "told"]


def broken(picture: Picture, world: "World", *, only_committed: bool) -> list[str]:
    """Return the promises that do not hold, in words."""
    found: list[str] = []
    for guarantee in GUARANTEES:
        if guarantee.always or not only_committed:
            found += [f"{guarantee.number} {what}" for what in guarantee.check(picture, world)]
    return found


def digest(picture: Picture) -> dict[str, Any]:
    """Return what money and stock say, to compare before and after something that must change nothing."""
    amounts = ("captured", "authorized", "refunded", "refund_pending", "disputed", "canceled", "reviews_open")
    return {
        "orders": {
            order.id: (order.status, order.header["version"], *(order.payment[name] for name in amounts))
            for order in picture.orders.values()
        },
        "levels": {key: tuple(level.get(name, 0) for name in BUCKETS) for key, level in picture.levels.items()},
        "refunds": sorted(refund["id"] for refund in picture.at_stripe("refund")),
    }
