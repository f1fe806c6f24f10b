"""The sample events in events/: what they say is what the handlers take."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.support.store import ROOT, LambdaContext, Store, load

EVENTS = ROOT / "events"
API = {
    "list_products": "functions/storefront/catalog/list_products.py",
    "get_product": "functions/storefront/catalog/get_product.py",
    "create_cart": "functions/storefront/carts/create_cart.py",
    "list_staff_keys": "functions/admin/staff/list_staff_keys.py",
    "create_staff_key": "functions/admin/staff/create_staff_key.py",
    "unknown_route": "functions/storefront/edge/unknown_route.py",
    "receive_stripe": "functions/workers/webhooks/receive_stripe.py",
}
ANSWERS = {
    "list_products": 200,
    "get_product": 404,
    "create_cart": 201,
    "list_staff_keys": 200,
    "create_staff_key": 201,
    "unknown_route": 404,
    "receive_stripe": 400,
}


def sample(path: str) -> dict[str, Any]:
    event: dict[str, Any] = json.loads((EVENTS / path).read_text())
    return event


def test_every_sample_is_tried() -> None:
    assert {file.stem for file in (EVENTS / "api").glob("*.json")} == set(API) == set(ANSWERS)


@pytest.mark.parametrize("name", API)
def test_an_api_sample_gets_its_answer(store: Store, name: str) -> None:
    answer = load(ROOT / API[name]).handler(sample(f"api/{name}.json"), LambdaContext())

    assert answer["statusCode"] == ANSWERS[name], answer["body"]


@pytest.mark.parametrize("file", sorted((EVENTS / "bus").glob("*.json")), ids=lambda file: file.stem)
def test_a_bus_sample_fits_its_schema(file: Path) -> None:
    detail = json.loads(file.read_text())["detail"]
    schema = json.loads((EVENTS / "schemas" / f"{detail['type']}.v{detail['version']}.json").read_text())

    jsonschema.Draft202012Validator(schema).validate(detail)
    assert file.stem == detail["type"]


def test_the_authorizer_refuses_the_samples_key(store: Store) -> None:
    handler = load(ROOT / "functions/admin/staff/authorize_staff.py").handler

    assert handler(sample("authorizer/staff_key.json"), LambdaContext()) == {"isAuthorized": False}


def test_a_notification_sample_is_taken(store: Store) -> None:
    assert store.invoke("notifications/deliver_notification", sample("queues/notification.json")) == {
        "batchItemFailures": []
    }


def test_a_stream_sample_is_read(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[Any] = []

    def put(entries: list[Any]) -> list[None]:
        sent.extend(entries)
        return [None for _ in entries]

    monkeypatch.setattr("commerce.adapters.bus.put", put)

    answer = store.invoke("outbox/publish_events", sample("streams/outbox.json"))

    assert answer == {"batchItemFailures": []}
    assert json.loads(sent[0].detail) == sample("bus/orders.placed.json")["detail"]


def test_a_schedule_sample_runs_a_sweep(store: Store) -> None:
    assert store.invoke("outbox/republish_events", sample("schedules/every_5_minutes.json")) == {"published": 0}
