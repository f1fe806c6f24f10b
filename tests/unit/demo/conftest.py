"""The demo tools against a store in this process: its APIs and its control surface behind an HTTP transport."""

import json
import threading
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.ses.models import ses_backends
from moto.sns.models import sns_backends

from local.demo import seed
from local.demo.shop import load_shop
from tests.support.aws import REGION
from tests.support.payments import LocalStripe
from tests.support.store import Store, running_store

STORE_URL = "http://store.test"
CONTROL_URL = "http://control.test"
SOLD = {"storm-lantern", "enamel-mug", "shore-bird-guide"}


class InProcess(httpx.BaseTransport):
    """Answers requests with the real handlers, one at a time as Lambda would in one environment."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self.requests: list[str] = []
        self.refused: dict[str, httpx.Response] = {}
        """Answers that are given once instead of the store's, by method and path."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        path = request.url.raw_path.decode()
        name = f"{request.method} {path}"
        body = json.loads(request.content) if request.content else None
        with self._lock:
            self.requests.append(name)
            if name in self.refused:
                return self.refused.pop(name)
            if path.startswith("/_local/"):
                return self._control(path.removeprefix("/_local/"), body)
            answer = self._store.call(request.method, path, body, headers=dict(request.headers))
        return httpx.Response(answer.status, headers=dict(answer.headers), json=answer.body)

    def _control(self, path: str, body: Any) -> httpx.Response:
        if path == "stripe/pay":
            paid = self._store.stripe.pay(body["payment_intent"], body["payment_method"])
            return httpx.Response(402 if "error" in paid else 200, json=paid)
        if path == "drain":
            self._store.drain()
            return httpx.Response(200, json={"done": True})
        return httpx.Response(200, json={"items": self._mails() if path == "emails" else self._events()})

    def _mails(self) -> list[dict[str, Any]]:
        letters = [
            {
                "to": message.destinations["ToAddresses"],
                "subject": message.subject,
                "text": message.body,
            }
            for message in ses_backends[DEFAULT_ACCOUNT_ID][REGION].sent_messages
        ]
        topics = sns_backends[DEFAULT_ACCOUNT_ID][REGION].topics.values()
        alerts = [
            {"to": ["staff@example.com"], "subject": sent[2], "text": sent[1]}
            for topic in topics
            for sent in topic.sent_notifications
        ]
        return [*letters, *alerts]

    def _events(self) -> list[dict[str, Any]]:
        return [{"detail-type": event["type"], "detail": event} for event in self._store.pumps.bus]


@pytest.fixture
def small_shop(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave only a few products in the shop: moto copies whole tables."""
    shop = load_shop()
    products = [product for product in shop.products if product.slug in SOLD]
    shelves = {product.category for product in products}
    categories = [
        category.model_copy(update={"children": [child for child in category.children if child.slug in shelves]})
        for category in shop.categories
        if any(child.slug in shelves for child in category.children)
    ]
    few = shop.model_copy(update={"products": products, "categories": categories})
    monkeypatch.setattr(seed, "load_shop", lambda: few)


@pytest.fixture
def transport(stripe_server: LocalStripe, small_shop: None) -> Iterator[InProcess]:
    """A way to an empty store in this process."""
    with running_store(stripe_server) as store:
        yield InProcess(store)
