"""Numbers of businesses in carts of a shop that asks the EU's register."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.functional.storefront.carts.conftest import Shop
from tests.functional.storefront.carts.test_stripe_tax import checked_out, opened
from tests.functional.storefront.carts.test_taxes import GERMAN_SHOP, amounts, sent_to
from tests.support.payments import LocalStripe
from tests.support.store import running_store
from tests.support.vies import Vies, asked_patiently

DAY = 24 * 3600.0
FRENCH = "FR61954506077"


@pytest.fixture
def register(monkeypatch: pytest.MonkeyPatch) -> Iterator[Vies]:
    with asked_patiently(monkeypatch, **{FRENCH: "Atelier SARL"}) as running:
        yield running


@pytest.fixture
def asking(stripe_server: LocalStripe, register: Vies) -> Iterator[Shop]:
    """A shop in Germany that asks the register, and says who it is."""
    with running_store(stripe_server, TAX_ID_CHECKS="vies", VIES_API_BASE=register.url) as store:
        yield opened(store)


def reasons(cart: dict[str, Any]) -> set[str]:
    return {line["tax"]["reason"] for line in cart["lines"]}


class TestRegister:
    def test_is_asked_once_from_the_cart_to_the_order(self, asking: Shop, register: Vies) -> None:
        cart = sent_to(asking.store, asking, "FR", tax_id="FR 61 954 506 077")
        answer = checked_out(asking.store, asking.store.get(f"/v1/carts/{cart['id']}").body)

        assert len(register.asked) == 1
        assert (reasons(cart), amounts(cart)["total"]) == ({"reverse_charge"}, 20500)
        assert answer.status == 201, answer.body
        kept = asking.store.get(f"/v1/admin/orders/{answer.body['order']['id']}").body["tax_id_check"]
        assert (kept["tax_id"], kept["checked"], kept["name"]) == (FRENCH, "online", "Atelier SARL")
        assert kept["consultation_number"] == "WAPIAAAAaEDkvhHx"
        assert kept["checked_at"] is not None

    def test_is_not_asked_again_for_the_next_cart_of_that_day(self, asking: Shop, register: Vies) -> None:
        for _ in range(2):
            sent_to(asking.store, asking, "FR", tax_id=FRENCH)

        assert len(register.asked) == 1

    def test_that_does_not_know_the_number_has_the_business_pay_tax(self, asking: Shop, register: Vies) -> None:
        register.registered.clear()

        cart = sent_to(asking.store, asking, "FR", tax_id=FRENCH)

        assert reasons(cart) == {"rate"}
        assert [(it["code"], it["blocking"]) for it in cart["problems"]] == [("carts.tax_id_not_confirmed", False)]

    def test_that_is_away_leaves_the_form_of_the_number(self, asking: Shop, register: Vies) -> None:
        register.mode = "ms_unavailable"

        cart = sent_to(asking.store, asking, "FR", tax_id=FRENCH)

        assert (cart["tax_id"]["checked"], reasons(cart)) == ("offline", {"reverse_charge"})

    def test_that_is_away_lets_nobody_off_where_the_shop_wants_its_word(self, asking: Shop, register: Vies) -> None:
        register.mode = "ms_unavailable"
        assert asking.store.put("/v1/admin/taxes", {**GERMAN_SHOP, "needs_online_check": True}).status == 200

        assert reasons(sent_to(asking.store, asking, "FR", tax_id=FRENCH)) == {"rate"}

    def test_is_not_asked_about_a_number_that_is_mistyped(self, asking: Shop, register: Vies) -> None:
        answer = asking.store.patch(f"/v1/carts/{asking.cart('EUR', LAMP=1)}", {"tax_id": "FR61954506078"})

        assert (answer.status, register.asked) == (422, [])

    def test_is_believed_for_thirty_days(self, asking: Shop) -> None:
        store = asking.store
        cart = sent_to(store, asking, "FR", tax_id=FRENCH)

        store.tick(29 * DAY)
        asking.puts(cart["id"], "LAMP", 2)  # A cart lives for 30 days after its last change.
        before = store.get(f"/v1/carts/{cart['id']}").body["tax_id"]["checked"]
        store.tick(2 * DAY)

        after = store.get(f"/v1/carts/{cart['id']}").body["tax_id"]
        assert (before, after["checked"], after["name"]) == ("online", "offline", None)
