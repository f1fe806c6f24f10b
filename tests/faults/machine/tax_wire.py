"""Stripe Tax is asked over HTTP of our own: these calls pass the wire like those of Stripe's SDK."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import stripe

from commerce.adapters.json_http import JsonAnswer, NoAnswer


class TaxWire:
    """Stands in for the connections of `adapters.stripe_tax`."""

    def __init__(self, request: Callable[..., Any]) -> None:
        self._request = request

    def ask(self, method: str, url: str, *, headers: Mapping[str, str], body: bytes | None = None) -> JsonAnswer:
        """Send one request, once."""
        try:
            content, status, _ = self._request(method, url, headers, body.decode() if body else None)
        except stripe.APIConnectionError as error:
            raise NoAnswer("struck by a fault") from error
        return JsonAnswer(status, json.loads(content))
