"""ShipEngine (now ShipStation API): rates of many carriers and their pickup points, over HTTP.

Sources: https://docs.shipstation.com/apis/shipengine/openapi/rates/estimate_rates,
https://docs.shipstation.com/apis/shipengine/openapi/service_points/service_points_list and, for errors and limits,
https://docs.shipstation.com/apis/shipengine/docs/guides/errors and .../guides/rate-limits.
"""

import json
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from http import HTTPStatus
from time import monotonic
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from urllib3 import PoolManager, Timeout
from urllib3.exceptions import HTTPError

from commerce.adapters.carriers import (
    MOST_POINTS,
    MOST_RATES,
    CarriersUnavailable,
    Package,
    Place,
    Point,
    Rate,
)
from commerce.kernel.money import MOST, exponent, grain, known_currency
from commerce.kernel.rounding import rounded

BASE = "https://api.shipengine.com"
LARGEST_ANSWER_BYTES = 1_000_000
CHUNK_BYTES = 65_536
SHORTEST_SECONDS = 0.05
KILOMETRES = 20
LONGEST_TEXT = 120
LONGEST_WAIT_SECONDS = 600
USABLE = {None, "valid", "has_warnings", "unknown"}


class _Answered(BaseModel):
    """Part of an answer, of which we read what we need and pass over the rest."""

    model_config = ConfigDict(frozen=True, defer_build=True)


class _Amount(_Answered):
    currency: str
    amount: Decimal = Field(ge=0, max_digits=18, decimal_places=8, allow_inf_nan=False)


class _Rate(_Answered):
    shipping_amount: _Amount
    insurance_amount: _Amount | None = None
    confirmation_amount: _Amount | None = None
    other_amount: _Amount | None = None
    delivery_days: int | None = Field(None, ge=0, le=365)
    service_type: str
    service_code: str = Field(pattern=r"^[A-Za-z0-9_.-]{1,60}$")
    validation_status: str | None = None
    error_messages: list[str] | None = None

    @property
    def amounts(self) -> list[_Amount]:
        """Return what has to be added up, as the document says."""
        every = (self.shipping_amount, self.insurance_amount, self.confirmation_amount, self.other_amount)
        return [amount for amount in every if amount is not None]

    def rate(self) -> Rate | None:
        """Return the rate in minor units; None when the carrier would refuse, or its amounts do not fit together."""
        currencies = {amount.currency.upper() for amount in self.amounts if amount.amount}
        currencies = currencies or {self.shipping_amount.currency.upper()}
        if len(currencies) > 1 or self.error_messages or self.validation_status not in USABLE:
            return None
        [currency] = currencies
        try:
            scale = 10 ** exponent(known_currency(currency))
        except ValueError:
            return None
        amount = rounded(Fraction(sum(each.amount for each in self.amounts)) * scale, grain=grain(currency))
        if amount > MOST:
            return None
        return Rate(
            service=self.service_code,
            title=_line(self.service_type) or self.service_code,
            amount=amount,
            currency=currency,
            days=self.delivery_days,
        )


class _Point(_Answered):
    service_point_id: str = Field(pattern=r"^[A-Za-z0-9_.-]{1,60}$")
    service_codes: list[str] | None = None
    company_name: str
    address_line1: str
    city_locality: str
    postal_code: str
    country_code: str = Field(pattern=r"^[A-Z]{2}$")
    distance_in_meters: Decimal | None = Field(None, ge=0, max_digits=18, decimal_places=8)

    def point(self) -> Point:
        """Return the point in our words."""
        return Point(
            id=self.service_point_id,
            name=_line(self.company_name),
            line1=_line(self.address_line1),
            city=_line(self.city_locality),
            postal_code=_line(self.postal_code),
            country=self.country_code,
            services=tuple(self.service_codes or ()),
            metres=int(self.distance_in_meters) if self.distance_in_meters is not None else None,
        )


