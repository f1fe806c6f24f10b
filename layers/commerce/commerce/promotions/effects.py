"""What an action takes off: whole minor units per SKU and off the shipping, never more than is left of them."""

from bisect import bisect_left
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from commerce.kernel.money import grain
from commerce.kernel.rounding import rounded, shares
from commerce.promotions.actions import (
    AmountOffItems,
    AmountOffOrder,
    AnyAction,
    BuyXGetY,
    CheapestFree,
    FixedPrice,
    FreeShipping,
    GiftAction,
    PercentOffItems,
    PercentOffOrder,
    PercentOffShipping,
    PromotionTier,
    Tiered,
)
from commerce.promotions.checks import chosen
from commerce.promotions.goods import WHOLE, Amounts, in_currency
from commerce.promotions.situation import Item, Situation

NOTHING: Mapping[str, int] = {}


@dataclass(slots=True)
class Left:
    """What is left of a cart's amounts while promotions have their turns."""

    by_sku: dict[str, int]
    shipping: int

    @classmethod
    def of(cls, situation: Situation) -> "Left":
        """Return the amounts of a cart from which nothing was taken."""
        return cls({item.sku: item.total for item in situation.items}, situation.shipping)

    def total(self, items: Iterable[Item]) -> int:
        """Return what is left of some lines together."""
        return sum(self.by_sku[item.sku] for item in items)


@dataclass(slots=True)
class Saved:
    """What promotions took off."""

    by_sku: dict[str, int] = field(default_factory=dict)
    shipping: int = 0

    @property
    def amount(self) -> int:
        """Return all of it."""
        return sum(self.by_sku.values()) + self.shipping


def take_off(action: AnyAction, *, situation: Situation, left: Left, saved: Saved) -> None:
    """Take an action's amounts off what is left, and note them."""
    for sku, amount in _off_lines(action, situation, left).items():
        off = min(amount, left.by_sku[sku])
        left.by_sku[sku] -= off
        if off:
            saved.by_sku[sku] = saved.by_sku.get(sku, 0) + off
    off = min(_off_shipping(action, situation, left.shipping), left.shipping)
    left.shipping -= off
    saved.shipping += off


def reached(action: Tiered, situation: Situation) -> PromotionTier | None:
    """Return the highest tier that a cart reaches, before any promotion; None when it reaches none."""
    items = chosen(action.of, situation)
    pieces, subtotal = sum(item.quantity for item in items), sum(item.total for item in items)
    found = None
    for tier in action.tiers:
        begins = in_currency(tier.from_subtotal, situation.currency)
        if (begins is not None and subtotal >= begins) or (
            tier.from_quantity is not None and pieces >= tier.from_quantity
        ):
            found = tier
    return found


def can_be_given(gift: GiftAction, situation: Situation) -> bool:
    """Tell whether there is anything to give."""
    return situation.gift_prices is None or gift.sku in situation.gift_prices


def _off_lines(action: AnyAction, situation: Situation, left: Left) -> Mapping[str, int]:
    everything = tuple(situation.by_sku.values())
    off = NOTHING
    match action:
        case PercentOffItems():
            off = _percent_of_each(chosen(action.of, situation), action.off_basis_points, situation, left)
            off = _capped(off, _in_currency(action.at_most, situation), situation)
        case PercentOffOrder():
            amount = _percent(left.total(everything), action.off_basis_points, situation)
            most = _in_currency(action.at_most, situation)
            off = _shared(amount if most is None else min(amount, most), everything, left, situation)
        case AmountOffItems():
            amount = _in_currency(action.off, situation) or 0
            by_piece = action.each == "piece"
            off = {it.sku: amount * (it.quantity if by_piece else 1) for it in chosen(action.of, situation)}
        case AmountOffOrder():
            off = _shared(_in_currency(action.off, situation) or 0, everything, left, situation)
        case FixedPrice():
            price = _in_currency(action.price, situation) or 0
            off = {it.sku: max(0, left.by_sku[it.sku] - price * it.quantity) for it in chosen(action.of, situation)}
        case BuyXGetY():
            off = _pieces_off(_gotten(action, situation), action.off_basis_points, situation, left)
        case CheapestFree():
            off = _pieces_off(_cheapest(action, situation), WHOLE, situation, left)
        case Tiered():
            off = _tiered(action, situation, left)
        case PercentOffShipping() | FreeShipping() | GiftAction():
            pass
    return off


def _off_shipping(action: AnyAction, situation: Situation, left: int) -> int:
    match action:
        case PercentOffShipping():
            amount = _percent(left, action.off_basis_points, situation)
        case FreeShipping():
            amount = left
        case _:
            return 0
    most = _in_currency(action.at_most, situation)
    return amount if most is None else min(amount, most)


