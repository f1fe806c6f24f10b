"""The whole store in one process on moto: real handlers, called with real API Gateway v2 events."""

import ast
import base64
import importlib.util
import json
import os
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import parse_qsl, unquote

from moto import mock_aws

from commerce.kernel import clock, records
from commerce.kernel.config import settings
from commerce.kernel.ids import new_id
from tests.support import aws
from tests.support.aws import REGION
from tests.support.payments import LocalStripe
from tests.support.pumps import Pumps, create_wires
from tests.support.witness import watched

ROOT = Path(__file__).parents[2]
ROUTE = re.compile(r"(GET|POST|PUT|PATCH|DELETE) (/\S+):")

TABLES: dict[str, tuple[str, ...]] = {
    "catalog": ("gsi1",),
    "inventory": ("gsi1",),
    "carts": (),
    "checkouts": (),
    "orders": ("gsi1", "gsi2"),
    "payments": ("gsi1",),
    "promotions": ("gsi1",),
    "shipping": (),
    "invoices": (),
    "prices": (),
    "staff": (),
    "taxes": (),
    "notifications": (),
    "outbox": ("gsi1",),
    "idempotency": (),
    "gift_cards": ("gsi1", "gsi2"),
}

ENVIRONMENT = {
    "AWS_DEFAULT_REGION": REGION,
    "AWS_REGION": REGION,
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "POWERTOOLS_SERVICE_NAME": "tradewind",
    "POWERTOOLS_METRICS_NAMESPACE": "Tradewind",
    "SHOP_NAME": "Harbor Goods",
    "SHOP_CURRENCY": "USD",
    "READ_CACHE_SECONDS": "0",
    "STOCK_LOCATIONS": "main",
    "TRUSTED_PROXY_HOPS": "0",
    "SIGNING_KEYS_NAME": "/tradewind/signing-keys",
    "FIRST_STAFF_KEY_NAME": "/tradewind/first-staff-key",
    "GIFT_CARD_KEYS_NAME": "/tradewind/gift-card-keys",
    "STRIPE_SECRET_KEY_NAME": "/tradewind/stripe-secret-key",
    "STRIPE_WEBHOOK_SECRET_NAME": "/tradewind/stripe-webhook-secret",
    "STRIPE_PUBLISHABLE_KEY": "pk_test_local",
    "SENDER_EMAIL": "shop@example.com",
} | {f"{name.upper()}_TABLE": f"test-{name}" for name in TABLES}

SECRETS = {
    "/tradewind/signing-keys": json.dumps([{"id": "k1", "secret": "test-signing-secret-of-the-suite"}]),
    "/tradewind/gift-card-keys": json.dumps(
        [{"secret": "test-code-secret-of-the-suite", "since": "1970-01-01T00:00:00Z"}]
    ),
    "/tradewind/stripe-secret-key": "sk_test_local",
    "/tradewind/stripe-webhook-secret": "whsec_test",
}


@dataclass(frozen=True)
class Answer:
    """An HTTP answer as the caller sees it."""

    status: int
    headers: Mapping[str, str]
    body: Any

    @property
    def code(self) -> str:
        """Return the stable code of a problem document."""
        return str(self.body["code"])


@dataclass
class LambdaContext:
    """What Lambda tells a function about its invocation."""

    function_name: str = "test"
    memory_limit_in_mb: int = 512
    invoked_function_arn: str = "arn:aws:lambda:us-east-1:123456789012:function:test"
    aws_request_id: str = field(default_factory=lambda: new_id("req"))

    def get_remaining_time_in_millis(self) -> int:
        return 10_000


@lru_cache(maxsize=1)
def routes() -> list[tuple[str, re.Pattern[str], str, Path]]:
    """Return method, pattern, route and file of every HTTP handler, static paths first."""
    found = []
    for file in (ROOT / "functions").glob("*/*/*.py"):
        line = (ast.get_docstring(ast.parse(file.read_text())) or "").split("\n")[0]
        if match := ROUTE.match(line):
            method, path = match.groups()
            pattern = re.compile("^" + re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path) + "$")
            found.append((method, pattern, path, file))
    return sorted(found, key=lambda route: route[2].replace("{", "~"))


PROCESS: ContextVar[int] = ContextVar("process", default=0)
"""Which of several processes a thread stands for. Each has handlers of its own: Powertools' hold what they work on."""


def load(file: Path) -> ModuleType:
    """Import a handler's module by its file."""
    return _loaded(file, PROCESS.get())


@cache
def _loaded(file: Path, process: int) -> ModuleType:
    name = "_".join([*file.relative_to(ROOT).with_suffix("").parts, *([str(process)] if process else [])])
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise ImportError(name)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    vars(module)["handler"] = watched(file, module.handler)
    return module


