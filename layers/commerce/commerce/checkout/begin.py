"""From a cart to an order: one transaction takes everything, then Stripe is asked for the payment."""

from dataclasses import replace
from datetime import timedelta

from commerce.adapters import stripe_payments
from commerce.carts import holding
from commerce.carts import queries as cart_queries
from commerce.carts.errors import CartChanged, CartLocked, CartOrdered
from commerce.carts.model import CartState
from commerce.carts.priced import PricedCart
from commerce.carts.views import view_of
from commerce.checkout import limits
from commerce.checkout.paying import paid_for, same_again
from commerce.checkout.schemas import CheckoutAnswer, NewCheckout
from commerce.checkout.state import OrderState, attention, load
from commerce.giftcards import operations as giftcards
from commerce.giftcards import tenders
from commerce.giftcards.errors import InsufficientBalance
from commerce.giftcards.parts import CardPart
from commerce.inventory import operations as inventory
from commerce.inventory import shards
from commerce.inventory.allocation import Plan, plan
from commerce.inventory.errors import InsufficientStock, ShardTaken
from commerce.inventory.model import Bucket, Move, Reason
from commerce.kernel.call import Call
from commerce.kernel.config import settings
from commerce.kernel.errors import CommerceError, Conflict, Fault, Invalid, WriteConflict
from commerce.kernel.idempotency import Once
from commerce.kernel.ids import new_id
from commerce.kernel.transactions import Write, commit
from commerce.orders import operations as orders
from commerce.orders.events import OrderCreated, OrderPlaced
from commerce.orders.model import (
    Allocated,
    AllocatedBy,
    ChosenShipping,
    Order,
    OrderDetails,
    OrderLine,
    OrderStatus,
)
from commerce.payments import operations as payments
from commerce.payments.model import Payment
from commerce.promotions import counting
from commerce.promotions import operations as promotions
from commerce.promotions.errors import Overtaken
from commerce.promotions.operations import Taken

ATTEMPTS = 4
RACES = 24
"""How often a buyer may lose a hot SKU's shard to others. Each time somebody bought, so that the last units go soon."""

LEASE = timedelta(seconds=25)
SHORTEST_HOLD = timedelta(minutes=1)

OVERTAKEN = (WriteConflict, CartChanged, CartLocked, CartOrdered, InsufficientBalance, InsufficientStock, Overtaken)
"""Somebody was faster after we read; reading again tells what is true now."""


class CartNotReady(Invalid):
    code = "checkout.cart_not_ready"
    title = "Something is missing before this cart can be ordered"


class PriceChanged(Conflict):
    code = "checkout.price_changed"
    title = "The price is not the one you agreed to; show the new one and ask again"


class HoldUsedUp(Conflict):
    code = "checkout.hold_used_up"
    title = "This cart has held its stock for as long as it may; start with a new cart"


def begin_checkout(*, cart_id: str, agreed: NewCheckout, call: Call) -> CheckoutAnswer:
    """Order a cart: freeze its prices, hold its stock, and ask Stripe for the payment.

    A cart has one order at a time: a repeat, with or without a key, gets the same one.

    :raises CartNotReady: when something is missing; the problems are named.
    :raises InsufficientStock: when there is less than the cart holds; the lines are named, nothing is taken.
    :raises PriceChanged: when the total, or what is due of it, is not the expected one; the new quote is in the answer.
    """
    attempts, races = ATTEMPTS, RACES
    while True:
        try:
            return _begin(cart_id, agreed, call)
        except OVERTAKEN as error:
            is_race = isinstance(error, ShardTaken)
            attempts, races = attempts - (not is_race), races - is_race
            if not (attempts and races):
                raise


def _begin(cart_id: str, agreed: NewCheckout, call: Call) -> CheckoutAnswer:
    priced = cart_queries.priced_cart(cart_id=cart_id, call=call)
    if priced.cart.order_id is not None and priced.cart.state is not CartState.OPEN:
        return _same_order(priced.cart.order_id, agreed, call)
    _check_ready(priced)
    _check_price(priced, agreed, call)
    order_id = new_id("ord")
    used = promotions.taken(
        evaluation=priced.promotions, order_id=order_id, customer_email=priced.cart.email or "", call=call
    )
    state, order_writes = _new_order(priced, order_id, used, call)
    commit([*order_writes, *used.writes, *_taken(priced, state, call)])
    if call.once is None or not state.order.is_open:
        return paid_for(state, call)
    return _paid_for_under_lease(state, call, call.once)


