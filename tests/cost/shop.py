"""A shop of ordinary size to walk through: 48 products in three sizes each, with texts, pictures and stock."""

from collections.abc import Iterator
from contextlib import contextmanager

from commerce.inventory import operations as inventory
from commerce.inventory.model import Bucket, Move, Reason
from commerce.kernel import clock
from commerce.kernel.call import system_call
from commerce.kernel.transactions import commit
from commerce.orders import operations as orders
from local.engines.dynamodb import DynamoDBLocal
from tests.support.payments import LocalStripe
from tests.support.products import created, product, shelf
from tests.support.store import Store, running_store

CATEGORIES, PRODUCTS = 4, 48
SIZES = ("S", "M", "L")
STOCK = 1000
FUNCTION_NAME = "tradewind-Storefront-1A2B3C4D5E6F7-BeginCheckoutFunction-aB1cD2eF3gH4"
"""As long as the names that SAM gives: they stand in the log."""

DESCRIPTION = (
    "Cut from heavy organic cotton and sewn in a small workshop by the harbor. It is washed once before it leaves, so "
    "that it keeps its shape, and its color comes from plants. Wash it cold, inside out, with similar colors, and let "
    "it dry in the shade. It will be softer every summer. If a seam ever gives way, send it back and we sew it up. "
)


@contextmanager
def furnished_store(stripe: LocalStripe, engine: DynamoDBLocal) -> Iterator[Store]:
    """Open the shop, its tables on DynamoDB Local, with nothing on its way any more."""
    deployed = {"COST_METRICS_EVERY": "1", "AWS_LAMBDA_FUNCTION_NAME": FUNCTION_NAME}
    with running_store(stripe, AWS_ENDPOINT_URL_DYNAMODB=engine.url, **deployed) as store:
        shelves = [shelf(store, f"Shelf {number}")["id"] for number in range(CATEGORIES)]
        for number in range(PRODUCTS):
            _put_on_sale(store, number, shelves[number % CATEGORIES])
        method = {"title": "Standard", "prices": [{"amount": 500, "currency": "USD"}]}
        assert store.put("/v1/admin/shipping-methods/standard", method).status == 200
        store.drain()
        orders._leased.clear()  # The first order leases a block, whatever was ordered before in this process.
        yield store


def _put_on_sale(store: Store, number: int, category: str) -> None:
    sizes = [{"sku": sku(number, size), "options": {"Size": size}, "prices": _usd(1900 + number)} for size in SIZES]
    body = product(
        f"Harbor tee number {number}",
        slug=f"tee-{number}",
        description=DESCRIPTION,
        category_ids=[category],
        images=[{"url": f"https://cdn.example.com/media/tee-{number}.jpg", "alt": "A tee on a line"}],
        options=[{"name": "Size", "values": list(SIZES)}],
        variants=sizes,
    )
    created(store.post("/v1/admin/products", body))
    moves = [
        Move(sku=sku(number, size), location="main", source=None, target=Bucket.AVAILABLE, quantity=STOCK)
        for size in SIZES
    ]
    call = system_call(worker="test", now=clock.now())
    commit(inventory.move(moves=moves, reason=Reason.RECEIVE, reference="", call=call))


def sku(number: int, size: str) -> str:
    """Return a product's SKU of a size."""
    return f"TEE-{number}-{size}"


def _usd(amount: int) -> list[dict[str, int | str]]:
    return [{"amount": amount, "currency": "USD"}]
