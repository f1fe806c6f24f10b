"""Promotions and carts in a few words, for tests of what promotions do."""

from datetime import UTC, datetime
from typing import Any

from commerce.promotions.engine import evaluate
from commerce.promotions.known import KnownCode, KnownLimits, Shard
from commerce.promotions.model import Promotion
from commerce.promotions.outcomes import Evaluation
from commerce.promotions.situation import Item, Situation
from tests.support.store import Store

NOON = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
"""A Friday."""


LIMITS: dict[str, Any] = {"uses": 400, "uses_per_customer": 9, "budget": [{"amount": 9000, "currency": "USD"}]}
"""One of each kind; enough is in every part."""


def promote(store: Store, promotion_id: str, *, code: str | None = None, **terms: Any) -> None:
    """Take five cents off every order, or off those with a code, which works nine times."""
    off = {"kind": "amount_off_order", "off": amounts(USD=5)}
    trigger = "automatic" if code is None else "code"
    body = {"title": promotion_id, "status": "active", "trigger": trigger, "actions": [off], **terms}
    put = store.put(f"/v1/admin/promotions/{promotion_id}", body)
    assert put.status == 200, put.body
    if code is not None:
        made = store.post(f"/v1/admin/promotions/{promotion_id}/codes", {"code": code, "uses_at_most": 9})
        assert made.status == 201, made.body


def amounts(**by_currency: int) -> list[dict[str, Any]]:
    """Return amounts as the API takes them: `amounts(USD=500)`."""
    return [{"amount": amount, "currency": currency} for currency, amount in by_currency.items()]


def promotion(promotion_id: str, *actions: dict[str, Any], **terms: Any) -> Promotion:
    """Return an active promotion, checked as the API checks it."""
    body = {"title": promotion_id.capitalize(), "status": "active", "actions": actions, **terms}
    return Promotion.model_validate({"id": promotion_id, **body})


def order_off(basis_points: int, **more: Any) -> dict[str, Any]:
    return {"kind": "percent_off_order", "off_basis_points": basis_points, **more}


def items_off(basis_points: int, **more: Any) -> dict[str, Any]:
    return {"kind": "percent_off_items", "off_basis_points": basis_points, **more}


def item(sku: str, quantity: int, unit_price: int, *shelves: str, product_id: str = "") -> Item:
    return Item(
        sku=sku,
        product_id=product_id or f"prod_{sku.lower()}",
        shelves=frozenset(shelves),
        quantity=quantity,
        unit_price=unit_price,
    )


def cart(*items: Item, **known: Any) -> Situation:
    """Return a cart in dollars at noon, unless it is said otherwise."""
    return Situation(items=items, **{"currency": "USD", "now": NOON, **known})


def code(text: str, promotion_id: str | None = None, **known: Any) -> KnownCode:
    return KnownCode(code=text, promotion_id=promotion_id, **known)


def parts(*uses: int, **budgets: tuple[int, ...]) -> KnownLimits:
    """Return what is left of shared limits: uses by part, and budgets by currency and part."""
    count = max(len(uses), *(len(each) for each in budgets.values()), 0)
    return KnownLimits(
        shards=tuple(
            Shard(
                number=number,
                uses=uses[number] if number < len(uses) else 0,
                budget={currency: each[number] for currency, each in budgets.items()},
            )
            for number in range(count)
        )
    )


def off(situation: Situation, *promotions: Promotion) -> dict[str, int]:
    """Return what is taken off each line in all, and off the shipping."""
    saved: dict[str, int] = {}
    for discount in evaluate(promotions=promotions, situation=situation).discounts:
        for sku, amount in [
            *discount.by_sku.items(),
            *([("shipping", discount.shipping)] if discount.shipping else []),
        ]:
            saved[sku] = saved.get(sku, 0) + amount
    return saved


def reasons(evaluation: Evaluation) -> dict[str, str]:
    """Return what came of each promotion, or of each code without one, less the name of the domain."""
    return {
        each.promotion_id or each.code or "": each.reason.removeprefix("promotions.") for each in evaluation.outcomes
    }


def tried(situation: Situation, *promotions: Promotion) -> dict[str, str]:
    """Return what comes of promotions in a cart."""
    return reasons(evaluate(promotions=promotions, situation=situation))
