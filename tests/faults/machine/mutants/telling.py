"""Mistakes in what is told: Stripe's events on their way in, the store's own on their way out."""

from tests.faults.machine.cases import Scenario
from tests.faults.machine.modes import Mode
from tests.faults.machine.mutants.mutant import Change, Mutant
from tests.faults.machine.mutants.trials import On
from tests.faults.machine.steps.deliveries import ALONE, SWEPT

OUTBOX = "commerce.outbox.operations:_taken"
MARKS = """\
        commit(
            update(
                OutboxRecord(pk=record.pk, sk=record.sk),
                OutboxRecord.published_at.set(call.now),
                OutboxRecord.gsi1pk.remove(),
                OutboxRecord.gsi1sk.remove(),
            )
            for record in arrived
        )
"""

MUTANTS = (
    Mutant(
        name="a webhook is answered although the queue did not take the event",
        why="Stripe should not see our troubles, and the error is in the log.",
        function="commerce.adapters.queues:enqueue_stripe_event",
        old="raise Unavailable from error",
        new="return",
        kills=(On("receive a webhook", ALONE, Mode.OUTAGE, "sqs SendMessage"),),
    ),
    Mutant(
        name="an event's id is remembered before its effect",
        why="`INSERT event_id`, then work: the usual recipe.",
        function="commerce.checkout.stripe_events:apply",
        old="    step(event,",
        new="""\
    from commerce.kernel.errors import WriteConflict
    from commerce.kernel.ids import new_id
    from commerce.kernel.transactions import commit, create
    from commerce.payments.records import PaymentRow
    try:
        commit([create(PaymentRow(pk=f"event#{event.id}", sk="event", document={"seen": new_id("seen")}))])
    except WriteConflict:
        return
    step(event,""",
        kills=(On("settle a payment", ALONE, Mode.CRASH_BEFORE, "TransactWriteItems"),),
    ),
    Mutant(
        name="a consumer swallows its error",
        why="A message that fails would come again and again.",
        function="commerce.checkout.stripe_events:apply_message",
        old="    apply(event=StripeEvent.model_validate_json(body), call=call)",
        new="""\
    try:
        apply(event=StripeEvent.model_validate_json(body), call=call)
    except Exception:
        logger.exception("failed")""",
        kills=(On("settle a payment", ALONE, Mode.OUTAGE, "TransactWriteItems"),),
    ),
    Mutant(
        name="a change and its event in two transactions",
        why="The event is sent when the change is safe.",
        function="commerce.checkout.state:store",
        old="commit([*order_writes, payment_write, *also])",
        new="commit([order_writes[0], payment_write, *also]); commit(order_writes[1:])",
        kills=(On("settle a payment", SWEPT, Mode.CRASH_AFTER, "TransactWriteItems"),),
    ),
    Mutant(
        name="an event is marked before the bus took it",
        why="Mark it first, so that nobody else sends it.",
        function=OUTBOX,
        old="        codes = bus.put(",
        new=MARKS.replace("arrived", "records") + "        codes = bus.put(",
        kills=(On("publish events that the stream lost", SWEPT, Mode.OUTAGE, "PutEvents"),),
    ),
    Mutant(
        name="an entry that the bus refused counts as sent",
        why="PutEvents answered 200.",
        function=OUTBOX,
        old="for record, code in zip(records, codes, strict=True) if code is None]",
        new="for record in records]",
        kills=(On("publish events that the stream lost", SWEPT, Mode.ENTRY_REFUSED, "PutEvents"),),
    ),
    Mutant(
        name="a movement is marked before it is projected",
        why="Mark it first, so that nobody else projects it.",
        function="commerce.inventory.projection:_project",
        old="    rows = document.history()\n",
        new="    rows = document.history()\n    _unmark(document)\n",
        kills=(On("show a sale that the stream lost", SWEPT, Mode.CRASH_BEFORE, "PutItem inventory"),),
    ),
    Mutant(
        name="a letter is not claimed before it is sent",
        why="The queue delivers a message once.",
        function="commerce.notifications.operations:deliver",
        old="_claim(event, call=call)",
        new="pass",
        kills=(On("checkout", Scenario(twice=True)),),
    ),
    Mutant(
        name="a letter is marked as sent before it is",
        why="Mark it first, so that nobody gets it twice.",
        function="commerce.notifications.operations:deliver",
        old="    message_id = _send(message)\n",
        new="    commit([_sent(event, message_id='', call=call)])\n    message_id = _send(message)\n",
        kills=(On("mail the shopper", ALONE, Mode.CRASH_BEFORE, "SendEmail"),),
    ),
    Mutant(
        name="a webhook's signature is not checked",
        why="Only Stripe knows the address.",
        function="commerce.adapters.stripe_payments:_fits",
        old="    try:\n",
        new="    return True\n    try:\n",
        kills=(On("receive a forged webhook", ALONE),),
    ),
    Mutant(
        name="low stock is told again and again",
        why="It is low, so say so.",
        function="commerce.inventory.low_stock:_flipped",
        old="if threshold is None or (low := level.available <= threshold) == row.low_announced:",
        new="if threshold is None or not (low := level.available <= threshold):",
        besides=(
            Change("commerce.inventory.low_stock:_crossing_writes", "condition=same & crossed", "condition=same"),
        ),
        kills=(On("take stock away by hand", Scenario(twice=True)),),
    ),
)
