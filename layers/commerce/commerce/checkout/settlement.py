"""The one settlement path: whatever tells of a PaymentIntent (webhook, sweeper, reconciler, staff) comes through here.

Facts in, one conditional transaction out. Seen facts change nothing, whatever their order; facts that do not fit what
is stored are parked for a person.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from commerce.adapters import stripe_payments
from commerce.adapters.stripe_facts import IntentFacts
from commerce.carts import holding
from commerce.checkout import closing, intents, limits, refunds, reviews
from commerce.checkout.state import OrderState, settled, store
from commerce.inventory import operations as inventory
from commerce.inventory.model import Bucket, Move, Reason
from commerce.kernel.call import Call
from commerce.kernel.transactions import Write
from commerce.orders.events import (
    LateMoneyArrived,
    OrderCanceled,
    OrderEvent,
    OrderPlaced,
    PaymentCaptured,
    PaymentDeclined,
    PaymentProcessing,
)
from commerce.orders.model import OrderStatus, remaining
from commerce.payments import operations as payments
from commerce.payments.model import RefundOrigin, ReviewKind
from commerce.promotions import counting

PROCESSING_FOR = timedelta(days=14)
"""How long a slow payment method may take; then the sweeper asks Stripe what became of it."""

MONEY_MOVES = frozenset({"succeeded", "requires_capture"})


def settle(
    *,
    order_id: str,
    facts: IntentFacts,
    call: Call,
    closes_as: OrderStatus = OrderStatus.EXPIRED,
    reason: str = "",
    also: Iterable[Write | None] = (),
    read: OrderState | None = None,
) -> OrderState:
    """Bring an order in line with its PaymentIntent.

    :param closes_as: what a pending order becomes when the intent is canceled.
    :param also: writes that go with the change that these facts cause.
    :param read: the order as it was just read.
    """
    also = tuple(also)

    def step(state: OrderState) -> OrderState:
        return _Settlement(state, facts, call, closes_as, reason, also).run()

    state = settled(order_id, step, read=read)
    return _refunds_sent(state, call)


def _refunds_sent(state: OrderState, call: Call) -> OrderState:
    """Send what settling set aside for refund at once; the sweeper repeats what fails here."""
    for refund in state.refunds:
        if refund.origin is RefundOrigin.LATE_MONEY and refund.state == "requested":
            state = refunds.sent(state.order.id, refund.id, call=call, read=state)
    return state


class _Settlement:
    """One attempt to settle: the state as read, and the facts."""

    def __init__(
        self,
        state: OrderState,
        facts: IntentFacts,
        call: Call,
        closes_as: OrderStatus,
        reason: str,
        also: tuple[Write | None, ...],
    ) -> None:
        self.state = state
        self.facts = facts
        self.call = call
        self.closes_as = closes_as
        self.reason = reason
        self.also = also

    def run(self) -> OrderState:
        state, facts = self.state, self.facts
        if {facts.livemode, facts.event_livemode} - {None} != {state.payment.livemode}:
            return self._park(ReviewKind.LIVEMODE_MISMATCH, "The event's live mode is not the order's.")
        if state.payment.intent_id not in {None, facts.id}:
            return self._other_intent()
        match facts.status:
            case "succeeded":
                return self._money_arrived()
            case "requires_capture":
                return self._authorized()
            case "processing":
                return self._processing()
            case "canceled":
                return self._intent_canceled()
            case "requires_payment_method" if facts.last_payment_error is not None:
                return self._declined()
        return state

    def _other_intent(self) -> OrderState:
        if self.facts.status not in MONEY_MOVES:
            return self.state
        detail = f"Money came through {self.facts.id}, which is not the order's payment intent."
        return self._park(ReviewKind.OTHER_INTENT, detail)

    def _money_arrived(self) -> OrderState:
        state, facts = self.state, self.facts
        payment = state.payment
        if payment.captured >= facts.amount_received > 0:
            return state
        if not self._fits(facts.amount_received, may_be_part=payment.authorized > 0):
            return self._mismatch(facts.amount_received)
        paid = payment.model_copy(
            update={
                "captured": facts.amount_received,
                "authorized": 0,
                "processing": False,
                "capture_before": None,
                "charge_id": facts.latest_charge,
                "intent_id": facts.id,
            }
        )
        after = replace(state, payment=paid)
        if state.order.status is OrderStatus.PLACED:
            event = PaymentCaptured(
                order_id=state.order.id, number=state.order.number, captured=paid.money(paid.captured)
            )
            return store(state, after, event=event, call=self.call, also=[*self._intent_known(), *self.also])
        if state.order.is_open and state.order.cancel_request is None:
            return self._placed(after)
        return self._late_money(after)

    def _authorized(self) -> OrderState:
        state, facts = self.state, self.facts
        if state.payment.authorized > 0 or state.payment.captured > 0:
            return state
        if not self._fits(facts.amount_capturable, may_be_part=False):
            return self._mismatch(facts.amount_capturable)
        if not state.order.is_open or state.order.cancel_request is not None:
            return self._late_authorization()
        ends = stripe_payments.authorization_ends(charge_id=facts.latest_charge) if facts.latest_charge else None
        payment = state.payment.model_copy(
            update={
                "authorized": facts.amount_capturable,
                "processing": False,
                "charge_id": facts.latest_charge,
                "intent_id": facts.id,
                "capture_before": ends,
            }
        )
        return self._placed(replace(state, payment=payment))

    def _placed(self, after: OrderState) -> OrderState:
        """Take the stock and place the order; the hold's deadline does not matter, only that the hold is there."""
        state, call = self.state, self.call
        order = state.order.became(OrderStatus.PLACED, now=call.now)
        payment = after.payment
        event = OrderPlaced(
            order_id=order.id,
            number=order.number,
            total=order.totals.total,
            paid=payment.money(payment.captured),
            authorized=payment.money(payment.authorized),
            by_cards=payment.money(payment.by_cards),
        )
        also = [
            *closing.held_stock(state, target=Bucket.COMMITTED, reason=Reason.SELL, call=call),
            *limits.given_back(order.limit_keys),
            *self._ordered(),
            holding.complete(cart_id=order.cart_id, order_id=order.id, call=call),
            *self._intent_known(),
            *self.also,
        ]
        return store(state, replace(after, order=order), event=event, call=call, also=also)

    def _late_money(self, after: OrderState) -> OrderState:
        """Send money back that arrived for an order that is closed, or that staff want closed."""
        state, call = self.state, self.call
        status = stripe_payments.retrieve_intent(intent_id=self.facts.id).status
        if status != "succeeded":
            detail = f"Stripe told of money for a closed order, but the payment intent is {status}."
            return self._park(ReviewKind.AMOUNT_MISMATCH, detail)
        also = [*self._intent_known(), *self.also]
        if state.order.is_open:
            also += closing.cards_released(state, call=call)
            after = replace(after, payment=after.payment.model_copy(update={"by_cards": 0}))
        amount = after.payment.money(after.payment.refundable_at_provider)
        refund = refunds.new_refund(
            state, amount=amount, reason="arrived too late", origin=RefundOrigin.LATE_MONEY, call=call
        )
        after = refunds.with_refund_asked(after, refund)
        event: OrderEvent = LateMoneyArrived(order_id=state.order.id, number=state.order.number, amount=amount)
        also += [payments.refund_added(refund=refund)]
        if state.order.is_open:
            order = state.order.became(OrderStatus.CANCELED, now=call.now)
            after = replace(after, order=order)
            reason = order.cancel_request.reason if order.cancel_request else self.reason
            event = OrderCanceled(order_id=order.id, number=order.number, reason=reason, refund=amount)
            also += [
                *closing.held_stock(state, target=Bucket.AVAILABLE, reason=Reason.RELEASE, call=call),
                *limits.given_back(order.limit_keys),
                *closing.promotions_given_back(state, call=call),
                holding.unlock(cart_id=order.cart_id, order_id=order.id, call=call),
            ]
        return store(state, after, event=event, call=call, also=also)

    def _late_authorization(self) -> OrderState:
        """Let go of an authorization that nobody will capture; an open order then closes by Stripe's answer."""
        key = intents.key_of_its_own(self.state, "cancel", now=self.call.now)
        answer = stripe_payments.cancel_intent(intent_id=self.facts.id, key=key, wanted=False)
        if answer.status == "canceled":
            self.facts = answer
            return self._intent_canceled()
        detail = f"The order is closed, and the authorization could not be canceled: it is {answer.status}."
        return self._park(ReviewKind.LATE_AUTHORIZATION, detail)

    def _processing(self) -> OrderState:
        state = self.state
        if not state.order.is_open or state.payment.processing:
            return state
        payment = state.payment.model_copy(
            update={"processing": True, "processing_until": self.call.now + PROCESSING_FOR, "intent_id": self.facts.id}
        )
        event = PaymentProcessing(order_id=state.order.id, number=state.order.number)
        also = [*self._intent_known(), *self.also]
        return store(state, replace(state, payment=payment), event=event, call=self.call, also=also)

    def _declined(self) -> OrderState:
        state, error = self.state, self.facts.last_payment_error
        charge = (error.charge if error else None) or self.facts.latest_charge
        if not state.order.is_open or charge is None or charge == state.payment.declined_charge:
            return state
        payment = state.payment.model_copy(
            update={"declines": state.payment.declines + 1, "declined_charge": charge, "processing": False}
        )
        event = PaymentDeclined(
            order_id=state.order.id,
            number=state.order.number,
            decline_code=(error.decline_code or error.code) if error else None,
        )
        return store(state, replace(state, payment=payment), event=event, call=self.call, also=self.also)

    def _intent_canceled(self) -> OrderState:
        state, call = self.state, self.call
        if state.order.is_open:
            request = state.order.cancel_request
            wanted = request is not None or self.facts.was_wanted_canceled
            closes_as = OrderStatus.CANCELED if wanted else self.closes_as
            reason = request.reason if request else self.reason or "canceled before it was paid"
            return closing.released(state, closes_as=closes_as, reason=reason, call=call, also=self.also)
        if state.order.status is OrderStatus.PLACED and state.payment.authorized > 0:
            return self._authorization_lost()
        return state

    def _authorization_lost(self) -> OrderState:
        """Cancel a placed order whose authorization ended before it was captured."""
        state, call = self.state, self.call
        order = state.order.became(OrderStatus.CANCELED, now=call.now)
        payment = state.payment.model_copy(
            update={"authorized": 0, "canceled": True, "capture_before": None, "by_cards": 0}
        )
        ended = "was canceled" if self.facts.was_wanted_canceled else "ended"
        reason = self.reason or f"the authorization {ended} before it was captured"
        event = OrderCanceled(order_id=order.id, number=order.number, reason=reason, refund=None)
        moves = [
            Move(
                sku=part.sku,
                location=part.location,
                source=Bucket.COMMITTED,
                target=Bucket.AVAILABLE,
                quantity=part.quantity,
                shard=part.shard,
            )
            for part in remaining(state.details, state.fulfillments)
        ]
        stock = inventory.move(moves=moves, reason=Reason.RELEASE, reference=order.id, call=call) if moves else []
        after = replace(state, order=order, payment=payment)
        cards = closing.cards_released(state, call=call)
        also = [*stock, *closing.promotions_given_back(state, call=call), *cards, *self.also]
        return store(state, after, event=event, call=call, also=also)

    def _fits(self, amount: int, *, may_be_part: bool) -> bool:
        payment = self.state.payment
        enough = 0 < amount <= payment.due if may_be_part else amount == payment.due
        return enough and self.facts.currency == payment.currency

    def _mismatch(self, amount: int) -> OrderState:
        due = self.state.payment
        detail = f"{amount} {self.facts.currency} came for an order of {due.due} {due.currency}."
        return self._park(ReviewKind.AMOUNT_MISMATCH, detail)

    def _park(self, kind: ReviewKind, detail: str) -> OrderState:
        return reviews.park(
            self.state,
            kind=kind,
            about=f"{self.facts.id}|{self.facts.status}|{self.facts.amount_received}",
            detail=detail,
            call=self.call,
            intent_id=self.facts.id,
            amount=self.facts.money,
        )

    def _ordered(self) -> list[Write]:
        """Return the write that counts the shopper's order, for what is cheaper the first time."""
        uses = self.state.details.promotion_uses
        return counting.ordered(uses=uses, call=self.call) if uses is not None else []

    def _intent_known(self) -> list[Write]:
        if self.state.payment.intent_id is not None:
            return []
        return [payments.intent_known(order_id=self.state.order.id, intent_id=self.facts.id)]
