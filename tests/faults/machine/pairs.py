"""The pairs of operations that shops oversell, pay twice and lose money by."""

from tests.faults.machine.card_sides import (
    ADA_BY_CARD,
    ANOTHER_REFUND,
    BOB_BY_CARD,
    ONE_REFUND,
    one_card,
    one_pays_by_card,
    one_refund_of_both,
)
from tests.faults.machine.interleaving import Pair, Side
from tests.faults.machine.shard_sides import (
    LEAVES_AND_IS_TOLD_OF,
    PUTS_TOGETHER,
    all_back,
    all_sold,
    split_and_held,
    split_carts,
)
from tests.faults.machine.sides import (
    CANCELED,
    CANCELS,
    CAPTURES,
    DISPATCHES,
    EXPIRED,
    HEARS_OF_MONEY,
    HEARS_OF_THE_CHARGE,
    HEARS_OF_THE_DISPUTE,
    HEARS_OF_THE_REFUND,
    LEAVES,
    MANUAL,
    ONE_CART,
    PAID_BACK,
    PART,
    PAYS,
    PLACED,
    RESUMES,
    SMALL,
    SWEEPS,
    about_to_be_told,
    asks,
    carts,
    checks_out,
    died,
    died_long_ago,
    disputed,
    disputed_or_back,
    ends,
    is_given,
    just_ordered,
    left,
    left_or_paid,
    mailed_once,
    nearly_expired,
    of_order,
    one_buyer,
    one_discount,
    one_lives,
    one_order,
    one_refund,
    ordered_a_while_ago,
    over,
    paid,
    paid_at_the_last_moment,
    refunded_in_the_dashboard,
    refunds,
    runs,
    sent_once,
    sent_or_kept,
    sets,
    stock_ends,
    taken_or_sold,
    takes_away,
    the_customers_last_use,
    the_last_use,
    the_last_use_of_a_code,
    went_back,
    what_was_agreed,
    whoever_can_pays,
)
from tests.faults.machine.steps import cards
from tests.faults.machine.steps.one_order import PAID, STOCK, UNITS, bought, pending

ADA = Side("Ada checks out", checks_out("ready", key="ada"))
ADA_WITHOUT_A_KEY = Side("Ada checks out", checks_out("ready"))
BOB = Side("Bob checks out", checks_out("other", key="bob"))
TAKES_ONE = Side("Ada wants one mug", asks("PUT", "/v1/carts/{cart}/lines/MUG-BLUE", {"quantity": 1}, key="line"))
CANCELS_TOO = Side("staff cancel", of_order("cancel", {}, key="cancel-too"))
ONE_MUG = {"lines": [{"sku": "MUG-BLUE", "quantity": 1}]}
SENDS_ONE = Side("staff send one mug", of_order("fulfillments", ONE_MUG, key="one"))
SENDS_THE_OTHER = Side("staff send one mug", of_order("fulfillments", ONE_MUG, key="other"))
PUBLISHES = Side("the outbox's stream", is_given("outbox/publish_events", "events"))
REPUBLISHES = Side("the outbox's sweeper", runs("outbox/republish_events"))
PROJECTS = Side("the movements' stream", is_given("inventory/project_movements", "movement"))
MAILS = Side("the queue of mails", is_given("notifications/deliver_notification", "message"))

