"""One valid request to each of shipping's operations; see examples.py."""

from tests.support.examples import Request, example, version
from tests.support.scene import Scene

DAY = "2026-12-24"


@example("admin_put_shipping_method")
def put_shipping_method(scene: Scene) -> Request:
    method_id, before = f"method-{scene.number()}", scene.staff_get("/shipping-methods")

    return Request(
        values={"method_id": method_id},
        body={"title": method_id, "prices": [{"amount": 700, "currency": "USD"}], "countries": ["IS"]},
        headers=version(before),
        seen=lambda: len(scene.listed("/shipping-methods", id=method_id)),
        then=1,
    )


@example("admin_delete_shipping_method")
def delete_shipping_method(scene: Scene) -> Request:
    method_id = f"method-{scene.number()}"
    body = {"title": method_id, "prices": [{"amount": 700, "currency": "USD"}], "countries": ["IS"]}
    assert scene.staff.put(f"/shipping-methods/{method_id}", json=body).is_success
    return Request(
        values={"method_id": method_id},
        headers=version(scene.staff_get("/shipping-methods")),
        seen=lambda: len(scene.listed("/shipping-methods", id=method_id)),
        then=0,
    )


@example("admin_get_shipping_zones")
@example("admin_get_shipping_calendar")
def get_shipping_rules(_: Scene) -> Request:
    return Request()


@example("admin_put_shipping_zones")
def put_shipping_zones(scene: Scene) -> Request:
    number, before = scene.number(), scene.staff_get("/shipping-zones")
    areas = [{"country": "IS", "postal_codes": [{"first": "900", "last": "902"}]}]

    return Request(
        body={"items": [{"id": f"zone-{number}", "title": "Westman Islands", "areas": areas}]},
        headers=version(before),
        seen=lambda: [zone["id"] for zone in scene.staff_get("/shipping-zones")["items"]],
        then=[f"zone-{number}"],
    )


@example("admin_put_shipping_calendar")
def put_shipping_calendar(scene: Scene) -> Request:
    title, before = f"Day {scene.number()}", scene.staff_get("/shipping-calendar")

    return Request(
        body={"time_zone": "Atlantic/Reykjavik", "cut_off": "15:00", "closed_days": [{"date": DAY, "title": title}]},
        headers=version(before),
        seen=lambda: [day["title"] for day in scene.staff_get("/shipping-calendar")["closed_days"]],
        then=[title],
    )


@example("admin_add_public_holidays")
def add_public_holidays(scene: Scene) -> Request:
    assert scene.staff.put("/shipping-calendar", json={"time_zone": "Atlantic/Reykjavik"}).is_success
    before, year = scene.staff_get("/shipping-calendar"), 2026 + scene.number() % 50

    def seen() -> object:
        return [day["date"] for day in scene.staff_get("/shipping-calendar")["delivery_holidays"]].count(
            f"{year}-12-25"
        )

    return Request(
        body={"country": "IS", "years": [year]},
        headers=version(before),
        seen=seen,
        then=1,
    )


@example("admin_preview_shipping")
def preview_shipping(scene: Scene) -> Request:
    destination = {"country": "US", "region": "ME", "postal_code": "03801"}
    return Request(body={"lines": [{"sku": scene.mug, "quantity": 1 + scene.number()}], "destination": destination})
