"""Stories of a purchase, from the shelf to the inbox, on the whole store."""

from concurrent.futures import ThreadPoolExecutor

from tests.journeys.shop import Shop


class TestPurchase:
    def test_from_the_shelf_to_the_inbox(self, shop: Shop) -> None:
        sku = shop.new_product(stock=5, threshold=3)
        slug = f"mug-{sku.lower()}"
        shown = shop.web.get(f"/v1/products/{slug}").json()
        assert shown["variants"][0]["available"] == 5

        checkout = shop.check_out(shop.cart(sku, 2))
        assert checkout.status_code == 201, checkout.text
        assert shop.pay(checkout.json()).is_success
        shop.drain()

        order = shop.order(checkout.json())
        assert (order["status"], order["payment_status"]) == ("placed", "paid")
        level = shop.level(sku)
        assert (level["available"], level["reserved"], level["sold"], level["received"]) == (3, 0, 2, 5)
        [confirmation] = shop.emails(f"Mug {sku}")
        assert confirmation["to"] == ["ada@example.com"]
        [alert] = [mail for mail in shop.emails(sku) if mail is not confirmation and mail != confirmation]
        assert sku in str(alert)
        assert shop.events(order["id"])[:3] == ["orders.created", "orders.payment_started", "orders.placed"]
        assert shop.web.get(f"/v1/products/{slug}").json()["variants"][0]["available"] == 3

    def test_a_declined_card_then_a_good_one(self, shop: Shop) -> None:
        sku = shop.new_product(stock=5)
        checkout = shop.check_out(shop.cart(sku)).json()

        declined = shop.pay(checkout, "pm_card_chargeDeclined")
        shop.drain()
        after_decline = shop.order(checkout)["status"]
        shop.pay(checkout)
        shop.drain()

        assert declined.status_code == 402
        assert after_decline == "pending"
        assert shop.order(checkout)["payment_status"] == "paid"

    def test_thirty_buyers_of_the_last_five(self, shop: Shop) -> None:
        sku = shop.new_product(stock=5)
        carts = [shop.cart(sku, email=f"{sku}-{number}@example.com".lower()) for number in range(30)]

        with ThreadPoolExecutor(max_workers=10) as pool:
            answers = list(pool.map(shop.check_out, carts))

        sold = [answer.json() for answer in answers if answer.status_code == 201]
        refused = {answer.json()["code"] for answer in answers if answer.status_code != 201}
        assert (len(sold), refused) == (5, {"inventory.insufficient_stock"})
        for checkout in sold:
            shop.pay(checkout)
        shop.drain()
        level = shop.level(sku)
        assert (level["available"], level["reserved"], level["sold"]) == (0, 0, 5)

    def test_webhooks_twice_and_in_any_order(self, shop: Shop) -> None:
        sku = shop.new_product(stock=9)
        shop.stripe("webhooks", duplicate=True, shuffle=True, hold=True)
        checkouts = [shop.check_out(shop.cart(sku, email=f"w{number}@example.com")).json() for number in range(3)]
        for checkout in checkouts:
            shop.pay(checkout, "pm_card_chargeDeclined")
            shop.pay(checkout)
        shop.stripe("webhooks", duplicate=True, shuffle=True, hold=False)

        shop.drain()

        assert {shop.order(checkout)["payment_status"] for checkout in checkouts} == {"paid"}
        level = shop.level(sku)
        assert (level["available"], level["sold"]) == (6, 3)
        placed = [kind for checkout in checkouts for kind in shop.events(checkout["order"]["id"])]
        assert placed.count("orders.placed") == 3


class TestTime:
    def test_a_hold_ends_and_the_cart_can_be_ordered_again(self, shop: Shop) -> None:
        sku = shop.new_product(stock=1)
        cart = shop.cart(sku)
        first = shop.check_out(cart).json()
        sold_out = shop.check_out(shop.cart(sku, email="b@example.com"))

        shop.tick(31 * 60)
        again = shop.check_out(cart)
        shop.pay(again.json())
        shop.drain()

        assert (sold_out.status_code, sold_out.json()["code"]) == (409, "inventory.insufficient_stock")
        assert shop.order(first)["status"] == "expired"
        assert again.status_code == 201, again.text
        assert shop.order(again.json())["payment_status"] == "paid"
        assert shop.level(sku)["sold"] == 1


class TestStaff:
    def test_refund_and_cancel_give_money_and_stock_back(self, shop: Shop) -> None:
        sku = shop.new_product(stock=2)
        checkout = shop.check_out(shop.cart(sku)).json()
        shop.pay(checkout)
        shop.drain()
        path = f"/orders/{checkout['order']['id']}"

        part = shop.staff.post(
            f"{path}/refunds", json={"amount": {"amount": 400, "currency": "USD"}, "reason": "scratched"}
        )
        canceled = shop.staff.post(f"{path}/cancel", json={"reason": "cannot deliver"})
        shop.drain()

        assert (part.status_code, canceled.status_code) == (201, 200), canceled.text
        order = shop.staff.get(path).json()
        assert (order["status"], order["payment_status"]) == ("canceled", "refunded")
        assert order["payment"]["refunded"] == {"amount": 2400, "currency": "USD"}
        assert shop.level(sku)["available"] == 2

    def test_the_admin_api_is_closed_to_everybody_else(self, shop: Shop) -> None:
        nobody = shop.web.get("/v1/admin/orders")
        wrong = shop.web.get("/v1/admin/orders", headers={"Authorization": "Bearer twsk_wrong_wrong"})

        assert (nobody.status_code, nobody.json()) == (401, {"message": "Unauthorized"})
        assert (wrong.status_code, wrong.json()) == (403, {"message": "Forbidden"})
