"""Mistakes in taking from gift cards and store credit, and in giving back."""

from tests.faults.machine.cases import Client, Scenario, Shopper
from tests.faults.machine.modes import Mode
from tests.faults.machine.mutants.mutant import Mutant
from tests.faults.machine.mutants.trials import On, Race
from tests.faults.machine.steps.deliveries import SWEPT

BEGIN = "commerce.checkout.begin"
CLOSING = "commerce.checkout.closing"
REFUNDS = "commerce.checkout.refunds"
ENTRIES = "commerce.giftcards.entries"
PARTLY, WHOLLY = "check out what cards pay a part of", "check out what a card pays for"
TO_BOTH = "refund to Stripe and to cards"

MUTANTS = (
    Mutant(
        name="an order that ends unpaid keeps what its cards paid",
        why="Nobody was charged, so nothing has to go back.",
        function=f"{CLOSING}:released",
        old="*cards_released(state, call=call),",
        new="",
        kills=(On("sweep a hold that cards pay a part of", SWEPT),),
    ),
    Mutant(
        name="cards are taken from outside of the checkout's transaction",
        why="A transaction has a hundred actions, and six cards take thirteen.",
        function=f"{BEGIN}:_taken",
        old="*giftcards.redeemed(parts=parts, cards=cards, order_id=order.id, call=call),",
        new="*(commit(giftcards.redeemed(parts=parts, cards=cards, order_id=order.id, call=call)) or []),",
        kills=(
            On(PARTLY, Scenario(Client.GIVES_UP, Shopper.NEVER), Mode.CRASH_AFTER, "TransactWriteItems gift_cards"),
        ),
    ),
    Mutant(
        name="a refund goes to Stripe alone",
        why="Stripe knows how much it can send back.",
        function=f"{REFUNDS}:split",
        old="    payment = state.payment\n",
        new="    return ()\n",
        kills=(On(TO_BOTH),),
    ),
    Mutant(
        name="a card is taken from whatever it has by now",
        why="It was looked at a moment ago.",
        function=f"{ENTRIES}:changed",
        old="condition=seen, refused=_refusal(change)",
        new="",
        kills=(Race("checkout x checkout: one gift card"),),
    ),
    Mutant(
        name="a refund that is sent puts its part onto the cards once more",
        why="It is sent again because the first time did not work.",
        function=f"{REFUNDS}:_stored",
        old="call=call, also=[write, *also])",
        new="call=call, also=[write, *also, *credited(refund.model_copy(update={'id': new_id('ref')}), call)])",
        kills=(On(TO_BOTH),),
    ),
    Mutant(
        name="a refund's part for cards is counted and not credited",
        why="The worker that sends the refund does it.",
        function=f"{REFUNDS}:requested",
        old="*credited(refund, call), ",
        new="",
        kills=(On(TO_BOTH),),
    ),
    Mutant(
        name="a refund onto cards does not count as given back",
        why="refund_pending has all that is on its way.",
        function="commerce.payments.model:Payment.with_refund_requested",
        old="self.returned_to_cards + to_cards",
        new="self.returned_to_cards",
        kills=(On("refund what a card paid for"),),
    ),
    Mutant(
        name="a canceled order gives back to cards, and keeps counting it",
        why="The order is over, and nobody looks at it again.",
        function=f"{CLOSING}:released",
        old=', "by_cards": 0',
        new="",
        kills=(On("leave a checkout that cards pay a part of"),),
    ),
    Mutant(
        name="Stripe is asked for the total",
        why="The total is what the order costs.",
        function=f"{BEGIN}:_new_order",
        old="due=quote.totals.due.amount,",
        new="due=quote.totals.total.amount,",
        kills=(On(PARTLY),),
    ),
    Mutant(
        name="who agreed to a total pays whatever is due of it",
        why="The total is the price.",
        function="commerce.checkout.schemas:NewCheckout.agrees_to",
        old="return (self.expected_total, due) == (totals.total, totals.due)",
        new="return self.expected_total == totals.total",
        kills=(Race("checkout x checkout: one gift card"),),
    ),
)
