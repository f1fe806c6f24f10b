"""Mistakes in what all writes share: transactions, conflicts, idempotency keys."""

from tests.faults.machine.cases import Client, Scenario
from tests.faults.machine.modes import Mode
from tests.faults.machine.mutants.mutant import Mutant
from tests.faults.machine.mutants.trials import On, Race

TRANSACTIONS = "commerce.kernel.transactions"
COLLECTED = "    wanted = [write for write in writes if write is not None]\n"
ROWS_APART = (
    COLLECTED
    + """\
    rows = [write for write in wanted if write.signals_done]
    others = [write for write in wanted if not write.signals_done]
    if rows and others:
"""
)

MUTANTS = (
    Mutant(
        name="a key's row is written before the effect",
        why="Take the key first, then work: that is how locks are used.",
        function=f"{TRANSACTIONS}:commit",
        old=COLLECTED,
        new=f"{ROWS_APART}        return commit(rows) or commit(others)\n",
        kills=(On("receive stock", mode=Mode.CRASH_AFTER, call="PutItem idempotency"),),
    ),
    Mutant(
        name="a key's row is written after the effect",
        why="Only what is done can be remembered as done.",
        function=f"{TRANSACTIONS}:commit",
        old=COLLECTED,
        new=f"{ROWS_APART}        return commit(others) or commit(rows)\n",
        kills=(On("receive stock", mode=Mode.CRASH_BEFORE, call="PutItem idempotency"),),
    ),
    Mutant(
        name="a lease never ends by itself",
        why="Whoever took the lease gives it back.",
        function="commerce.kernel.idempotency:Once.resource_done",
        old="if record.leased_until is not None and record.leased_until > now:",
        new="if record.leased_until is not None:",
        kills=(On("refund a part", mode=Mode.CRASH_AFTER, call="POST refunds"),),
    ),
    Mutant(
        name="our own lost response is taken for somebody else's write",
        why="A refused condition is a conflict.",
        function=f"{TRANSACTIONS}:_explained",
        old="if refused_puts and all(_is_ours(write, old) for write, old in refused_puts):",
        new="if False:",
        kills=(On("add stock by hand", Scenario(Client.NO_KEY), Mode.LOST_RESPONSE, "TransactWriteItems"),),
    ),
    Mutant(
        name="somebody else's write is taken for our own lost response",
        why="It is there already, so it was us.",
        function=f"{TRANSACTIONS}:_is_ours",
        old="return old is not None and old.content() == write.record.content()",
        new="return old is not None",
        kills=(Race("refund x refund: two parts that exceed"),),
    ),
    Mutant(
        name="a conflict of transactions is not tried again",
        why="botocore retries by itself.",
        function=f"{TRANSACTIONS}:_is_worth_repeating",
        old="return codes <= RETRIED_REASONS",
        new="return False",
        kills=(On("add stock by hand", Scenario(Client.NO_KEY), Mode.CONFLICT, "TransactWriteItems"),),
    ),
    Mutant(
        name="DynamoDB's silence is an error of ours",
        why="botocore's errors are caught, and pynamodb wraps them.",
        function="commerce.kernel.reads:get",
        old="except (PynamoDBException, BotoCoreError) as error:",
        new="except BotoCoreError as error:",
        kills=(On("checkout", mode=Mode.OUTAGE, call="GetItem idempotency"),),
    ),
    Mutant(
        name="a write forgets the row of its key",
        why="There is no test of this endpoint with a key.",
        function="commerce.inventory.staff_operations:_by_hand",
        old='commit([call.once.row(f"{sku}/{movement_id}") if call.once else None, *unchanged, *writes])',
        new="commit(writes)",
        kills=(On("receive stock", mode=Mode.CRASH_AFTER, call="TransactWriteItems"),),
    ),
)
