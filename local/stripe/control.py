"""The control surface: what shoppers, banks, time and bad luck do, on request. Never a part of Stripe's API."""

import copy
import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from local.stripe.api import Answer
from local.stripe.calls import Call
from local.stripe.cards import DECLINES, METHODS
from local.stripe.config import DAY
from local.stripe.disputes import close_dispute, open_dispute
from local.stripe.engine import Service
from local.stripe.errors import StripeError, invalid_parameter
from local.stripe.hang_up import answered
from local.stripe.ledger import Resource
from local.stripe.payments import arrive, finish_authentication, finish_processing
from local.stripe.refunds import charge_of_intent, fail_refund, refund_charge, require_action
from local.stripe.tax import is_a_tax, set_rates

type Control = Callable[[Service, "Body"], Awaitable[object]]

REFUND_FAILURES = (
    "lost_or_stolen_card",
    "expired_or_canceled_card",
    "charge_for_pending_refund_disputed",
    "insufficient_funds",
    "declined",
    "merchant_request",
    "unknown",
)
FURTHEST = 100 * 365 * DAY
FLAGS: dict[str, bool] = {"true": True, "false": False}
OUTCOMES = ("succeed", "fail", "allow_cancel")


class Body:
    """Read the fields of a control call; raises for what is missing, mistyped or unknown."""

    def __init__(self, content: bytes, query: dict[str, str]) -> None:
        """Take a JSON object, or the query of a call without a body."""
        try:
            self.json = (
                json.loads(content) if content else {name: FLAGS.get(query[name], query[name]) for name in query}
            )
        except (ValueError, RecursionError) as error:
            message = f"The body is not JSON: {error}."
            raise invalid_parameter(message, param=None) from error

    def only(self, *names: str) -> dict[str, Any]:
        """Give the object; raises if it has other fields than these."""
        if not isinstance(self.json, dict):
            message = "The body must be a JSON object."
            raise invalid_parameter(message, param=None)
        if unknown := sorted(set(self.json) - set(names)):
            message = f"Unknown field: {unknown[0]}. This call takes {', '.join(names) or 'none'}."
            raise invalid_parameter(message, code="parameter_unknown", param=unknown[0])
        return self.json

    def optional[T](self, name: str, kind: type[T]) -> T | None:
        """Give a field of the given type, if it is there."""
        value = self.json.get(name)
        number_as_flag = isinstance(value, bool) and kind is not bool
        if value is not None and (number_as_flag or not isinstance(value, kind)):
            message = f"Invalid {name}: must be a {kind.__name__}."
            raise invalid_parameter(message, param=name)
        return value

    def number(self, name: str) -> float:
        """Give a field that may be whole or not."""
        whole = isinstance(self.json.get(name), int)
        value = self.required(name, int) if whole else self.required(name, float)
        if not -FURTHEST <= value <= FURTHEST:
            message = f"Invalid {name}: must be a number of seconds."
            raise invalid_parameter(message, param=name)
        return float(value)

    def required[T](self, name: str, kind: type[T]) -> T:
        """Give a field of the given type."""
        value = self.optional(name, kind)
        if value is None:
            message = f"Missing required field: {name}."
            raise invalid_parameter(message, code="parameter_missing", param=name)
        return value


async def confirm_as_browser(
    service: Service,
    intent: Resource,
    *,
    payment_method: str | None = None,
    card: str | None = None,
    return_url: str | None = None,
) -> Answer:
    """Confirm an intent with the publishable key and its client secret, as Stripe.js does in a shopper's browser."""
    fields = {"client_secret": intent["client_secret"], "return_url": return_url or "https://shop.example/return"}
    if card is not None:
        fields |= {"payment_method_data[type]": "card", "payment_method_data[card][number]": card}
    elif payment_method is not None:
        fields["payment_method"] = payment_method
    call = Call(
        method="POST",
        path=f"/v1/payment_intents/{intent['id']}/confirm",
        encoded=urlencode(fields).encode(),
    )
    return await service.api.answer(call, authorization=f"Bearer {service.config.publishable_key}")


async def _pay(service: Service, body: Body) -> object:
    body.only("payment_intent", "payment_method", "card", "return_url")
    intent = _intent(service, body)
    method, card = body.optional("payment_method", str), body.optional("card", str)
    if method is None and card is None:
        method = "pm_card_visa"
    answer = await confirm_as_browser(
        service,
        intent,
        payment_method=method,
        card=card,
        return_url=body.optional("return_url", str),
    )
    return intent if answer.status == 200 and not answer.hang_up else answer  # noqa: PLR2004  200 is "OK".


