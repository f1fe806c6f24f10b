"""Stripe Tax: calculations, and transactions made of them. The rates are a few that a test sets, not the world's."""

import json
import re
from typing import Any

from local.stripe.calls import Call, Operation
from local.stripe.config import DAY
from local.stripe.errors import invalid_parameter, invalid_request
from local.stripe.ledger import Ledger, Resource
from local.stripe.money import checked_currency
from local.stripe.parameters import (
    ADDRESS,
    EXPAND,
    integer,
    list_of,
    merged_metadata,
    metadata,
    nested,
    one_of,
    text,
    unsupported,
)

MARK = "tax_rates"
RATES: dict[str, list[list[str]]] = {
    "DE": [["country", "Germany", "19"]],
    "FR": [["country", "France", "20"]],
    "US-CA": [["state", "California", "6.0"], ["county", "LOS ANGELES", "1.25"]],
    "US-WA": [["state", "Washington", "6.5"], ["county", "KING", "3.75"]],
}
"""Where the account is registered, until the control surface says otherwise: level, name and percentage of each tax."""

EUROPEAN = ("AT", "BE", "DE", "ES", "FR", "IE", "IT", "NL", "PL", "SE")
FIELDS_OF_A_TAX = ("level", "name", "percentage")
PERCENTAGE = re.compile(r"[0-9]{1,2}(\.[0-9]{1,6})?")
KEPT_SECONDS = 90 * DAY
DEFAULT_CODE, SHIPPING_CODE, NONTAXABLE = "txcd_99999999", "txcd_92010001", "txcd_00000000"
BREAKDOWN = "tax_breakdown"


def is_a_tax(told: object) -> bool:
    """Say whether something is a level, a name and a percentage."""
    return isinstance(told, list) and len(told) == len(FIELDS_OF_A_TAX) and bool(PERCENTAGE.fullmatch(str(told[-1])))


def set_rates(ledger: Ledger, rates: dict[str, list[list[str]]]) -> None:
    """Register the account where these rates are, and nowhere else."""
    ledger.marks[MARK] = json.dumps(rates)


def _rates(ledger: Ledger, address: dict[str, Any]) -> list[list[str]]:
    known: dict[str, list[list[str]]] = json.loads(ledger.marks[MARK]) if MARK in ledger.marks else RATES
    return known.get(f"{address['country']}-{address.get('state')}") or known.get(address["country"], [])


def _calculate(ledger: Ledger, call: Call) -> Resource:
    params = call.params
    currency = checked_currency(params["currency"])
    customer = _customer(params.get("customer_details", {}))
    references = [each.get("reference") or "" for each in params["line_items"]]
    if len(set(references)) != len(references):
        message = "Line item references must be unique within a calculation."
        raise invalid_parameter(message, param="line_items")
    lines = [_line(ledger, each, customer, place=place) for place, each in enumerate(params["line_items"])]
    shipping = params.get("shipping_cost")
    cost = _taxed(ledger, shipping, customer, SHIPPING_CODE) if shipping is not None else None
    calculation_id = ledger.new_id("taxcalc")
    everything = [*lines, *([cost] if cost else [])]
    added = sum(each["amount_tax"] for each in everything if each["tax_behavior"] == "exclusive")
    resource = {
        "id": calculation_id,
        "object": "tax.calculation",
        "amount_total": sum(each["amount"] for each in everything) + added,
        "created": ledger.now(),
        "currency": currency,
        "customer": None,
        "customer_details": customer,
        "expires_at": ledger.now() + KEPT_SECONDS,
        "line_items": _listed(lines, f"/v1/tax/calculations/{calculation_id}/line_items"),
        "livemode": ledger.config.livemode,
        "ship_from_details": None,
        "shipping_cost": cost,
        "tax_amount_exclusive": added,
        "tax_amount_inclusive": sum(each["amount_tax"] for each in everything) - added,
        "tax_breakdown": _summed(everything),
        "tax_date": params.get("tax_date", ledger.now()),
    }
    return _shown(ledger.add(resource), call)