class Store:
    """A store without a network: call its API, its workers, and look into its tables."""

    def __init__(self, stripe: LocalStripe | None = None) -> None:
        self.staff_scopes = "*"
        self.dynamodb = aws.client("dynamodb")
        self._stripe = stripe
        self._offset = 0.0
        self.pumps = Pumps(self, stripe)

    @property
    def stripe(self) -> LocalStripe:
        """Return the local Stripe that this store is paid through."""
        assert self._stripe is not None, "this store runs without Stripe"
        return self._stripe

    def drain(self) -> None:
        """Carry webhooks, messages and events until nothing moves."""
        self.pumps.drain()

    def tick(self, seconds: float) -> None:
        """Move the clock, run the sweeper and the other schedules, and drain."""
        self._offset += seconds
        clock.set_offset(self._offset)
        self.drain()
        for worker in (
            "checkout/sweep_orders",
            "outbox/republish_events",
            "inventory/reproject_movements",
            "invoices/issue_waiting_invoices",
        ):
            self.invoke(worker)
        self.drain()

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        headers: Mapping[str, str] | None = None,
        raw: str | None = None,
    ) -> Answer:
        """Send a request through the real handler. Admin paths are called as a staff key with `staff_scopes`."""
        path, _, query = path.partition("?")
        for verb, pattern, route, file in routes():
            if verb == method and (match := pattern.match(path)):
                event = self._event(method, path, query, body, headers or {}, raw, route, match.groupdict())
                result = load(file).handler(event, LambdaContext())
                return Answer(result["statusCode"], result["headers"], _read(result))
        message = f"no handler for {method} {path}"
        raise LookupError(message)

    def get(self, path: str, **options: Any) -> Answer:
        return self.call("GET", path, **options)

    def post(self, path: str, body: Any = None, **options: Any) -> Answer:
        return self.call("POST", path, body, **options)

    def put(self, path: str, body: Any = None, **options: Any) -> Answer:
        return self.call("PUT", path, body, **options)

    def patch(self, path: str, body: Any = None, **options: Any) -> Answer:
        return self.call("PATCH", path, body, **options)

    def delete(self, path: str, **options: Any) -> Answer:
        return self.call("DELETE", path, **options)

    def invoke(self, worker: str, event: Mapping[str, Any] | None = None) -> Any:
        """Invoke a worker by its file below functions/workers (`outbox/publish_events`)."""
        module = load(ROOT / "functions" / "workers" / f"{worker}.py")
        return module.handler(dict(event or {}), LambdaContext())

    def items(self, table: str) -> list[dict[str, Any]]:
        """Return all items of a table, in DynamoDB's JSON."""
        pages = self.dynamodb.get_paginator("scan").paginate(TableName=f"test-{table}", ConsistentRead=True)
        return [item for page in pages for item in page["Items"]]

    def _event(
        self,
        method: str,
        path: str,
        query: str,
        body: Any,
        headers: Mapping[str, str],
        raw: str | None,
        route: str,
        parameters: dict[str, str],
    ) -> dict[str, Any]:
        text = raw if raw is not None else (None if body is None else json.dumps(body))
        sent = {name.lower(): value for name, value in headers.items()}
        if text is not None:
            sent.setdefault("content-type", "application/json")
        context: dict[str, Any] = {
            "http": {"method": method, "path": path, "sourceIp": "203.0.113.7", "userAgent": "pytest"},
            "stage": "$default",
            "requestId": new_id("req"),
            "routeKey": f"{method} {route}",
        }
        if path.startswith("/v1/admin/"):
            context["authorizer"] = {"lambda": {"actor": "key_test", "scopes": self.staff_scopes}}
        merged: dict[str, list[str]] = {}
        for name, value in parse_qsl(query, keep_blank_values=True):
            merged.setdefault(name, []).append(value)
        return {
            "version": "2.0",
            "routeKey": f"{method} {route}",
            "rawPath": path,
            "rawQueryString": query,
            "headers": sent,
            "queryStringParameters": {name: ",".join(values) for name, values in merged.items()} or None,
            "pathParameters": {name: unquote(value) for name, value in parameters.items()},
            "requestContext": context,
            "body": text,
            "isBase64Encoded": False,
        }


def _read(result: Mapping[str, Any]) -> Any:
    """Return an answer's body: what its JSON says, a file's bytes, or None."""
    text = result.get("body") or ""
    if result.get("isBase64Encoded"):
        return base64.b64decode(text)
    return json.loads(text) if text else None


def create_tables(dynamodb: Any) -> None:
    """Create every table with its indexes."""
    for name, indexes in TABLES.items():
        keys = ["pk", "sk", *(f"{index}{part}" for index in indexes for part in ("pk", "sk"))]
        dynamodb.create_table(
            TableName=f"test-{name}",
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in keys],
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
            **(
                {
                    "GlobalSecondaryIndexes": [
                        {
                            "IndexName": index,
                            "KeySchema": [
                                {"AttributeName": f"{index}pk", "KeyType": "HASH"},
                                {"AttributeName": f"{index}sk", "KeyType": "RANGE"},
                            ],
                            "Projection": {"ProjectionType": "ALL"},
                        }
                        for index in indexes
                    ]
                }
                if indexes
                else {}
            ),
        )


@contextmanager
def running_store(stripe: LocalStripe | None = None, **environment: str) -> Iterator[Store]:
    """Run a store with empty tables; further settings as keyword arguments (`HOLD_MINUTES="15"`).

    With `AWS_ENDPOINT_URL_DYNAMODB` its tables are on that engine, and all else stays on moto.
    """
    before = dict(os.environ)
    os.environ.update(ENVIRONMENT | environment)
    settings.cache_clear()
    aws.forget_answers()
    clock.set_offset(0)
    try:
        with mock_aws():
            if stripe is not None:
                stripe.reset()
                os.environ["STRIPE_API_BASE"] = stripe.url
            os.environ.update(create_wires())
            settings.cache_clear()
            store = Store(stripe)
            create_tables(store.dynamodb)
            ssm = aws.client("ssm")
            for name, value in SECRETS.items():
                ssm.put_parameter(Name=name, Value=value, Type="SecureString", Overwrite=True)
            records.connection().dispatch("ListTables", {})  # Threads share one client; made here, none races to.
            yield store
            if "AWS_ENDPOINT_URL_DYNAMODB" in environment:
                for name in TABLES:
                    store.dynamodb.delete_table(TableName=f"test-{name}")
    finally:
        os.environ.clear()
        os.environ.update(before)
        settings.cache_clear()
        clock.set_offset(0)