def _same_order(order_id: str, agreed: NewCheckout, call: Call) -> CheckoutAnswer:
    state = load(order_id)
    totals = state.order.totals
    if not agreed.agrees_to(totals):
        detail = (
            f"The cart was ordered for {totals.total}, of which {totals.due} is due, and you expect {agreed.told}. "
            "Go back to the cart with DELETE on its checkout to change it."
        )
        raise PriceChanged(detail)
    return same_again(state, call).as_existing()


def _paid_for_under_lease(state: OrderState, call: Call, once: Once) -> CheckoutAnswer:
    """Start the payment, and end the lease of the call's key whatever comes of it."""
    try:
        answer = paid_for(state, call, also=[once.finished()])
    except CommerceError:
        once.finish()
        raise
    once.finish()
    return answer


def _check_ready(priced: PricedCart) -> None:
    blocking = priced.blocking
    short = [problem for problem in blocking if problem.code == "carts.insufficient_stock"]
    if short:
        faults = tuple(Fault(param=each.param, code=InsufficientStock.code, message=each.message) for each in short)
        raise InsufficientStock.about(faults)
    if blocking:
        faults = tuple(Fault(param=each.param, code=each.code, message=each.message) for each in blocking)
        raise CartNotReady(" ".join(each.message for each in blocking), errors=faults)


def _check_price(priced: PricedCart, agreed: NewCheckout, call: Call) -> None:
    """Check that the shopper agreed to this price.

    The cart is read before the limits of its promotions. An order of this very cart may have come in between and used
    them up: then the cart says so.
    """
    quote = priced.quote
    totals = quote.totals
    if agreed.agrees_to(totals) and agreed.pricing_hash in {None, quote.pricing_hash}:
        return
    now, _ = cart_queries.stored_cart(cart_id=priced.cart.id, call=call)
    if now.version != priced.cart.version:
        raise CartChanged
    detail = f"The total is {totals.total}, of which {totals.due} is due, and you expect {agreed.told}."
    raise PriceChanged(detail, extra={"quote": view_of(priced)})


def _hold(priced: PricedCart) -> timedelta:
    left = timedelta(minutes=settings().hold_minutes_per_cart) - timedelta(seconds=priced.cart.hold_used_seconds)
    hold = min(timedelta(minutes=settings().hold_minutes), left)
    if hold < SHORTEST_HOLD:
        raise HoldUsedUp
    return hold


def _new_order(priced: PricedCart, order_id: str, used: Taken, call: Call) -> tuple[OrderState, list[Write]]:
    """Freeze the cart into an order: placed at once when nothing is due, pending otherwise."""
    cart, quote = priced.cart, priced.quote
    is_free = quote.totals.due.amount == 0
    payment = Payment(
        order_id=order_id,
        provider="none" if is_free else "stripe",
        due=quote.totals.due.amount,
        by_cards=quote.totals.gift_cards.amount + quote.totals.credit.amount,
        currency=cart.currency,
        livemode=False if is_free else stripe_payments.is_live(),
        capture_method=settings().capture_method,
        method=cart.payment_method,
    )
    order = Order(
        id=order_id,
        number=orders.next_number(),
        cart_id=cart.id,
        status=OrderStatus.PLACED if is_free else OrderStatus.PENDING,
        payment_status=payment.status,
        email=cart.email or "",
        totals=quote.totals,
        item_count=sum(line.quantity for line in quote.lines),
        created_at=call.now,
        placed_at=call.now if is_free else None,
        hold_expires_at=call.now if is_free else call.now + _hold(priced),
        limit_keys=() if is_free else limits.keys(email=cart.email or "", client_ip=call.client_ip),
    )
    state = OrderState(
        order=order, details=_details(priced, order_id, used), fulfillments=(), payment=payment, refunds=(), disputes=()
    )
    order = order.model_copy(update={"attention_at": attention(state, call.now)})
    state = replace(state, order=order)
    zero = payment.money(0)
    event = (
        OrderPlaced(
            order_id=order_id,
            number=order.number,
            total=order.totals.total,
            paid=zero,
            authorized=zero,
            by_cards=payment.money(payment.by_cards),
        )
        if is_free
        else OrderCreated(
            order_id=order_id,
            number=order.number,
            total=order.totals.total,
            hold_expires_at=order.hold_expires_at,
        )
    )
    writes = orders.created(order=order, details=state.details, event=event, call=call)
    counted = counting.ordered(uses=used.uses, call=call) if is_free else []
    return state, [*writes, payments.opened(payment=payment), *counted]


