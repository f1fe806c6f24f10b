"""Stripe Tax: calculations of tax, and the transactions that its reports are made of.

Stripe's API is called over urllib3 and not by its SDK: carts ask for calculations, and the SDK's layer of 30 MB belongs
to the functions that pay (docs/adr/0028-taxes.md). Shapes: https://docs.stripe.com/api/tax/calculations and
https://docs.stripe.com/api/tax/transactions. Amounts are in our minor units here, and in Stripe's on the wire.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from functools import lru_cache
from http import HTTPStatus
from typing import Any, NamedTuple
from urllib.parse import urlencode

from commerce.adapters.circuit import Circuit
from commerce.adapters.json_http import JsonHttp, NoAnswer
from commerce.adapters.ssm import secret
from commerce.adapters.stripe_facts import API_VERSION, HUNDREDFOLD, HUNDREDTHS
from commerce.kernel.config import settings
from commerce.kernel.errors import Unavailable
from commerce.kernel.log import logger
from commerce.kernel.money import grain
from commerce.kernel.rounding import Rounding, rounded, shares

BASE = "https://api.stripe.com"
SECONDS = 2.0
"""The most that a cart waits for a calculation."""

RECORD_SECONDS = 6.0
KEYS = 3
"""Under how many keys a transaction is tried at once."""

EXPANDED = ("line_items.data.tax_breakdown", "shipping_cost.tax_breakdown")
SHIPPING = "shipping"
"""The reference of the shipping cost, which Stripe keeps apart from its lines."""

MOST_PARTS = 20
RATE = re.compile(r"[0-9]{1,3}(\.[0-9]{1,8})?")
circuit = Circuit()


class Refused(Exception):
    """Stripe understood and says no; the text is its code. Asking again gives the same."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Failed(NoAnswer):
    """Stripe failed by itself, and says so again whenever it is asked under the same key."""


class AskedLine(NamedTuple):
    """What is asked about one line.

    :param tax_code: Stripe's code for what it is; empty: the account's own default.
    """

    reference: str
    amount: int
    includes_tax: bool
    tax_code: str = ""


