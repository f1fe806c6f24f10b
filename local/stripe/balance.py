"""The money of the account: what came in, what went out, and what Stripe kept."""

from local.stripe.calls import Call, Operation
from local.stripe.ledger import Ledger, Resource
from local.stripe.lists import equals, page
from local.stripe.parameters import EXPAND, PAGE, text

FEES = {"stripe_fee": "Stripe processing fees", "dispute_fee": "Dispute fee"}


def record_transaction(  # noqa: PLR0913  a ledger line has that many columns, and all of them are named.
    ledger: Ledger,
    *,
    kind: str,
    category: str,
    amount: int,
    source: Resource,
    description: str | None,
    fee: int = 0,
    fee_kind: str = "stripe_fee",
    at_once: bool = False,
) -> Resource:
    """Write one movement of the balance; ``amount`` and ``fee`` are in minor units, money that leaves is negative."""
    available_on = ledger.now() + (0 if at_once else ledger.config.available_seconds)
    currency = source["currency"]
    details = {
        "amount": fee,
        "application": None,
        "currency": currency,
        "description": FEES[fee_kind],
        "type": "stripe_fee",
    }
    transaction = ledger.add(
        {
            "id": ledger.new_id("txn"),
            "object": "balance_transaction",
            "amount": amount,
            "available_on": available_on,
            "balance_type": "payments",
            "created": ledger.now(),
            "currency": currency,
            "description": description,
            "exchange_rate": None,
            "fee": fee,
            "fee_details": [details] if fee else [],
            "net": amount - fee,
            "reporting_category": category,
            "source": source["id"],
            "status": "available" if at_once else "pending",
            "type": kind,
        },
    )
    if not at_once:
        ledger.schedule("release_funds", transaction["id"], after=ledger.config.available_seconds)
    return transaction


def release_funds(ledger: Ledger, transaction_id: str) -> None:
    """Make the money of a transaction available."""
    ledger.find("balance_transaction", transaction_id)["status"] = "available"


def _retrieve(ledger: Ledger, call: Call) -> Resource:
    return ledger.find("balance_transaction", call.object_id)


def _list(ledger: Ledger, call: Call) -> Resource:
    keep = equals(call.params, "type", "source", "currency")
    return page(ledger, "balance_transaction", url=call.path, params=call.params, keep=keep)


def _balance(ledger: Ledger, _call: Call) -> Resource:
    sums: dict[str, dict[str, int]] = {"available": {}, "pending": {}}
    currencies = {ledger.config.default_currency}
    for transaction in ledger.newest("balance_transaction"):
        column, currency = sums[transaction["status"]], transaction["currency"]
        column[currency] = column.get(currency, 0) + transaction["net"]
        currencies.add(currency)

    def entries(status: str) -> list[Resource]:
        column = sums[status]
        return [
            {"amount": column.get(each, 0), "currency": each, "source_types": {"card": column.get(each, 0)}}
            for each in sorted(currencies)
        ]

    return {
        "object": "balance",
        "available": entries("available"),
        "connect_reserved": [{"amount": 0, "currency": each} for each in sorted(currencies)],
        "livemode": ledger.config.livemode,
        "pending": entries("pending"),
    }


OPERATIONS = (
    Operation(method="GET", path="/v1/balance", handler=_balance, spec=EXPAND),
    Operation(
        method="GET",
        path="/v1/balance_transactions",
        handler=_list,
        spec={**PAGE, "type": text(), "source": text(), "currency": text(3), "payout": text()},
    ),
    Operation(method="GET", path="/v1/balance_transactions/{id}", handler=_retrieve, spec=EXPAND),
)
