"""Mistakes on the way from a cart to an order with its payment."""

from tests.faults.machine.cases import Client, Scenario, Shopper
from tests.faults.machine.modes import Mode
from tests.faults.machine.mutants.mutant import Mutant
from tests.faults.machine.mutants.trials import On, Race

BEGIN = "commerce.checkout.begin"
INTENTS = "commerce.checkout.intents"
CREATES_INTENT = "POST payment_intents"
LOCKS = """holding.lock(
            cart=priced.cart, order_id=order.id, hold_seconds=int(hold.total_seconds()), taken=taken, call=call
        )"""

BUYS = On("checkout")
NEVER_PAYS = On("checkout", Scenario(shopper=Shopper.NEVER))
INTENT_UNHEARD = On("checkout", mode=Mode.CRASH_AFTER, call=CREATES_INTENT)

MUTANTS = (
    Mutant(
        name="order first, then its stock",
        why="Each domain saves its own part; two saves look as good as one.",
        function=f"{BEGIN}:_begin",
        old="commit([*order_writes, *used.writes, *_taken(priced, state, call)])",
        new="commit([*order_writes, *used.writes]); commit(_taken(priced, state, call))",
        kills=(BUYS,),
    ),
    Mutant(
        name="stock first, then its order",
        why="It feels safer to hold the stock before there is an order.",
        function=f"{BEGIN}:_begin",
        old="commit([*order_writes, *used.writes, *_taken(priced, state, call)])",
        new="commit(_taken(priced, state, call)); commit([*order_writes, *used.writes])",
        kills=(BUYS,),
    ),
    Mutant(
        name="stock is taken without asking whether it is there",
        why="We looked just now, before we allocated.",
        function="commerce.inventory.operations:_level_write",
        old="condition=reduce(and_, conditions) if conditions else None",
        new="condition=None",
        kills=(Race("checkout x checkout: the last unit"),),
    ),
    Mutant(
        name="a SKU that is put into the cart again adds to what is there",
        why="Putting something into a cart adds it.",
        function="commerce.carts.model:Cart.with_quantity",
        old="tuple(wanted if",
        new="tuple(CartLine(sku=sku, quantity=quantity + line.quantity) if",
        kills=(On("order a SKU that was put into the cart twice", Scenario(shopper=Shopper.NEVER)),),
    ),
    Mutant(
        name="the cart is not locked",
        why="The order has its own copy of the lines, so why touch the cart?",
        function=f"{BEGIN}:_taken",
        old=LOCKS,
        new="None",
        kills=(BUYS,),
    ),
    Mutant(
        name="the cart is locked as it is, not as it was priced",
        why="It is open: that is what locking has to ask.",
        function="commerce.carts.holding:_is_as_priced",
        old="(CartRecord.version == cart.version) & ",
        new="",
        kills=(Race("change of the cart x checkout"),),
    ),
    Mutant(
        name="open checkouts are counted outside of the transaction",
        why="It is only a counter, and DynamoDB's ADD is atomic.",
        function=f"{BEGIN}:_taken",
        old="*limits.taken(order.limit_keys),",
        new="*(commit([counted]) for counted in limits.taken(order.limit_keys)),",
        kills=(BUYS,),
    ),
    Mutant(
        name="open checkouts are not limited",
        why="The count is there, and its condition got lost.",
        function="commerce.checkout.limits:_counted",
        old="condition=count.does_not_exist() | (count < most)",
        new="condition=None",
        kills=(On("open one checkout too many", Scenario(shopper=Shopper.NEVER)),),
    ),
    Mutant(
        name="a payment intent without a key",
        why="Stripe's SDK makes up a key by itself, which looks like enough.",
        function="commerce.adapters.stripe_payments:create_intent",
        old='create(params, {"idempotency_key": key})',
        new="create(params)",
        kills=(INTENT_UNHEARD,),
    ),
    Mutant(
        name="a payment intent's key is made up",
        why="A key has to be unique.",
        function=f"{INTENTS}:_create",
        old='key=f"{state.order.id}:charge:{payment.attempt}"',
        new="key=str(object())",
        kills=(INTENT_UNHEARD,),
    ),
    Mutant(
        name="one key for all attempts to make the intent",
        why="One order, one intent, one key.",
        function=f"{INTENTS}:_create",
        old=":charge:{payment.attempt}",
        new=":charge",
        kills=(On("checkout", mode=Mode.RECORDED_500, call=CREATES_INTENT),),
    ),
    Mutant(
        name="an intent that Stripe failed to confirm is made again unseen",
        why="It answered 500, so it did nothing.",
        function=f"{INTENTS}:_created",
        old="    except OutcomeUnknown:\n        found = _found(state)",
        new="    except OutcomeUnknown:\n        found = None",
        kills=(On("checkout", mode=Mode.EFFECTIVE_500, call=CREATES_INTENT),),
    ),
    Mutant(
        name="the secret leaves before the intent's id is stored",
        why="The webhook will bring the id anyway.",
        function=f"{INTENTS}:ensured",
        old="    try:\n        return _stored(state, facts, call, also), facts",
        new="    try:\n        return state, facts",
        kills=(NEVER_PAYS,),
    ),
    Mutant(
        name="Stripe's silence is the end of the checkout",
        why="No payment, no order: tell the shopper, and let the sweeper tidy up.",
        function="commerce.checkout.paying:checkout_again",
        old="return paid_for(load(resource), call)",
        new="return answers.for_shopper(load(resource), None)",
        kills=(On("checkout", Scenario(Client.SAME_KEY), Mode.OUTAGE, CREATES_INTENT),),
    ),
    Mutant(
        name="a cart is put back as it was read",
        why="It is the shopper's own cart; nobody else changes it.",
        function="commerce.carts.operations:_stored",
        old="write = put(cart_record(cart), condition=CartRecord.version == before.version)",
        new="write = put(cart_record(cart))",
        kills=(Race("change of the cart x checkout"),),
    ),
    Mutant(
        name="an order is not marked for the sweeper",
        why="Its hold stands in the order, for whoever looks.",
        function="commerce.checkout.state:attention",
        old="moments.append(order.hold_expires_at)",
        new="pass",
        kills=(NEVER_PAYS,),
    ),
)
