"""What pairs of operations around one gift card are made of."""

from collections.abc import Callable, Iterator

from tests.faults.machine.cases import Context, keyed, shown
from tests.faults.machine.interleaving import Side
from tests.faults.machine.sides import refunds
from tests.faults.machine.steps.cards import DUE, ON_CARD, ON_CREDIT, balances, with_cards
from tests.faults.machine.steps.one_order import PAID, STOCK, order_of, refunded_at_stripe
from tests.faults.machine.world import World
from tests.support.gift_cards import issue
from tests.support.shop import open_shop
from tests.support.store import Answer

ON_ONE_CARD = 5000
"""Enough for one of the two carts."""

REACHES_CARDS = DUE + 200
ONE_REFUND, ANOTHER_REFUND = refunds("one", REACHES_CARDS), refunds("two", REACHES_CARDS)
"""Two of these are more than was paid."""


def checks_out_for_what_is_due(cart: str, *, key: str) -> Callable[[World, Context], Answer | None]:
    """Return a checkout that agrees to the total and to what is due, without the hash of the price."""

    def act(world: World, context: Context) -> Answer | None:
        seen = context[cart]
        body = {"expected_total": seen["totals"]["total"], "expected_due": seen["totals"]["due"]}
        return world.call("POST", f"/v1/carts/{seen['id']}/checkout", body, headers=keyed(key))

    return act


ADA_BY_CARD = Side("Ada checks out by card", checks_out_for_what_is_due("ready", key="ada"))
BOB_BY_CARD = Side("Bob checks out by card", checks_out_for_what_is_due("other", key="bob"))


def one_card(world: World) -> Context:
    """Let two shoppers have the code of one card, which can pay for one of their carts."""
    open_shop(world.store, stock=STOCK)
    card = issue(world.store, ON_ONE_CARD)
    world.drain()
    carts = [with_cards(world, card, email=email) for email in ("ada@example.com", "bob@example.com")]
    return {"ready": carts[0], "other": carts[1], "cards": [card["id"]]}


def one_pays_by_card(world: World, context: Context) -> Iterator[str]:
    """Check that one of them has the card's money, and that the other is asked again at another amount due."""
    statuses = [order.status for order in world.picture().orders.values()]
    if statuses != ["placed"] or balances(world, context) != [ON_ONE_CARD - PAID]:
        yield f"of one card came {statuses}, and {balances(world, context)} is left"
    answers = (context["first"], context["second"])
    told = sorted(shown(answer) if isinstance(answer, Answer) else str(answer) for answer in answers)
    if told != ["201", "409 checkout.price_changed"]:
        yield f"the two were told {told}"


def one_refund_of_both(world: World, context: Context) -> Iterator[str]:
    """Check that one refund was made, to Stripe and to the cards, and that the other was refused."""
    back, on_cards = refunded_at_stripe(world), balances(world, context)
    if back != [DUE] or on_cards != [0, REACHES_CARDS - DUE]:
        yield f"{back} went back, and {on_cards} of {[ON_CARD, ON_CREDIT]} is on the cards"
    if order_of(world, context).payment["returned_to_cards"] != REACHES_CARDS - DUE:
        yield "the order does not tell of it"
