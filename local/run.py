"""Run the whole store on this machine: `make run`, or `python -m local.run`."""

import argparse
import asyncio
import importlib.util
import json
import os
import signal
import sys
import time
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import httpx
import uvloop

from local.demo import SHOP_NAME
from local.engines.child import EngineFailed
from local.engines.ports import PortInUse
from local.options import ROOT, Options, RealStripe
from local.screen import Screen
from local.state import DataInUse
from local.store import LocalStore
from local.templates import TemplateError
from local.watcher import watch
from local.workers.protocol import Closed


def main() -> None:
    """Read the options and run until told to stop."""
    arguments = _parser().parse_args()
    screen = Screen(quiet=arguments.quiet, requests=not arguments.no_requests)
    try:
        options = _options(arguments)
        uvloop.run(run(options, screen, seed=not arguments.no_seed, ready_file=arguments.ready_file))
    except Closed:
        sys.exit("The store did not start: the parent of the workers ended. See its output above.")
    except (DataInUse, PortInUse, EngineFailed, TemplateError) as error:
        sys.exit(f"The store did not start. {error}")


async def run(options: Options, screen: Screen, *, seed: bool, ready_file: Path | None) -> None:
    """Start the store, fill it when it is new, and serve until SIGINT or SIGTERM."""
    began = time.perf_counter()
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, _ask_to_stop, stop)
    screen.line("Opening the store")
    if options.real_stripe:
        screen.warn(
            "STRIPE_SECRET_KEY is set: real Stripe is used, with whatever it costs. Forward its webhooks to us."
        )
    store = LocalStore(options, say=screen.step, warn=screen.warn, on_access=screen.access, on_log=screen.log)
    stopping = asyncio.create_task(stop.wait())
    try:
        await _unless(stopping, store.start())
        fresh = seed and not stop.is_set() and not store.state_file.state.seeded
        products = await _unless(stopping, _fill(store, screen)) if fresh else None
        if not stop.is_set():
            screen.welcome(store.info(), seconds=time.perf_counter() - began, products=products)
            _tell(ready_file, store)
            watching = watch(store, say=screen.line, stop=stop) if options.watch else stop.wait()
            await asyncio.gather(watching, stopping)
        screen.line("Closing the store")
    finally:
        stopping.cancel()
        await store.stop()


async def _unless[Result](stopping: "asyncio.Task[bool]", work: Coroutine[Any, Any, Result]) -> Result | None:
    """Do some work, and give it up as soon as the store shall stop."""
    working = asyncio.create_task(work)
    await asyncio.wait((working, stopping), return_when=asyncio.FIRST_COMPLETED)
    if working.done():
        return await working
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    return None


def _tell(ready_file: Path | None, store: LocalStore) -> None:
    if ready_file:
        draft = ready_file.with_suffix(".draft")
        draft.write_text(json.dumps(store.info()), encoding="utf-8")
        draft.rename(ready_file)


def _ask_to_stop(stop: asyncio.Event) -> None:
    if stop.is_set():
        # A second Ctrl-C: the kernel ends our processes with us.
        os._exit(130)
    stop.set()


async def _fill(store: LocalStore, screen: Screen) -> int | None:
    """Load the demo data through the admin API, as a merchant's own import would."""
    info = store.info()
    if importlib.util.find_spec("local.demo") is None or importlib.util.find_spec("local.demo.seed") is None:
        screen.warn("There is no demo data (local/demo): the store is empty.")
        return None
    if not info["staff_key"]:
        screen.warn("There is no staff key, so no demo data was loaded.")
        return None
    began = time.perf_counter()
    screen.busy = True
    try:
        for command in (
            ["local.demo.pictures", "--out", str(store.options.files / "media")],
            ["local.demo.seed", "--store-url", info["store_url"], "--staff-key", info["staff_key"]],
        ):
            if await _run_module(command):
                screen.warn("The demo data could not be loaded (see above); the store runs without it.")
                return None
    finally:
        screen.busy = False
    await store.pumps.drain(seconds=20)
    store.state_file.state.seeded = True
    store.state_file.save()
    screen.step("demo data", time.perf_counter() - began)
    return await _count_products(info["store_url"])


