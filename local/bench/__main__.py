"""Measure the local store: `make bench`.

python -m local.bench --seconds 20 --clients 1 8
"""

import argparse
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import uvloop
from rich.console import Console

from local.bench import report
from local.bench.measure import LINES, Line, Measured, measured
from local.bench.processes import Processes
from local.bench.shop import Shop, fill
from local.generated import replace_part
from local.options import ROOT
from local.running import RunningStore, running_store

CONSOLE = Console(stderr=True, width=None if sys.stderr.isatty() else 140)
DOCUMENT = ROOT / "docs" / "performance.md"


async def measure(store: RunningStore, shop: Shop, lines: list[Line], asked: argparse.Namespace) -> list[Measured]:
    """Measure all lines, each with each number of clients."""
    processes = Processes(store.info["pids"])
    found: list[Measured] = []
    for clients in asked.clients:
        for line in lines:
            one = await measured(
                line,
                shop=shop,
                urls=(store.store_url, store.control_url),
                processes=processes,
                clients=clients,
                seconds=asked.seconds,
                seed=len(found) * 1_000,
                profiled=asked.profile if clients > 1 else 0.0,
            )
            found.append(one)
            CONSOLE.print(
                f"  {line.name}, {clients} clients: {one.per_second:,.0f}/s, p50 {one.milliseconds['p50']} ms"
            )
    asked.peak_bytes = processes.peak_bytes
    return found


def main(arguments: list[str]) -> int:
    """Start a store, fill it, measure it, and write down what was found."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--seconds", type=float, default=20.0, help="how long each line is measured")
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 8])
    parser.add_argument("--products", type=int, default=1_000)
    parser.add_argument("--categories", type=int, default=20)
    parser.add_argument("--only", default="", help="lines whose name contains this")
    parser.add_argument("--profile", type=float, default=0.0, help="seconds to see where the handlers' CPU goes")
    parser.add_argument("--json", type=Path, default=ROOT / ".local" / "bench.json")
    parser.add_argument("--write", action="store_true", help="write the table into docs/performance.md")
    asked = parser.parse_args(arguments)
    lines = [line for line in LINES if asked.only in line.name]
    began = time.perf_counter()
    with running_store(options=["--no-throttle", "--no-watch"]) as store:
        start_seconds = time.perf_counter() - began
        CONSOLE.print(f"open after {start_seconds:.1f} s; putting {asked.products:,} products on sale")
        shop = fill(store=store, products=asked.products, categories=asked.categories)
        CONSOLE.print(f"filled after {time.perf_counter() - began:.0f} s; {asked.seconds:.0f} s for each line")
        found = uvloop.run(measure(store, shop, lines, asked))
    document: dict[str, Any] = {
        "products": asked.products,
        "categories": asked.categories,
        "cores": os.cpu_count(),
        "start_seconds": round(start_seconds, 2),
        "peak_megabytes": asked.peak_bytes // 1_000_000,
        "lines": [each.to_json() for each in found],
    }
    asked.json.parent.mkdir(parents=True, exist_ok=True)
    asked.json.write_text(json.dumps(document, indent=1), encoding="utf-8")
    CONSOLE.print(report.table(found))
    if asked.write:
        replace_part(DOCUMENT, by="make bench", text=report.markdown(document, found))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