class Asked(NamedTuple):
    """What is asked of Stripe Tax.

    :param address: Stripe's fields of an address; `country` at least.
    :param tax_id: Stripe's type and the number.
    :param day: the day of the sale, so that no answer outlives a change of rates.
    """

    currency: str
    lines: Sequence[AskedLine]
    address: Mapping[str, str]
    shipping: AskedLine | None = None
    tax_id: tuple[str, str] | None = None
    exempt: bool = False
    day: str = ""

    @property
    def fingerprint(self) -> str:
        """Return the same for equal questions, and for no others."""
        text = json.dumps([_params(self), self.day], sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class AnsweredPart:
    """The tax of one jurisdiction; the rate is a decimal number as text."""

    name: str
    rate: str
    tax: int


@dataclass(frozen=True, slots=True)
class AnsweredLine:
    """The tax of one line."""

    reference: str
    tax: int
    country: str
    why: str
    parts: tuple[AnsweredPart, ...]


@dataclass(frozen=True, slots=True)
class Calculation:
    """What Stripe Tax answered, with the fingerprint of what it was asked."""

    id: str
    fingerprint: str
    lines: tuple[AnsweredLine, ...]


@lru_cache(maxsize=1)
def http() -> JsonHttp:
    """Return the process's one connection for calculations."""
    return JsonHttp(seconds=SECONDS)


@lru_cache(maxsize=1)
def patient_http() -> JsonHttp:
    """Return the process's one connection for transactions, which no shopper waits for."""
    return JsonHttp(seconds=RECORD_SECONDS)


def calculate(asked: Asked, *, now: datetime) -> Calculation:
    """Ask for the taxes of a sale. It is no sale yet, and nothing of it shows up in reports.

    :raises NoAnswer: when Stripe does not answer in time, not in its own words, or was left alone after failures.
    :raises Refused: when Stripe cannot tell, for example where the address is (`customer_tax_location_invalid`).
    """
    if circuit.is_open(now=now):
        raise NoAnswer("left alone")
    try:
        body = _posted(http(), "/v1/tax/calculations", _params(asked))
        found = _calculation(body, asked)
    except (NoAnswer, Unavailable) as error:
        circuit.failed(now=now)
        logger.warning("stripe tax did not answer", reason=str(error))
        raise NoAnswer(str(error)) from error
    except Refused as error:
        logger.warning("stripe tax refused", stripe_code=error.code)
        raise
    circuit.succeeded()
    return found


def record(*, calculation_id: str, reference: str, metadata: Mapping[str, str]) -> str:
    """Make a transaction of a calculation, or get the one that was made before; return its id.

    :param reference: unique among all transactions of the account; it is Stripe's key of the call as well.
    :raises NoAnswer: when nobody knows whether it was made; repeat it.
    :raises Refused: for example when the calculation is older than 90 days.
    """
    params = {"calculation": calculation_id, "reference": reference, "metadata": dict(metadata)}
    return _made("/v1/tax/transactions/create_from_calculation", params, reference)


def reverse(*, transaction_id: str, reference: str, amount: int | None, currency: str) -> str:
    """Take a transaction back, in whole or an amount of it with its tax; return the reversal's id.

    :param amount: zero or more; None: all of it.
    :raises NoAnswer: when nobody knows whether it was made; repeat it.
    :raises Refused: for example when less is left.
    """
    params: dict[str, Any] = {"original_transaction": transaction_id, "reference": reference, "mode": "full"}
    if amount is not None:
        params |= {"mode": "partial", "flat_amount": -_at_stripe(amount, currency)}
    return _made("/v1/tax/transactions/create_reversal", params, reference)


def _made(path: str, params: Mapping[str, Any], reference: str) -> str:
    """Make a transaction once, whose reference Stripe takes only once.

    Stripe repeats a failure of its own for a day under the same key, so it is asked again under the next one.
    """
    for attempt in range(1, KEYS + 1):
        try:
            return _id(
                _posted(patient_http(), path, params, key=reference if attempt == 1 else f"{reference}:{attempt}")
            )
        except Failed as error:
            logger.warning("stripe tax failed to record", reason=str(error), attempt=attempt)
    raise NoAnswer("it keeps failing")


# ---- on the wire -------------------------------------------------------------------------------------------


def _posted(http: JsonHttp, path: str, params: Mapping[str, Any], *, key: str | None = None) -> Mapping[str, Any]:
    headers = {
        "Authorization": f"Bearer {secret(settings().stripe_secret_key_name)}",
        "Content-Type": "application/x-www-form-urlencoded",
        "Stripe-Version": API_VERSION,
    }
    if key is not None:
        headers["Idempotency-Key"] = f"tax:{key}"
    url = f"{settings().stripe_api_base or BASE}{path}"
    answer = http.ask("POST", url, headers=headers, body=urlencode(list(_form(params))).encode())
    if answer.status == HTTPStatus.OK:
        return answer.body
    error = answer.body.get("error")
    said = error if isinstance(error, dict) else {}
    code = str(said.get("code") or said.get("type") or "no reason given")[:60]
    if answer.status == HTTPStatus.BAD_REQUEST and said:
        raise Refused(code)
    if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR and said:
        raise Failed(f"status {answer.status}, {code}")
    raise NoAnswer(f"status {answer.status}, {code}")


def _form(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Spread a tree over form fields as Stripe reads them: `line_items[0][amount]`."""
    match value:
        case Mapping():
            for key, part in value.items():
                yield from _form(part, f"{name}[{key}]" if name else key)
        case list() | tuple():
            for place, part in enumerate(value):
                yield from _form(part, f"{name}[{place}]")
        case bool():
            yield name, "true" if value else "false"
        case _:
            yield name, str(value)


def _params(asked: Asked) -> dict[str, Any]:
    customer: dict[str, Any] = {"address": dict(asked.address), "address_source": "shipping"}
    if asked.tax_id is not None:
        customer["tax_ids"] = [{"type": asked.tax_id[0], "value": asked.tax_id[1]}]
    if asked.exempt:
        customer["taxability_override"] = "customer_exempt"
    params: dict[str, Any] = {
        "currency": asked.currency.lower(),
        "customer_details": customer,
        "expand": list(EXPANDED),
        "line_items": [
            {"reference": line.reference, **_priced(line, asked.currency)}
            for line in sorted(asked.lines, key=lambda line: line.reference)
        ],
    }
    if asked.shipping is not None:
        params["shipping_cost"] = _priced(asked.shipping, asked.currency)
    return params


def _priced(line: AskedLine, currency: str) -> dict[str, Any]:
    code = {"tax_code": line.tax_code} if line.tax_code else {}
    behavior = "inclusive" if line.includes_tax else "exclusive"
    return {"amount": _at_stripe(line.amount, currency), "tax_behavior": behavior, **code}


def _at_stripe(amount: int, currency: str) -> int:
    if currency in HUNDREDTHS:
        return rounded(Fraction(amount, 100), Rounding.HALF_UP)
    return amount * 100 if currency in HUNDREDFOLD else amount


def _id(body: Mapping[str, Any]) -> str:
    found = body.get("id")
    if not isinstance(found, str) or not found:
        raise NoAnswer("no id")
    return found


# ---- what came back: believed only where it fits what was asked --------------------------------------------


def _calculation(body: Mapping[str, Any], asked: Asked) -> Calculation:
    lines = body.get("line_items")
    told = lines.get("data") if isinstance(lines, dict) else None
    if not isinstance(told, list) or body.get("currency") != asked.currency.lower():
        raise NoAnswer("no lines")
    by_reference = {each.get("reference"): each for each in told if isinstance(each, dict)}
    wanted = {line.reference: (line, by_reference.get(line.reference)) for line in asked.lines}
    if asked.shipping is not None:
        wanted[SHIPPING] = (asked.shipping, body.get("shipping_cost"))
    found = (_line(reference, line, answer, asked.currency) for reference, (line, answer) in wanted.items())
    return Calculation(id=_id(body), fingerprint=asked.fingerprint, lines=tuple(found))


def _line(reference: str, asked: AskedLine, told: Any, currency: str) -> AnsweredLine:
    if not isinstance(told, dict) or told.get("amount") != _at_stripe(asked.amount, currency):
        raise NoAnswer("another line")
    tax = _whole(told.get("amount_tax"), currency, step=1 if asked.includes_tax else grain(currency))
    if asked.includes_tax and tax > asked.amount:
        raise NoAnswer("more tax than price")
    breakdown = told.get("tax_breakdown")
    parts = [each for each in breakdown if isinstance(each, dict)] if isinstance(breakdown, list) else []
    named = {f"{place:02}": _part(each, currency) for place, each in enumerate(parts[:MOST_PARTS])}
    split = shares(tax, {place: part.tax for place, part in named.items()}) if named else {}
    reasons = dict.fromkeys(str(each.get("taxability_reason") or "")[:60] for each in parts)
    return AnsweredLine(
        reference=reference,
        tax=tax,
        country=next((country for each in parts if (country := _jurisdiction(each, "country"))), "") if tax else "",
        why="+".join(filter(None, reasons)) or "unknown",
        parts=tuple(AnsweredPart(part.name, part.rate, split[place]) for place, part in named.items())
        or ((AnsweredPart("Tax", "", tax),) if tax else ()),
    )


def _part(told: Mapping[str, Any], currency: str) -> AnsweredPart:
    details = told.get("tax_rate_details")
    rate = details if isinstance(details, dict) else {}
    names = (_jurisdiction(told, "display_name"), rate.get("display_name"))
    name = " ".join(str(each) for each in names if each)[:100]
    return AnsweredPart(name or "Tax", _fraction(rate.get("percentage_decimal")), _whole(told.get("amount"), currency))


def _jurisdiction(told: Mapping[str, Any], name: str) -> str:
    found = told.get("jurisdiction")
    return str(found.get(name) or "") if isinstance(found, dict) else ""


def _whole(amount: Any, currency: str, *, step: int = 1) -> int:
    """Return an amount of Stripe's in our minor units, rounded where we cannot charge as finely as Stripe computes."""
    if not isinstance(amount, int) or isinstance(amount, bool) or amount < 0:
        raise NoAnswer("no amount")
    ours = (
        Fraction(amount, 100) if currency in HUNDREDFOLD else Fraction(amount * (100 if currency in HUNDREDTHS else 1))
    )
    return rounded(ours, Rounding.HALF_UP, grain=step)


def _fraction(percentage: Any) -> str:
    """Return a percentage (`8.875`) as a decimal number (`0.08875`); nothing when it is none."""
    text = percentage if isinstance(percentage, str) else ""
    whole, _, decimals = text.partition(".")
    if not RATE.fullmatch(text):
        return ""
    digits = f"{whole:0>3}"
    return f"{digits[:-2].lstrip('0') or '0'}.{digits[-2:]}{decimals}".rstrip("0").rstrip(".") or "0"
