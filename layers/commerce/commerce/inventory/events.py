"""What inventory announces, under the aggregate `stock#SKU#location`."""

from typing import ClassVar

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