def _percent(amount: int, basis_points: int, situation: Situation) -> int:
    return rounded(Fraction(amount * basis_points, WHOLE), situation.rounding, grain=grain(situation.currency))


def _in_currency(amounts: Amounts, situation: Situation) -> int | None:
    """Return the merchant's amount, down to one that can be charged; None where it has none in the cart's currency."""
    amount = in_currency(amounts, situation.currency)
    return None if amount is None else amount - amount % grain(situation.currency)


def _percent_of_each(items: Iterable[Item], basis_points: int, situation: Situation, left: Left) -> Mapping[str, int]:
    return {item.sku: _percent(left.by_sku[item.sku], basis_points, situation) for item in items}


def _capped(off: Mapping[str, int], most: int | None, situation: Situation) -> Mapping[str, int]:
    return off if most is None or sum(off.values()) <= most else _by_weight(most, off, situation)


def _shared(amount: int, items: Iterable[Item], left: Left, situation: Situation) -> Mapping[str, int]:
    """Share an amount out over lines by what is left of them."""
    weights = {item.sku: left.by_sku[item.sku] for item in items}
    return _by_weight(min(amount, sum(weights.values())), weights, situation)


def _by_weight(amount: int, weights: Mapping[str, int], situation: Situation) -> Mapping[str, int]:
    step = grain(situation.currency)
    return shares(amount, weights, grain=1 if amount % step else step)


def _tiered(action: Tiered, situation: Situation, left: Left) -> Mapping[str, int]:
    tier, items = reached(action, situation), chosen(action.of, situation)
    if tier is None:
        return NOTHING
    if tier.off_basis_points is None:
        return _shared(_in_currency(tier.off, situation) or 0, items, left, situation)
    if action.of.is_everything:
        return _shared(_percent(left.total(items), tier.off_basis_points, situation), items, left, situation)
    return _percent_of_each(items, tier.off_basis_points, situation, left)


def _pieces_off(pieces: Mapping[str, int], basis_points: int, situation: Situation, left: Left) -> Mapping[str, int]:
    """Return a percentage of some pieces of each line; a piece is an equal part of what is left of its line."""
    return {
        sku: rounded(
            Fraction(left.by_sku[sku] * count * basis_points, situation.by_sku[sku].quantity * WHOLE),
            situation.rounding,
            grain=grain(situation.currency),
        )
        for sku, count in pieces.items()
    }


def _cheapest(action: CheapestFree, situation: Situation) -> Mapping[str, int]:
    items = chosen(action.of, situation)
    free = sum(item.quantity for item in items) // action.every
    if action.times_at_most is not None:
        free = min(free, action.times_at_most)
    return _cheapest_pieces(items, free)


def _gotten(action: BuyXGetY, situation: Situation) -> Mapping[str, int]:
    """Return how many pieces of each SKU cost less: as many as can be, and of those the cheapest.

    Goods of both selections may be bought or gotten. Each `get_quantity` of gotten pieces, the last few too, need
    their `buy_quantity` of bought ones.
    """
    buyable = {item.sku: item.quantity for item in chosen(action.buy, situation)}
    gettable = chosen(action.get, situation)
    to_get = sum(item.quantity for item in gettable)
    either = sum(item.quantity for item in gettable if item.sku in buyable)
    only_to_buy = sum(buyable.values()) - either

    def to_spare(gotten: int) -> int:
        """Return how many pieces of both selections need not be bought; below zero: too few can be."""
        times = -(-gotten // action.get_quantity)
        return either - max(0, times * action.buy_quantity - only_to_buy)

    def is_too_many(gotten: int) -> bool:
        return max(0, gotten - (to_get - either)) > to_spare(gotten)

    most = to_get
    if action.times_at_most is not None:
        most = min(most, action.times_at_most * action.get_quantity)
    gotten = bisect_left(range(most + 1), x=True, key=is_too_many) - 1
    return _cheapest_pieces(gettable, gotten, scarce=buyable, to_spare=to_spare(gotten))


def _cheapest_pieces(
    items: Iterable[Item], count: int, *, scarce: Collection[str] = (), to_spare: int = 0
) -> Mapping[str, int]:
    """Choose so many of the cheapest pieces, by unit price, then SKU; of the scarce SKUs no more than can be spared."""
    found: dict[str, int] = {}
    for item in sorted(items, key=lambda item: (item.unit_price, item.sku)):
        pieces = min(item.quantity, count)
        if item.sku in scarce:
            pieces = min(pieces, to_spare)
            to_spare -= pieces
        count -= pieces
        if pieces:
            found[item.sku] = pieces
    return found
