"""Examples of what staff do with prices; `examples` has them all."""

from typing import Any

from tests.support.examples import Request, example, version
from tests.support.scene import Scene


def a_price_list(scene: Scene, **fields: Any) -> tuple[str, dict[str, Any]]:
    """Return the id and the body of a price list that changes no price of the others."""
    body = {"title": f"List {scene.number()}", "kind": "override", "currency": "CHF", **fields}
    return f"list-{scene.number()}", body


def new_price_list(scene: Scene) -> str:
    """Put a price list; return its id."""
    list_id, body = a_price_list(scene)
    assert scene.staff.put(f"/price-lists/{list_id}", json=body).is_success
    return list_id


@example("admin_list_price_lists")
@example("admin_list_price_rules")
@example("admin_list_exchange_rates")
def list_prices(_: Scene) -> Request:
    return Request()


@example("admin_get_price_list")
def get_price_list(scene: Scene) -> Request:
    return Request(values={"list_id": new_price_list(scene)})


@example("admin_put_price_list")
def put_price_list(scene: Scene) -> Request:
    list_id, body = a_price_list(scene, adjustment={"off_basis_points": 1250}, countries=["CH"])
    return Request(
        values={"list_id": list_id},
        body=body,
        headers=version(scene.staff_get("/price-lists")),
        seen=lambda: len(scene.listed("/price-lists", id=list_id)),
        then=1,
    )


@example("admin_delete_price_list")
def delete_price_list(scene: Scene) -> Request:
    list_id = new_price_list(scene)
    return Request(
        values={"list_id": list_id},
        headers=version(scene.staff_get("/price-lists")),
        seen=lambda: len(scene.listed("/price-lists", id=list_id)),
        then=0,
    )


@example("admin_get_prices")
def get_prices(scene: Scene) -> Request:
    return Request(values={"sku": scene.mug})


@example("admin_put_list_price")
def put_list_price(scene: Scene) -> Request:
    list_id, sku, amount = new_price_list(scene), scene.new_product(stock=1), 1000 + scene.number()

    def seen() -> object:
        found = scene.staff_get(f"/prices/{sku}")
        return [tier["amount"]["amount"] for one in found["lists"] for tier in one["tiers"]], found["version"]

    tiers = [{"min_quantity": 1, "amount": {"amount": amount, "currency": "CHF"}}]
    headers = version(scene.staff_get(f"/prices/{sku}"))
    values = {"list_id": list_id, "sku": sku}
    return Request(values=values, body={"tiers": tiers}, headers=headers, seen=seen, then=([amount], 1))


@example("admin_put_price_rules")
def put_price_rules(scene: Scene) -> Request:
    rule_id = f"rule-{scene.number()}"
    rule = {
        "id": rule_id,
        "title": "Scarce",
        "currency": "CHF",
        "fact": "stock",
        "bands": [{"at_least": 0, "change_basis_points": 500}],
        "floor": {"basis_points": 9000},
        "ceiling": {"basis_points": 12_000},
    }
    return Request(
        body={"items": [rule]},
        headers=version(scene.staff_get("/price-rules")),
        seen=lambda: [found["id"] for found in scene.staff_get("/price-rules")["items"]],
        then=[rule_id],
    )


@example("admin_put_exchange_rate")
def put_exchange_rate(scene: Scene) -> Request:
    rate = f"149.{scene.number()}1"
    return Request(
        values={"currency": "JPY"},
        body={"rate": rate, "rounding": {"step": 100, "ending": 80}},
        headers=version(scene.staff_get("/exchange-rates")),
        seen=lambda: [found["rate"] for found in scene.listed("/exchange-rates", currency="JPY")],
        then=[rate],
    )
