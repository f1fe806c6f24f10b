"""Prices on DynamoDB Local: products, SKUs, lists and pages changed at the same moment, and answers that get lost."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import pytest

from commerce.catalog import operations as catalog
from commerce.catalog import showing_prices, sku_prices, staff_queries
from commerce.catalog.foreseen_prices import foreseen
from commerce.catalog.records import ListingRecord, ProductRecord, VariantRecord, listing_keys, variant_read
from commerce.catalog.staff_schemas import NewProduct, ProductChanges
from commerce.kernel import clock
from commerce.kernel.reads import fetch
from commerce.prices import operations, rate_operations
from commerce.prices import queries as prices
from commerce.prices import staff_queries as lists
from commerce.prices.schemas import PutExchangeRate, PutListPrice, PutPriceList
from commerce.prices.timeline import track_of
from tests.support.dynamodb_local import JustBefore, LostResponse
from tests.support.products import product, variant
from tests.support.racing import at_once, staff_call

pytestmark = pytest.mark.java

SKUS = ("R1", "R2", "R3")
WORN_OUT = {"request.write_conflict", "service.unavailable"}
"""What a caller may be told who lost every time; they repeat it."""


def made() -> str:
    return catalog.create_product(new=NewProduct.model_validate(product(skus=SKUS)), call=staff_call()).id


def listed(list_id: str = "summer", *, key: str | None = None, **fields: Any) -> Any:
    body = {"title": "Sale", "kind": "sale", "currency": "USD", **fields}
    return operations.put_list(
        list_id=list_id, price_list=PutPriceList.model_validate(body), call=staff_call(key)
    ).version


def priced(sku: str, amount: int, *, list_id: str = "summer", key: str | None = None) -> int:
    tiers = [{"min_quantity": 1, "amount": {"amount": amount, "currency": "USD"}}]
    body = PutListPrice.model_validate({"tiers": tiers})
    return sku_prices.put_price(list_id=list_id, sku=sku, price=body, call=staff_call(key)).version


def repriced(product_id: str, amount: int) -> int:
    body = {"variants": [variant(sku, amount, options={"Size": sku}) for sku in SKUS]}
    changes = ProductChanges.model_validate(body)
    return catalog.update_product(product_id=product_id, changes=changes, call=staff_call()).version


def stocked(sku: str, available: int, revision: int) -> None:
    catalog.record_availability(sku=sku, available=available, revision=revision, now=clock.now())


def shown() -> Mapping[str, int]:
    return showing_prices.show_prices(call=staff_call())


def rows(skus: tuple[str, ...] = SKUS) -> dict[str, VariantRecord]:
    answers = fetch([variant_read(sku) for sku in skus])
    found = {sku: answers.get(variant_read(sku)) for sku in skus}
    return {sku: row for sku, row in found.items() if row is not None}


def pages(product_id: str) -> tuple[ProductRecord, list[ListingRecord]]:
    stored = staff_queries.product_record(product_id=product_id)
    keys = listing_keys(stored.product)
    return stored, [row for key in keys for row in ListingRecord.query(key, consistent_read=True)]


def check_pages(product_id: str) -> None:
    """The product and all its listings show what its SKUs and the lists say."""
    stored, copies = pages(product_id)
    shop = prices.shop_prices(answers=fetch(prices.shop_reads()))
    own = {sku: row.sku_prices() for sku, row in rows().items()}
    wanted = foreseen(stored.product, own, shop, now=clock.now())
    assert [copy.shown or {} for copy in copies] == [stored.shown or {}] * len(copies)
    assert (stored.shown or {}) == wanted


def check_timelines(product_id: str) -> None:
    """Each timeline ends with what the catalog and the lists ask for."""
    stored = staff_queries.product_record(product_id=product_id).product
    for sku, row in rows().items():
        own = row.sku_prices()
        [variant_] = [each for each in stored.variants if each.sku == sku]
        catalogs = track_of(own.timeline.get("USD"))
        price = variant_.price("USD")
        assert price is not None
        assert not catalogs or catalogs[-1].close == price.amount
        for entry in own.entries.values():
            assert track_of(own.timeline[entry.of])[-1].close == entry.of_one


@pytest.mark.usefixtures("tables")
class TestRaces:
    def test_leave_pages_and_timelines_in_line_with_prices(self) -> None:
        product_id = made()
        listed()
        listed("winter", kind="override", priority=5)

        def work(number: int) -> Any:
            match number % 6:
                case 0:
                    return repriced(product_id, 2000 + number)
                case 1:
                    return stocked(SKUS[number % 3], number, number + 1)
                case 2:
                    return listed("winter", kind="override", priority=number)
                case 3:
                    return shown()
                case _:
                    return priced(SKUS[number % 3], 1000 + number, list_id=("summer", "winter")[number % 2])

        for start in range(0, 48, 12):
            outcomes = at_once([partial(work, number) for number in range(start, start + 12)])
            assert {outcome for outcome in outcomes if isinstance(outcome, str)} <= WORN_OUT | {"done"}
        shown()
        shown()

        check_pages(product_id)
        check_timelines(product_id)

    def test_keep_what_the_catalog_asked_for_while_a_price_was_put_in_a_list(self) -> None:
        product_id = made()
        listed()

        def meanwhile() -> None:
            repriced(product_id, 2500)

        with JustBefore("GetItem", meanwhile):
            priced("R1", 1500)

        check_pages(product_id)
        check_timelines(product_id)

    def test_give_each_change_of_a_sku_a_version(self) -> None:
        made()
        listed()

        versions = at_once([partial(priced, "R1", amount) for amount in range(1000, 1008)])

        done = sorted(version for version in versions if isinstance(version, int))
        assert {version for version in versions if isinstance(version, str)} <= WORN_OUT
        assert done == list(range(1, len(done) + 1))
        assert rows()["R1"].sku_prices().version == len(done)

    def test_give_each_change_of_lists_and_rates_a_version(self) -> None:
        def rated(number: int) -> int:
            body = PutExchangeRate.model_validate({"rate": f"1.{number}"})
            return rate_operations.put_rate(currency="EUR", rate=body, call=staff_call()).version

        versions = at_once([partial(listed, f"list-{number}") for number in range(6)])
        others = at_once([partial(rated, number) for number in range(6)])

        for found, stored in ((versions, lists.stored_book()[1]), (others, lists.stored_rates()[1])):
            done = sorted(version for version in found if isinstance(version, int))
            assert {version for version in found if isinstance(version, str)} <= WORN_OUT
            assert done == list(range(1, len(done) + 1))
            assert stored == len(done)
        assert len(lists.stored_book()[0].lists) == lists.stored_book()[1]


class TestLostResponses:
    def test_write_a_price_once(self, tables: Any) -> None:
        made()
        listed()

        with LostResponse("TransactWriteItems", tokens_count=False) as lost:
            version = priced("R1", 1500)

        assert (lost.sent, version) == (2, 1)
        found = [
            item
            for item in tables.scan(TableName="test-outbox", ConsistentRead=True)["Items"]
            if item["pk"]["S"] == "sku-prices#R1"
        ]
        assert len(found) == 1

    @pytest.mark.usefixtures("tables")
    def test_tell_that_it_is_done_when_somebody_was_faster_with_the_next(self) -> None:
        product_id = made()
        listed()

        def meanwhile() -> None:
            priced("R1", 1400)

        lost = LostResponse("TransactWriteItems", tokens_count=False, meanwhile=meanwhile)
        with lost:
            version = priced("R1", 1500, key="once")

        now = rows()["R1"].sku_prices()
        assert (version, now.version, now.entries["summer"].of_one) == (1, 2, 1400)
        check_timelines(product_id)

    @pytest.mark.usefixtures("tables")
    def test_bring_a_list_to_pages_all_the_same(self) -> None:
        product_id = made()
        listed(adjustment={"off_basis_points": 1000})

        with LostResponse("TransactWriteItems", tokens_count=False):
            shown()

        check_pages(product_id)
