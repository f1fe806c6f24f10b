"""Run the local Stripe by itself: ``python -m local.stripe --port 8002 --webhook-url URL --webhook-secret S``."""

import argparse
import sys
from contextlib import suppress
from pathlib import Path

import uvloop

from local.stripe.config import StripeConfig
from local.stripe.server import RunningStripe, serve


def main() -> None:
    """Read the options and serve until interrupted."""
    defaults = StripeConfig()
    parser = argparse.ArgumentParser(prog="python -m local.stripe", description=__doc__)
    parser.add_argument("--port", type=int, default=8002, help="0 chooses a free one")
    parser.add_argument("--secret-key", default=defaults.secret_key)
    parser.add_argument("--publishable-key", default=defaults.publishable_key)
    parser.add_argument("--webhook-url", help="where signed events are posted; none by default")
    parser.add_argument("--webhook-secret", action="append", help="twice while a secret is being rolled")
    parser.add_argument("--enabled-event", action="append", help="a type that the webhook is sent; all by default")
    parser.add_argument("--api-version", default=defaults.api_version)
    parser.add_argument("--currency", default=defaults.default_currency)
    parser.add_argument("--state", type=Path, metavar="FILE", help="keep the account in this file between runs")
    parser.add_argument("--seed", type=int, help="repeat ids and shuffles")
    options = parser.parse_args()
    config = StripeConfig(
        port=options.port,
        secret_key=options.secret_key,
        publishable_key=options.publishable_key,
        webhook_url=options.webhook_url,
        webhook_secrets=tuple(options.webhook_secret or defaults.webhook_secrets),
        enabled_events=tuple(options.enabled_event or defaults.enabled_events),
        api_version=options.api_version,
        default_currency=options.currency.lower(),
        state_file=options.state,
        seed=options.seed,
    )
    with suppress(KeyboardInterrupt):
        uvloop.run(serve(config, on_start=_announce))


def _announce(running: RunningStripe) -> None:
    sys.stdout.write(f"Local Stripe on {running.url} (webhooks to {running.service.config.webhook_url or 'nobody'})\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
