"""What each step of a purchase costs in calls, whatever the cart's size: DESIGN's budgets, held."""

import json

import pytest

from commerce.inventory import operations as inventory
from commerce.inventory.model import Bucket, Move, Reason
from commerce.kernel import clock
from commerce.kernel.call import system_call
from commerce.kernel.transactions import commit
from tests.support.calls import counted
from tests.support.payments import event_of
from tests.support.products import put_on_sale
from tests.support.shop import check_out, filled_cart, open_shop, shoppers_order
from tests.support.store import Store

SIZES = [1, 10, 50]


def stocked(store: Store, lines: int) -> dict[str, int]:
    """Put so many SKUs on sale, with stock; return a basket of all of them."""
    skus = [f"SKU-{number}" for number in range(lines)]
    put_on_sale(store, skus=skus)
    moves = [Move(sku=sku, location="main", source=None, target=Bucket.AVAILABLE, quantity=9) for sku in skus]
    call = system_call(worker="test", now=clock.now())
    commit(inventory.move(moves=moves, reason=Reason.RECEIVE, reference="", call=call))
    return dict.fromkeys(skus, 1)


class TestCheckout:
    @pytest.mark.parametrize("lines", SIZES)
    def test_takes_five_calls_and_one_of_stripe(self, paying_store: Store, lines: int) -> None:
        open_shop(paying_store)
        check_out(paying_store, filled_cart(paying_store))
        cart = filled_cart(paying_store, stocked(paying_store, lines), email="b@example.com")
        before = len(paying_store.stripe.changes())

        with counted(paying_store) as calls:
            answer = check_out(paying_store, cart, headers={"Idempotency-Key": "one"})

        assert answer.status == 201
        assert sum(calls.values()) <= 6, calls
        assert calls["TransactWriteItems"] == 2
        assert len(paying_store.stripe.changes()) - before == 1


class TestWebhook:
    def test_takes_one_call(self, paying_store: Store) -> None:
        open_shop(paying_store)
        checkout = check_out(paying_store, filled_cart(paying_store)).body
        payload = event_of(paying_store.stripe.intent(checkout["payment"]["intent_id"]), "payment_intent.succeeded")
        paying_store.pumps.post_webhook(payload)

        with counted(paying_store) as calls:
            assert paying_store.pumps.post_webhook(payload).status == 200

        assert sum(calls.values()) == 0, "DynamoDB has no part in receiving; the one call is SQS's"


class TestSettlement:
    @pytest.mark.parametrize("lines", SIZES)
    def test_takes_three_calls_of_the_order_and_one_for_the_intent(self, paying_store: Store, lines: int) -> None:
        open_shop(paying_store)
        cart = filled_cart(paying_store, stocked(paying_store, lines))
        checkout = check_out(paying_store, cart).body
        intent_id = checkout["payment"]["intent_id"]
        paying_store.stripe.pay(intent_id)
        paying_store.stripe.new_events()
        event = json.loads(event_of(paying_store.stripe.intent(intent_id), "payment_intent.succeeded"))
        record = {
            "messageId": "1",
            "receiptHandle": "r",
            "body": json.dumps(event),
            "attributes": {},
            "messageAttributes": {},
            "eventSource": "aws:sqs",
            "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:queue",
            "awsRegion": "us-east-1",
        }

        with counted(paying_store) as calls:
            paying_store.invoke("payments/on_stripe_event", {"Records": [record]})

        assert shoppers_order(paying_store, checkout).body["status"] == "placed"
        assert calls["TransactWriteItems"] == 1
        assert sum(calls.values()) <= 3, calls