class ShipEngine:
    """One round of questions, with one budget of time for all of them. Nothing is asked twice.

    :param base: address of the API; empty: ShipEngine's own.
    """

    def __init__(self, *, key: str, base: str, seconds: float) -> None:
        self._headers = {"API-Key": key, "Content-Type": "application/json", "Accept": "application/json"}
        self._base = base or BASE
        self._ends = monotonic() + seconds

    def rates(
        self, *, package: Package, origin: Place, destination: Place, accounts: Sequence[str]
    ) -> tuple[Rate, ...]:
        """Return what the carriers ask: one estimate, which needs no street and leaves nothing behind."""
        question: dict[str, Any] = {
            "carrier_ids": list(accounts),
            "from_country_code": origin.country,
            "from_postal_code": origin.postal_code,
            "from_city_locality": origin.city,
            "from_state_province": origin.region,
            "to_country_code": destination.country,
            "to_postal_code": destination.postal_code,
            "to_city_locality": destination.city,
            "to_state_province": destination.region,
            "weight": {"value": package.weight_grams, "unit": "gram"},
        }
        if package.sides_mm is not None:
            length, width, height = (-(-side // 10) for side in package.sides_mm)
            question["dimensions"] = {"unit": "centimeter", "length": length, "width": width, "height": height}
        answer = self._asked("/v1/rates/estimate", question)
        if not isinstance(answer, list):
            raise CarriersUnavailable("ShipEngine's estimate is not a list.")
        found = [rate for each in _readable(answer, _Rate) if (rate := each.rate()) is not None]
        return tuple(found[:MOST_RATES])

    def points(self, *, near: Place, accounts: Sequence[str]) -> tuple[Point, ...]:
        """Return the nearest points that hand out parcels."""
        address = {
            "country_code": near.country,
            "postal_code": near.postal_code,
            "city_locality": near.city,
            "state_province": near.region,
        }
        question = {
            "address": {name: value for name, value in address.items() if value},
            "providers": [{"carrier_id": account} for account in accounts],
            "radius": KILOMETRES,
            "max_results": MOST_POINTS,
        }
        answer = self._asked("/v1/service_points/list", question)
        listed = answer.get("service_points") if isinstance(answer, dict) else None
        if not isinstance(listed, list):
            raise CarriersUnavailable("ShipEngine's service points are not a list.")
        found = [each.point() for each in _readable(listed, _Point)]
        found.sort(key=lambda point: (point.metres is None, point.metres or 0, point.id))
        return tuple(found[:MOST_POINTS])

    def _asked(self, path: str, question: dict[str, Any]) -> Any:
        left = self._ends - monotonic()
        if left < SHORTEST_SECONDS:
            raise CarriersUnavailable("The time for asking ShipEngine is used up.")
        try:
            with _pool().request(
                "POST",
                self._base + path,
                body=json.dumps(question),
                headers=self._headers,
                timeout=Timeout(total=left),
                retries=False,
                redirect=False,
                preload_content=False,
            ) as answer:
                body = self._read(answer)
                status, after = answer.status, answer.headers.get("Retry-After", "")
        except HTTPError as error:
            raise CarriersUnavailable(f"ShipEngine did not answer: {type(error).__name__}.") from error
        if status != HTTPStatus.OK:
            wait = min(int(after), LONGEST_WAIT_SECONDS) if after.isascii() and after.isdigit() else None
            raise CarriersUnavailable(f"ShipEngine answered {status}.", again_after_seconds=wait)
        try:
            return json.loads(body, parse_float=Decimal, parse_constant=_refused)
        except (ValueError, RecursionError) as error:
            raise CarriersUnavailable("ShipEngine's answer is not JSON.") from error

    def _read(self, answer: Any) -> bytes:
        """Read the body piece by piece: an answer that drips must not outlast the budget, nor fill the memory."""
        body = b""
        while chunk := answer.read1(CHUNK_BYTES):
            body += chunk
            if monotonic() > self._ends:
                raise CarriersUnavailable("ShipEngine did not finish its answer in time.")
            if len(body) > LARGEST_ANSWER_BYTES:
                raise CarriersUnavailable("ShipEngine's answer is too long.")
        return body


def _readable[M: BaseModel](entries: list[Any], model: type[M]) -> list[M]:
    """Return the entries that can be read; one that cannot takes no other with it."""
    adapter = TypeAdapter(model)
    found = []
    for entry in entries:
        try:
            found.append(adapter.validate_python(entry))
        except ValidationError:
            continue
    return found


def _line(text: str) -> str:
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())[:LONGEST_TEXT]


def _refused(constant: str) -> None:
    message = f"{constant} is no number"
    raise ValueError(message)


@lru_cache(maxsize=1)
def _pool() -> PoolManager:
    return PoolManager(maxsize=1)
