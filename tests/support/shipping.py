"""Shipping methods and options as the API shows them."""

from typing import Any


def money(amount: int, currency: str = "USD") -> dict[str, Any]:
    return {"amount": amount, "currency": currency}


def flat(method_id: str, price: int, *, free: bool = False) -> dict[str, Any]:
    """Return the option of a method with a flat price, as a cart reads it."""
    title = method_id.capitalize()
    parts = [{"source": "prices", "title": title, "amount": money(price)}]
    if free:
        parts.append({"source": "free_over", "title": title, "amount": money(-price)})
    return {
        "id": method_id,
        "title": title,
        "price": money(0 if free else price),
        "kind": "delivery",
        "method_id": method_id,
        "promise": None,
        "guaranteed": False,
        "estimated": False,
        "parts": parts,
        "pickup": None,
        "point": None,
        "valid_until": None,
    }


def whole_method(method_id: str, **fields: Any) -> dict[str, Any]:
    """Return a method as staff read it: these fields, and the default of every other."""
    return {
        "id": method_id,
        "title": method_id.capitalize(),
        "kind": "delivery",
        "prices": [],
        "free_over": [],
        "countries": None,
        "zones": None,
        "tables": [],
        "packaging_grams": 0,
        "volumetric_divisor": None,
        "conditions": None,
        "surcharges": [],
        "handling_days": None,
        "cut_off": None,
        "delivery_days": None,
        "transits": [],
        "guaranteed": False,
        "pickup": None,
        "carrier": None,
        "position": 0,
        "active": True,
    } | fields