def _customer(told: dict[str, Any]) -> dict[str, Any]:
    address = {name: told.get("address", {}).get(name) for name in ADDRESS}
    if not address["country"]:
        message = "You must provide `customer_details[address][country]`."
        raise invalid_parameter(message, code="parameter_missing", param="customer_details[address][country]")
    if address["country"] == "US" and not (address["postal_code"] or address["state"]):
        message = "We could not determine the customer's tax location based on the provided customer address."
        raise invalid_request(message, code="customer_tax_location_invalid", param="customer_details[address]")
    return {
        "address": address,
        "address_source": told.get("address_source"),
        "ip_address": told.get("ip_address"),
        "tax_ids": told.get("tax_ids", []),
        "taxability_override": told.get("taxability_override", "none"),
    }


def _line(ledger: Ledger, told: dict[str, Any], customer: dict[str, Any], *, place: int) -> Resource:
    return {
        "id": ledger.new_id("tax_li"),
        "object": "tax.calculation_line_item",
        "livemode": ledger.config.livemode,
        "metadata": told.get("metadata"),
        "performance_location": None,
        "product": None,
        "quantity": told.get("quantity", 1),
        "reference": told.get("reference") or f"L{place + 1}",
        **_taxed(ledger, told, customer, DEFAULT_CODE),
    }


