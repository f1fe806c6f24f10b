"""Mistakes in sending money back."""

from tests.faults.machine.cases import Client, Scenario
from tests.faults.machine.modes import Fault, Mode
from tests.faults.machine.mutants.mutant import Mutant
from tests.faults.machine.mutants.trials import On, Race
from tests.faults.machine.steps.deliveries import ALONE, SWEPT

REFUNDS = "commerce.checkout.refunds"
SENDS = "POST refunds"

MUTANTS = (
    Mutant(
        name="a refund's key is made up",
        why="A key has to be unique.",
        function=f"{REFUNDS}:_at_stripe",
        old='key = f"{refund.order_id}:refund:{refund.id}"',
        new='key = new_id("key")',
        kills=(On("refund a part", mode=Mode.CRASH_AFTER, call=SENDS),),
    ),
    Mutant(
        name="a refund that Stripe failed to confirm is made again unseen",
        why="It answered 500, so it did nothing.",
        function=f"{REFUNDS}:_at_stripe",
        old="found = _found(intent_id, refund)",
        new="found = None",
        kills=(
            On(
                "refund a part",
                mode=Mode.EFFECTIVE_500,
                call=SENDS,
                then=(Fault(2, Mode.CRASH_BEFORE, "TransactWriteItems idempotency"),),
            ),
        ),
    ),
    Mutant(
        name="our own refund is not recognized in Stripe's event",
        why="Stripe's id names the refund.",
        function=f"{REFUNDS}:recorded",
        old='state.refund(facts.metadata.get("refund_id") or facts.id) or state.refund(facts.id)',
        new="state.refund(facts.id)",
        kills=(On("refund a part", Scenario(Client.GIVES_UP), Mode.CRASH_AFTER, SENDS),),
    ),
    Mutant(
        name="what is on its way back can be refunded again",
        why="Only money that went back is gone.",
        function="commerce.payments.model:Payment.refundable_at_provider",
        old=" - self.refund_pending",
        new="",
        kills=(On("refund the rest", Scenario(Client.NO_KEY), Mode.CRASH_BEFORE, SENDS),),
    ),
    Mutant(
        name="what is disputed can be refunded too",
        why="A dispute is not decided yet.",
        function="commerce.payments.model:Payment.refundable_at_provider",
        old=" - self.disputed",
        new="",
        kills=(Race("refund x webhook of a dispute"),),
    ),
    Mutant(
        name="a refund that failed stays set aside",
        why="Only a success ends it.",
        function="commerce.payments.model:moved",
        old="if before in OUTSTANDING:",
        new="if before in OUTSTANDING and after is RefundState.SUCCEEDED:",
        kills=(On("refund a disputed payment"),),
    ),
    Mutant(
        name="an old word about a refund undoes a newer one",
        why="The last event is the truth.",
        function=f"{REFUNDS}:_recorded",
        old="if not may_follow(known.state, after):",
        new="if False:",
        kills=(On("refund a part", Scenario(twice=True)),),
    ),
    Mutant(
        name="a refund that was not sent is forgotten",
        why="Whoever asked for it will see that nothing happened.",
        function="commerce.checkout.sweeping:_refund_attended",
        old="return refunds.sent(state.order.id, refund_id, call=call)",
        new="return state",
        kills=(On("refund a part", Scenario(Client.GIVES_UP), Mode.CRASH_BEFORE, SENDS),),
    ),
    Mutant(
        name="a refund made in the dashboard is not ours",
        why="We know our refunds, and this is none of them.",
        function=f"{REFUNDS}:_recorded",
        old="    if known is None:\n",
        new="    if known is None:\n        return state\n",
        kills=(On("record a refund made in Stripe's dashboard", ALONE),),
    ),
    Mutant(
        name="a failed refund of a cancellation is told to nobody",
        why="Staff will see it on the order.",
        function=f"{REFUNDS}:_told",
        old="if refund.state in LOST and (refund.origin in UNWATCHED or state.order.is_over):",
        new="if False:",
        kills=(On("record that the refund of a cancellation failed", ALONE),),
    ),
    Mutant(
        name="more goes back than had arrived, and nobody is told",
        why="Stripe did it, so it must be right.",
        function=f"{REFUNDS}:excess_told",
        old="if payment.refunded + payment.refund_pending + payment.disputed <= payment.captured:",
        new="if True:",
        kills=(On("record a refund that leaves too little for another", SWEPT),),
    ),
    Mutant(
        name="a dispute counts each time Stripe tells of it",
        why="What comes last is true.",
        function="commerce.checkout.disputes:dispute_recorded",
        old='if known is not None and (known.status != "open" or status == "open"):',
        new="if False:",
        kills=(On("record that a dispute was won", Scenario(sweeper=False, twice=True)),),
    ),
    Mutant(
        name="one key for all attempts to refund",
        why="One refund, one key.",
        function=f"{REFUNDS}:_at_stripe",
        old='key if attempt == 1 else f"{key}:{attempt}"',
        new="key",
        kills=(On("refund a part", mode=Mode.RECORDED_500, call=SENDS),),
    ),
    Mutant(
        name="a key is trusted after Stripe has forgotten it",
        why="The same key is the same refund.",
        function=f"{REFUNDS}:_at_stripe",
        old="if call.now - refund.created_at > KEYS_FORGOTTEN_AFTER:",
        new="if False:",
        kills=(On("sweep a refund that Stripe made unheard, a day ago"),),
    ),
)
