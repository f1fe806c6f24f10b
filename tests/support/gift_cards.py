"""Gift cards and store credit in tests: issued by staff, added to carts by shoppers, looked at in the ledger."""

from typing import Any

from commerce.giftcards import ledger
from tests.support.shop import EMAIL, filled_cart
from tests.support.store import Answer, Store


def issue(store: Store, amount: int = 5000, *, currency: str = "USD", **more: Any) -> dict[str, Any]:
    """Issue a gift card; the answer holds its code."""
    answer = store.post("/v1/admin/gift-cards", {"amount": {"amount": amount, "currency": currency}, **more})
    assert answer.status == 201, answer.body
    card: dict[str, Any] = answer.body
    return card


def credit(store: Store, amount: int = 5000, *, email: str = EMAIL) -> dict[str, Any]:
    """Issue store credit."""
    return issue(store, amount, kind="store_credit", email=email)


def add(store: Store, cart_id: str, card: dict[str, Any], **options: Any) -> Answer:
    """Try to let a card pay for a cart."""
    return store.post(f"/v1/carts/{cart_id}/gift-cards", {"code": card["code"]}, **options)


def added(store: Store, cart_id: str, card: dict[str, Any]) -> dict[str, Any]:
    """Let a card pay for a cart, and return the cart."""
    answer = add(store, cart_id, card)
    assert answer.status == 200, answer.body
    cart: dict[str, Any] = answer.body
    return cart


def cart_with(store: Store, *cards: dict[str, Any], lines: dict[str, int] | None = None) -> dict[str, Any]:
    """Return a cart that is ready for checkout and shall be paid by these cards."""
    cart = filled_cart(store, lines)
    for card in cards:
        cart = added(store, cart["id"], card)
    return cart


def balances(store: Store, *cards: dict[str, Any]) -> list[int]:
    """Return what is on the cards, once their ledger agrees with itself."""
    assert ledger.differences() == ()
    return [store.get(f"/v1/admin/gift-cards/{card['id']}").body["balance"]["amount"] for card in cards]


def entries(store: Store, card: dict[str, Any]) -> list[tuple[str, int]]:
    """Return what happened to a card, oldest first."""
    items = store.get(f"/v1/admin/gift-cards/{card['id']}").body["items"]
    return [(entry["kind"], entry["amount"]["amount"]) for entry in reversed(items)]
