"""Mistakes in settling an order by what Stripe tells."""

from tests.faults.machine.cases import Scenario, Shopper
from tests.faults.machine.mutants.mutant import Change, Mutant
from tests.faults.machine.mutants.trials import On, Race
from tests.faults.machine.steps.deliveries import ALONE, SWEPT, TWICE

SETTLEMENT = "commerce.checkout.settlement:_Settlement"
COMMIT = "from commerce.kernel.transactions import commit"

BUYS = On("checkout")
CANCELED_THEN_PAID = On("cancel an order whose bank debit then succeeds")

MUTANTS = (
    Mutant(
        name="stock first, then the order is placed",
        why="The stock has its own operation, and it commits like every other.",
        function=f"{SETTLEMENT}._placed",
        old="""\
    also = [
        *closing.held_stock(state, target=Bucket.COMMITTED, reason=Reason.SELL, call=call),
""",
        new=f"""\
    {COMMIT}
    commit(closing.held_stock(state, target=Bucket.COMMITTED, reason=Reason.SELL, call=call))
    also = [
""",
        kills=(BUYS,),
    ),
    Mutant(
        name="the cart of a placed order stays locked",
        why="Nobody needs the cart any more.",
        function=f"{SETTLEMENT}._placed",
        old="holding.complete(cart_id=order.cart_id, order_id=order.id, call=call)",
        new="None",
        kills=(BUYS,),
    ),
    Mutant(
        name="the amount is not compared",
        why="We asked Stripe for this amount, so this amount came.",
        function=f"{SETTLEMENT}._fits",
        old="return enough and self.facts.currency == payment.currency",
        new="return self.facts.currency == payment.currency",
        kills=(On("park money of another amount", SWEPT),),
    ),
    Mutant(
        name="the currency is not compared",
        why="4300 is 4300.",
        function=f"{SETTLEMENT}._fits",
        old="return enough and self.facts.currency == payment.currency",
        new="return enough",
        kills=(On("park money of another currency", SWEPT),),
    ),
    Mutant(
        name="the live mode is not compared",
        why="The webhook's secret tells the modes apart.",
        function=f"{SETTLEMENT}.run",
        old="if {facts.livemode, facts.event_livemode} - {None} != {state.payment.livemode}:",
        new="if False:",
        kills=(On("park money of the other live mode", ALONE),),
    ),
    Mutant(
        name="any payment intent pays the order",
        why="Its metadata names the order.",
        function=f"{SETTLEMENT}.run",
        old="if state.payment.intent_id not in {None, facts.id}:",
        new="if False:",
        kills=(On("park money that came through another intent", ALONE),),
    ),
    Mutant(
        name="the same money is recorded again",
        why="Recording it again changes nothing, so why ask.",
        function=f"{SETTLEMENT}._money_arrived",
        old="if payment.captured >= facts.amount_received > 0:",
        new="if False:",
        kills=(On("settle a payment", TWICE),),
    ),
    Mutant(
        name="the last writer of an order wins",
        why="A put is a put; who needs a version?",
        function="commerce.checkout.state:store",
        old="commit([*order_writes, payment_write, *also])",
        new="commit([*(write._replace(condition=None) for write in (*order_writes, payment_write)), *also])",
        kills=(Race("refund x refund: two parts that exceed"),),
    ),
    Mutant(
        name="an order is closed by whoever comes last",
        why="All of it was read just now, so all of it is true.",
        function="commerce.checkout.state:store",
        old="commit([*order_writes, payment_write, *also])",
        new="commit(write and write._replace(condition=None) for write in (*order_writes, payment_write, *also))",
        kills=(Race("cancel x sweeper"),),
    ),
    Mutant(
        name="money after the hold's deadline is not taken",
        why="The hold is over; a deadline is a deadline.",
        function=f"{SETTLEMENT}._money_arrived",
        old="if state.order.is_open and state.order.cancel_request is None:",
        new="if state.order.is_open and state.order.hold_expires_at > self.call.now:",
        kills=(On("checkout", Scenario(shopper=Shopper.LATE)),),
    ),
    Mutant(
        name="money for an order that staff canceled is kept",
        why="The order is closed: there is nothing to settle.",
        function=f"{SETTLEMENT}._late_money",
        old="    state, call = self.state, self.call\n    status =",
        new="    return self.state\n    status =",
        kills=(CANCELED_THEN_PAID,),
    ),
    Mutant(
        name="an authorization for an order that staff canceled is kept",
        why="It runs out by itself.",
        function=f"{SETTLEMENT}._late_authorization",
        old="    key =",
        new="    return self.state\n    key =",
        kills=(On("let go of an authorization that came after staff canceled", SWEPT),),
    ),
    Mutant(
        name="an order is placed although staff canceled it",
        why="It is open, and it is paid.",
        function=f"{SETTLEMENT}._money_arrived",
        old="if state.order.is_open and state.order.cancel_request is None:",
        new="if state.order.is_open:",
        kills=(CANCELED_THEN_PAID,),
    ),
    Mutant(
        name="the wish to cancel is forgotten while a payment is processed",
        why="Nothing can be done yet, so nothing is stored.",
        function="commerce.checkout.staff_actions:_cancel_open",
        old='if facts.status == "processing":',
        new="if False:",
        kills=(CANCELED_THEN_PAID,),
    ),
    Mutant(
        name="a payment that takes days is no news",
        why="Only an outcome counts.",
        function=f"{SETTLEMENT}.run",
        old="return self._processing()",
        new="return state",
        kills=(On("settle a bank debit that outlives the hold"),),
    ),
    Mutant(
        name="nothing holds an order in its last state",
        why="Whoever calls knows what they do, and a canceled intent closes its order.",
        function="commerce.orders.model:Order.became",
        old="if status not in MAY_BECOME[self.status]:",
        new="if False:",
        besides=(Change(f"{SETTLEMENT}._intent_canceled", "if state.order.is_open:", "if True:"),),
        kills=(On("checkout", Scenario(shopper=Shopper.NEVER)),),
    ),
)
