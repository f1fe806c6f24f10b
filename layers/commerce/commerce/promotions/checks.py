"""Whether a cart meets a promotion's conditions, and what is missing where it does not."""

from collections.abc import Iterable
from datetime import time
from typing import NamedTuple

from commerce.kernel.money import Money
from commerce.promotions.conditions import (
    WEEKDAYS,
    AnyCondition,
    AttributeCondition,
    CalendarCondition,
    ChannelsCondition,
    CountriesCondition,
    CustomerGroupsCondition,
    FirstOrderCondition,
    GoodsCondition,
    PaymentMethodsCondition,
    SubtotalCondition,
)
from commerce.promotions.goods import GoodsSelection, in_currency
from commerce.promotions.model import Promotion
from commerce.promotions.situation import Item, Situation


class Refused(NamedTuple):
    """Why a promotion does not apply.

    :ivar missing: pieces or minor units that are missing, where that is a number.
    """

    reason: str
    message: str
    missing: int = 0


def chosen(of: GoodsSelection, situation: Situation) -> tuple[Item, ...]:
    """Return the items of a selection."""
    return tuple(
        item
        for item in situation.by_sku.values()
        if of.holds(sku=item.sku, product_id=item.product_id, shelves=item.shelves)
    )


def refusal(promotion: Promotion, situation: Situation) -> Refused | None:
    """Return the first reason for which a promotion does not apply to a cart; None when there is none.

    Dates come first, then the currency, then limits, then the conditions as the merchant listed them.
    """
    return (
        _dates(promotion, situation)
        or _currency(promotion, situation)
        or _limits(promotion, situation)
        or next(filter(None, (unmet(condition, situation) for condition in promotion.conditions)), None)
    )


def unmet(condition: AnyCondition, situation: Situation) -> Refused | None:
    """Return what is missing for a condition; None when it is met."""
    match condition:
        case GoodsCondition():
            why = _goods(condition, situation)
        case SubtotalCondition():
            why = _subtotal(condition, situation)
        case FirstOrderCondition():
            why = _first_order(situation)
        case CountriesCondition():
            why = _country(condition, situation)
        case PaymentMethodsCondition():
            why = _payment(condition, situation)
        case CustomerGroupsCondition() | ChannelsCondition() | AttributeCondition():
            why = _kind_of_cart(condition, situation)
        case CalendarCondition():
            why = _calendar(condition, situation)
    return why


def _dates(promotion: Promotion, situation: Situation) -> Refused | None:
    if promotion.starts_at is not None and situation.now < promotion.starts_at:
        return Refused("promotions.not_started", "It has not begun yet.")
    if promotion.ends_at is not None and situation.now >= promotion.ends_at:
        return Refused("promotions.ended", "It is over.")
    return None


def _currency(promotion: Promotion, situation: Situation) -> Refused | None:
    if promotion.sold_in(situation.currency):
        return None
    return Refused("promotions.not_in_currency", f"It has no amount in {situation.currency}.")


def _limits(promotion: Promotion, situation: Situation) -> Refused | None:
    limits, known = promotion.limits, situation.limits_of(promotion.id)
    if limits.uses is not None and known.uses < 1:
        return Refused("promotions.used_up", "It was used as often as it can be.")
    if limits.budget and known.budget(situation.currency) < 1:
        return Refused("promotions.budget_used_up", "All that it can take off has been taken off.")
    most = limits.uses_per_customer
    if most is not None and known.customer_uses >= most:
        return Refused("promotions.used_by_customer", f"You used it {known.customer_uses} of {most} times.")
    return None


def _goods(condition: GoodsCondition, situation: Situation) -> Refused | None:
    pieces = _pieces(chosen(condition.of, situation))
    if pieces >= condition.quantity:
        return None
    missing = condition.quantity - pieces
    return Refused("promotions.goods_missing", f"It needs {missing} more of its goods in the cart.", missing)


def _subtotal(condition: SubtotalCondition, situation: Situation) -> Refused | None:
    subtotal = sum(item.total for item in chosen(condition.of, situation))
    least = in_currency(condition.at_least, situation.currency)
    most = in_currency(condition.at_most, situation.currency)
    if least is not None and subtotal < least:
        more = Money(amount=least - subtotal, currency=situation.currency)
        return Refused("promotions.subtotal_too_low", f"It needs goods for {more} more.", more.amount)
    if most is not None and subtotal > most:
        bound = Money(amount=most, currency=situation.currency)
        return Refused("promotions.subtotal_too_high", f"It is for goods of no more than {bound}.")
    return None


def _first_order(situation: Situation) -> Refused | None:
    if situation.orders_before is None:
        return Refused("promotions.customer_unknown", "It is for a first order: give an e-mail address.")
    if situation.orders_before:
        return Refused("promotions.not_first_order", "It is for a first order, and you have ordered before.")
    return None


def _country(condition: CountriesCondition, situation: Situation) -> Refused | None:
    if situation.country is None:
        return Refused("promotions.country_unknown", "It depends on where the goods go: give an address.")
    wanted = {region.casefold() for region in condition.regions}
    reaches = not wanted or (situation.region or "").casefold() in wanted
    if situation.country in condition.any_of and reaches:
        return None
    return Refused("promotions.other_country", "It does not apply where the goods go.")


def _payment(condition: PaymentMethodsCondition, situation: Situation) -> Refused | None:
    if situation.payment_method is None:
        return Refused("promotions.payment_method_unknown", "It depends on how you pay: choose a payment method.")
    if situation.payment_method in condition.any_of:
        return None
    return Refused("promotions.other_payment_method", "It does not apply to this payment method.")


def _kind_of_cart(
    condition: CustomerGroupsCondition | ChannelsCondition | AttributeCondition, situation: Situation
) -> Refused | None:
    match condition:
        case CustomerGroupsCondition():
            met = not situation.customer_groups.isdisjoint(condition.any_of)
            why = Refused("promotions.other_customers", "It is for other customers.")
        case ChannelsCondition():
            met = situation.channel in condition.any_of
            why = Refused("promotions.other_channel", "It does not apply where this cart was made.")
        case AttributeCondition():
            met = situation.attributes.get(condition.name) in condition.any_of
            message = f"The cart's attribute '{condition.name}' has none of the values that it asks for."
            why = Refused("promotions.attribute_missing", message)
    return None if met else why


def _calendar(condition: CalendarCondition, situation: Situation) -> Refused | None:
    # Time zones are for shops that have such a condition; the others' carts start without them.
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError  # noqa: PLC0415

    try:
        local = situation.now.astimezone(ZoneInfo(condition.time_zone))
    except ZoneInfoNotFoundError:
        # The world's time zones were other ones when staff sent this one. No cart may become unreadable over it.
        return Refused("promotions.not_now", f"Nobody knows what time it is in {condition.time_zone}.")
    is_day = (not condition.weekdays or WEEKDAYS[local.weekday()] in condition.weekdays) and (
        not condition.dates or local.date().isoformat() in condition.dates
    )
    if is_day and _is_between(condition.from_time, condition.until_time, local.time()):
        return None
    return Refused("promotions.not_now", "It applies on other days or at other times.")


def _is_between(begin: str | None, end: str | None, at: time) -> bool:
    after = begin is None or at >= time.fromisoformat(begin)
    before = end is None or at < time.fromisoformat(end)
    if begin is not None and end is not None and begin > end:
        return after or before
    return after and before


def _pieces(items: Iterable[Item]) -> int:
    return sum(item.quantity for item in items)
