"""POST /v1/carts/{cart_id}/checkout, as a shopper sees it."""

from tests.support.shop import bought, check_out, filled_cart, level, open_shop, shoppers_order
from tests.support.store import Store


class TestBuying:
    def test_a_paid_checkout_becomes_a_placed_order(self, paying_store: Store) -> None:
        open_shop(paying_store)

        checkout = bought(paying_store)

        order = shoppers_order(paying_store, checkout).body
        assert (order["status"], order["payment_status"]) == ("placed", "paid")
        assert level(paying_store) | {"available": 8, "reserved": 0, "sold": 2} == level(paying_store)
