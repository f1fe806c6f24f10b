"""What is wrong with a cart, in words for the shopper and codes for the storefront."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from commerce.carts.model import Cart, CartLine, CartState
from commerce.carts.schemas import CartProblem, ProblemCode
from commerce.catalog.model import Variant
from commerce.kernel.money import Money
from commerce.pricing.charges import Reason, uncharged
from commerce.pricing.model import TriedPromotion
from commerce.shipping.options import ShippingOption

CHARGE_CODES: dict[Reason, ProblemCode] = {
    "too_small": "carts.total_too_small",
    "too_large": "carts.total_too_large",
    "not_a_step": "carts.total_not_chargeable",
}


class Chosen(NamedTuple):
    """What became of the shipping method that the shopper chose.

    :ivar option: the method, if it is on offer.
    :ivar instead: what else is on offer, as far as it is known without asking carriers.
    :ivar lapsed: whether it was a carrier's offer that does not hold any more.
    """

    option: ShippingOption | None
    instead: tuple[ShippingOption, ...]
    lapsed: bool


def problems_of(
    cart: Cart,
    *,
    sellable: Mapping[str, Variant],
    available: Mapping[str, int],
    requires_shipping: bool,
    shipping: Chosen,
    due: Money,
    taxes_are_known: bool,
    also: Iterable[CartProblem] = (),
) -> tuple[CartProblem, ...]:
    """Return the problems of an open cart: its lines' first, in their order, then those of the whole.

    A cart that a checkout holds has none: its stock is taken and its prices are frozen in the order.

    :param available: pieces that can be sold now, per SKU.
    :param also: what is wrong with codes, gift cards and credit.
    """
    if cart.state is not CartState.OPEN:
        return ()
    return (
        *_of_lines(cart, sellable=sellable, available=available),
        *_of_contact(cart),
        *(_of_shipping(cart, shipping) if requires_shipping else ()),
        *_of_taxes(cart, taxes_are_known=taxes_are_known),
        *also,
        *_of_charge(due),
    )


def _of_lines(cart: Cart, *, sellable: Mapping[str, Variant], available: Mapping[str, int]) -> Iterator[CartProblem]:
    if not cart.lines:
        yield _blocking("carts.empty", "lines", "The cart is empty.")
    for line in cart.lines:
        variant = sellable.get(line.sku)
        if variant is None:
            message = f"'{line.sku}' is not sold in {cart.currency} (any more); remove it."
            yield _blocking("carts.line_unavailable", f"lines.{line.sku}", message)
        elif available[line.sku] < line.quantity:
            yield _short(line, title=_title(variant), left=available[line.sku])


def _short(line: CartLine, *, title: str, left: int) -> CartProblem:
    return CartProblem(
        code="carts.insufficient_stock",
        blocking=True,
        param=f"lines.{line.sku}.quantity",
        message=f"Only {left} left of {title}." if left else f"{title} is sold out.",
        available=left,
    )


def _title(variant: Variant) -> str:
    both = dict.fromkeys((variant.product_title, variant.title))
    return ", ".join(both)


def _of_contact(cart: Cart) -> Iterator[CartProblem]:
    if cart.email is None:
        yield _blocking("carts.email_missing", "email", "Say to which e-mail address the confirmation goes.")


def _of_shipping(cart: Cart, chosen: Chosen) -> Iterator[CartProblem]:
    if cart.shipping_address is None:
        yield _blocking("carts.shipping_address_missing", "shipping_address", "Say where the goods go.")
    if cart.shipping_method is None:
        yield _blocking("carts.shipping_method_missing", "shipping_method", "Choose how the goods are sent.")
    elif chosen.lapsed:
        message = "The carrier's offer that was chosen does not hold any more; choose among the present ones."
        yield _unshipped("carts.shipping_offer_lapsed", message, chosen.instead)
    elif chosen.option is None:
        message = f"'{cart.shipping_method}' is not on offer for this cart (any more); choose another shipping method."
        yield _unshipped("carts.shipping_method_unavailable", message, chosen.instead)
    else:
        yield from _of_promise(cart, chosen.option)


def _of_promise(cart: Cart, option: ShippingOption) -> Iterator[CartProblem]:
    told = cart.shipping_choice.promise if cart.shipping_choice else None
    now = option.promise
    if told is None or (now is not None and now.latest <= told.latest):
        return
    arrives = f"now {now.latest} at the latest" if now else "now on a day that nobody can promise"
    yield CartProblem(
        code="carts.delivery_promise_changed",
        blocking=option.guaranteed,
        param="shipping_method",
        message=f"The goods were to arrive by {told.latest}, {arrives}; choose the shipping method again to agree.",
        shipping_methods=(option,),
    )


def _unshipped(code: ProblemCode, message: str, options: tuple[ShippingOption, ...]) -> CartProblem:
    return CartProblem(code=code, blocking=True, param="shipping_method", message=message, shipping_methods=options)


def problems_of_codes(promotions: tuple[TriedPromotion, ...]) -> Iterator[CartProblem]:
    """Yield which codes have no effect, and why."""
    for tried in promotions:
        if tried.code is not None and not tried.applied:
            message = f"The code {tried.code} has no effect. {tried.message}"
            yield CartProblem(
                code="carts.code_not_applied", blocking=False, param=f"codes.{tried.code}", message=message
            )


def _of_taxes(cart: Cart, *, taxes_are_known: bool) -> Iterator[CartProblem]:
    if cart.tax_id is not None and not cart.tax_id.valid:
        message = f"The register does not know {cart.tax_id.tax_id}; you are charged tax like a consumer."
        yield CartProblem(code="carts.tax_id_not_confirmed", blocking=False, param="tax_id", message=message)
    if not taxes_are_known:
        message = "The taxes of this cart cannot be computed right now; try again in a minute."
        yield _blocking("carts.taxes_unknown", "totals.tax", message)


def _of_charge(due: Money) -> Iterator[CartProblem]:
    refusal = uncharged(due)
    if refusal is not None:
        yield _blocking(CHARGE_CODES[refusal.reason], "totals.due", refusal.message)


def _blocking(code: ProblemCode, param: str, message: str) -> CartProblem:
    return CartProblem(code=code, blocking=True, param=param, message=message)
