"""Questions about shipping."""

from typing import TYPE_CHECKING, Any

from commerce.kernel.money import Money
from commerce.kernel.reads import Answers, Read
from commerce.shipping.options import DeliveryPromise, PricePart, ShippingOption
from commerce.shipping.records import rules_read
from commerce.shipping.rules import ShippingRules

if TYPE_CHECKING:
    from commerce.shipping.engine import Option


def rules_reads() -> list[Read[Any]]:
    """Return the reads that `rules` needs: one."""
    return [rules_read()]


def rules(*, answers: Answers) -> ShippingRules:
    """Return the shop's methods, zones and calendar."""
    record = answers.get(rules_read())
    if record is None:
        return ShippingRules()
    # Methods with their rates, zones and the calendar, which only a shop that sends something needs.
    from commerce.shipping.stored import rules_of  # noqa: PLC0415

    return rules_of(record)


def shown(option: "Option") -> ShippingOption:
    """Return an option as shoppers read it."""

    def money(amount: int) -> Money:
        return Money(amount=amount, currency=option.currency)

    when, offer = option.promise, option.offer
    return ShippingOption(
        id=option.id,
        title=option.title,
        price=money(option.price),
        kind=option.method.kind,
        method_id=option.method.id,
        promise=DeliveryPromise(earliest=when.earliest, latest=when.latest) if when else None,
        guaranteed=option.method.guaranteed,
        estimated=option.estimated,
        parts=tuple(
            PricePart(source=part.source, title=part.title, amount=money(part.amount)) for part in option.parts
        ),
        pickup=option.method.pickup,
        point=offer.point if offer else None,
        valid_until=offer.valid_until if offer else None,
    )
