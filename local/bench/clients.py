"""Clients in a closed loop: each sends its next request when it has the answer of the one before."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from random import Random
from typing import Any

import aiohttp

from local.bench.shop import SHIPPING, Shop

FIRST_POLL_SECONDS, LONGEST_POLL_SECONDS = 0.05, 0.2
ADDRESS = {
    "name": "Ada Keel",
    "line1": "7 Wharf Street",
    "city": "Portland",
    "region": "ME",
    "postal_code": "04101",
    "country": "US",
}


class Failed(Exception):
    """The store did not answer as it should; nothing measured after that would mean anything."""


@dataclass(frozen=True, slots=True)
class Placed:
    """An order, and what its shopper reads it with."""

    id: str
    token: str


class Client:
    """One shopper after the other, over one connection."""

    def __init__(self, session: aiohttp.ClientSession, *, shop: Shop, control_url: str, seed: int) -> None:
        self.requests = 0
        self.placed: list[Placed] = []
        self._session = session
        self._shop = shop
        self._control_url = control_url
        self._chance = Random(seed)
        self._name = f"client{seed}"

    async def lists_products(self) -> None:
        """Ask for the first page of all products."""
        await self._ask("GET", "/v1/products?limit=20")

    async def reads_a_product(self) -> None:
        """Ask for any of the products."""
        await self._ask("GET", f"/v1/products/{self._chance.choice(self._shop.products)}")

    async def lists_a_category(self) -> None:
        """Ask for the first page of any category."""
        await self._ask("GET", f"/v1/categories/{self._chance.choice(self._shop.categories)}/products?limit=20")

    async def starts_a_cart(self) -> str:
        """Make a cart and put one thing into it; return its address."""
        cart = await self._ask("POST", "/v1/carts", {"currency": "USD"})
        path = f"/v1/carts/{cart['id']}"
        await self._takes(path)
        return path

    async def buys(self) -> None:
        """Fill a cart, say who and where to, check out, pay, and wait until the order says that it is paid."""
        path = await self.starts_a_cart()
        await self._takes(path)
        email = f"{self._name}.{self.requests}@example.com"
        await self._ask("PATCH", path, {"email": email, "shipping_address": ADDRESS})
        cart = await self._ask("PATCH", path, {"shipping_method": SHIPPING})
        agreed = {"expected_total": cart["totals"]["total"], "pricing_hash": cart["pricing_hash"]}
        key = {"Idempotency-Key": f"{self._name}-{self.requests}"}
        answer = await self._ask("POST", f"{path}/checkout", agreed, headers=key)
        payment = {"payment_intent": answer["payment"]["intent_id"], "payment_method": "pm_card_visa"}
        await self._ask("POST", f"{self._control_url}/_local/stripe/pay", payment)
        placed = Placed(answer["order"]["id"], answer["order_token"])
        await self._is_paid(placed)
        self.placed.append(placed)

    async def reads_an_order(self) -> None:
        """Ask for any of the orders that were placed."""
        await self._order(self._chance.choice(self.placed))

    async def asks_for_nothing(self) -> None:
        """Ask for an address that there is not: the edge answers, and nobody is asked."""
        await self._ask("GET", "/v1/nothing", refused=True)

    async def reads_nothing(self) -> None:
        """Ask for a cart that there is not: one call of DynamoDB, and its answer is empty."""
        await self._ask("GET", f"/v1/carts/cart_{'a' * 26}", refused=True)

    async def _takes(self, path: str) -> None:
        await self._ask("PUT", f"{path}/lines/{self._chance.choice(self._shop.skus)}", {"quantity": 1})

    async def _is_paid(self, placed: Placed) -> None:
        wait = FIRST_POLL_SECONDS
        while (await self._order(placed))["payment_status"] != "paid":
            await asyncio.sleep(wait)
            wait = min(wait * 2, LONGEST_POLL_SECONDS)

    async def _order(self, placed: Placed) -> Any:
        return await self._ask("GET", f"/v1/orders/{placed.id}", headers={"Order-Token": placed.token})

    async def _ask(
        self,
        method: str,
        path: str,
        body: dict[str, Any] | None = None,
        *,
        headers: dict[str, str] | None = None,
        refused: bool = False,
    ) -> Any:
        self.requests += 1
        async with self._session.request(method, path, json=body, headers=headers) as answer:
            if (answer.status >= HTTPStatus.BAD_REQUEST) is not refused:
                message = f"{method} {path}: {answer.status} {await answer.text()}"
                raise Failed(message)
            content = await answer.read()
        return None if method == "GET" and "/orders/" not in path else json.loads(content)


type Operation = Callable[[Client], Awaitable[Any]]


async def loop(client: Client, operation: Operation, *, until: float) -> list[float]:
    """Repeat an operation until a moment of `time.perf_counter`; return how many seconds each took."""
    took = []
    while (began := time.perf_counter()) < until:
        await operation(client)
        took.append(time.perf_counter() - began)
    return took
