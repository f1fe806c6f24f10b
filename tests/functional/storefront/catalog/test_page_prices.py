"""Prices on pages: lists, rules, reductions, unit prices and converted prices, in one read."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from commerce.kernel import clock
from tests.support.calls import counted
from tests.support.pricing import (
    LISTS,
    RATES,
    RULES,
    a_rule,
    later,
    money,
    page_variant,
    put_list,
    put_price,
)
from tests.support.products import put_on_sale, shelf, variant
from tests.support.store import Store, running_store

SHOW = "catalog/show_prices"
OFF = {"off_basis_points": 2000}
PATH = "/v1/products/harbor-tee"


def in_days(days: float) -> str:
    return clock.text(clock.now() + timedelta(days=days))


def on_sale(store: Store, **fields: Any) -> dict[str, Any]:
    return put_on_sale(store, {"title": "Harbor tee", "status": "active", "variants": [variant("TEE")]} | fields)


def shown(store: Store, path: str = PATH) -> tuple[int, int | None, int | None]:
    found = page_variant(store, path)
    amounts = [found[name] and found[name]["amount"] for name in ("price", "compare_at", "lowest_price_30_days")]
    return amounts[0], amounts[1], amounts[2]


class TestLists:
    def test_show_after_the_next_run_of_the_clock_wherever_the_product_is_shown(self, store: Store) -> None:
        tees = shelf(store, "Tees")
        on_sale(store, category_ids=[tees["id"]])
        put_list(store, adjustment=OFF)
        assert shown(store) == (1900, None, None)

        assert store.invoke(SHOW) == {"seen": 1, "changed": 1}

        assert shown(store) == (1520, 1900, 1900)
        for path in ("/v1/products", "/v1/products?category=tees", "/v1/categories/tees/products"):
            [listed] = store.get(path).body["items"]
            assert listed["variants"] == [page_variant(store)]

    def test_show_at_once_on_products_that_are_written_later(self, store: Store) -> None:
        put_list(store, adjustment=OFF)

        on_sale(store)

        assert shown(store) == (1520, 1900, None)

    def test_begin_and_end_by_themselves(self, store: Store) -> None:
        on_sale(store)
        put_list(store, adjustment=OFF, starts_at=in_days(2), ends_at=in_days(4))
        store.invoke(SHOW)

        seen = []
        for _ in range(5):
            seen.append(shown(store)[0])
            later(store, days=1.01)

        assert seen == [1900, 1900, 1520, 1520, 1900]

    def test_for_others_do_not_show(self, store: Store) -> None:
        on_sale(store)
        put_list(store, "vip", kind="override", adjustment=OFF, customer_groups=["vip"])
        put_list(store, "france", kind="override", adjustment=OFF, countries=["FR"])
        put_list(store, "till", kind="override", adjustment=OFF, channels=["pos"])
        store.invoke(SHOW)

        assert shown(store) == (1900, None, None)

    def test_of_the_shops_country_show(self) -> None:
        with running_store(SHOP_COUNTRY="FR") as store:
            put_list(store, kind="override", adjustment=OFF, countries=["FR"])
            on_sale(store)

            assert shown(store) == (1520, None, None)

    def test_show_the_price_of_a_single_piece(self, store: Store) -> None:
        on_sale(store)
        put_list(store)
        put_price(store, "summer", "TEE", (10, 1000))

        assert shown(store) == (1900, None, None)

    def test_sell_in_a_currency_that_the_catalog_does_not_have(self, store: Store) -> None:
        on_sale(store)
        put_list(store, kind="override", currency="EUR")
        assert store.get(f"{PATH}?currency=EUR").status == 404

        put_price(store, "summer", "TEE", (1, 1700), currency="EUR")

        assert page_variant(store, f"{PATH}?currency=EUR")["price"] == money(1700, "EUR")
        assert page_variant(store)["price"] == money(1900)

    def test_that_are_gone_show_no_more(self, store: Store) -> None:
        put_list(store, adjustment=OFF)
        on_sale(store)
        store.delete(f"{LISTS}/summer")

        store.invoke(SHOW)

        assert shown(store) == (1900, None, None)


class TestReductions:
    def test_tell_the_lowest_price_of_the_thirty_days_before(self, store: Store) -> None:
        made = on_sale(store)
        path = f"/v1/admin/products/{made['id']}"
        for days, amount in ((10, 1500), (5, 2000), (20, 1600)):
            later(store, days=days)
            was = money(2000) if amount == 1600 else None
            body = variant("TEE", amount, compare_at=[was] if was else [])
            assert store.patch(path, {"variants": [body]}).status == 200

        assert shown(store) == (1600, 2000, 1500)
        later(store, days=60)
        assert shown(store) == (1600, 2000, 1500)

    def test_planned_ahead_count_from_when_they_begin(self, store: Store) -> None:
        made = on_sale(store)
        put_list(store, adjustment=OFF, starts_at=in_days(6))
        later(store, days=3)
        store.patch(f"/v1/admin/products/{made['id']}", {"variants": [variant("TEE", 1800)]})
        later(store, days=4)

        assert shown(store) == (1440, 1800, 1800)

    def test_of_a_draft_were_never_seen(self, store: Store) -> None:
        made = on_sale(store, status="draft")
        later(store, days=5)
        path = f"/v1/admin/products/{made['id']}"
        body = variant("TEE", 1500, compare_at=[money(1900)])

        store.patch(path, {"variants": [body]})
        store.patch(path, {"status": "active"})

        assert shown(store) == (1500, 1900, None)

    def test_survive_changes_of_other_things(self, store: Store) -> None:
        made = on_sale(store)
        put_list(store)
        put_price(store, "summer", "TEE", (1, 1500))

        with counted(store) as calls:
            store.patch(f"/v1/admin/products/{made['id']}", {"title": "Dock tee"})

        assert calls == {"GetItem": 1, "TransactWriteItems": 1}
        assert shown(store) == (1500, 1900, 1900)
        store.patch(f"/v1/admin/products/{made['id']}", {"status": "archived"})
        store.patch(f"/v1/admin/products/{made['id']}", {"status": "active"})
        assert shown(store) == (1500, 1900, 1500)


class TestRules:
    def test_follow_the_stock_without_another_write(self, store: Store) -> None:
        on_sale(store)
        store.put(RULES, {"items": [a_rule()]})
        store.invoke(SHOW)

        def stocked(quantity: int) -> tuple[int, int | None, int | None]:
            body = {"available": quantity, "expected_available": _left(store), "reason": "counted"}
            assert store.put("/v1/admin/stock/TEE/levels/main", body).status == 200
            later(store, seconds=180)
            store.invoke("inventory/reproject_movements")
            return shown(store)

        assert [stocked(4), stocked(5), stocked(3)] == [(2090, None, None), (1900, None, None), (2090, None, None)]

    def test_follow_the_age_by_themselves(self, store: Store) -> None:
        on_sale(store)
        bands = [{"at_least": 10, "change_basis_points": -1000}]
        store.put(RULES, {"items": [a_rule(fact="age_days", bands=bands)]})
        store.invoke(SHOW)
        before = shown(store)
        later(store, days=10.01)

        assert (before, shown(store)) == ((1900, None, None), (1710, None, None))


def _left(store: Store) -> int:
    levels = store.get("/v1/admin/stock/TEE").body["levels"]
    return int(levels[0]["available"]) if levels else 0


class TestUnitPrices:
    def test_stand_beside_the_price_and_follow_it(self, store: Store) -> None:
        measure = {"quantity": 250, "unit": "ml", "reference": {"quantity": 100, "unit": "ml"}}
        on_sale(store, variants=[variant("TEE", 1000, measure=measure)])
        before = page_variant(store)["unit_price_measure"]
        put_list(store)
        put_price(store, "summer", "TEE", (1, 750))

        assert before == {"price": money(400), "quantity": 100, "unit": "ml"}
        assert page_variant(store)["unit_price_measure"]["price"] == money(300)

    @pytest.mark.parametrize(
        ("field", "wrong", "param"),
        [
            ("measure", {"quantity": 1, "unit": "oz"}, "variants.0.measure.unit"),
            ("measure", {"quantity": 1, "unit": "g", "reference": {"quantity": 1, "unit": "l"}}, "variants.0.measure"),
            ("cost", money(-1), "variants.0"),
            ("cost", money(100_000_000), "variants.0"),
            ("compare_at", [money(1), money(2)], "variants.0.compare_at"),
        ],
    )
    def test_and_costs_are_checked(self, store: Store, field: str, wrong: Any, param: str) -> None:
        body = {"title": "Tee", "variants": [variant("TEE", **{field: wrong})]}

        answer = store.post("/v1/admin/products", body)

        assert (answer.status, answer.body["errors"][0]["param"]) == (422, param)


class TestSecrets:
    def test_of_the_shop_are_shown_to_no_shopper(self, store: Store) -> None:
        on_sale(store, variants=[variant("TEE", cost=money(4242))])
        put_list(store, "secret-list", kind="override", customer_groups=["insiders"])
        put_price(store, "secret-list", "TEE", (1, 3131))
        cart = store.post("/v1/carts", {}).body["id"]

        pages = [store.get(PATH), store.get("/v1/products"), store.put(f"/v1/carts/{cart}/lines/TEE", {"quantity": 1})]

        for page in pages:
            assert page.status == 200
            assert not any(word in str(page.body) for word in ("4242", "3131", "secret-list", "insiders"))


class TestConversion:
    @pytest.fixture
    def shop(self) -> Iterator[Store]:
        with running_store(CONVERT_PRICES="true") as store:
            on_sale(store, category_ids=[shelf(store, "Tees")["id"]])
            yield store

    def test_shows_what_it_costs_at_home_at_the_present_rate(self, shop: Store) -> None:
        assert shop.get(f"{PATH}?currency=EUR").status == 404
        shop.put(f"{RATES}/EUR", {"rate": "0.9", "rounding": {"step": 100, "ending": 99}})
        put_list(shop, adjustment=OFF)
        shop.invoke(SHOW)

        found = page_variant(shop, f"{PATH}?currency=EUR")

        assert (found["price"], found["compare_at"]) == (money(1399, "EUR"), money(1699, "EUR"))
        assert found["lowest_price_30_days"] == money(1699, "EUR")
        for path in ("/v1/products", "/v1/categories/tees/products"):
            [listed] = shop.get(f"{path}?currency=EUR").body["items"]
            assert listed["variants"] == [found]
        [listed] = shop.get("/v1/products?currency=JPY").body["items"] or [None]
        assert listed is None

    def test_takes_a_second_read_and_only_for_other_currencies(self, shop: Store) -> None:
        shop.put(f"{RATES}/EUR", {"rate": "0.9"})

        with counted(shop) as home:
            shop.get(PATH)
        with counted(shop) as away:
            shop.get(f"{PATH}?currency=EUR")

        assert (home, away) == ({"Query": 1}, {"Query": 1, "BatchGetItem": 1})

    def test_is_not_done_unless_the_shop_wants_it(self, store: Store) -> None:
        on_sale(store)
        store.put(f"{RATES}/EUR", {"rate": "0.9"})

        with counted(store) as calls:
            assert store.get(f"{PATH}?currency=EUR").status == 404

        assert calls == {"Query": 1}


class TestCalls:
    def test_stay_one_with_lists_and_rules(self, store: Store) -> None:
        made = on_sale(store)
        put_list(store)
        put_price(store, "summer", "TEE", (1, 1500))
        store.put(RULES, {"items": [a_rule()]})
        store.invoke(SHOW)
        taken = []
        for path in (PATH, f"/v1/products/{made['id']}", "/v1/products"):
            with counted(store) as calls:
                store.get(path)
            taken.append(dict(calls))

        assert taken == [{"Query": 1}, {"GetItem": 1}, {"Query": 1}]
