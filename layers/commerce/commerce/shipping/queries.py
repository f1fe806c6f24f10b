"""Questions about shipping."""

from typing import Any

from commerce.kernel.money import Money
from commerce.kernel.reads import Answers, Read
from commerce.shipping.engine import Option
from commerce.shipping.model import ShippingRules
from commerce.shipping.options import DeliveryPromise, PricePart, ShippingOption
from commerce.shipping.records import rules_read


def rules_reads() -> list[Read[Any]]:
    """Return the reads that `rules` needs: one."""
    return [rules_read()]


def rules(*, answers: Answers) -> ShippingRules:
    """Return the shop's methods, zones and calendar."""
    record = answers.get(rules_read())
    return record.rules() if record else ShippingRules()


def shown(option: Option) -> ShippingOption:
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
