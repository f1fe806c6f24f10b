"""Measure each line: warm up, run the clients, and take the difference of what the processes used."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import aiohttp

from local.bench.clients import Client, Operation, loop
from local.bench.processes import DRIVER, Processes
from local.bench.profile import Sampling
from local.bench.shop import Shop

WARM_UP_SECONDS = 3.0
ORDERS_TO_READ = 40


@dataclass(frozen=True, slots=True)
class Line:
    """What is measured. `target`: operations per second with eight clients; 0: it is only there to compare with."""

    name: str
    operation: Operation
    target: int


@dataclass(frozen=True, slots=True)
class Measured:
    """One line with so many clients.

    :ivar milliseconds: p50, p95 and p99 of an operation, as its client sees it.
    :ivar cpu: CPU seconds per 1,000 requests, by part.
    :ivar packages: the part of each package in the handlers' CPU, where that was sampled.
    """

    line: str
    clients: int
    per_second: float
    target: int
    milliseconds: dict[str, float]
    requests_per_operation: float
    cpu: dict[str, float]
    driver_cpu: float
    packages: dict[str, float] | None

    def to_json(self) -> dict[str, Any]:
        """Return the plain record."""
        return asdict(self)


LINES = (
    Line("list of 20 products", Client.lists_products, 900),
    Line("product by slug", Client.reads_a_product, 900),
    Line("list of a category", Client.lists_a_category, 900),
    Line("new cart and one line", Client.starts_a_cart, 300),
    Line("whole checkout, paid", Client.buys, 60),
    Line("order read", Client.reads_an_order, 900),
    Line("floor: an unknown address", Client.asks_for_nothing, 0),
    Line("floor: one read that finds nothing", Client.reads_nothing, 0),
)


async def measured(
    line: Line,
    *,
    shop: Shop,
    urls: tuple[str, str],
    processes: Processes,
    clients: int,
    seconds: float,
    seed: int,
    profiled: float = 0.0,
) -> Measured:
    """Measure one line. `urls` are the store's and its control surface's.

    :param profiled: for how many seconds it runs once more to see where the handlers' CPU goes.
    """
    store_url, control_url = urls
    async with aiohttp.ClientSession(base_url=store_url, connector=aiohttp.TCPConnector(limit=0)) as session:
        shoppers = [
            Client(session, shop=shop, control_url=control_url, seed=seed + number) for number in range(clients)
        ]
        await _prepared(line, shoppers)
        await _run(line, shoppers, WARM_UP_SECONDS)
        requests, before, began = sum(it.requests for it in shoppers), processes.usage(), time.perf_counter()
        took = sorted(await _run(line, shoppers, seconds))
        passed = time.perf_counter() - began
        used = processes.usage().since(before)
        requests = sum(it.requests for it in shoppers) - requests
        packages = await _profiled(line, shoppers, processes, profiled) if profiled else None
    return Measured(
        line=line.name,
        clients=clients,
        per_second=round(len(took) / passed, 1),
        target=line.target,
        milliseconds={f"p{share}": round(_quantile(took, share) * 1_000, 2) for share in (50, 95, 99)},
        requests_per_operation=round(requests / len(took), 2),
        cpu={part: round(cpu * 1_000 / requests, 3) for part, cpu in used.items() if part != DRIVER},
        driver_cpu=round(used[DRIVER] * 1_000 / requests, 3),
        packages=packages,
    )


async def _profiled(line: Line, shoppers: Sequence[Client], processes: Processes, seconds: float) -> dict[str, float]:
    sampling = Sampling(processes.worker_parent, seconds=seconds)
    await _run(line, shoppers, seconds)
    return await asyncio.to_thread(sampling.shares)


async def _prepared(line: Line, shoppers: Sequence[Client]) -> None:
    """Let shoppers have orders where orders are read."""
    if line.operation is Client.reads_an_order:
        for shopper in shoppers:
            for _ in range(ORDERS_TO_READ // len(shoppers)):
                await shopper.buys()


async def _run(line: Line, shoppers: Sequence[Client], seconds: float) -> list[float]:
    until = time.perf_counter() + seconds
    took = await asyncio.gather(*(loop(shopper, line.operation, until=until) for shopper in shoppers))
    return [each for of_one in took for each in of_one]


def _quantile(took: Sequence[float], percent: int) -> float:
    return took[min(len(took) - 1, len(took) * percent // 100)]
