"""The examples of gift cards and store credit; `tests/support/examples.py` takes them up."""

from tests.support.examples import Request, example, version
from tests.support.scene import CANARY, Scene


@example("add_gift_card")
def add_gift_card(scene: Scene) -> Request:
    cart, card = scene.ready_cart(), scene.new_gift_card()

    def seen() -> object:
        changed = scene.read_cart(cart["id"])
        return [each["id"] for each in changed["gift_cards"]], changed["version"]

    return Request(
        values={"cart_id": cart["id"]},
        body={"code": card["code"]},
        headers=version(cart),
        seen=seen,
        then=([card["id"]], cart["version"] + 1),
    )


@example("remove_gift_card")
def remove_gift_card(scene: Scene) -> Request:
    ready, card = scene.ready_cart(), scene.new_gift_card()
    added = scene.web.post(f"/v1/carts/{ready['id']}/gift-cards", json={"code": card["code"]})
    assert added.is_success, added.text
    cart = added.json()

    def seen() -> object:
        changed = scene.read_cart(cart["id"])
        return changed["gift_cards"], changed["version"]

    values = {"cart_id": cart["id"], "gift_card_id": card["id"]}
    return Request(values=values, headers=version(cart), seen=seen, then=([], cart["version"] + 1))


@example("get_gift_card_balance")
def get_gift_card_balance(scene: Scene) -> Request:
    return Request(body={"code": scene.new_gift_card()["code"]})


@example("admin_issue_gift_card")
def issue_gift_card(scene: Scene) -> Request:
    note = f"{CANARY} {scene.number()}"
    body = {"amount": {"amount": 5000, "currency": "USD"}, "email": f"{CANARY}@example.com", "note": note}
    return Request(
        body={**body, "kind": "store_credit", "send_mail": True},
        seen=lambda: [card["balance"]["amount"] for card in scene.listed("/gift-cards?limit=100", note=note)],
        then=[5000],
    )


@example("admin_list_gift_cards")
def list_gift_cards(scene: Scene) -> Request:
    scene.new_gift_card()
    scene.new_gift_card()
    return Request()


@example("admin_get_gift_card")
def get_gift_card(scene: Scene) -> Request:
    card = scene.new_gift_card()
    path = f"/gift-cards/{card['id']}/adjustments"
    assert scene.staff.post(path, json={"delta": 1, "reason": f"counted {scene.number()}"}).is_success
    return Request(values={"gift_card_id": card["id"]})


@example("admin_adjust_gift_card")
def adjust_gift_card(scene: Scene) -> Request:
    card = scene.new_gift_card()

    def seen() -> object:
        found = scene.staff_get(f"/gift-cards/{card['id']}")
        return found["balance"]["amount"], [entry["kind"] for entry in found["items"]]

    return Request(
        values={"gift_card_id": card["id"]},
        body={"delta": 100, "reason": f"sorry {scene.number()}", "expected_balance": 5000},
        headers=version(card),
        seen=seen,
        then=(5100, ["adjust", "issue"]),
    )


@example("admin_disable_gift_card")
def disable_gift_card(scene: Scene) -> Request:
    card = scene.new_gift_card()

    def seen() -> object:
        found = scene.staff_get(f"/gift-cards/{card['id']}")
        return found["state"], [entry["kind"] for entry in found["items"]]

    return Request(
        values={"gift_card_id": card["id"]},
        body={"reason": f"lost {scene.number()}"},
        headers=version(card),
        seen=seen,
        then=("disabled", ["disable", "issue"]),
    )
