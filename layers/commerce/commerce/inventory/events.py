"""What inventory announces: of stock under the aggregate `stock#SKU#location`, of locations under `locations`."""

from typing import ClassVar

from commerce.inventory.locations import Strategy
from commerce.kernel.outbox import Event


class StockLow(Event):
    """Available stock fell to the threshold or below it; announced once until it recovers."""

    type: ClassVar[str] = "inventory.stock_low"

    sku: str
    location: str
    available: int
    threshold: int


class StockRecovered(Event):
    """Available stock rose above the threshold again, after it had been announced as low."""

    type: ClassVar[str] = "inventory.stock_recovered"

    sku: str
    location: str
    available: int
    threshold: int


class LocationPut(Event):
    """A location was added, or what is known of it was replaced."""

    type: ClassVar[str] = "inventory.location_put"

    location: str
    active: bool


class AllocationRulePut(Event):
    """The rule was changed by which the locations are chosen that an order's units come from."""

    type: ClassVar[str] = "inventory.allocation_rule_put"

    strategy: Strategy
