"""Mistakes in what orders use up of promotions."""

from tests.faults.machine.cases import Client, Scenario, Shopper
from tests.faults.machine.modes import Mode
from tests.faults.machine.mutants.mutant import Mutant
from tests.faults.machine.mutants.trials import On, Race

OPERATIONS = "commerce.promotions.operations"
COUNTING = "commerce.promotions.counting"
CLOSING = "commerce.checkout.closing"

BUYS = On("checkout")
NEVER_PAYS = On("checkout", Scenario(shopper=Shopper.NEVER))
IN_PIECES = "check out with the last of a promotion, which lies in parts"

MUTANTS = (
    Mutant(
        name="an expired order keeps what it used up of promotions",
        why="The order has it in its details, and nobody looks there again.",
        function=f"{CLOSING}:released",
        old="        *promotions_given_back(state, call=call),\n",
        new="",
        kills=(NEVER_PAYS,),
    ),
    Mutant(
        name="a canceled order keeps what it used up of promotions",
        why="It was placed, so it was used.",
        function="commerce.checkout.staff_actions:_cancel_placed",
        old="            *closing.promotions_given_back(state, call=call),\n",
        new="",
        kills=(On("cancel a paid order"),),
    ),
    Mutant(
        name="an order whose authorization lapsed keeps what it used up of promotions",
        why="There are four ways to close an order, and this one is seldom gone.",
        function="commerce.checkout.settlement:_Settlement._authorization_lost",
        old="*closing.promotions_given_back(state, call=call), ",
        new="",
        kills=(On("sweep an authorization that lapsed"),),
    ),
    Mutant(
        name="an expired order gives promotions back in a transaction of its own",
        why="What tidies up can come afterwards, and comes again when it fails.",
        function="commerce.checkout.sweeping:_end_hold",
        old="        return state\n    state = settle",
        new="""\
        return state
    from commerce.kernel.transactions import commit
    commit(closing.promotions_given_back(state, call=call))
    state = settle""",
        kills=(NEVER_PAYS,),
    ),
    Mutant(
        name="promotions are counted outside of the checkout's transaction",
        why="They are only counters, and DynamoDB's ADD is atomic.",
        function="commerce.checkout.begin:_begin",
        old="commit([*order_writes, *used.writes, *_taken(priced, state, call)])",
        new="commit(used.writes) if used.writes else None; commit([*order_writes, *_taken(priced, state, call)])",
        kills=(BUYS,),
    ),
    Mutant(
        name="the last use of a promotion is taken without asking whether it is there",
        why="The cart was priced with it just now.",
        function=f"{OPERATIONS}:_counted",
        old="        enough &= LimitRecord.uses_left >= 1\n",
        new="",
        kills=(Race("checkout x checkout: the last use of a promotion"),),
    ),
    Mutant(
        name="a code that works once is taken without asking who has it",
        why="The cart was priced with it just now.",
        function=f"{OPERATIONS}:_taken",
        old="CodeRecord.pk.exists() & CodeRecord.used_by.does_not_exist()",
        new="CodeRecord.pk.exists()",
        kills=(Race("checkout x checkout: the last use of a code"),),
    ),
    Mutant(
        name="a customer's use is taken without asking how many there were",
        why="The cart was priced with it just now.",
        function=f"{OPERATIONS}:_taken",
        old="within = used.does_not_exist() | (used < claim.customer_most)",
        new="within = None",
        kills=(Race("checkout x checkout: the only use of a customer"),),
    ),
    Mutant(
        name="an order takes a use and no money of a budget",
        why="The use is what is limited; the money follows from it.",
        function=f"{OPERATIONS}:_counted",
        old="left.set(left - use.amount)",
        new="left.set(left - 0)",
        kills=(BUYS,),
    ),
    Mutant(
        name="a first order is counted when it is made and when it is placed",
        why="Placing an order is what counts it.",
        function=f"{COUNTING}:ordered",
        old="[] if uses.is_first_order else [counted(uses.customer, 1, call)]",
        new="[counted(uses.customer, 1, call)]",
        kills=(BUYS,),
    ),
    Mutant(
        name="a canceled order stays one of the customer's orders",
        why="Only what a promotion counted has to be given back.",
        function=f"{COUNTING}:given_back",
        old="if uses.is_first_order or was_placed:",
        new="if uses.is_first_order:",
        kills=(On("cancel a paid order of a customer who had one before"),),
    ),
    Mutant(
        name="what is moved between parts of a limit is moved as it was read",
        why="It changes no sum, so nothing can go wrong.",
        function=f"{OPERATIONS}:_gathered",
        old="condition=unchanged",
        new="condition=None",
        kills=(
            On(
                IN_PIECES,
                Scenario(Client.NO_KEY, Shopper.NEVER, sweeper=False),
                Mode.LOST_RESPONSE,
                "TransactWriteItems",
            ),
        ),
    ),
    Mutant(
        name="a line of an order does not know what was taken off it",
        why="The order's totals have it.",
        function="commerce.checkout.begin:_line",
        old="discount=line.discount,",
        new="discount=line.total.times(0),",
        kills=(BUYS,),
    ),
)
