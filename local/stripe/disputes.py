"""Disputes: shoppers who ask their bank for the money, and how that ends."""

from local.stripe.balance import record_transaction
from local.stripe.calls import Call, Operation
from local.stripe.charges import behavior_of
from local.stripe.errors import invalid_request
from local.stripe.ledger import Ledger, Resource
from local.stripe.lists import equals, page
from local.stripe.money import DISPUTE_FEE
from local.stripe.parameters import EXPAND, PAGE, text
from local.stripe.refunds import fail_refund
from local.stripe.shapes import new_dispute

CLOSED = {"won", "lost", "warning_closed"}


def open_dispute(
    ledger: Ledger,
    charge: Resource,
    *,
    amount: int | None = None,
    reason: str = "fraudulent",
    inquiry: bool = False,
) -> Resource:
    """Let the shopper's bank take money back; an inquiry only asks, and takes nothing yet.

    A refund that was still pending fails. One that was paid stays paid: the shop may lose the money twice.
    """
    if not charge["captured"]:
        message = f"Charge {charge['id']} was not captured; there is nothing to dispute."
        raise invalid_request(message, param="charge")
    if charge["disputed"]:
        message = f"Charge {charge['id']} is already disputed."
        raise invalid_request(message, param="charge")
    amount = charge["amount_captured"] if amount is None else amount
    if not 0 < amount <= charge["amount_captured"]:
        message = f"A dispute over {amount} does not fit a charge of {charge['amount_captured']}."
        raise invalid_request(message, param="amount")
    dispute = ledger.add(new_dispute(ledger, charge, amount, reason, inquiry=inquiry))
    if not inquiry:
        _move_funds(ledger, dispute, -amount, "dispute", fee=DISPUTE_FEE)
    ledger.announce("charge.dispute.created", dispute)
    ledger.announce("charge.updated", charge, ledger.change(charge, {"disputed": True}))
    if not inquiry:
        ledger.announce("charge.dispute.funds_withdrawn", dispute)
    for refund in ledger.tables.get("refund", {}).values():
        if refund["charge"] == charge["id"] and refund["status"] == "pending":
            fail_refund(ledger, refund, "charge_for_pending_refund_disputed")
    return dispute


def open_scripted_dispute(ledger: Ledger, charge_id: str) -> None:
    """Open the dispute that a ``pm_card_createDispute...`` payment brings."""
    charge = ledger.find("charge", charge_id)
    method = behavior_of(ledger, charge["payment_method"])
    if not charge["disputed"]:
        open_dispute(ledger, charge, reason=method.dispute or "fraudulent", inquiry=method.inquiry)


def close_dispute(ledger: Ledger, dispute: Resource, *, won: bool) -> None:
    """Let the bank decide; a dispute that the shop won brings its money back, the fee stays."""
    if dispute["status"] in CLOSED:
        message = f"This dispute is already closed: its status is {dispute['status']}."
        raise invalid_request(message, param="dispute")
    inquiry = dispute["status"].startswith("warning")
    status = "lost" if not won else "warning_closed" if inquiry else "won"
    if inquiry and not won:
        _move_funds(ledger, dispute, -dispute["amount"], "dispute", fee=DISPUTE_FEE)
        ledger.announce("charge.dispute.funds_withdrawn", dispute)
    previous = ledger.change(dispute, {"status": status, "is_charge_refundable": won})
    ledger.announce("charge.dispute.updated", dispute, previous)
    if won and not inquiry:
        _move_funds(ledger, dispute, dispute["amount"], "dispute_reversal")
        ledger.announce("charge.dispute.funds_reinstated", dispute)
    ledger.announce("charge.dispute.closed", dispute)


def _move_funds(ledger: Ledger, dispute: Resource, amount: int, category: str, *, fee: int = 0) -> None:
    transaction = record_transaction(
        ledger,
        kind="adjustment",
        category=category,
        amount=amount,
        fee=fee,
        fee_kind="dispute_fee",
        source=dispute,
        description=f"Chargeback {'withdrawal' if amount < 0 else 'reversal'} for {dispute['charge']}",
        at_once=True,
    )
    dispute["balance_transactions"] = [*dispute["balance_transactions"], dict(transaction)]


def _retrieve(ledger: Ledger, call: Call) -> Resource:
    return ledger.find("dispute", call.object_id)


def _list(ledger: Ledger, call: Call) -> Resource:
    keep = equals(call.params, "charge", "payment_intent")
    return page(ledger, "dispute", url=call.path, params=call.params, keep=keep)


OPERATIONS = (
    Operation(
        method="GET",
        path="/v1/disputes",
        handler=_list,
        spec={**PAGE, "charge": text(), "payment_intent": text()},
    ),
    Operation(method="GET", path="/v1/disputes/{id}", handler=_retrieve, spec=EXPAND),
)