CHECKOUTS = (
    Pair(
        "checkout x checkout: the last unit",
        carts(1, 1, "ada@example.com", "bob@example.com"),
        ADA,
        BOB,
        after=whoever_can_pays,
        expect=one_buyer,
    ),
    *(
        Pair(f"checkout x checkout: {what}", prepare, ADA, BOB, after=whoever_can_pays, expect=one_discount)
        for what, prepare in (
            ("the last use of a promotion", the_last_use),
            ("the last use of a code", the_last_use_of_a_code),
            ("the only use of a customer", the_customers_last_use),
        )
    ),
    Pair("checkout x checkout: one cart, one key", ONE_CART, ADA, ADA, after=whoever_can_pays, expect=one_order),
    Pair(
        "checkout x checkout: one cart, no keys",
        ONE_CART,
        ADA_WITHOUT_A_KEY,
        ADA_WITHOUT_A_KEY,
        after=whoever_can_pays,
        expect=one_order,
    ),
    Pair(
        "checkout x checkout: one gift card",
        one_card,
        ADA_BY_CARD,
        BOB_BY_CARD,
        after=whoever_can_pays,
        expect=one_pays_by_card,
    ),
    Pair("change of the cart x checkout", ONE_CART, TAKES_ONE, ADA, after=whoever_can_pays, expect=what_was_agreed),
    Pair(
        "leave x checkout again: the first died",
        died,
        LEAVES,
        ADA_WITHOUT_A_KEY,
        after=whoever_can_pays,
        expect=one_lives,
    ),
    Pair(
        "sweeper x checkout again: the first died",
        died_long_ago,
        SWEEPS,
        ADA_WITHOUT_A_KEY,
        after=whoever_can_pays,
        expect=one_lives,
    ),
)

ENDS = (
    Pair(
        "webhook x sweeper: paid at the last moment",
        paid_at_the_last_moment,
        HEARS_OF_MONEY,
        SWEEPS,
        expect=ends(PLACED),
    ),
    Pair("payment x sweeper", over, PAYS, SWEEPS, expect=ends(PLACED, EXPIRED)),
    Pair("webhook x webhook: one event twice", paid, HEARS_OF_MONEY, HEARS_OF_MONEY, expect=ends(PLACED)),
    Pair("sweeper x sweeper", over, SWEEPS, SWEEPS, expect=ends(EXPIRED)),
    Pair("cancel x webhook", paid, CANCELS, HEARS_OF_MONEY, expect=ends(PAID_BACK)),
    Pair("cancel x payment", pending, CANCELS, PAYS, expect=ends(PAID_BACK, CANCELED)),
    Pair("cancel x sweeper", over, CANCELS, SWEEPS, expect=ends(CANCELED, EXPIRED)),
    Pair("cancel x leave", pending, CANCELS, LEAVES, expect=ends(CANCELED)),
    Pair("leave x webhook", paid, LEAVES, HEARS_OF_MONEY, expect=left_or_paid),
    Pair("leave x payment", pending, LEAVES, PAYS, expect=left_or_paid),
    Pair("leave x resume", pending, LEAVES, RESUMES, expect=left),
)

AFTERWARDS = (
    Pair("refund x refund: everything", bought, refunds("one"), refunds("two"), expect=one_refund(PAID)),
    Pair(
        "refund x refund: two parts that exceed",
        bought,
        refunds("one", PART),
        refunds("two", PART),
        expect=one_refund(PART),
    ),
    Pair(
        "refund x refund: two parts that fit",
        bought,
        refunds("one", SMALL),
        refunds("two", SMALL),
        expect=went_back([SMALL, SMALL]),
    ),
    Pair(
        "refund x refund: to Stripe and to cards",
        cards.bought,
        ONE_REFUND,
        ANOTHER_REFUND,
        expect=one_refund_of_both,
    ),
    Pair("refund x refund: one key", bought, refunds("one", PART), refunds("one", PART), expect=went_back([PART])),
    Pair("refund x its own webhook", bought, refunds("one", PART), HEARS_OF_THE_CHARGE, expect=went_back([PART])),
    Pair(
        "refund x webhook of another refund",
        refunded_in_the_dashboard,
        refunds("one", SMALL),
        HEARS_OF_THE_REFUND,
        expect=went_back([SMALL, SMALL]),
    ),
    Pair(
        "refund x webhook of a dispute", disputed, refunds("one", PART), HEARS_OF_THE_DISPUTE, expect=disputed_or_back
    ),
    Pair(
        "webhook x webhook: a dispute twice",
        disputed,
        HEARS_OF_THE_DISPUTE,
        HEARS_OF_THE_DISPUTE,
        expect=went_back([]),
    ),
    Pair(
        "webhook x webhook: a refund told in two ways",
        refunded_in_the_dashboard,
        HEARS_OF_THE_REFUND,
        HEARS_OF_THE_CHARGE,
        expect=went_back([SMALL]),
    ),
    Pair("cancel x cancel: a paid order", bought, CANCELS, CANCELS_TOO, expect=ends(PAID_BACK)),
    Pair("cancel x dispatch", bought, CANCELS, DISPATCHES, expect=sent_or_kept),
    Pair("dispatch x dispatch: everything", bought, DISPATCHES, SENDS_ONE, expect=sent_once),
    Pair("dispatch x dispatch: two parcels", bought, SENDS_ONE, SENDS_THE_OTHER, expect=sent_once),
    Pair(
        "cancel x refund",
        bought,
        CANCELS,
        refunds("one", SMALL),
        expect=ends(PAID_BACK, ("canceled", PAID, [SMALL, PAID - SMALL])),
    ),
    Pair("capture x cancel", bought, CAPTURES, CANCELS, expect=ends(CANCELED, PAID_BACK), settings=MANUAL),
    Pair("capture x sweeper", nearly_expired, CAPTURES, SWEEPS, expect=ends(PLACED), settings=MANUAL),
)

