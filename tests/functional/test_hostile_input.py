"""Whatever is sent to whichever route: a problem document that says why, and never a 5xx (G12)."""

import json
import re
from typing import Any
from urllib.parse import quote

import pytest

from tests.support.shop import bought, filled_cart, level, open_shop, staff_order
from tests.support.store import Store, routes

IDS = [
    "x",
    "..",
    "%2e%2e",
    "a" * 101,
    "a" * 3000,
    "' OR 1=1",
    "💥",
    "\x00",
    "a b",
    "cart_",
    "{cart_id}",
    "null",
    "#s",
    ":v",
]
QUERIES = [
    "limit=-1",
    "limit=0",
    "limit=999999999999999999999",
    "limit=abc",
    "limit=1&limit=2",
    "cursor=%00",
    "cursor=e30",
    "cursor=" + "A" * 2000,
    "currency=usd",
    "currency=%F0%9F%92%A5",
    "category=%00",
    "category=" + "x" * 300,
    "status=%27",
    "dry_run=maybe",
    "a" * 500,
    "&&&===",
]
BODIES = [
    "",
    "{",
    "[]",
    "null",
    "0",
    '"text"',
    "{}",
    '{"a":1,"a":2}',
    '{"a":' * 40 + "1" + "}" * 40,
    "[" * 100_000,
    '{"quantity": 1e400}',
    '{"quantity": NaN}',
    '{"quantity": ' + "9" * 5000 + "}",
    '{"quantity": 0}',
    '{"quantity": -1}',
    '{"quantity": 1.5}',
    '{"quantity": "1"}',
    '{"quantity": 1000000000000}',
    '{"quantity": true}',
    '{"quantity": null}',
    '{"email": "\\ud800"}',
    '{"email": "a@b"}',
    '{"email": "a@example.com\\r\\nBcc: b@example.com"}',
    '{"title": "' + "x" * 70_000 + '"}',
    '{"__proto__": {"admin": true}, "status": "placed", "role": "admin"}',
    '{"expected_total": {"amount": 1, "currency": "XXX"}}',
    '{"expected_total": {"amount": 99999999999999999999, "currency": "USD"}}',
    '{"amount": {"amount": -5, "currency": "USD"}, "reason": "x"}',
    "\ufeff{}",
    "<xml/>",
]
HEADERS: list[dict[str, str]] = [
    {"Idempotency-Key": ""},
    {"Idempotency-Key": "x" * 256},
    {"Idempotency-Key": "é"},
    {"If-Match": "nonsense"},
    {"If-Match": '"99999999999999999999"'},
    {"Order-Token": "k1." + "A" * 500},
    {"Content-Type": "text/plain"},
    {"Content-Type": "application/json; charset=utf-16"},
    {"X-Forwarded-For": "not, an, address"},
    {"Authorization": "Bearer \x00"},
]
ROUTES = [(method, path) for method, _, path, _ in routes() if "webhooks" not in path]
"""All routes but Stripe's, which has hostile tests of its own."""


def check(method: str, path: str, store: Store, **options: Any) -> None:
    answer = store.call(method, path, **options)
    assert answer.status < 500, (method, path, options, answer.body)
    if answer.status >= 400:
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert {"type", "title", "status", "code", "detail", "errors", "request_id", "retryable"} <= set(answer.body)
        assert answer.body["status"] == answer.status
        assert "Traceback" not in json.dumps(answer.body)
        assert "test-" not in json.dumps(answer.body), "names of tables stay inside"


def filled(path: str, value: str) -> str:
    """Return the path with every parameter replaced."""
    parts = [quote(value, safe="") if part.startswith("{") else part for part in path.split("/")]
    return "/".join(parts)


@pytest.mark.parametrize(("method", "path"), ROUTES, ids=[f"{method} {path}" for method, path in ROUTES])
class TestHostileInput:
    def test_never_makes_a_5xx(self, store: Store, method: str, path: str) -> None:
        body = None if method == "GET" else "{}"

        for value in IDS if "{" in path else []:
            check(method, filled(path, value), store, raw=body)
        for query in QUERIES:
            check(method, f"{filled(path, 'x')}?{query}", store, raw=body)
        for hostile in BODIES if method != "GET" else []:
            check(method, filled(path, "x"), store, raw=hostile)
        for headers in HEADERS:
            check(method, filled(path, "x"), store, raw=body, headers=headers)


class TestHostileInputToWhatExists:
    def test_never_makes_a_5xx_and_sells_or_refunds_nothing(self, paying_store: Store) -> None:
        open_shop(paying_store, "MUG-BLUE", "LAMP")
        checkout = bought(paying_store)
        cart = filled_cart(paying_store)
        product = paying_store.get("/v1/products/lamp").body
        real = {
            "cart_id": cart["id"],
            "sku": "LAMP",
            "slug_or_id": "lamp",
            "order_id": checkout["order"]["id"],
            "product_id": product["id"],
            "location": "main",
            "method_id": "standard",
        }
        order, stock = staff_order(paying_store, checkout), level(paying_store)

        for method, path in ROUTES:
            names = re.findall(r"\{(\w+)\}", path)
            if method == "GET" or not names or not set(names) <= set(real) or path.endswith("/cancel"):
                continue
            target = re.sub(r"\{(\w+)\}", lambda match: real[match[1]], path)
            for hostile in BODIES:
                if hostile not in {"", "{}"}:
                    check(method, target, paying_store, raw=hostile)

        assert staff_order(paying_store, checkout) | {"version": 0, "timeline": []} == order | {
            "version": 0,
            "timeline": [],
        }
        assert level(paying_store) == stock
