"""Mistakes in ending an order without a sale."""

from tests.faults.machine.cases import Client, Scenario, Shopper
from tests.faults.machine.modes import Mode
from tests.faults.machine.mutants.mutant import Mutant
from tests.faults.machine.mutants.trials import On
from tests.faults.machine.steps.deliveries import SWEPT

CLOSING = "commerce.checkout.closing"
SWEEPING = "commerce.checkout.sweeping"
RELEASES = "closing.released(state, closes_as=OrderStatus.EXPIRED, reason='', call=call)"

NEVER_PAYS = On("checkout", Scenario(shopper=Shopper.NEVER))
PAYS_LATE = On("checkout", Scenario(shopper=Shopper.LATE))

MUTANTS = (
    Mutant(
        name="the sweeper releases before it cancels",
        why="The hold is over at its deadline; Stripe can be told afterwards.",
        function=f"{SWEEPING}:_end_hold",
        old="    state, facts = closing",
        new=f"    {RELEASES}\n    state, facts = closing",
        kills=(PAYS_LATE,),
    ),
    Mutant(
        name="an order expires and its intent is not canceled",
        why="Nobody pays after half an hour.",
        function="commerce.adapters.stripe_payments:cancel_intent",
        old="    try:\n",
        new="    return retrieve_intent(intent_id=intent_id).model_copy(update={'status': 'canceled'})\n    try:\n",
        kills=(PAYS_LATE,),
    ),
    Mutant(
        name="the sweeper does not obey Stripe's answer",
        why="A call that did not raise has done what it says.",
        function=f"{SWEEPING}:_end_hold",
        old="state = settle(order_id=state.order.id, facts=facts,",
        new="state = settle(order_id=state.order.id, facts=facts.model_copy(update={'status': 'canceled'}),",
        kills=(PAYS_LATE,),
    ),
    Mutant(
        name="staff do not obey Stripe's answer",
        why="They canceled, so it is canceled.",
        function="commerce.checkout.staff_actions:_cancel_open",
        old='if facts.status == "processing":',
        new="facts = facts.model_copy(update={'status': 'canceled'})\n    if False:",
        kills=(On("cancel an order whose bank debit then succeeds"),),
    ),
    Mutant(
        name="an intent whose id was lost is not looked for",
        why="No id, no intent.",
        function=f"{CLOSING}:canceled_at_stripe",
        old="        state, _ = intents.ensured(state, call=call)\n",
        new="        return state, None\n",
        kills=(On("checkout", Scenario(Client.GIVES_UP, Shopper.NEVER), Mode.CRASH_AFTER, "POST payment_intents"),),
    ),
    Mutant(
        name="an expired order gives no place back",
        why="Limits are a matter of the checkout.",
        function=f"{CLOSING}:released",
        old="*limits.given_back(order.limit_keys),",
        new="",
        kills=(NEVER_PAYS,),
    ),
    Mutant(
        name="an expired order gives its place back twice",
        why="The sweeper tidies up too, to be sure.",
        function=f"{SWEEPING}:_end_hold",
        old="        return state\n    state = settle",
        new="""\
        return state
    from commerce.kernel.transactions import commit
    commit(closing.limits.given_back(state.order.limit_keys))
    state = settle""",
        kills=(NEVER_PAYS,),
    ),
    Mutant(
        name="the cart of an expired order stays locked",
        why="A shopper who comes back starts anew.",
        function=f"{CLOSING}:released",
        old="holding.unlock(cart_id=order.cart_id, order_id=order.id, call=call)",
        new="None",
        kills=(NEVER_PAYS,),
    ),
    Mutant(
        name="the sweep ends at the first order that fails",
        why="An error is an error, and the next sweep comes soon.",
        function=f"{SWEEPING}:_attended",
        old='return "failed"',
        new="raise",
        kills=(On("sweep three orders, one of them in trouble", SWEPT),),
    ),
    Mutant(
        name="an authorization is left to run out",
        why="Staff capture when they send.",
        function=f"{SWEEPING}:attend",
        old="elif state.payment.authorized > 0 and _capture_is_due(state, call.now):",
        new="elif False:",
        kills=(
            On(
                "capture a quarter of an hour before the sweeper does",
                Scenario(Client.GIVES_UP),
                Mode.CRASH_BEFORE,
                "POST payment_intents",
            ),
        ),
    ),
    Mutant(
        name="one key for all tries to cancel or capture",
        why="Stripe does it once, so it needs one key.",
        function="commerce.checkout.intents:key_of_its_own",
        old=":{state.order.version}:{now.timestamp():.3f}",
        new="",
        kills=(On("capture", mode=Mode.RECORDED_500, call="POST payment_intents/*/capture"),),
    ),
)