def _details(priced: PricedCart, order_id: str, used: Taken) -> OrderDetails:
    cart, quote = priced.cart, priced.quote
    chosen = _plan(priced, order_id)
    return OrderDetails(
        lines=tuple(_line(priced, index) for index in range(len(quote.lines))),
        allocations=tuple(Allocated(**allocation._asdict()) for allocation in chosen.allocations),
        allocated_by=AllocatedBy(strategy=chosen.strategy, because=chosen.because) if chosen.because else None,
        shipping=_shipping(priced),
        shipping_tax=quote.shipping_tax,
        gift_cards=tuple(CardPart.of(part, currency=cart.currency) for part in priced.parts),
        tax_id=cart.tax_id.tax_id if cart.tax_id else None,
        tax_id_check=cart.tax_id,
        tax_calculation_id=priced.taxes.calculation.id if priced.taxes.calculation else None,
        rounding_mode=settings().rounding_mode,
        shipping_address=cart.shipping_address,
        billing_address=cart.billing_address,
        promotions=quote.promotions,
        promotion_uses=used.uses,
        explanation=[step.model_dump(mode="json", exclude_defaults=True) for step in quote.trace],
        pricing_hash=quote.pricing_hash,
    )


def _shipping(priced: PricedCart) -> ChosenShipping | None:
    option = priced.shipping_option
    if option is None or not priced.requires_shipping:
        return None
    return ChosenShipping(id=option.id, title=option.title, price=option.price)


def _line(priced: PricedCart, index: int) -> OrderLine:
    line = priced.quote.lines[index]
    variant = priced.variants[line.sku]
    return OrderLine(
        sku=line.sku,
        product_id=variant.product_id,
        title=variant.product_title,
        variant_title=variant.title,
        options=variant.options,
        image=variant.image,
        quantity=line.quantity,
        gift_quantity=line.gift_quantity,
        unit_price=line.unit_price,
        price_source=line.price_source,
        compare_at=line.compare_at,
        lowest_price_30_days=line.lowest_price_30_days,
        exchange=line.exchange,
        total=line.total,
        discount=line.discount,
        restated=line.restated,
        tax=line.tax,
    )


def _plan(priced: PricedCart, order_id: str) -> Plan:
    """Choose the locations that the order's units come from, and the shards of hot SKUs."""
    levels = {line.sku: priced.levels_for(line.sku) for line in priced.quote.lines}
    chosen = plan(
        wanted={line.sku: line.quantity for line in priced.quote.lines},
        levels=levels,
        places=priced.terms.locations.selling(priced.cart.channel),
        strategy=priced.terms.locations.strategy,
        destination=priced.destination,
    )
    return chosen._replace(allocations=shards.spread(chosen.allocations, levels=levels, seed=order_id))


def _taken(priced: PricedCart, state: OrderState, call: Call) -> list[Write | None]:
    """Return the writes that take the cart, its stock, what its cards pay and the shopper's place among checkouts."""
    order = state.order
    target = Bucket.RESERVED if order.is_open else Bucket.COMMITTED
    moves = [
        Move(part.sku, part.location, Bucket.AVAILABLE, target, part.quantity, part.shard)
        for part in state.details.allocations
    ]
    hold = order.hold_expires_at - order.created_at
    reason = Reason.RESERVE if order.is_open else Reason.SELL
    parts, cards = priced.parts, tenders.usable(priced.tenders)
    taken = {part.account_id: part.amount for part in parts}
    return [
        holding.lock(
            cart=priced.cart, order_id=order.id, hold_seconds=int(hold.total_seconds()), taken=taken, call=call
        )
        if order.is_open
        else holding.order_at_once(cart=priced.cart, order_id=order.id, taken=taken, call=call),
        *giftcards.redeemed(parts=parts, cards=cards, order_id=order.id, call=call),
        *inventory.move(moves=moves, reason=reason, reference=order.id, call=call),
        *limits.taken(order.limit_keys),
        call.once.row(order.id, lease=LEASE if order.is_open else None) if call.once else None,
    ]
