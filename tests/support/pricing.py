"""Price lists and prices for tests, made through the admin API."""

from typing import Any

from commerce.kernel import clock
from tests.support.store import Answer, Store

LISTS = "/v1/admin/price-lists"
RULES = "/v1/admin/price-rules"
RATES = "/v1/admin/exchange-rates"


def money(amount: int, currency: str = "USD") -> dict[str, Any]:
    """An amount as the API writes it."""
    return {"amount": amount, "currency": currency}


def put_list(store: Store, list_id: str = "summer", *, headers: dict[str, str] | None = None, **fields: Any) -> Answer:
    """Put a sale in dollars with nothing in it, or whatever is asked for."""
    body = {"title": "Summer sale", "kind": "sale", "currency": "USD", **fields}
    return store.put(f"{LISTS}/{list_id}", body, headers=headers or {})


def put_price(
    store: Store,
    list_id: str,
    sku: str,
    *tiers: tuple[int, int],
    currency: str = "USD",
    headers: dict[str, str] | None = None,
    **fields: Any,
) -> Answer:
    """Write the prices of a SKU in a list, as pairs of quantity and amount."""
    own = [{"min_quantity": quantity, "amount": money(amount, currency)} for quantity, amount in tiers]
    return store.put(f"{LISTS}/{list_id}/prices/{sku}", {"tiers": own, **fields}, headers=headers or {})


def a_rule(rule_id: str = "scarce", **fields: Any) -> dict[str, Any]:
    """A rule that asks for a tenth more while there are fewer than five pieces."""
    own = {
        "title": "Scarce",
        "currency": "USD",
        "fact": "stock",
        "bands": [{"at_least": 0, "change_basis_points": 1000}, {"at_least": 5, "change_basis_points": 0}],
        "floor": {"basis_points": 8000},
        "ceiling": {"basis_points": 15_000},
    }
    return {"id": rule_id, **own, **fields}


def page_variant(store: Store, path: str = "/v1/products/harbor-tee", sku: str = "TEE") -> dict[str, Any]:
    """Return a variant as a page shows it."""
    [found] = [variant for variant in store.get(path).body["variants"] if variant["sku"] == sku]
    assert isinstance(found, dict)
    return found


def later(store: Store, *, days: float = 0, seconds: float = 0) -> None:
    """Let time pass, and nothing else."""
    store._offset += days * 86_400 + seconds
    clock.set_offset(store._offset)
