"""What this invocation has used so far of what AWS bills, and which events it published.

Whoever uses something counts it here, under the name of its price. `entrypoints/cost.py` makes an amount of it.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Any

_used: dict[str, float] = {}
_published: Counter[str] = Counter()

READS = frozenset({"BatchGetItem", "GetItem", "Query", "Scan", "TransactGetItems"})


def count(price: str, amount: float = 1) -> None:
    """Count a use (`ses.mail`)."""
    _used[price] = _used.get(price, 0) + amount


def count_published(event_type: str) -> None:
    """Count an event that went to the bus. A repeat counts again."""
    _published[event_type] += 1


def count_capacity(parsed: Mapping[str, Any], model: Any, **_: Any) -> None:
    """Count the units that DynamoDB says a call took: botocore calls this after each one.

    pynamodb asks for them with every call (`ReturnConsumedCapacity`). A call that fails tells nothing.
    """
    told = parsed.get("ConsumedCapacity") or []
    units = sum(each.get("CapacityUnits", 0) for each in (told if isinstance(told, list) else [told]))
    count("dynamodb.read_unit" if model.name in READS else "dynamodb.write_unit", units)


def begin() -> None:
    """Forget the invocation before."""
    _used.clear()
    _published.clear()


def used() -> Mapping[str, float]:
    """Return what was used since `begin`, by price."""
    return _used


def published(event_type: str) -> int:
    """Return how many events of a type were published since `begin`."""
    return _published[event_type]
