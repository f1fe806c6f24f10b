"""Examples of promotions and their codes."""

from typing import Any

from tests.support.examples import Request, example, version
from tests.support.scene import CANARY, Scene

PROMOTED = [{"kind": "percent_off_order", "off_basis_points": 1000}]


def new_promotion(scene: Scene, **terms: Any) -> dict[str, Any]:
    """Return a promotion that is there. It is a draft: an active one would change what all carts cost."""
    body = {"title": f"{CANARY} sale", "trigger": "code", "actions": PROMOTED, **terms}
    put = scene.staff.put(f"/promotions/sale-{scene.number()}", json=body)
    assert put.is_success, put.text
    made: dict[str, Any] = put.json()
    return made


@example("admin_list_promotions")
def list_promotions(scene: Scene) -> Request:
    new_promotion(scene)
    new_promotion(scene)
    return Request()


@example("admin_get_promotion")
@example("admin_get_promotion_usage")
def get_promotion(scene: Scene) -> Request:
    limits = {"uses": 10, "budget": [{"amount": 5000, "currency": "USD"}]}
    return Request(values={"promotion_id": new_promotion(scene, limits=limits)["id"]})


@example("admin_put_promotion")
def put_promotion(scene: Scene) -> Request:
    promotion = new_promotion(scene, limits={"uses": 10})
    number = scene.number()

    def seen() -> object:
        found = scene.staff_get(f"/promotions/{promotion['id']}")
        usage = scene.staff_get(f"/promotions/{promotion['id']}/usage")
        return found["priority"], found["version"], usage["uses"]["left"]

    return Request(
        values={"promotion_id": promotion["id"]},
        body={
            "title": "Sale",
            "status": "active",
            "trigger": "code",
            "priority": number % 1000,
            "conditions": [{"kind": "countries", "any_of": ["IS"]}],
            "actions": PROMOTED,
            "limits": {"uses": 30},
        },
        headers=version(promotion),
        seen=seen,
        then=(number % 1000, 2, 30),
    )


@example("admin_delete_promotion")
def delete_promotion(scene: Scene) -> Request:
    promotion = new_promotion(scene)

    def seen() -> object:
        return scene.staff.get(f"/promotions/{promotion['id']}").status_code

    return Request(values={"promotion_id": promotion["id"]}, headers=version(promotion), seen=seen, then=404)


@example("admin_make_promotion_codes")
def make_promotion_codes(scene: Scene) -> Request:
    promotion, number = new_promotion(scene), scene.number()
    path = f"/promotions/{promotion['id']}/codes"
    return Request(
        values={"promotion_id": promotion["id"]},
        body={"batch": f"batch-{number}", "quantity": 3},
        seen=lambda: len(scene.staff_get(path)["items"]),
        then=3,
    )


@example("admin_list_promotion_codes")
def list_promotion_codes(scene: Scene) -> Request:
    promotion = new_promotion(scene)
    made = scene.staff.post(f"/promotions/{promotion['id']}/codes", json={"batch": "mail", "quantity": 3})
    assert made.is_success, made.text
    return Request(values={"promotion_id": promotion["id"]})


def new_code(scene: Scene) -> str:
    """Return a code of a promotion that carts can use."""
    promotion = new_promotion(scene, status="active")
    made = scene.staff.post(f"/promotions/{promotion['id']}/codes", json={"code": f"SAVE-{scene.number()}"})
    assert made.is_success, made.text
    code: str = made.json()["code"]["code"]
    return code


@example("add_cart_code")
def add_cart_code(scene: Scene) -> Request:
    cart, code = scene.ready_cart(), new_code(scene)

    def seen() -> object:
        changed = scene.read_cart(cart["id"])
        return len(changed["codes"]), changed["version"]

    return Request(
        values={"cart_id": cart["id"]},
        body={"code": code},
        headers=version(cart),
        seen=seen,
        then=(1, cart["version"] + 1),
    )


@example("remove_cart_code")
def remove_cart_code(scene: Scene) -> Request:
    cart, code = scene.ready_cart(), new_code(scene)
    scene.web.post(f"/v1/carts/{cart['id']}/codes", json={"code": code}).raise_for_status()
    cart = scene.read_cart(cart["id"])

    def seen() -> object:
        changed = scene.read_cart(cart["id"])
        return changed["codes"], changed["version"]

    return Request(
        values={"cart_id": cart["id"], "code": code}, headers=version(cart), seen=seen, then=([], cart["version"] + 1)
    )


@example("admin_put_cart_customer_groups")
def put_cart_customer_groups(scene: Scene) -> Request:
    cart = scene.ready_cart()
    group = f"group-{scene.number()}"

    def seen() -> object:
        changed = scene.read_cart(cart["id"])
        return changed["customer_groups"], changed["version"]

    return Request(
        values={"cart_id": cart["id"]},
        body={"customer_groups": [group]},
        headers=version(cart),
        seen=seen,
        then=([group], cart["version"] + 1),
    )


@example("admin_simulate_price")
def simulate_price(scene: Scene) -> Request:
    return Request(body={"lines": [{"sku": scene.mug, "quantity": 2}], "at": "2027-01-01T00:00:00Z"})
