"""Changes of carts.

A shopper's change reads the cart, prices its new state and puts it whole, conditioned on the version that was read. A
clash with another change is tried again from the start: each change says what it wants in absolute terms. Checkouts
lock, unlock and complete a cart by writes that join their own transactions.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from commerce.carts import gift_cards, queries
from commerce.carts.errors import (
    NotSoldInCurrency,
    ShippingMethodUnavailable,
    UnknownSku,
)
from commerce.carts.model import Cart, new_cart
from commerce.carts.priced import PricedCart, Terms
from commerce.carts.records import CartRecord, cart_record
from commerce.carts.schemas import CartView, ChangeCart, NewCart
from commerce.carts.views import view_of
from commerce.customers.model import Address, PostalAddress
from commerce.kernel.call import Call
from commerce.kernel.config import settings
from commerce.kernel.errors import Fault, WriteConflict
from commerce.kernel.ids import new_id
from commerce.kernel.reads import fetch
from commerce.kernel.retrying import again_after
from commerce.kernel.transactions import Write, commit, create, put
from commerce.promotions import queries as promotions
from commerce.promotions.codes import compared
from commerce.taxes.errors import InvalidTaxId
from commerce.taxes.operations import checked_tax_id
from commerce.taxes.schemas import TaxIdCheck
from commerce.taxes.tax_ids import Problem

WRONG_WITH: Mapping[Problem, str] = {
    "unknown_country": "This number begins with no country whose numbers can be checked, for example DE or GB.",
    "format": "This number does not have the form of its country's.",
    "checksum": "This number is mistyped: its check digits do not fit.",
}

_again_after_a_clash = again_after(WriteConflict)


def create_cart(*, new: NewCart, call: Call) -> CartView:
    """Start an empty cart."""
    cart = new_cart(cart_id=new_id("cart"), currency=new.currency or settings().shop_currency, now=call.now)
    cart = cart.model_copy(update={"channel": new.channel})
    commit([create(cart_record(cart)), call.once and call.once.row(cart.id)])
    return view_of(queries.priced(cart=cart, terms=Terms(), call=call))


@_again_after_a_clash
def set_line(*, cart_id: str, sku: str, quantity: int, call: Call) -> CartView:
    """Make a cart hold so many of a SKU, however many it held before; zero removes the line.

    More than is in stock is accepted, and told by a problem of the cart.

    :raises CartNotFound: when there is no such cart.
    :raises UnknownSku: when the shop does not sell the SKU; a draft's SKU looks the same.
    :raises NotSoldInCurrency: when the SKU has no price in the cart's currency.
    :raises TooManyLines: when a new line finds no room.
    :raises CartLocked, CartOrdered: when the cart cannot be changed.
    """
    before, terms = _open_cart(cart_id=cart_id, call=call)
    after = queries.priced(cart=before.with_quantity(sku=sku, quantity=quantity), terms=terms, call=call)
    if quantity:
        _check_sold(after, sku=sku)
    return _stored(after, before=before, call=call)


@_again_after_a_clash
def remove_line(*, cart_id: str, sku: str, call: Call) -> CartView:
    """Take a line out of a cart.

    :raises CartNotFound: when there is no such cart.
    :raises LineNotFound: when it has no such line.
    :raises CartLocked, CartOrdered: when the cart cannot be changed.
    """
    before, terms = _open_cart(cart_id=cart_id, call=call)
    after = queries.priced(cart=before.without_line(sku=sku), terms=terms, call=call)
    return _stored(after, before=before, call=call)


@_again_after_a_clash
def change_cart(*, cart_id: str, change: ChangeCart, call: Call) -> CartView:
    """Change who buys, where the goods go and how, or the currency. What is not given stays, null clears.

    :raises CartNotFound: when there is no such cart.
    :raises InvalidTaxId: when what is given as a business's number cannot be one.
    :raises ShippingMethodUnavailable: when the given shipping method is not on offer for the changed cart. One that
        was chosen earlier stays chosen, and a problem of the cart tells when it is not on offer any more.
    :raises CartLocked, CartOrdered: when the cart cannot be changed.
    """
    before, terms = _open_cart(cart_id=cart_id, call=call)
    after = queries.priced(cart=_changed(before, change, terms=terms, call=call), terms=terms, call=call)
    if "shipping_method" in change.model_fields_set:
        after = _chosen(after)
    return _stored(after, before=before, call=call)


@_again_after_a_clash
def add_code(*, cart_id: str, code: str, call: Call) -> CartView:
    """Put a promotion's code into a cart. That it has no effect (yet) is told by a problem of the cart.

    :raises CartNotFound: when there is no such cart.
    :raises CodeUnknown: when there is no such code.
    :raises TooManyCodes: when a new code finds no room.
    :raises CartLocked, CartOrdered: when the cart cannot be changed.
    """
    before, terms = _open_cart(cart_id=cart_id, call=call)
    typed = promotions.typed_code(text=code, answers=fetch(promotions.typed_code_reads(text=code)))
    after = queries.priced(cart=before.with_code(typed), terms=terms, call=call)
    return _stored(after, before=before, call=call)


@_again_after_a_clash
def remove_code(*, cart_id: str, code: str, call: Call) -> CartView:
    """Take a promotion's code out of a cart.

    :raises CartNotFound: when there is no such cart.
    :raises CodeNotFound: when it has no such code.
    :raises CartLocked, CartOrdered: when the cart cannot be changed.
    """
    before, terms = _open_cart(cart_id=cart_id, call=call)
    after = queries.priced(cart=before.without_code(compared(code)), terms=terms, call=call)
    return _stored(after, before=before, call=call)


@_again_after_a_clash
def put_customer_groups(*, cart_id: str, groups: Sequence[str], call: Call) -> CartView:
    """Say which groups of customers the shopper of a cart belongs to: price lists and promotions ask for them.

    Saying it twice changes nothing.

    :raises CartNotFound: when there is no such cart.
    :raises CartLocked, CartOrdered: when the cart cannot be changed.
    """
    before, terms = _open_cart(cart_id=cart_id, call=call)
    cart = before.model_copy(update={"customer_groups": tuple(sorted(set(groups)))})
    if cart == before:
        return _as_it_is(before, terms=terms, call=call)
    return _stored(queries.priced(cart=cart, terms=terms, call=call), before=before, call=call)


@_again_after_a_clash
def with_gift_card(*, cart_id: str, card_id: str, call: Call) -> CartView:
    """Let a card of this id pay for a cart; `adding_gift_cards` finds it by its code."""
    before, terms = _open_cart(cart_id=cart_id, call=call)
    if card_id in before.gift_cards:
        return _as_it_is(before, terms=terms, call=call)
    after = queries.priced(cart=before.with_gift_card(card_id), terms=terms, call=call)
    gift_cards.check_added(after.tenders, card_id=card_id)
    return _stored(after, before=before, call=call)


@_again_after_a_clash
def remove_gift_card(*, cart_id: str, card_id: str, call: Call) -> CartView:
    """Let a gift card or store credit no longer pay for a cart.

    :raises CartNotFound: when there is no such cart.
    :raises GiftCardNotInCart: when it has no such card.
    :raises CartLocked, CartOrdered: when the cart cannot be changed.
    """
    before, terms = _open_cart(cart_id=cart_id, call=call)
    after = queries.priced(cart=before.without_gift_card(card_id), terms=terms, call=call)
    return _stored(after, before=before, call=call)


def cart_again(*, resource: str, call: Call) -> CartView:
    """Render the answer of a change that was made before: the cart as it is now."""
    return queries.cart_view(cart_id=resource, call=call)


def _open_cart(*, cart_id: str, call: Call) -> tuple[Cart, Terms]:
    cart, terms = queries.stored_cart(cart_id=cart_id, call=call)
    call.check_version(cart.version)
    cart.check_open()
    return cart, terms


def _check_sold(after: PricedCart, *, sku: str) -> None:
    variant = after.variants.get(sku)
    if variant is None or not variant.sellable:
        raise UnknownSku.of(sku)
    if sku not in after.sellable:
        raise NotSoldInCurrency.of(sku, currency=after.cart.currency, sold_in=list(variant.prices))


def _changed(cart: Cart, change: ChangeCart, *, terms: Terms, call: Call) -> Cart:
    values: dict[str, Any] = {name: getattr(change, name) for name in change.model_fields_set}
    for name in {"shipping_address", "billing_address"} & values.keys():
        values[name] = _postal(values[name])
    if change.tax_id is not None:
        values["tax_id"] = _business_number(change.tax_id, terms=terms, call=call)
    if "attributes" in values:
        values["attributes"] = change.attributes or {}
    if "currency" in values:
        values["currency"] = change.currency or settings().shop_currency
    return cart.model_copy(update=values)


def _business_number(text: str, *, terms: Terms, call: Call) -> TaxIdCheck:
    found = checked_tax_id(text, rules=terms.tax_rules, now=call.now)
    if found.problem is not None:
        raise InvalidTaxId(errors=(Fault("tax_id", InvalidTaxId.code, WRONG_WITH[found.problem]),))
    return found


def _chosen(after: PricedCart) -> PricedCart:
    """Keep what the shopper was told of the shipping method that they choose now.

    :raises ShippingMethodUnavailable: when it is not on offer.
    """
    method_id = after.cart.shipping_method
    if method_id is None:
        return replace(after, cart=after.cart.model_copy(update={"shipping_choice": None}))
    if after.offers is None and after.carrier_questions:
        after = queries.with_known_offers(after)
    if after.shipping_option is None:
        raise ShippingMethodUnavailable.of(method_id, instead=after.shipping_options)
    return replace(after, cart=after.cart.model_copy(update={"shipping_choice": after.choice}))


def _postal(address: Address | None) -> PostalAddress | None:
    return PostalAddress(**address.model_dump()) if address else None


def _as_it_is(cart: Cart, *, terms: Terms, call: Call) -> CartView:
    """Answer a change that was made before."""
    if call.once:
        call.once.record(cart.id)
    return view_of(queries.priced(cart=cart, terms=terms, call=call))


def _stored(after: PricedCart, *, before: Cart, call: Call) -> CartView:
    """Write the changed cart, provided that nobody else changed it, and return it as it was priced."""
    cart = after.cart.touched(now=call.now)
    stored = replace(after, cart=cart)
    write = put(cart_record(cart), condition=CartRecord.version == before.version)
    commit([write, _calculation_write(stored), call.once and call.once.row(cart.id)])
    return view_of(stored)


def _calculation_write(priced: PricedCart) -> Write | None:
    """Return the write that keeps what Stripe Tax says of the cart now, if that is news."""
    found = priced.taxes.calculation
    if found is None or not priced.taxes.is_new:
        return None
    from commerce.taxes.stripe_provider import calculation_write  # noqa: PLC0415 - only for shops that chose Stripe Tax.

    return calculation_write(cart_id=priced.cart.id, calculation=found, now=priced.now)
