"""Expanding the ids in an answer into the objects they name."""

import copy

from local.stripe.errors import invalid_parameter
from local.stripe.ledger import Ledger, Resource
from local.stripe.lists import page

MAX_DEPTH = 4
EXPANDABLE: dict[str, dict[str, str | None]] = {
    "balance_transaction": {"source": None},
    "charge": {
        "balance_transaction": "balance_transaction",
        "failure_balance_transaction": "balance_transaction",
        "payment_intent": "payment_intent",
        "customer": "customer",
        "refunds": "refund",
    },
    "dispute": {"charge": "charge", "payment_intent": "payment_intent"},
    "payment_intent": {"latest_charge": "charge", "payment_method": "payment_method", "customer": "customer"},
    "refund": {
        "balance_transaction": "balance_transaction",
        "charge": "charge",
        "failure_balance_transaction": "balance_transaction",
        "payment_intent": "payment_intent",
    },
    # Their operations know what was asked for: nothing of it is an object of its own.
    "tax.calculation": {"line_items": "tax.breakdown", "shipping_cost": "tax.breakdown"},
    "tax.breakdown": {"tax_breakdown": None},
}
KIND_OF_SOURCE = {"ch": "charge", "py": "charge", "re": "refund", "du": "dispute"}


def check_paths(kind: str, paths: list[str]) -> None:
    """Refuse paths that lead nowhere, before the call has done anything."""
    for path in paths:
        steps = [step for step in path.split(".") if step != "data"]
        if len(steps) > MAX_DEPTH:
            message = f"You cannot expand more than {MAX_DEPTH} levels deep: {path}."
            raise invalid_parameter(message, param="expand[]")
        at: str | None = kind
        for step in steps:
            if at is None:  # What a source is, only the object at hand knows.
                break
            if step not in EXPANDABLE.get(at, {}):
                message = (
                    f"This property cannot be expanded ({step}). You may want to try expanding another property of "
                    f"the {at}: {path}."
                )
                raise invalid_parameter(message, param="expand[]")
            at = EXPANDABLE[at][step]


def expanded(ledger: Ledger, answer: Resource, paths: list[str]) -> Resource:
    """Copy an answer and put objects in the place of the ids at the given paths."""
    answer = copy.deepcopy(answer)
    for path in paths if not answer["object"].startswith("tax.") else ():
        _expand(ledger, answer, [step for step in path.split(".") if step != "data"])
    return answer


def _expand(ledger: Ledger, node: Resource, steps: list[str]) -> None:
    if node["object"] in {"list", "search_result"}:
        for item in node["data"]:
            _expand(ledger, item, steps)
        return
    if not steps:
        return
    step, rest = steps[0], steps[1:]
    value = node.get(step)
    if node["object"] == "charge" and step == "refunds":
        value = node[step] = value or _refunds_of(ledger, node)
    elif isinstance(value, str):
        kind = EXPANDABLE[node["object"]][step] or KIND_OF_SOURCE[value.partition("_")[0]]
        value = node[step] = copy.deepcopy(ledger.find(kind, value))
    if isinstance(value, dict):
        _expand(ledger, value, rest)


def _refunds_of(ledger: Ledger, charge: Resource) -> Resource:
    return copy.deepcopy(
        page(
            ledger,
            "refund",
            url=f"/v1/charges/{charge['id']}/refunds",
            params={},
            keep=lambda refund: bool(refund["charge"] == charge["id"]),
        ),
    )
