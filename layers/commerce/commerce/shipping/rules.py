"""All that a shop says about shipping. What it says it with is imported by those who read or change it."""

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from commerce.shipping.calendar import Calendar
    from commerce.shipping.model import ShippingMethod
    from commerce.shipping.zones import Zone


class ShippingRules(NamedTuple):
    """All that the shop says about shipping.

    :ivar calendar: None while the shop has none; then no day is promised.
    """

    methods: "tuple[ShippingMethod, ...]" = ()
    zones: "tuple[Zone, ...]" = ()
    calendar: "Calendar | None" = None

    def method(self, method_id: str) -> "ShippingMethod | None":
        """Return a method by its id."""
        return next((method for method in self.methods if method.id == method_id), None)
