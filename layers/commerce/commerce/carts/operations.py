"""Changes of carts.

A shopper's change reads the cart, prices its new state and puts it whole, conditioned on the version that was read. A
clash with another change is tried again from the start: each change says what it wants in absolute terms. Checkouts
lock, unlock and complete a cart by writes that join their own transactions.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from tenacity import retry, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from commerce.carts import gift_cards, queries
from commerce.carts.errors import (
    CartChanged,
    CartLocked,
    CartNotFound,
    CartNotHeld,
    CartOrdered,
    NotSoldInCurrency,
    ShippingMethodUnavailable,
    UnknownSku,
)
from commerce.carts.model import KEPT, Cart, CartState, new_cart
from commerce.carts.priced import PricedCart, Terms
from commerce.carts.records import CartRecord, cart_keys, cart_record, collected_after
from commerce.carts.schemas import AddGiftCard, CartView, ChangeCart, NewCart
from commerce.carts.views import view_of
from commerce.customers.model import Address, PostalAddress
from commerce.giftcards import queries as giftcards
from commerce.kernel.call import Call
from commerce.kernel.config import settings
from commerce.kernel.errors import CommerceError, Fault, WriteConflict
from commerce.kernel.ids import new_id
from commerce.kernel.reads import fetch
from commerce.kernel.records import Record
from commerce.kernel.transactions import Refusal, Write, commit, create, put, update
from commerce.promotions import queries as promotions
from commerce.promotions.codes import compared
from commerce.taxes.errors import InvalidTaxId
from commerce.taxes.operations import calculation_write, checked_tax_id
from commerce.taxes.schemas import TaxIdCheck
from commerce.taxes.tax_ids import Problem

WRONG_WITH: Mapping[Problem, str] = {
    "unknown_country": "This number begins with no country whose numbers can be checked, for example DE or GB.",
    "format": "This number does not have the form of its country's.",
    "checksum": "This number is mistyped: its check digits do not fit.",
}

_again_after_a_clash = retry(
    retry=retry_if_exception_type(WriteConflict),
    wait=wait_random_exponential(multiplier=0.02, max=0.2),
    stop=stop_after_attempt(4),
    reraise=True,
)


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


def add_gift_card(*, cart_id: str, new: AddGiftCard, call: Call) -> CartView:
    """Let a gift card or store credit pay for a cart. The cart keeps its id and forgets the code.

    Adding it twice changes nothing. Each call counts against the caller's network.

    :raises TooManyLookups: when the network asked too often, whatever is asked now.
    :raises GiftCardNotFound: when there is no card of this code.
    :raises CommerceError: one of `gift_cards.REFUSALS`, when it cannot pay for this cart.
    :raises TooManyGiftCards: when the cart has no room for it.
    :raises CartNotFound: when there is no such cart.
    :raises CartLocked, CartOrdered: when the cart cannot be changed.
    """
    card = giftcards.card_of(code=new.code, call=call)
    return _with_gift_card(cart_id, card.id, call)


@_again_after_a_clash
def _with_gift_card(cart_id: str, card_id: str, call: Call) -> CartView:
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


def lock(*, cart: Cart, order_id: str, hold_seconds: int, taken: Mapping[str, int] | None = None, call: Call) -> Write:
    """Let an order hold the cart, provided that it is open and still as it was priced.

    The refusal is `CartLocked` or `CartOrdered` with the other order's id, or `CartChanged`.

    :param cart: the state that was priced.
    :param hold_seconds: how long the order holds its stock at most; counted into `hold_used_seconds`.
    :param taken: what the order takes from the cart's gift cards and credit.
    """
    return _turned(
        cart.id,
        CartState.LOCKED,
        CartRecord.order_id.set(order_id),
        CartRecord.hold_used_seconds.set(cart.hold_used_seconds + hold_seconds),
        *_taking(taken),
        condition=_is_as_priced(cart),
        refused=_not_as_priced,
        call=call,
    )


def order_at_once(*, cart: Cart, order_id: str, taken: Mapping[str, int] | None = None, call: Call) -> Write:
    """Turn an open cart into an order in one step, when nothing is due. Refusals are those of `lock`."""
    return _turned(
        cart.id,
        CartState.ORDERED,
        CartRecord.order_id.set(order_id),
        *_taking(taken),
        condition=_is_as_priced(cart),
        refused=_not_as_priced,
        call=call,
    )


def unlock(*, cart_id: str, order_id: str, call: Call) -> Write:
    """Give the cart back to its shopper as it was, provided that this order holds it; `CartNotHeld` if not."""
    return _turned(
        cart_id,
        CartState.OPEN,
        CartRecord.order_id.remove(),
        CartRecord.taken.remove(),
        condition=_is_held_by(order_id),
        refused=_not_held,
        call=call,
    )


def complete(*, cart_id: str, order_id: str, call: Call) -> Write:
    """Close the cart for good, provided that this order holds it; `CartNotHeld` if not."""
    return _turned(cart_id, CartState.ORDERED, condition=_is_held_by(order_id), refused=_not_held, call=call)


def _turned(
    cart_id: str, state: CartState, *actions: Action, condition: Condition, refused: Refusal, call: Call
) -> Write:
    """Return the write that moves a cart to a state. A locked cart is never collected as garbage."""
    ends = call.now + KEPT
    collection = (
        CartRecord.expires_ttl.remove()
        if state is CartState.LOCKED
        else CartRecord.expires_ttl.set(collected_after(ends))
    )
    return update(
        cart_keys(cart_id),
        CartRecord.state.set(str(state)),
        CartRecord.version.set(CartRecord.version + 1),
        CartRecord.revision.set(new_id("rev")),
        CartRecord.updated_at.set(call.now),
        CartRecord.expires_at.set(ends),
        collection,
        *actions,
        condition=condition,
        refused=refused,
    )


def _taking(taken: Mapping[str, int] | None) -> list[Action]:
    return [CartRecord.taken.set(dict(taken))] if taken else []


def _is_as_priced(cart: Cart) -> Condition:
    condition: Condition = (CartRecord.version == cart.version) & (CartRecord.state == str(CartState.OPEN))
    return condition


def _is_held_by(order_id: str) -> Condition:
    condition: Condition = (CartRecord.state == str(CartState.LOCKED)) & (CartRecord.order_id == order_id)
    return condition


def _not_as_priced(old: Record | None) -> CommerceError:
    if not isinstance(old, CartRecord):
        return CartNotFound()
    if old.state == CartState.LOCKED:
        return CartLocked(order_id=old.order_id or "")
    if old.state == CartState.ORDERED:
        return CartOrdered(order_id=old.order_id or "")
    return CartChanged()


def _not_held(old: Record | None) -> CommerceError:  # noqa: ARG001 - refusals are given the item, this one is the same for all.
    return CartNotHeld()


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
    return calculation_write(cart_id=priced.cart.id, calculation=found, now=priced.now)
