"""VIES, the European Commission's window to the VAT registers of the member states.

Its REST interface, `POST check-vat-number`, is described at https://ec.europa.eu/taxation_customs/vies/#/technical-information.
With the number of whoever asks it gives a consultation number, which proves the question to a tax office.
"""

import json
from datetime import datetime
from functools import lru_cache
from http import HTTPStatus
from typing import Any, NamedTuple

from commerce.adapters.circuit import Circuit
from commerce.adapters.json_http import JsonHttp, NoAnswer
from commerce.kernel.config import settings
from commerce.kernel.log import logger

BASE = "https://ec.europa.eu/taxation_customs/vies/rest-api"
SECONDS = 3.5
"""Most registers answer within one second, some take longer than anybody waits for a cart."""

UNDISCLOSED = frozenset({"", "---"})
ABOUT_THE_NUMBER = frozenset({"", "VALID", "INVALID", "INVALID_INPUT"})
"""What may stand in `userError` beside an answer; everything else means that there is none (`MS_UNAVAILABLE`)."""

circuit = Circuit()


class Registered(NamedTuple):
    """What the register says of a number.

    :param consultation_number: proves that it was asked; None when the shop did not name itself.
    """

    valid: bool
    consultation_number: str | None
    name: str | None


@lru_cache(maxsize=1)
def http() -> JsonHttp:
    """Return the process's one connection to VIES."""
    return JsonHttp(seconds=SECONDS)


def check(*, prefix: str, number: str, requester: tuple[str, str] | None, now: datetime) -> Registered:
    """Ask whether a number is registered.

    :param prefix: the letters before the number (`EL` for Greece); `requester` is the shop's own, in the same parts.
    :raises NoAnswer: when the register does not tell.
    """
    if circuit.is_open(now=now):
        raise NoAnswer("left alone")
    asked = {"countryCode": prefix, "vatNumber": number}
    if requester is not None:
        asked |= {"requesterMemberStateCode": requester[0], "requesterNumber": requester[1]}
    try:
        found = _answered(asked)
    except NoAnswer as error:
        circuit.failed(now=now)
        logger.warning("vies did not answer", reason=str(error), country=prefix)
        raise
    circuit.succeeded()
    return found


def _answered(asked: dict[str, str]) -> Registered:
    answer = http().ask(
        "POST",
        f"{settings().vies_api_base or BASE}/check-vat-number",
        headers={"Content-Type": "application/json", "Accept": "application/json"},
        body=json.dumps(asked).encode(),
    )
    body = answer.body
    errors = _errors(body)
    if "INVALID_INPUT" in errors:
        return Registered(valid=False, consultation_number=None, name=None)
    valid = body.get("valid")
    is_about_it = all(_plain(body.get(name)) in {asked[name], None} for name in ("countryCode", "vatNumber"))
    if errors or answer.status != HTTPStatus.OK or not isinstance(valid, bool) or not is_about_it:
        raise NoAnswer(f"status {answer.status}, {', '.join(sorted(errors)) or 'no verdict'}")
    return Registered(
        valid=valid,
        consultation_number=_told(body.get("requestIdentifier")),
        name=_told(body.get("name")),
    )


def _errors(body: Any) -> set[str]:
    """Return the codes of what went wrong; they come with status 200 too."""
    wrapped = body.get("errorWrappers")
    found = [each.get("error") for each in wrapped if isinstance(each, dict)] if isinstance(wrapped, list) else []
    about = str(body.get("userError") or "")
    return {str(each)[:60] for each in found} | ({about[:60]} if about not in ABOUT_THE_NUMBER else set())


def _plain(value: Any) -> str | None:
    return value.replace(" ", "").upper() if isinstance(value, str) else None


def _told(value: Any) -> str | None:
    text = " ".join(value.split())[:200] if isinstance(value, str) else ""
    return None if text in UNDISCLOSED else text
