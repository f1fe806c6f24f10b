"""What a person sees while the local store starts and runs."""

import sys
from collections.abc import Mapping
from typing import Any, TextIO

from local.gateway.access_log import Access
from local.workers import LogRecord

_ERROR_STATUS = 500
_WARN_STATUS = 400


class Screen:
    """Prints progress, requests and errors; colors only on a terminal. While it is `busy`, good requests are quiet."""

    def __init__(self, stream: TextIO = sys.stdout, *, quiet: bool = False, requests: bool = True) -> None:
        self._stream = stream
        self._quiet = quiet
        self._requests = requests
        self._colors = stream.isatty()
        self.busy = False

    def line(self, text: str = "") -> None:
        """Print a line."""
        if not self._quiet:
            print(text, file=self._stream, flush=True)

    def step(self, what: str, seconds: float) -> None:
        """Tell that a part of the start is done."""
        self.line(f"  {self._color('ok', 32)}  {what} {self._color(f'{seconds:.1f} s', 2)}")

    def warn(self, text: str) -> None:
        """Tell what a person should know, quiet or not."""
        print(f"  {self._color('!!', 33)}  {text}", file=self._stream, flush=True)

    def access(self, access: Access) -> None:
        """Show one request by its route: paths may hold credentials."""
        if not self._requests or (self.busy and access.status < _WARN_STATUS):
            return
        code = 31 if access.status >= _ERROR_STATUS else 33 if access.status >= _WARN_STATUS else 32
        route = access.route_key if access.route_key != "-" else f"{access.method} (no route)"
        error = f"  {access.error}" if access.error and access.status >= _ERROR_STATUS else ""
        self.line(f"{self._color(str(access.status), code)}  {route}  {access.seconds * 1000:.1f} ms{error}")

    def log(self, record: LogRecord) -> None:
        """Show a function's errors; everything else is in the log file and at /_local/logs."""
        message = record.message
        if isinstance(message, str) and message.startswith("[ERROR]"):
            self.line(f"{self._color(record.function, 31)}  {message}")
        elif isinstance(message, dict) and message.get("level") in ("ERROR", "CRITICAL"):
            text = message.get("exception") or message.get("message")
            self.line(f"{self._color(record.function, 31)}  {text}")

    def welcome(self, info: Mapping[str, Any], *, seconds: float, products: int | None) -> None:
        """Say where everything is and what to try."""
        staff_key = info["staff_key"] or "(none: the set-up function did not make one)"
        stripe = info["stripe_url"] or "Stripe's own API, with the keys that you gave"
        seeded = f", {products} products" if products else ""
        self.line(_WELCOME.format(**{**info, "staff_key": staff_key, "stripe": stripe}, seconds=seconds, seeded=seeded))
        if info["stripe_url"]:
            self.line(_PURCHASE.format(**info))

    def _color(self, text: str, code: int) -> str:
        return f"\033[{code}m{text}\033[0m" if self._colors else text


_WELCOME = """
The store is open ({seconds:.1f} s{seeded}).

  Store          {store_url}/v1/products
  API explorer   {docs_url}
  Control        {control_url}/_local/info   (emails, events, logs, tables, tick, drain)
  Stripe         {stripe}
  Staff key      {staff_key}
  Data           {data} ({dynamodb_engine})
"""

_PURCHASE = """Buy something (needs curl and jq; `make demo` does it for you):

  S={store_url} C={control_url}
  SKU=$(curl -s "$S/v1/products?limit=10" | jq -r '[.items[].variants[] | select(.available)][0].sku')
  CART=$(curl -s -X POST $S/v1/carts -H 'Content-Type: application/json' \\
    -H "Idempotency-Key: $RANDOM$RANDOM" -d '{{}}' | jq -r .id)
  curl -s -X PUT $S/v1/carts/$CART/lines/$SKU -H 'Content-Type: application/json' \\
    -H "Idempotency-Key: $RANDOM$RANDOM" -d '{{"quantity": 1}}' | jq .totals
  METHOD=$(curl -s $S/v1/carts/$CART/shipping-methods | jq -r '.items[0].id // "standard"')
  TOTAL=$(curl -s -X PATCH $S/v1/carts/$CART -H 'Content-Type: application/json' \\
    -H "Idempotency-Key: $RANDOM$RANDOM" -d '{{"email": "ada@example.com", "shipping_method": "'$METHOD'",
    "shipping_address": {{"name": "Ada Lovelace", "line1": "1 Main Street", "city": "Springfield",
    "region": "IL", "postal_code": "62701", "country": "US"}}}}' | jq -c .totals.total)
  ORDER=$(curl -s -X POST $S/v1/carts/$CART/checkout -H 'Content-Type: application/json' \\
    -H "Idempotency-Key: $RANDOM$RANDOM" -d '{{"expected_total": '$TOTAL'}}')
  curl -s -X POST $C/_local/stripe/pay -H 'Content-Type: application/json' \\
    -d '{{"payment_method": "pm_card_visa", "payment_intent": "'$(echo $ORDER | jq -r .payment.intent_id)'"}}' \\
    | jq .status
  curl -s -X POST $C/_local/drain | jq .done
  curl -s $S/v1/orders/$(echo $ORDER | jq -r .order.id) \\
    -H "Order-Token: $(echo $ORDER | jq -r .order_token)" | jq '{{status, payment_status}}'
  curl -s $C/_local/emails | jq '.items[-1] | {{to, subject}}'

Ctrl-C stops it.
"""