async def _authenticate(service: Service, body: Body) -> object:
    body.only("payment_intent", "success")
    intent = _intent(service, body)
    success = body.optional("success", bool)
    # A payment that the bank refuses after the challenge is seen in the intent, as in the shopper's browser.
    finish_authentication(service.ledger, intent, success=success is not False)
    return intent


async def _process(service: Service, body: Body) -> object:
    body.only("payment_intent", "outcome", "code")
    intent = _intent(service, body)
    outcome, code = body.optional("outcome", str), body.optional("code", str) or "generic_decline"
    if outcome not in {None, *OUTCOMES} or code not in DECLINES:
        message = f"Invalid outcome: must be one of {', '.join(OUTCOMES)}; with fail, a code of {', '.join(DECLINES)}."
        raise invalid_parameter(message, param="outcome")
    if outcome == "allow_cancel":
        service.ledger.marks[intent["id"]] = "cancelable"
    elif outcome is None and intent["payment_method"]:
        finish_processing(service.ledger, intent["id"])
    else:
        arrive(service.ledger, intent, DECLINES[code] if outcome == "fail" else None)
    return intent


async def _dispute(service: Service, body: Body) -> object:
    body.only("charge", "payment_intent", "amount", "reason", "inquiry")
    return open_dispute(
        service.ledger,
        _charge(service, body),
        amount=body.optional("amount", int),
        reason=body.optional("reason", str) or "fraudulent",
        inquiry=body.optional("inquiry", bool) or False,
    )


async def _close_dispute(service: Service, body: Body) -> object:
    body.only("dispute", "won")
    dispute = service.ledger.find("dispute", body.required("dispute", str), param="dispute")
    close_dispute(service.ledger, dispute, won=body.required("won", bool))
    return dispute


async def _fail_refund(service: Service, body: Body) -> object:
    body.only("refund", "failure_reason")
    refund = service.ledger.find("refund", body.required("refund", str), param="refund")
    reason = body.optional("failure_reason", str) or "expired_or_canceled_card"
    if reason not in REFUND_FAILURES:
        message = f"Invalid failure_reason: must be one of {', '.join(REFUND_FAILURES)}."
        raise invalid_parameter(message, param="failure_reason")
    fail_refund(service.ledger, refund, reason)
    return refund


async def _hold_refund(service: Service, body: Body) -> object:
    body.only("refund")
    refund = service.ledger.find("refund", body.required("refund", str), param="refund")
    require_action(service.ledger, refund)
    return refund


async def _dashboard_refund(service: Service, body: Body) -> object:
    body.only("charge", "payment_intent", "amount", "reason")
    fields = {"reason": body.optional("reason", str)}
    return refund_charge(service.ledger, _charge(service, body), body.optional("amount", int), fields)


async def _clock(service: Service, body: Body) -> object:
    body.only("offset_seconds")
    service.ledger.clock_offset = body.number("offset_seconds")
    service.run_due()
    return {"now": service.ledger.now(), "offset_seconds": service.ledger.clock_offset}


async def _disturb(service: Service, body: Body) -> object:
    sent = body.only("duplicate", "shuffle", "hold", "delay_seconds", "drop_types")
    flags = {name: body.optional(name, bool) for name in ("duplicate", "shuffle", "hold")}
    changes: dict[str, Any] = {name: value for name, value in flags.items() if value is not None}
    if "delay_seconds" in sent:
        changes["delay_seconds"] = body.number("delay_seconds")
    if "drop_types" in sent:
        changes["drop_types"] = [str(each) for each in body.required("drop_types", list)]
    service.webhooks.disturbance = replace(service.webhooks.disturbance, **changes)
    service.webhooks.waiting.set()
    return service.webhooks.disturbance.described()


async def _deliver(service: Service, body: Body) -> object:
    body.only("all", "resend")
    resend: object = body.json.get("resend", [])
    if resend == "all":
        again = list(service.ledger.tables.get("event", {}).values())
    elif isinstance(resend, list):
        again = [service.ledger.find("event", str(each), param="resend") for each in resend]
    else:
        message = "Invalid resend: must be a list of event ids, or 'all'."
        raise invalid_parameter(message, param="resend")
    service.run_due()
    for event in again:
        service.webhooks.resend(event)
    delivered = await service.webhooks.deliver(everything=body.optional("all", bool) or False)
    return {"delivered": delivered, "pending": len(service.webhooks.pending())}


