"""What can be wrong with a change of stock."""

from typing import NamedTuple, Self

from commerce.kernel.errors import Conflict, Fault, Invalid, NotFound, WriteConflict


class UnknownSku(NotFound):
    code = "inventory.unknown_sku"
    title = "There is no product variant with this SKU"


class UnknownLocation(Invalid):
    code = "inventory.unknown_location"
    title = "There is no such stock location"


class NotByHand(Conflict):
    code = "inventory.not_by_hand"
    title = "What is on its way between two locations moves by its transfer alone"


class TooManyLocations(Conflict):
    code = "inventory.too_many_locations"
    title = "A shop has 50 locations at most, and 20 that are active; make another one inactive first"


class LocationsTooLarge(Invalid):
    code = "inventory.locations_too_large"
    title = "Locations take 100,000 bytes at most, all together; shorten their calendars"


class ReservedLocation(Invalid):
    code = "inventory.reserved_location"
    title = "This id stands for what is on its way between two locations; choose another one"


class StaleQuantity(Conflict):
    """The caller named the quantity that they saw, and it is another one by now."""

    code = "inventory.stale_quantity"
    title = "The stock changed since you read it; look at it again and repeat the change"

    @classmethod
    def of(cls, *, sku: str, location: str, expected: int, current: int) -> Self:
        """Return the refusal with the quantity as it is now (member `available`)."""
        detail = f"You saw {expected} of {sku} available at {location}, but there are {current} by now."
        fault = Fault(param="expected_available", code=cls.code, message=f"It is {current} now.")
        return cls(detail, errors=(fault,), extra={"available": current})


class StaleShards(Conflict):
    code = "inventory.stale_shards"
    title = "The level was split otherwise since you read it; look at it again and repeat the change"


class ShardTaken(WriteConflict):
    """Others took what a shard had; the other shards may have more, so this does not say that stock is short."""


class Shortage(NamedTuple):
    """A line that wants more than there is.

    :param bucket: where the units were looked for.
    :param param: what the caller sent that asks for them; empty: the quantity of the cart's or order's line.
    """

    sku: str
    wanted: int
    left: int
    bucket: str = "available"
    param: str = ""

    def fault(self) -> Fault:
        """Return the line's entry in the problem document."""
        param = self.param or f"lines.{self.sku}.quantity"
        return Fault(param=param, code=InsufficientStock.code, message=self._message())

    def _message(self) -> str:
        if self.bucket != "available":
            bucket = self.bucket.replace("_", " ")
            return f"There are {self.left} of {self.sku} in the bucket '{bucket}'; {self.wanted} are needed."
        if self.left <= 0:
            return f"{self.sku} is out of stock."
        verb = "is" if self.left == 1 else "are"
        return f"Only {self.left} of {self.sku} {verb} left; {self.wanted} are needed."


class InsufficientStock(Conflict):
    code = "inventory.insufficient_stock"
    title = "There is not enough stock"

    @classmethod
    def of(cls, *shortages: Shortage) -> Self:
        """Return the refusal of these lines."""
        return cls.about(tuple(shortage.fault() for shortage in shortages))

    @classmethod
    def about(cls, faults: tuple[Fault, ...]) -> Self:
        """Return the refusal with these entries; its detail says what all of them say."""
        return cls(" ".join(fault.message for fault in faults), errors=faults)

    def joined(self, others: tuple[Self, ...]) -> Self:
        """Return one refusal of all lines."""
        return self.about((*self.errors, *(fault for other in others for fault in other.errors)))
