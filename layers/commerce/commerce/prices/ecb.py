"""The European Central Bank's daily reference rates, as its file has them.

Format: https://www.ecb.europa.eu/stats/policy_and_exchange_rates/euro_reference_exchange_rates/html/index.en.html
(`eurofxref-daily.xml`): a Cube per day with a Cube per currency, in units for one euro, published on working days about
16:00 in Frankfurt.
"""

import re
from datetime import UTC, datetime, time
from fractions import Fraction
from typing import NamedTuple

NAMESPACE = "{http://www.ecb.int/vocabulary/2002-08-01/eurofxref}Cube"
BASE = "EUR"
LARGEST_BYTES = 200_000
"""The daily file has two thousand."""

MOST_CURRENCIES = 200
DECIMAL = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?")
CODE = re.compile(r"[A-Z]{3}")


class NotUnderstood(ValueError):
    """The file is not what its source publishes."""


class Published(NamedTuple):
    """The rates of a day: units of each currency for one unit of the base, as decimal numbers."""

    base: str
    at: datetime
    rates: dict[str, str]


def published(content: bytes) -> Published:
    """Read the newest day of a file.

    :raises NotUnderstood: for anything that is not such a file, is too large, or declares a document type.
    """
    # Only the worker that fetches rates parses XML.
    from defusedxml.common import DefusedXmlException  # noqa: PLC0415
    from defusedxml.ElementTree import ParseError, fromstring  # noqa: PLC0415

    if len(content) > LARGEST_BYTES:
        message = f"it has more than {LARGEST_BYTES} bytes"
        raise NotUnderstood(message)
    try:
        root = fromstring(content, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        message = f"it is no XML that we read ({type(error).__name__})"
        raise NotUnderstood(message) from error
    days = [(cube.get("time", ""), cube) for cube in root.iter(NAMESPACE) if "time" in cube.attrib]
    if not days:
        message = "it has no day"
        raise NotUnderstood(message)
    day, newest = max(days, key=lambda dated: dated[0])
    rates = {cube.get("currency", ""): cube.get("rate", "") for cube in newest.findall(NAMESPACE)}
    return Published(base=BASE, at=_moment(day), rates=_checked(rates))


def _moment(day: str) -> datetime:
    try:
        return datetime.combine(datetime.strptime(day, "%Y-%m-%d").date(), time(), UTC)  # noqa: DTZ007 - a day.
    except ValueError as error:
        message = f"'{day[:20]}' is no day"
        raise NotUnderstood(message) from error


def _checked(rates: dict[str, str]) -> dict[str, str]:
    if not 0 < len(rates) <= MOST_CURRENCIES:
        message = f"it has {len(rates)} rates"
        raise NotUnderstood(message)
    for code, rate in rates.items():
        if not CODE.fullmatch(code) or not DECIMAL.fullmatch(rate) or not Fraction(rate):
            message = f"'{code[:20]}' at '{rate[:20]}' is no rate"
            raise NotUnderstood(message)
    return rates