async def _journal(service: Service, body: Body) -> object:
    since = body.only("since").get("since", "0")
    if not str(since).isdecimal():
        message = f"Invalid integer: {since}"
        raise invalid_parameter(message, param="since")
    entries = service.journal.since(int(since))
    return {"entries": entries, "last": entries[-1]["n"] if entries else int(since)}


async def _attempts(service: Service, body: Body) -> object:
    event = body.only("event").get("event", "")
    return {"attempts": service.webhooks.attempts_of(str(event))}


async def _add_faults(service: Service, body: Body) -> object:
    service.faults.add(body.json)
    return _faults_of(service)


async def _list_faults(service: Service, _body: Body) -> object:
    return _faults_of(service)


async def _clear_faults(service: Service, _body: Body) -> object:
    service.faults.clear()
    return _faults_of(service)


async def _tax(service: Service, body: Body) -> object:
    body.only("rates")
    rates: dict[str, Any] = body.required("rates", dict)
    if not all(isinstance(taxes, list) and all(is_a_tax(each) for each in taxes) for taxes in rates.values()):
        message = "Invalid rates: must be places (`DE`, `US-CA`) with lists of [level, name, percentage]."
        raise invalid_parameter(message, param="rates")
    set_rates(service.ledger, rates)
    return {"rates": rates}


async def _reset(service: Service, body: Body) -> object:
    body.only()
    service.reset()
    return await _info(service, body)


async def _info(service: Service, _body: Body) -> object:
    config = service.config
    return {
        "api_version": config.api_version,
        "livemode": config.livemode,
        "now": service.ledger.now(),
        "clock_offset_seconds": service.ledger.clock_offset,
        "secret_key": config.secret_key,
        "publishable_key": config.publishable_key,
        "webhook_url": config.webhook_url,
        "webhook_secrets": config.webhook_secrets,
        "webhooks": service.webhooks.disturbance.described(),
        "pending_deliveries": len(service.webhooks.pending()),
        "objects": {kind: len(table) for kind, table in service.ledger.tables.items()},
        "faults": _faults_of(service)["faults"],
        "test_payment_methods": {name: method.number for name, method in METHODS.items()},
    }


def _faults_of(service: Service) -> dict[str, Any]:
    return {"faults": [fault.described() for fault in service.faults.active]}


def _intent(service: Service, body: Body) -> Resource:
    return service.ledger.find("payment_intent", body.required("payment_intent", str), param="payment_intent")


def _charge(service: Service, body: Body) -> Resource:
    if charge := body.optional("charge", str):
        return service.ledger.find("charge", charge, param="charge")
    return charge_of_intent(service.ledger, body.required("payment_intent", str))


CONTROLS: tuple[tuple[str, str, Control], ...] = (
    ("POST", "/pay", _pay),
    ("POST", "/authenticate", _authenticate),
    ("POST", "/process", _process),
    ("POST", "/dispute", _dispute),
    ("POST", "/dispute/close", _close_dispute),
    ("POST", "/refund/fail", _fail_refund),
    ("POST", "/refund/require_action", _hold_refund),
    ("POST", "/dashboard_refund", _dashboard_refund),
    ("POST", "/clock", _clock),
    ("POST", "/webhooks", _disturb),
    ("POST", "/deliver", _deliver),
    ("GET", "/attempts", _attempts),
    ("GET", "/journal", _journal),
    ("GET", "/faults", _list_faults),
    ("POST", "/faults", _add_faults),
    ("DELETE", "/faults", _clear_faults),
    ("POST", "/tax", _tax),
    ("POST", "/reset", _reset),
    ("GET", "/info", _info),
)


def control_routes(service: Service) -> list[Route]:
    """Give the routes of the control surface."""

    def endpoint(control: Control) -> Callable[[Request], Awaitable[Response]]:
        async def respond(request: Request) -> Response:
            try:
                body = Body(await request.body(), dict(request.query_params))
                if request.method != "GET":
                    service.ledger.version += 1
                result = await control(service, body)
            except StripeError as error:
                return JSONResponse({"error": error.error}, error.status)
            if isinstance(result, Answer):
                return answered(result)
            return JSONResponse(copy.deepcopy(result))

        return respond

    return [Route(path, endpoint(control), methods=[method]) for method, path, control in CONTROLS]
