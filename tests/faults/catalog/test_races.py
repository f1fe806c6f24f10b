"""The catalog on DynamoDB Local: many changes at the same moment, and answers that get lost."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from commerce.catalog import operations, staff_queries
from commerce.catalog.records import ListingRecord, ProductRecord, listing_keys
from commerce.catalog.staff_schemas import NewCategory, NewProduct, ProductChanges, StaffProduct
from commerce.kernel import clock
from commerce.kernel.errors import CommerceError
from commerce.kernel.transactions import AlreadyDone
from tests.support.dynamodb_local import LostResponse
from tests.support.products import product
from tests.support.racing import staff_call

pytestmark = pytest.mark.java

PARTITIONS = ("products", "products#draft", "products#active", "products#archived", "category#raced")


def made(**more: Any) -> StaffProduct:
    return operations.create_product(new=NewProduct.model_validate(product(**more)), call=staff_call())


def changed(product_id: str, *, key: str | None = None, **changes: Any) -> StaffProduct:
    body = ProductChanges.model_validate(changes)
    return operations.update_product(product_id=product_id, changes=body, call=staff_call(key))


def stocked(sku: str, available: int, revision: int) -> None:
    operations.record_availability(sku=sku, available=available, revision=revision, now=clock.now())


def listings(product_id: str) -> list[ListingRecord]:
    found = [row for key in PARTITIONS for row in ListingRecord.query(key, consistent_read=True)]
    return [row for row in found if product_id in row.sk]


def same(listing: ListingRecord, stored: ProductRecord) -> bool:
    return all(getattr(listing, name) == getattr(stored, name) for name in ("document", "available", "revisions"))


def events(tables: Any) -> list[str]:
    return sorted(item["type"]["S"] for item in tables.scan(TableName="test-outbox", ConsistentRead=True)["Items"])


def together(work: Callable[[int], object], times: int) -> Counter[str]:
    """Do it so many times at once; count what came of it."""

    def outcome(number: int) -> str:
        try:
            work(number)
        except CommerceError as error:
            return error.code
        return "done"

    with ThreadPoolExecutor(8) as pool:
        return Counter(pool.map(outcome, range(times)))


@pytest.mark.usefixtures("tables")
class TestRaces:
    def test_give_a_slug_and_a_sku_to_one(self) -> None:
        outcomes = together(lambda _: made(), 16)

        assert outcomes == {"done": 1, "catalog.slug_taken": 15}

    def test_give_a_sku_to_one(self) -> None:
        outcomes = together(lambda number: made(title=f"Tee {number}"), 16)

        assert outcomes == {"done": 1, "catalog.sku_taken": 15}

    def test_give_a_category_slug_to_one(self) -> None:
        new = NewCategory(title="Contested")

        outcomes = together(lambda _: operations.create_category(new=new, call=staff_call()), 16)

        assert outcomes == {"done": 1, "catalog.slug_taken": 15}

    def test_leave_every_listing_equal_to_its_product(self) -> None:
        shelf = operations.create_category(new=NewCategory(title="Raced"), call=staff_call())
        skus = ("R1", "R2", "R.3")
        product_id = made(skus=skus, category_ids=[shelf.id]).id
        statuses = ("active", "draft", "archived")

        def work(number: int) -> None:
            if number % 6 == 0:
                changed(product_id, status=statuses[number // 6 % 3])
            else:
                stocked(skus[number % 3], number, number + 1)

        outcomes = together(work, 60)
        # What lost its patience is repeated, as the caller of a 409 and the stream of a worker do.
        assert set(outcomes) <= {"done", "request.write_conflict", "service.unavailable"}
        for number in (57, 58, 59):
            work(number)

        stored = staff_queries.product_record(product_id=product_id)
        found = listings(product_id)
        assert sorted(row.pk for row in found) == sorted(listing_keys(stored.product))
        assert all(same(row, stored) for row in found)
        assert stored.available == {"R1": 57, "R2": 58, "R.3": 59}

    def test_lose_no_stock_that_comes_while_its_product_is_made(self) -> None:
        def work(number: int) -> None:
            if number == 0:
                made(skus=("S", "M"))
            else:
                stocked(("S", "M")[number % 2], number, number)

        together(work, 9)

        [row] = ListingRecord.query("products#active", consistent_read=True)
        assert row.available == {"S": 8, "M": 7}


class TestLostResponses:
    def test_make_one_product(self, tables: Any) -> None:
        with LostResponse("TransactWriteItems", tokens_count=False) as lost:
            product_id = made().id

        assert lost.sent == 2
        assert staff_queries.product(product_id=product_id).version == 1
        assert len(listings(product_id)) == 2
        assert events(tables) == ["catalog.product_created"]

    def test_change_a_product_once(self, tables: Any) -> None:
        product_id = made().id

        with LostResponse("TransactWriteItems", tokens_count=False):
            answer = changed(product_id, title="Dock tee")

        assert (answer.title, answer.version) == ("Dock tee", 2)
        assert events(tables) == ["catalog.product_created", "catalog.product_updated"]

    def test_tell_that_it_is_done_even_when_stock_moved_meanwhile(self, tables: Any) -> None:
        product_id = made().id

        with (
            LostResponse("TransactWriteItems", tokens_count=False, meanwhile=lambda: stocked("TEE", 4, 1)),
            pytest.raises(AlreadyDone),
        ):
            changed(product_id, key="once", title="Dock tee")

        assert staff_queries.product(product_id=product_id).version == 2
        assert events(tables) == ["catalog.product_created", "catalog.product_updated"]

    @pytest.mark.usefixtures("tables")
    def test_count_stock_once(self) -> None:
        product_id = made().id

        with LostResponse("UpdateItem") as lost:
            stocked("TEE", 4, 1)

        stored = staff_queries.product_record(product_id=product_id)
        assert lost.sent > 1
        assert (stored.available, int(stored.availability_revision)) == ({"TEE": 4}, 1)
        assert all(same(row, stored) for row in listings(product_id))


@pytest.mark.usefixtures("tables")
class TestSize:
    def test_the_largest_product_fits_into_its_rows_and_its_transaction(self) -> None:
        parent, shelves = None, []
        for branch in range(4):
            parent = None
            for level in range(5):
                new = NewCategory(title=f"Shelf {branch} {level}", parent_id=parent)
                parent = operations.create_category(new=new, call=staff_call()).id
            shelves.append(parent)
        skus = [f"SKU-{number:02}" + "x" * 70 for number in range(50)]
        values = {sku: sku[:10] + "v" * 50 for sku in skus}
        body = {
            "title": "t" * 200,
            "description": "ж" * 20_000,
            "category_ids": shelves,
            "images": [{"url": f"https://example.com/{'a' * 950}", "alt": "a" * 200}],
            "status": "active",
            "options": [{"name": "Size", "values": list(values.values())}],
            "variants": [
                {
                    "sku": sku,
                    "options": {"Size": values[sku]},
                    "prices": [{"amount": 1900, "currency": "USD"}],
                    "image": f"https://example.com/{'b' * 540}",
                }
                for sku in skus
            ],
        }

        made = operations.create_product(new=NewProduct.model_validate(body), call=staff_call())

        stored = staff_queries.product_record(product_id=made.id).product
        assert 90_000 < len(stored.model_dump_json().encode()) <= 100_000
        assert len(stored.shelves) == 20
        assert changed(made.id, title="T" * 200, slug="shorter", status="active").version == 2
        assert changed(made.id, status="archived").version == 3