async def _run_module(command: list[str]) -> int:
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", *command, cwd=ROOT)
    try:
        return await process.wait()
    except asyncio.CancelledError:
        process.kill()
        raise


async def _count_products(store_url: str) -> int | None:
    count, cursor = 0, None
    async with httpx.AsyncClient(base_url=store_url, trust_env=False) as client:
        while True:
            answer = await client.get("/v1/products", params={"limit": "50"} | ({"cursor": cursor} if cursor else {}))
            if answer.status_code != httpx.codes.OK:
                return None
            page = answer.json()
            count += len(page["items"])
            cursor = page.get("next_cursor")
            if not cursor:
                return count


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m local.run", description=__doc__)
    parser.add_argument("--port", type=int, default=8000, help="the store (default 8000; 0 takes a free one)")
    parser.add_argument("--control-port", type=int, default=8001, help="the control surface (default 8001)")
    parser.add_argument("--stripe-port", type=int, help="the local Stripe (by default the port after the control port)")
    parser.add_argument("--data", default=".local/data", metavar="memory|DIR", help="where tables live (.local/data)")
    parser.add_argument("--template", type=Path, default=ROOT / "template.yaml", help="another application to run")
    parser.add_argument("--parameter", action="append", default=[], metavar="NAME=VALUE", help="a template parameter")
    parser.add_argument("--no-seed", action="store_true", help="do not load demo data")
    parser.add_argument("--no-stripe", action="store_true", help="do not start the local Stripe")
    parser.add_argument(
        "--patience",
        type=float,
        default=0.1,
        metavar="SECONDS",
        help="how long a call waits for a busy function before more workers than cores are started; 0: as Lambda",
    )
    parser.add_argument("--no-throttle", action="store_true", help="ignore the throttling of the templates")
    parser.add_argument("--no-watch", action="store_true", help="do not reload what changes")
    parser.add_argument("--no-requests", action="store_true", help="do not print requests")
    parser.add_argument("--quiet", action="store_true", help="print warnings only")
    parser.add_argument("--ready-file", type=Path, help="write /_local/info there when the store is open")
    return parser


def _options(arguments: argparse.Namespace) -> Options:
    return Options(
        template=arguments.template.resolve(),
        port=arguments.port,
        control_port=arguments.control_port,
        stripe_port=_stripe_port(arguments),
        data=None if arguments.data == "memory" else (ROOT / arguments.data).resolve(),
        logs=ROOT / ".local" / "logs" if arguments.template == ROOT / "template.yaml" else None,
        parameters=_demo_parameters(arguments) | dict(entry.split("=", 1) for entry in arguments.parameter),
        real_stripe=_real_stripe(),
        fake_stripe=not arguments.no_stripe,
        throttle=not arguments.no_throttle,
        patience=arguments.patience,
        watch=not arguments.no_watch,
    )


def _demo_parameters(arguments: argparse.Namespace) -> dict[str, str]:
    """Return what the demo shop calls itself; a store that opens empty keeps the template's name."""
    return {} if arguments.no_seed else {"ShopName": SHOP_NAME}


def _stripe_port(arguments: argparse.Namespace) -> int:
    if arguments.stripe_port is not None:
        return int(arguments.stripe_port)
    return arguments.control_port + 1 if arguments.control_port else 0


def _real_stripe() -> RealStripe | None:
    key = os.environ.get("STRIPE_SECRET_KEY", "")
    if not key:
        return None
    publishable, webhook = os.environ.get("STRIPE_PUBLISHABLE_KEY", ""), os.environ.get("STRIPE_WEBHOOK_SECRET", "")
    if not publishable or not webhook:
        sys.exit("With STRIPE_SECRET_KEY set, STRIPE_PUBLISHABLE_KEY and STRIPE_WEBHOOK_SECRET are needed too.")
    return RealStripe(secret_key=key, publishable_key=publishable, webhook_secret=webhook)


if __name__ == "__main__":
    main()