def _taxed(ledger: Ledger, told: dict[str, Any], customer: dict[str, Any], default_code: str) -> Resource:
    """Give amount, tax and breakdown of a line or of shipping; half a unit is rounded up, for all taxes at once."""
    amount, behavior = told["amount"], told.get("tax_behavior", "exclusive")
    code = told.get("tax_code", default_code)
    address = customer["address"]
    rates = _rates(ledger, address)
    reason = _reason(ledger, rates, customer, code)
    millionths = [_millionths(each[2]) for each in rates] if reason == "standard_rated" else [0 for _ in rates]
    total = sum(millionths)
    base = 10**8 + total if behavior == "inclusive" else 10**8
    tax = (2 * amount * total + base) // (2 * base)
    taxes = [amount * each // base for each in millionths]
    if taxes:
        taxes[0] += tax - sum(taxes)
    breakdown = [
        {
            "amount": part,
            "jurisdiction": {
                "country": address["country"],
                "display_name": name,
                "level": level,
                "state": address["state"] if level != "country" else None,
            },
            "sourcing": "destination",
            "tax_rate_details": _details(address["country"], percentage) if reason == "standard_rated" else None,
            "taxability_reason": reason,
            "taxable_amount": amount - tax if behavior == "inclusive" else amount,
        }
        for part, (level, name, percentage) in zip(taxes, rates, strict=True)
    ]
    return {
        "amount": amount,
        "amount_tax": tax,
        "tax_behavior": behavior,
        "tax_code": code,
        BREAKDOWN: breakdown or [_untaxed(address, amount, reason)],
    }


def _reason(ledger: Ledger, rates: list[list[str]], customer: dict[str, Any], code: str) -> str:
    if customer["taxability_override"] == "customer_exempt":
        return "customer_exempt"
    if not rates:
        return "not_collecting"
    country = customer["address"]["country"]
    is_business = any(each["type"] == "eu_vat" for each in customer["tax_ids"])
    abroad = country in EUROPEAN and country != ledger.config.country
    if customer["taxability_override"] == "reverse_charge" or (is_business and abroad):
        return "reverse_charge"
    return "product_exempt" if code == NONTAXABLE else "standard_rated"


def _untaxed(address: dict[str, Any], amount: int, reason: str) -> Resource:
    return {
        "amount": 0,
        "jurisdiction": {
            "country": address["country"],
            "display_name": address["country"],
            "level": "country",
            "state": None,
        },
        "sourcing": "destination",
        "tax_rate_details": None,
        "taxability_reason": reason,
        "taxable_amount": amount,
    }


def _details(country: str, percentage: str) -> Resource:
    kind, name = ("sales_tax", "Retail Sales and Use Tax") if country == "US" else ("vat", "VAT")
    return {"display_name": name, "percentage_decimal": percentage, "tax_type": kind}


def _millionths(percentage: str) -> int:
    """Read a percentage as millionths of it: 6.5 is 6,500,000."""
    whole, _, decimals = percentage.partition(".")
    return int(whole) * 10**6 + int(f"{decimals:0<6}")


def _summed(everything: list[Resource]) -> list[Resource]:
    """Give the whole calculation's breakdown, which names no jurisdictions."""
    found: dict[str, Resource] = {}
    for each in everything:
        for part in each[BREAKDOWN]:
            details = part["tax_rate_details"]
            rate = {
                "country": part["jurisdiction"]["country"],
                "flat_amount": None,
                "percentage_decimal": details["percentage_decimal"] if details else "0.0",
                "rate_type": "percentage" if details else None,
                "state": part["jurisdiction"]["state"],
                "tax_type": details["tax_type"] if details else None,
            }
            inclusive = each["tax_behavior"] == "inclusive"
            sums = found.setdefault(
                json.dumps([rate, inclusive, part["taxability_reason"]]),
                {
                    "amount": 0,
                    "inclusive": inclusive,
                    "tax_rate_details": rate,
                    "taxability_reason": part["taxability_reason"],
                    "taxable_amount": 0,
                },
            )
            sums["amount"] += part["amount"]
            sums["taxable_amount"] += part["taxable_amount"]
    return list(found.values())


def _listed(lines: list[Resource], url: str) -> Resource:
    return {"object": "list", "data": lines, "has_more": False, "total_count": len(lines), "url": url}


def _shown(resource: Resource, call: Call) -> Resource:
    """Leave the breakdown of lines and shipping out, unless it was asked for."""
    expand = call.params.get("expand", [])
    shown = dict(resource)
    if "line_items.data.tax_breakdown" not in expand:
        lines = [{**line, BREAKDOWN: None} for line in resource["line_items"]["data"]]
        shown["line_items"] = {**resource["line_items"], "data": lines}
    if "shipping_cost.tax_breakdown" not in expand and resource["shipping_cost"]:
        shown["shipping_cost"] = {**resource["shipping_cost"], BREAKDOWN: None}
    return shown


def _retrieve(ledger: Ledger, call: Call) -> Resource:
    return _shown(ledger.find("tax.calculation", call.object_id), call)


def _line_items(ledger: Ledger, call: Call) -> Resource:
    found: Resource = _shown(ledger.find("tax.calculation", call.object_id), call)["line_items"]
    return found


# ---- transactions ------------------------------------------------------------------------------------------


def _record(ledger: Ledger, call: Call) -> Resource:
    calculation = ledger.find("tax.calculation", call.params["calculation"], param="calculation")
    if calculation["expires_at"] <= ledger.now():
        message = "This calculation has expired."
        raise invalid_request(message, code="resource_expired", param="calculation")
    _check_reference(ledger, call.params["reference"])
    transaction_id = ledger.new_id("tax")
    url = f"/v1/tax/transactions/{transaction_id}/line_items"
    lines = [
        {
            **{name: value for name, value in line.items() if name not in {BREAKDOWN, "performance_location"}},
            "id": ledger.new_id("tax_li"),
            "object": "tax.transaction_line_item",
            "reversal": None,
            "type": "transaction",
        }
        for line in calculation["line_items"]["data"]
    ]
    cost = calculation["shipping_cost"]
    return ledger.add(
        {
            "id": transaction_id,
            "object": "tax.transaction",
            "created": ledger.now(),
            "currency": calculation["currency"],
            "customer": None,
            "customer_details": calculation["customer_details"],
            "line_items": _listed(lines, url),
            "livemode": ledger.config.livemode,
            "metadata": merged_metadata({}, call.params.get("metadata")),
            "posted_at": call.params.get("posted_at", ledger.now()),
            "reference": call.params["reference"],
            "reversal": None,
            "ship_from_details": None,
            "shipping_cost": {**cost, BREAKDOWN: None} if cost else None,
            "tax_date": calculation["tax_date"],
            "type": "transaction",
        }
    )


def _reverse(ledger: Ledger, call: Call) -> Resource:
    params = call.params
    original = ledger.find("tax.transaction", params["original_transaction"], param="original_transaction")
    _check_reference(ledger, params["reference"])
    left = _total(original) + sum(int(ledger.marks[each["id"]]) for each in _reversals(ledger, original))
    amount = -left
    if params["mode"] == "partial":
        if "flat_amount" not in params:
            message = "The local Stripe reverses a part of a transaction by `flat_amount` alone."
            raise invalid_parameter(message, code="parameter_missing", param="flat_amount")
        amount = params["flat_amount"]
    if amount >= 0 or -amount > left:
        message = f"You cannot reverse {amount} of a transaction of which {left} are left."
        raise invalid_request(message, param="flat_amount")
    reversal_id = ledger.new_id("tax")
    ledger.marks[reversal_id] = str(amount)
    return ledger.add(
        {
            **original,
            "id": reversal_id,
            "created": ledger.now(),
            "line_items": _listed([], ""),
            "metadata": merged_metadata({}, params.get("metadata")),
            "posted_at": ledger.now(),
            "reference": params["reference"],
            "reversal": {"original_transaction": original["id"]},
            "shipping_cost": None,
            "type": "reversal",
        }
    )


def _reversals(ledger: Ledger, original: Resource) -> list[Resource]:
    known = ledger.tables.get("tax.transaction", {}).values()
    return [each for each in known if (each["reversal"] or {}).get("original_transaction") == original["id"]]


def _total(transaction: Resource) -> int:
    """Give what a transaction is about, with its tax."""
    cost = transaction["shipping_cost"]
    parts = [*transaction["line_items"]["data"], *([cost] if cost else [])]
    return sum(each["amount"] + (each["amount_tax"] if each["tax_behavior"] == "exclusive" else 0) for each in parts)


def _check_reference(ledger: Ledger, reference: str) -> None:
    if any(each["reference"] == reference for each in ledger.tables.get("tax.transaction", {}).values()):
        message = f"A tax transaction with the reference '{reference}' already exists."
        raise invalid_request(message, code="resource_already_exists", param="reference")


def _transaction(ledger: Ledger, call: Call) -> Resource:
    return ledger.find("tax.transaction", call.object_id)


CALCULATIONS, CALCULATION = "/v1/tax/calculations", "/v1/tax/calculations/{id}"
TRANSACTIONS = "/v1/tax/transactions"
BEHAVIOR = one_of("exclusive", "inclusive")
CALCULATE = {
    **EXPAND,
    **dict.fromkeys(("customer", "ship_from_details"), unsupported()),
    "currency": text(),
    "customer_details": nested(
        {
            "address": nested(ADDRESS, required=("country",)),
            "address_source": one_of("billing", "shipping"),
            "ip_address": text(),
            "tax_ids": list_of(nested({"type": text(), "value": text()}, required=("type", "value"))),
            "taxability_override": one_of("customer_exempt", "none", "reverse_charge"),
        },
    ),
    "line_items": list_of(
        nested(
            {
                "amount": integer(),
                "metadata": metadata(),
                "product": unsupported(),
                "quantity": integer(1),
                "reference": text(),
                "tax_behavior": BEHAVIOR,
                "tax_code": text(),
            },
            required=("amount",),
        ),
    ),
    "shipping_cost": nested(
        {"amount": integer(), "shipping_rate": unsupported(), "tax_behavior": BEHAVIOR, "tax_code": text()},
        required=("amount",),
    ),
    "tax_date": integer(),
}
RECORD = {**EXPAND, "calculation": text(), "metadata": metadata(), "posted_at": integer(), "reference": text(500)}
REVERSE = {
    **EXPAND,
    "flat_amount": integer(-(10**12), -1),
    "line_items": unsupported(),
    "metadata": metadata(),
    "mode": one_of("full", "partial"),
    "original_transaction": text(),
    "reference": text(500),
    "shipping_cost": unsupported(),
}
OPERATIONS = (
    Operation(
        method="POST", path=CALCULATIONS, handler=_calculate, spec=CALCULATE, required=("currency", "line_items")
    ),
    Operation(method="GET", path=CALCULATION, handler=_retrieve, spec=EXPAND),
    Operation(method="GET", path=f"{CALCULATION}/line_items", handler=_line_items, spec=EXPAND),
    Operation(
        method="POST",
        path=f"{TRANSACTIONS}/create_from_calculation",
        handler=_record,
        spec=RECORD,
        required=("calculation", "reference"),
    ),
    Operation(
        method="POST",
        path=f"{TRANSACTIONS}/create_reversal",
        handler=_reverse,
        spec=REVERSE,
        required=("mode", "original_transaction", "reference"),
    ),
    Operation(method="GET", path=f"{TRANSACTIONS}/{{id}}", handler=_transaction, spec=EXPAND),
)