STOCK_BY_HAND = (
    Pair(
        "stock taken away x checkout",
        ONE_CART,
        takes_away(9),
        ADA,
        after=whoever_can_pays,
        expect=taken_or_sold("409 inventory.insufficient_stock"),
    ),
    Pair(
        "stock taken away as seen x checkout",
        ONE_CART,
        takes_away(9, expected_available=STOCK),
        ADA,
        after=whoever_can_pays,
        expect=taken_or_sold("409 inventory.stale_quantity"),
    ),
    Pair(
        "stock set x checkout",
        ONE_CART,
        sets(5),
        ADA,
        after=whoever_can_pays,
        expect=stock_ends(5, 5 - UNITS, told=["200", "201"], committed=UNITS),
    ),
    Pair(
        "stock set x webhook",
        paid,
        sets(5),
        HEARS_OF_MONEY,
        expect=stock_ends(5, told=["200", "done"], committed=UNITS),
    ),
    Pair(
        "stock set x leave", pending, sets(5), LEAVES, expect=stock_ends(5, 5 + UNITS, told=["200", "200"], committed=0)
    ),
    Pair(
        "stock set x stock taken away",
        ONE_CART,
        sets(5),
        takes_away(3),
        expect=stock_ends(5, 2, told=["200", "201"], committed=0),
    ),
)

SPLIT_SKUS = (
    Pair(
        "checkout x checkout: the last unit of each shard",
        split_carts(2, 1, "ada@example.com", "bob@example.com"),
        ADA,
        BOB,
        after=whoever_can_pays,
        expect=all_sold(2),
    ),
    Pair(
        "put together x checkout: the last units",
        split_carts(2, 2, "ada@example.com"),
        PUTS_TOGETHER,
        ADA,
        after=whoever_can_pays,
        expect=all_sold(2),
    ),
    Pair("put together x leave", split_and_held, PUTS_TOGETHER, LEAVES_AND_IS_TOLD_OF, expect=all_back),
)

MESSAGES = (
    Pair("publisher x publisher", just_ordered, PUBLISHES, PUBLISHES),
    Pair("publisher x sweeper of the outbox", ordered_a_while_ago, PUBLISHES, REPUBLISHES),
    Pair("projection x projection", just_ordered, PROJECTS, PROJECTS),
    Pair("mail x mail", about_to_be_told, MAILS, MAILS, expect=mailed_once),
)

PAIRS: tuple[Pair, ...] = (*CHECKOUTS, *ENDS, *AFTERWARDS, *STOCK_BY_HAND, *SPLIT_SKUS, *MESSAGES)

DANGEROUS = frozenset(
    {
        "checkout x checkout: the last unit",
        "checkout x checkout: one cart, no keys",
        "checkout x checkout: one gift card",
        "webhook x sweeper: paid at the last moment",
        "webhook x webhook: one event twice",
        "cancel x webhook",
        "refund x refund: everything",
        "stock taken away as seen x checkout",
    }
)
"""Those that systems in use fail at: here a side also dies after each of its effects while the other goes on."""
